/**
 * From the columns, keys or paths of a file to the canonical fields of a record.
 *
 * `compileMapping` turns `fields`, `constants` and `values` of a format into leaves (one per
 * canonical field) and a plan that nests them; readers look up the value of each leaf, `build`
 * makes the RawFields. Empty values count as absent. Does not interpret values. Throws nothing.
 */
import { freeImportFields, importField, importFields } from '../config/import-fields.ts'
import type { ImportKind } from '../config/schema.ts'
import type { RawFields, RawValue } from '../core/incoming.ts'

export interface Leaf {
  /** Canonical name, e.g. `customer.email`; without `lines.` for leaves of lines. */
  readonly name: string
  /** Column, key or path in the file; undefined for a constant. */
  readonly source?: string
  /** Taken where the file has no value. */
  readonly constant?: string
  readonly words?: ReadonlyMap<string, string>
}

/** How a list of leaf values becomes a nested object. */
export interface Plan {
  readonly leaves: readonly { readonly key: string; readonly at: number }[]
  readonly groups: readonly { readonly key: string; readonly plan: Plan }[]
}

export interface Side {
  readonly leaves: readonly Leaf[]
  readonly plan: Plan
}
export interface Mapping {
  readonly head: Side
  readonly lines: Side
  /** Whether any field of lines comes from the file. */
  readonly hasLines: boolean
}

export interface MappedFormat {
  readonly fields: Readonly<Record<string, string>>
  readonly constants: Readonly<Record<string, string>>
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>
}

const linePrefix = 'lines.'

/** With no `fields`, `available` (names in the file) that are canonical names stand for themselves. */
export function compileMapping(format: MappedFormat, kind: ImportKind, available: readonly string[] = []): Mapping {
  const named = Object.keys(format.fields).length > 0
  const sources = new Map(
    named
      ? Object.entries(format.fields)
      : available.filter((name) => importField(kind, name)).map((name) => [name, name] as const),
  )
  const names = new Set([...sources.keys(), ...Object.keys(format.constants)])
  const leaves = [...names].map((name): Leaf => {
    const [source, constant, words] = [sources.get(name), format.constants[name], format.values[name]]
    return {
      name,
      ...(source === undefined ? {} : { source }),
      ...(constant === undefined ? {} : { constant }),
      ...(words === undefined ? {} : { words: new Map(Object.entries(words)) }),
    }
  })
  const ofLines = leaves.filter((leaf) => leaf.name.startsWith(linePrefix))
  return {
    head: side(leaves.filter((leaf) => !leaf.name.startsWith(linePrefix))),
    lines: side(ofLines.map((leaf) => ({ ...leaf, name: leaf.name.slice(linePrefix.length) }))),
    hasLines: ofLines.some((leaf) => leaf.source !== undefined),
  }
}

/** Every canonical name of a kind, for files that use them as they are. */
export const canonicalNames = (kind: ImportKind): readonly string[] => Object.keys(importFields[kind])
export const freePrefixes = (kind: ImportKind): readonly string[] => freeImportFields(kind)

function side(leaves: readonly Leaf[]): Side {
  const root = new Map<string, unknown>()
  leaves.forEach((leaf, at) => {
    const steps = leaf.name.split('.')
    const last = steps.pop() ?? leaf.name
    let node = root
    for (const step of steps) {
      const next = node.get(step)
      const group = next instanceof Map ? (next as Map<string, unknown>) : new Map<string, unknown>()
      node.set(step, group)
      node = group
    }
    node.set(last, at)
  })
  return { leaves, plan: planOf(root) }
}

function planOf(node: ReadonlyMap<string, unknown>): Plan {
  const leaves: { key: string; at: number }[] = []
  const groups: { key: string; plan: Plan }[] = []
  for (const [key, value] of node) {
    if (typeof value === 'number') leaves.push({ key, at: value })
    else if (value instanceof Map) groups.push({ key, plan: planOf(value as ReadonlyMap<string, unknown>) })
  }
  return { leaves, groups }
}

/** The nested object of the leaf values; undefined when all of them are. */
export function build(plan: Plan, values: readonly (RawValue | undefined)[]): Record<string, RawValue> | undefined {
  let fields: Record<string, RawValue> | undefined
  const { leaves, groups } = plan
  for (let i = 0; i < leaves.length; i++) {
    const leaf = leaves[i]
    const value = leaf && values[leaf.at]
    if (leaf && value !== undefined) (fields ??= {})[leaf.key] = value
  }
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]
    const value = group && build(group.plan, values)
    if (group && value !== undefined) (fields ??= {})[group.key] = value
  }
  return fields
}

/** A text of the file as the value of a leaf: trimmed, translated, or the constant when empty. */
export function leafText(leaf: Leaf | undefined, text: string | undefined): string | undefined {
  if (leaf === undefined) return undefined
  if (text === undefined || text === '') return leaf.constant
  const trimmed = isBlank(text.charCodeAt(0)) || isBlank(text.charCodeAt(text.length - 1)) ? text.trim() : text
  if (trimmed === '') return leaf.constant
  return leaf.words === undefined ? trimmed : (leaf.words.get(trimmed) ?? trimmed)
}

const isBlank = (code: number): boolean => code <= 32 || code === 0xa0

/** The head with its lines; where the file has no lines there is no `lines`. */
export function withLines(
  head: Record<string, RawValue> | undefined,
  lines: readonly RawFields[] | undefined,
): RawFields {
  const fields = head ?? {}
  if (lines !== undefined) fields['lines'] = lines
  return fields
}
