/**
 * The config schema as JSON Schema, and walks over it along a path of the config.
 *
 * From it come the keys that are possible at a place, which values are secret, and the words that
 * say what is expected. Made once, when it is first asked for; plain data. Of variants the one that
 * the data names by its discriminator (`kind`, `type`) is followed. Throws nothing.
 */
import { z } from 'zod'
import type { Path } from './finding.ts'
import { Config } from './schema.ts'

export interface SchemaNode {
  readonly $ref?: string
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | SchemaNode
  readonly items?: SchemaNode
  readonly anyOf?: readonly SchemaNode[]
  readonly oneOf?: readonly SchemaNode[]
  readonly allOf?: readonly SchemaNode[]
  /** The value is a password: filled in from outside, never shown. */
  readonly secret?: boolean
}
export interface SchemaDocument {
  readonly $schema: string
  readonly $ref: string
  readonly definitions: Readonly<Record<string, SchemaNode>>
}

let made: SchemaDocument | undefined

/** JSON Schema (draft-7) of what may stand in the files: defaults need not be written. */
export function configSchema(): SchemaDocument {
  made ??= z.toJSONSchema(Config, { io: 'input', target: 'draft-7' }) as unknown as SchemaDocument
  return made
}

/** Follows references; a node that is none is returned as it is. */
export function resolveNode(node: SchemaNode): SchemaNode {
  const reference = node.$ref ?? node.allOf?.[0]?.$ref
  const target = reference === undefined ? undefined : configSchema().definitions[reference.replace(/^.*\//, '')]
  return target ? { ...resolveNode(target), ...(node.description ? { description: node.description } : {}) } : node
}

/** The variants of a node, flattened; the node itself when it has none. */
export function variantsOf(node: SchemaNode): readonly SchemaNode[] {
  const resolved = resolveNode(node)
  const variants = resolved.anyOf ?? resolved.oneOf
  return variants ? variants.flatMap(variantsOf) : [resolved]
}

/** The schema nodes that a path of the config can stand for; none when the schema has no such place. */
export function nodesAt(path: Path, data: unknown): readonly SchemaNode[] {
  let nodes = rootNodes()
  let value = data
  for (const step of path) {
    value = childOf(value, step)
    nodes = childNodes(nodes, step, value)
  }
  return nodes
}

/** The nodes of the whole config, and from there one step down: for walks over all of the data. */
export const rootNodes = (): readonly SchemaNode[] => variantsOf(configSchema())
export const childNodes = (
  nodes: readonly SchemaNode[],
  step: string | number,
  value: unknown,
): readonly SchemaNode[] =>
  narrow(
    nodes.flatMap((node) => nodeChild(node, step)),
    value,
  )

/** All keys that may stand in a map at this path. */
export const keysAt = (path: Path, data: unknown): readonly string[] => [
  ...new Set(nodesAt(path, data).flatMap((node) => Object.keys(node.properties ?? {}))),
]

/** The value at a path of plain data; undefined when there is none. */
export function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(childOf, data)
}

/** Whether this node or one below it holds a secret. */
export function holdsSecret(node: SchemaNode, depth = 0): boolean {
  if (node.secret === true) return true
  if (depth > 4) return false
  return Object.values(node.properties ?? {})
    .flatMap(variantsOf)
    .some((child) => holdsSecret(child, depth + 1))
}

function childOf(value: unknown, step: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
  return (value as Readonly<Record<string | number, unknown>>)[step]
}

function nodeChild(node: SchemaNode, step: string | number): readonly SchemaNode[] {
  if (typeof step === 'number') return node.items ? variantsOf(node.items) : []
  const properties = node.properties ?? {}
  if (Object.hasOwn(properties, step)) return variantsOf(properties[step] ?? {})
  return typeof node.additionalProperties === 'object' ? variantsOf(node.additionalProperties) : []
}

/** Keeps the variants whose discriminator is the one in the data, when there are such. */
function narrow(nodes: readonly SchemaNode[], value: unknown): readonly SchemaNode[] {
  const named = nodes.filter((node) =>
    Object.entries(node.properties ?? {}).some(
      ([key, { const: constant }]) => constant !== undefined && childOf(value, key) === constant,
    ),
  )
  return named.length > 0 ? named : nodes
}
