/**
 * A parsed template and a view to text, with a note of everything that is missing.
 *
 * Values are written once: what stands in them is never read as a template. A section without a
 * value is left out, and what it asks for is not missing. An address from the data must be a web,
 * mail or phone address. Partials are written in the sections open where they stand. Pure; throws nothing.
 */
import type { TemplateValue, TemplateView } from '../core/rendering.ts'
import { variables } from '../core/variables.ts'
import type { TemplateNode } from './parse-nodes.ts'
import { meaningOf, openScope } from './scope.ts'
import type { Meaning, Scope } from './scope.ts'
import { isList, isPresent, textOf, valueAt } from './values.ts'
import type { ValueFormat } from './values.ts'

export interface Writing {
  readonly format: ValueFormat
  readonly escape: (text: string) => string
  /** Nodes of a partial; undefined when there is none of that name. */
  readonly partial: (name: string) => readonly TemplateNode[] | undefined
  /** Full names of variables that were to be printed and have no value; with the reason where it is another. */
  readonly missing: Set<string>
}

interface Frame {
  readonly scope: Scope
  readonly data: TemplateValue | undefined
}

/** Writes the nodes with the view; `writing.missing` then names what had no value. */
export function writeNodes(nodes: readonly TemplateNode[], view: TemplateView, writing: Writing): string {
  return write(nodes, [{ scope: { path: '', group: variables }, data: view }], writing, [])
}

type Partials = readonly string[]

function write(nodes: readonly TemplateNode[], frames: readonly Frame[], writing: Writing, inside: Partials): string {
  let text = ''
  for (const node of nodes) {
    if (node.kind === 'text') text += node.text
    else if (node.kind === 'value') text += writeValue(node, frames, writing)
    else if (node.kind === 'section') text += writeSection(node, frames, writing, inside)
    else text += writePartial(node.name, frames, writing, inside)
  }
  return text
}

type ValueNode = Extract<TemplateNode, { kind: 'value' }>
type SectionNode = Extract<TemplateNode, { kind: 'section' }>

function writeValue(node: ValueNode, frames: readonly Frame[], writing: Writing): string {
  const meaning = look(node.name, frames)
  if (meaning.kind !== 'value') return missing(node.name, writing)
  const text = textOf(dataOf(meaning, frames), meaning.raw, writing.format)
  if (text === undefined) return missing(meaning.path, writing)
  if (node.place === 'address' && !/^(https?:\/\/|mailto:|tel:)/i.test(text.trim())) {
    return missing(`${meaning.path} (no web, mail or phone address)`, writing)
  }
  return writing.escape(text)
}

function missing(name: string, writing: Writing): string {
  writing.missing.add(name)
  return ''
}

function writeSection(node: SectionNode, frames: readonly Frame[], writing: Writing, inside: Partials): string {
  const meaning = look(node.name, frames)
  const data = dataOf(meaning, frames)
  if (node.inverted) return isPresent(data) ? '' : write(node.nodes, frames, writing, inside)
  if (!isPresent(data)) return ''
  const scope = openScope(meaning)
  const items: readonly TemplateValue[] = isList(data) ? data : data === undefined ? [] : [data]
  return items.map((item) => write(node.nodes, [...frames, { scope, data: item }], writing, inside)).join('')
}

function writePartial(name: string, frames: readonly Frame[], writing: Writing, inside: Partials): string {
  const nodes = writing.partial(name)
  if (nodes === undefined) return missing(`partial ${name} (there is none)`, writing)
  if (inside.includes(name)) return missing(`partial ${name} (includes itself)`, writing)
  return write(nodes, frames, writing, [...inside, name])
}

function look(name: string, frames: readonly Frame[]): Meaning {
  return meaningOf(
    name,
    frames.map((frame) => frame.scope),
  )
}

function dataOf(meaning: Meaning, frames: readonly Frame[]): TemplateValue | undefined {
  if (meaning.kind !== 'value' && meaning.kind !== 'group') return undefined
  return valueAt(frames[meaning.scope]?.data, meaning.keys)
}
