/**
 * Mustache text to a tree of plain nodes: text, values, sections, partials.
 *
 * Mustache is the parser only; nothing is rendered by it, so no lambda, no prototype and no
 * global cache is ever met. In the percent style (P12) values stand as `%order.number%`, sections
 * still as `{{#order.lines}}`; a lone percent sign is text. Knows where a value stands in HTML.
 * Throws nothing: text that is no mustache comes back as a fault with its offset.
 */
import Mustache from 'mustache'
import type { TemplateSpans } from 'mustache'
import { assertNever } from '../core/assert-never.ts'

export type TagStyle = 'mustache' | 'percent'

/** What a value is put into: an address needs a check of its own, a bare place is not protected by escaping. */
export type ValuePlace = 'text' | 'address' | 'unprotected'

export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'value'
      readonly name: string
      readonly at: number
      /** Written as `{{{name}}}` or `{{&name}}`. */
      readonly raw: boolean
      readonly place: ValuePlace
    }
  | {
      readonly kind: 'section'
      readonly name: string
      readonly at: number
      /** `{{^name}}`: rendered when there is none. */
      readonly inverted: boolean
      readonly nodes: readonly TemplateNode[]
    }
  | { readonly kind: 'partial'; readonly name: string; readonly at: number }

export type ParsedNodes =
  | { readonly kind: 'parsed'; readonly nodes: readonly TemplateNode[] }
  | { readonly kind: 'fault'; readonly message: string; readonly at: number }

/** Parses a text; `html` says whether the places of values are to be judged. */
export function parseNodes(text: string, style: TagStyle, html: boolean): ParsedNodes {
  try {
    const spans = new Mustache.Writer().parse(text) as TemplateSpans
    const nodes = spans.flatMap((span) => nodesOf(span, style))
    return { kind: 'parsed', nodes: html ? withPlaces(nodes, { text: '' }) : nodes }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const at = Number(/ at (\d+)$/.exec(error.message)?.[1] ?? 0)
    return { kind: 'fault', message: error.message.replace(/ at \d+$/, ''), at: Math.min(at, text.length) }
  }
}

type Span = TemplateSpans[number]

function nodesOf(span: Span, style: TagStyle): readonly TemplateNode[] {
  const [symbol, name, at] = span
  switch (symbol) {
    case 'text':
      return style === 'percent' ? percentNodes(name, at) : [{ kind: 'text', text: name }]
    case 'name':
    case '&':
      return [{ kind: 'value', name, at, raw: symbol === '&', place: 'text' }]
    case '#':
    case '^': {
      const inner = (span[4] ?? []) as TemplateSpans
      const nodes = inner.flatMap((child) => nodesOf(child, style))
      return [{ kind: 'section', name, at, inverted: symbol === '^', nodes }]
    }
    case '>':
      return [{ kind: 'partial', name, at }]
    case '!': // comments
    case '=': // change of the delimiters
      return []
    default:
      return assertNever(symbol, 'mustache tag')
  }
}

const percentPattern = /%([a-z][\w.]*)%/gi

/** `%order.number%` in a text to values; what does not look like a name stays as it is ("10 % off", "50%"). */
function percentNodes(text: string, start: number): readonly TemplateNode[] {
  const nodes: TemplateNode[] = []
  let end = 0
  for (const match of text.matchAll(percentPattern)) {
    if (match.index > end) nodes.push({ kind: 'text', text: text.slice(end, match.index) })
    nodes.push({ kind: 'value', name: match[1] ?? '', at: start + match.index, raw: false, place: 'text' })
    end = match.index + match[0].length
  }
  if (end < text.length) nodes.push({ kind: 'text', text: text.slice(end) })
  return nodes
}

/** Marks each value with its place, by the HTML written before it; `before` is carried through the sections. */
function withPlaces(nodes: readonly TemplateNode[], before: { text: string }): readonly TemplateNode[] {
  return nodes.map((node) => {
    if (node.kind === 'text') before.text += node.text
    if (node.kind === 'section') return { ...node, nodes: withPlaces(node.nodes, before) }
    if (node.kind !== 'value') return node
    const place = placeIn(before.text)
    before.text += 'x'
    return { ...node, place }
  })
}

function placeIn(before: string): ValuePlace {
  if (/<(script|style)\b(?![\s\S]*<\/\1)/i.test(before)) return 'unprotected'
  const tag = /^<[a-z][^<>]*$/i.exec(before.slice(before.lastIndexOf('<')))?.[0]
  if (tag === undefined) return 'text'
  const attribute = /([\w-]+)\s*=\s*("[^"]*|'[^']*)$/.exec(tag)
  if (!attribute) return 'unprotected'
  const [, name = '', written = ''] = attribute
  if (/^(style|on\w+)$/i.test(name)) return 'unprotected'
  return /^(href|src|action|background)$/i.test(name) && written.length === 1 ? 'address' : 'text'
}
