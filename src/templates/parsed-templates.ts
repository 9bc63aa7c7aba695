/**
 * Keeps parsed templates by their file, so that each is parsed once.
 *
 * Owned by whoever made it and as large as the set of files at most; no text from data is ever a key.
 * Pure apart from its own store; throws nothing.
 */
import type { TemplateFile, TemplatePart } from '../config/template-files.ts'
import type { TemplateNode } from './parse-nodes.ts'
import { parsePartial, parseTemplate } from './parse-template.ts'
import type { ParsedTemplate } from './parse-template.ts'

export interface TemplateParser {
  readonly template: (file: TemplateFile, part: TemplatePart) => ParsedTemplate
  readonly partial: (file: TemplateFile, part: TemplatePart) => ParsedTemplate
}

export function createParser(): TemplateParser {
  const kept = { html: new Map<TemplateFile, ParsedTemplate>(), plain: new Map<TemplateFile, ParsedTemplate>() }
  const keep =
    (parse: (file: TemplateFile, part: TemplatePart) => ParsedTemplate) =>
    (file: TemplateFile, part: TemplatePart): ParsedTemplate => {
      const store = part === 'html' ? kept.html : kept.plain
      const known = store.get(file)
      if (known) return known
      const parsed = parse(file, part)
      store.set(file, parsed)
      return parsed
    }
  return { template: keep(parseTemplate), partial: keep(parsePartial) }
}

/** Names of the partials that the nodes include themselves, each once. */
export function partialNames(nodes: readonly TemplateNode[]): readonly string[] {
  const names = nodes.flatMap((node) =>
    node.kind === 'partial' ? [node.name] : node.kind === 'section' ? partialNames(node.nodes) : [],
  )
  return [...new Set(names)]
}
