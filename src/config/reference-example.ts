/**
 * config/orderly.example.yaml: every key once, with its description; what is optional is commented out.
 *
 * `## ` begins a description, `# ` a setting that can be taken in by removing these two characters: a test does so and
 * loads the result. Of variants the first is shown and the others are named. Throws nothing.
 */
import { orList, shown } from './expected-words.ts'
import { exampleOf, inlineYaml, typeText } from './reference-rows.ts'
import { configSchema, resolveNode } from './schema-walk.ts'
import type { SchemaNode } from './schema-walk.ts'

const head = `# yaml-language-server: $schema=orderly.schema.json
## Written by \`orderly docs --write\`. Every setting of Orderly once; docs/config.md says more.
## Lines with one # are settings at their defaults, or examples: remove "# " to use them.
`

/** Names under which examples of entries stand; several for several variants, in their order. */
const sampleNames: Readonly<Record<string, readonly string[]>> = {
  companies: ['HU02'],
  imports: ['shop-orders'],
  exports: ['status-to-erp'],
  workflows: ['desk', 'payment-transfer', 'collect-standard'],
  stores: ['BUD01'],
  channels: ['webshop-hu'],
  calendars: ['standard'],
  carriers: ['dhl'],
}

/** The whole file. */
export function exampleFile(): string {
  const lines = mapLines(resolveNode(configSchema()), 0, true)
  return `${head}${lines.join('\n')}\n`
}

/** `live`: the map itself is not commented out. The mail server is needed, since smtp is the default. */
function mapLines(map: SchemaNode, depth: number, live: boolean): readonly string[] {
  const indent = '  '.repeat(depth)
  return Object.entries(map.properties ?? {}).flatMap(([key, node]) => {
    const isLive = live && (key === 'host' || (map.required?.includes(key) ?? false))
    const mark = isLive ? '' : '# '
    const about = describe(node)
    const blank = depth === 0 ? [''] : []
    const comment = about === '' ? [] : [`${indent}## ${about}`]
    return [...blank, ...comment, ...valueLines(key, node, { depth, live: isLive, prefix: `${indent}${mark}` })]
  })
}

interface Spot {
  readonly depth: number
  readonly live: boolean
  /** Indentation and comment mark. */
  readonly prefix: string
}

function valueLines(key: string, node: SchemaNode, spot: Spot): readonly string[] {
  const map = mapOf(node)
  if (map && node.examples === undefined) return [`${spot.prefix}${key}:`, ...mapLines(map, spot.depth + 1, spot.live)]
  const names = typeof resolveNode(node).additionalProperties === 'object' ? sampleNames[key] : undefined
  if (names !== undefined) return [`${spot.prefix}${key}:`, ...entryLines(node, names, spot)]
  return [`${spot.prefix}${key}: ${inlineYaml(sample(node))}`]
}

/** One entry for each variant that has a name among the samples, else one for the first. */
function entryLines(node: SchemaNode, names: readonly string[], { depth, live }: Spot): readonly string[] {
  const entry = typeof node.additionalProperties === 'object' ? resolveNode(node.additionalProperties) : {}
  const indent = '  '.repeat(depth + 1)
  const maps = entry.properties ? [entry] : (entry.oneOf ?? entry.anyOf ?? []).map(resolveNode)
  return names.flatMap((name, i) => [
    `${indent}${live ? '' : '# '}${name}:`,
    ...mapLines(maps[i] ?? {}, depth + 2, live),
  ])
}

/** The map that a node is, or its first variant that is one; shorthand texts are shown as such. */
function mapOf(node: SchemaNode): SchemaNode | undefined {
  const resolved = resolveNode(node)
  if (resolved.properties) return resolved
  const variants = (resolved.oneOf ?? resolved.anyOf ?? []).map(resolveNode)
  if (node.default !== undefined && typeof node.default !== 'object') return undefined
  return variants.find(({ properties }) => properties)
}

function sample(node: SchemaNode): unknown {
  const resolved = resolveNode(node)
  const example = exampleOf(node) ?? exampleOf(resolved)
  if (example !== undefined) return example
  if (node.default !== undefined) return node.default
  if (resolved.secret) return '${PASSWORD}'
  const single = resolved.anyOf?.[0] ?? resolved.oneOf?.[0]
  if (single) return sample(single)
  if (resolved.type === 'array') return [sample(resolved.items ?? {})]
  if (typeof resolved.additionalProperties === 'object') return { 'order.gross': { gte: 10_000 } }
  if (resolved.type === 'string') return resolved.pattern?.includes('(ms|s|') ? '2s' : 'Example'
  return resolved.type === 'boolean' ? true : 1
}

/** The description, and the other forms where only one of several is shown. */
function describe(node: SchemaNode): string {
  const resolved = resolveNode(node)
  const about = node.description ?? resolved.description ?? ''
  const words = resolved.enum ?? []
  const choice = words.length > 1 ? ` One of ${orList(words.map(shown))}.` : ''
  const variants = (resolved.oneOf ?? resolved.anyOf ?? []).map(resolveNode)
  const kinds = variants.flatMap(({ properties }) =>
    Object.values(properties ?? {}).flatMap(({ const: word }) => (word === undefined ? [] : [shown(word)])),
  )
  const others = kinds.length > 1 ? ` Here ${kinds[0]}; there are also ${orList(kinds.slice(1))}.` : ''
  const forms = kinds.length === 0 && variants.length > 1 ? ` (${withoutLinks(typeText(resolved))})` : ''
  return `${about}${choice}${others}${forms}`.trim()
}

const withoutLinks = (text: string): string => text.replaceAll(/\[(\w+)\]\(#\w+\)/g, '$1')
