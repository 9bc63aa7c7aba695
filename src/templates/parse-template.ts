/**
 * One template file to its head (front matter) and the nodes of its body, with what is wrong in it.
 *
 * Problems of the file itself are collected here (YAML, keys, open tags); whether its variables
 * exist is looked at by check-templates.ts. Pure; throws nothing.
 */
import type { TemplateFile, TemplatePart } from '../config/template-files.ts'
import type { Problem } from '../core/problem.ts'
import { readFrontMatter } from './front-matter.ts'
import type { TemplateHead } from './front-matter.ts'
import { parseNodes } from './parse-nodes.ts'
import type { TemplateNode } from './parse-nodes.ts'
import { placeOf } from './positions.ts'
import { templateProblem } from './problem-codes.ts'

export interface ParsedTemplate {
  readonly head: TemplateHead
  readonly nodes: readonly TemplateNode[]
  readonly body: string
  /** Line of the file on which the body begins. */
  readonly bodyLine: number
  readonly problems: readonly Problem[]
}

/** Parses a template file; one with problems still has whatever could be read. */
export function parseTemplate(source: TemplateFile, part: TemplatePart): ParsedTemplate {
  const { yaml, body, bodyLine, closed } = splitFrontMatter(source.text)
  const { head, style, problems } = readFrontMatter(yaml, source.file, part)
  const found: Problem[] = [...problems]
  if (!closed) {
    const unclosed = templateProblem(
      'T003',
      { file: source.file, line: 1, column: 1 },
      'The front matter is not closed',
    )
    found.unshift({ ...unclosed, expected: 'a second line with --- after the keys' })
  }
  const { nodes, fault } = parseBody(source.file, body, bodyLine, style, part)
  return { head, nodes, body, bodyLine, problems: fault ? [...found, fault] : found }
}

/** Parses a partial: a body only, in the mustache style. */
export function parsePartial(source: TemplateFile, part: TemplatePart): ParsedTemplate {
  const { nodes, fault } = parseBody(source.file, source.text, 1, 'mustache', part)
  return { head: {}, nodes, body: source.text, bodyLine: 1, problems: fault ? [fault] : [] }
}

function parseBody(
  file: string,
  body: string,
  line: number,
  style: 'mustache' | 'percent',
  part: TemplatePart,
): { readonly nodes: readonly TemplateNode[]; readonly fault?: Problem } {
  const parsed = parseNodes(body, style, part === 'html')
  if (parsed.kind === 'parsed') return { nodes: parsed.nodes }
  return { nodes: [], fault: templateProblem('T005', placeOf(file, body, parsed.at, line), parsed.message) }
}

interface Split {
  readonly yaml: string
  readonly body: string
  readonly bodyLine: number
  readonly closed: boolean
}

function splitFrontMatter(text: string): Split {
  const open = /^---[ \t]*\n/.exec(text)
  if (!open) return { yaml: '', body: text, bodyLine: 1, closed: true }
  const rest = text.slice(open[0].length)
  const close = /^---[ \t]*(?:\n|$)/m.exec(rest)
  if (!close) return { yaml: '', body: rest, bodyLine: 2, closed: false }
  const yaml = rest.slice(0, close.index)
  const body = rest.slice(close.index + close[0].length)
  return { yaml, body, bodyLine: yaml.split('\n').length + 2, closed: true }
}
