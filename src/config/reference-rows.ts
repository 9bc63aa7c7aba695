/**
 * The config schema as sections of rows: what the reference page prints.
 *
 * One section for each named part of the schema (Import, Mail, Workflow …); maps without a name are
 * flattened into dotted keys; of variants the shared keys come first, then those of each variant.
 * Throws nothing.
 */
import { expectedWords, shown } from './expected-words.ts'
import { configSchema, resolveNode } from './schema-walk.ts'
import type { SchemaNode } from './schema-walk.ts'

export interface Row {
  readonly key: string
  readonly type: string
  readonly required: boolean
  readonly default?: string
  readonly about: string
  readonly example?: string
}
export interface Group {
  /** `type: csv`; absent for the keys that every variant has. */
  readonly variant?: string
  readonly about?: string
  readonly rows: readonly Row[]
}
export interface SectionText {
  readonly name: string
  readonly about: string
  /** What else than a map may stand there, in words. */
  readonly otherForms: string
  readonly groups: readonly Group[]
}

/** All sections; the whole config first, then in the order in which it names them. */
export function referenceSections(): readonly SectionText[] {
  const { definitions } = configSchema()
  const names = ['Config', ...Object.keys(definitions).filter((name) => name !== 'Config')]
  return names.map((name) => sectionOf(name, definitions[name] ?? {}))
}

function sectionOf(name: string, node: SchemaNode): SectionText {
  const variants = node.oneOf ?? node.anyOf ?? [node]
  const maps = variants.map(resolveNode).filter(({ properties }) => properties)
  const others = variants.filter((variant) => !resolveNode(variant).properties)
  const otherForms = others.length > 0 ? expectedWords({ anyOf: others }) : ''
  return { name, about: node.description ?? '', otherForms, groups: groupsOf(maps) }
}

function groupsOf(maps: readonly SchemaNode[]): readonly Group[] {
  const [first, ...rest] = maps
  if (!first) return []
  if (rest.length === 0) return [{ rows: rowsOf(first) }]
  const isShared = (key: string): boolean =>
    maps.every(({ properties }) => JSON.stringify(properties?.[key]) === JSON.stringify(first.properties?.[key]))
  const shared = Object.keys(first.properties ?? {}).filter(isShared)
  const variants = maps.map((map): Group => {
    const about = discriminator(map)?.[1].description
    const rows = rowsOf(map).filter(({ key }) => !shared.includes(key.replace(/[.[<].*$/, '')))
    return { variant: nameOfVariant(map), rows, ...(about === undefined ? {} : { about }) }
  })
  const common = rowsOf(first).filter(({ key }) => shared.includes(key.replace(/[.[<].*$/, '')))
  return [...(common.length > 0 ? [{ rows: common }] : []), ...variants]
}

const discriminator = (map: SchemaNode): readonly [string, SchemaNode] | undefined =>
  Object.entries(map.properties ?? {}).find(([, property]) => property.const !== undefined)

function nameOfVariant(map: SchemaNode): string {
  const found = discriminator(map)
  return found ? `${found[0]}: ${shown(found[1].const)}` : (map.required?.[0] ?? '')
}

function rowsOf(map: SchemaNode, prefix = ''): readonly Row[] {
  return Object.entries(map.properties ?? {}).flatMap(([name, node]) => {
    const key = prefix + name
    return [rowOf(key, node, map.required?.includes(name) ?? false), ...below(key, node)]
  })
}

/** Rows of maps without a name of their own: a map, a map by code, or a list of maps. */
function below(key: string, node: SchemaNode): readonly Row[] {
  if (node.$ref ?? node.allOf) return []
  if (node.properties) return rowsOf(node, `${key}.`)
  if (typeof node.additionalProperties === 'object') return below(`${key}.<name>`, node.additionalProperties)
  return (node.anyOf ?? node.oneOf ?? []).flatMap((variant) => below(key, variant))
}

function rowOf(key: string, node: SchemaNode, required: boolean): Row {
  const about = node.description ?? resolveNode(node).description ?? ''
  const example = exampleOf(node)
  return {
    key,
    type: typeText(node),
    required,
    about,
    ...(node.default === undefined ? {} : { default: inlineYaml(node.default) }),
    ...(example === undefined ? {} : { example: inlineYaml(example) }),
  }
}

const nameOf = (node: SchemaNode): string | undefined =>
  (node.$ref ?? node.allOf?.[0]?.$ref)?.replace('#/definitions/', '')

/** Words for the type, with links to named parts. */
export function typeText(node: SchemaNode): string {
  const name = nameOf(node)
  if (name !== undefined) return `[${name}](#${name.toLowerCase()})`
  const variants = node.anyOf ?? node.oneOf
  if (variants) return unionText(variants)
  if (node.type === 'array') return `list, each ${typeText(node.items ?? {})}`
  if (typeof node.additionalProperties === 'object') return `map: name → ${typeText(node.additionalProperties)}`
  return node.properties ? 'map' : expectedWords(node)
}

/** X or a list of X is said once. */
function unionText(variants: readonly SchemaNode[]): string {
  const [single, list] = variants
  const isOneOrMore =
    variants.length === 2 && list?.type === 'array' && JSON.stringify(list.items) === JSON.stringify(single)
  if (isOneOrMore && single) return `${typeText(single)}; or a list of these`
  return variants.map((variant) => (variant.properties ? mapText(variant) : typeText(variant))).join('; or ')
}

const mapText = (node: SchemaNode): string => `{ ${Object.keys(node.properties ?? {}).join(', ')} }`

/** The example of the schema, or the first of its words. */
export function exampleOf(node: SchemaNode): unknown {
  if (node.examples?.[0] !== undefined) return node.examples[0]
  if (node.default !== undefined) return undefined
  return node.const ?? node.enum?.[0]
}

/** A value as YAML on one line; texts in quotes where YAML would read something else. */
export function inlineYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inlineYaml).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => `${key}: ${inlineYaml(item)}`)
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
  }
  if (typeof value !== 'string') return String(value)
  return /^([A-Za-z][\w /@.-]*|\d+(ms|s|m|h|d|w|y))$/.test(value) && !/^(true|false|null|~)$/i.test(value)
    ? value
    : JSON.stringify(value)
}
