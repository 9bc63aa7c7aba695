/**
 * What the config adds to the fields that a standard format (UBL, bank statements) knows by itself.
 *
 * `fields` (paths in the document) win over what the format found, `constants` fill what is
 * missing, `values` translate words. Without any of them the fields pass unchanged. Throws nothing.
 */
import type { ImportKind } from '../config/schema.ts'
import type { RawFields, RawValue } from '../core/incoming.ts'
import { compileMapping } from './mapping.ts'
import type { MappedFormat } from './mapping.ts'
import { XmlMapper } from './xml-fields.ts'
import type { XmlElement } from './xml-tree.ts'

export type Overlay = (base: RawFields, ...elements: readonly XmlElement[]) => RawFields

/** `elements` are tried in turn: values of the earlier ones win. `lines`: path of the line elements. */
export function overlayOf(format: MappedFormat, kind: ImportKind, lines?: string): Overlay {
  const size = [format.fields, format.constants, format.values].map((each) => Object.keys(each).length)
  if (size.every((n) => n === 0)) return (base) => base
  const found = new XmlMapper(compileMapping({ ...format, constants: {} }, kind), lines)
  return (base, ...elements) => {
    let fields = base
    for (const element of elements.toReversed()) fields = mergeObjects(fields, found.map(element))
    return translate(withConstants(fields, format.constants), format.values, '')
  }
}

function mergeObjects(under: RawFields, over: RawFields): RawFields {
  const merged: Record<string, RawValue | undefined> = { ...under }
  for (const [key, value] of Object.entries(over)) {
    if (value !== undefined) merged[key] = merge(merged[key], value)
  }
  return merged
}

function merge(under: RawValue | undefined, over: RawValue): RawValue {
  if (isList(under) && isList(over)) return under.map((each, i) => merge(each, over[i] ?? {}))
  if (isGroup(under) && isGroup(over)) return mergeObjects(under, over)
  return over
}

const isList = (value: RawValue | undefined): value is readonly RawValue[] => Array.isArray(value)
const isGroup = (value: RawValue | undefined): value is RawFields => typeof value === 'object' && !isList(value)

function withConstants(fields: RawFields, constants: Readonly<Record<string, string>>): RawFields {
  let filled = fields
  for (const [name, text] of Object.entries(constants)) filled = fill(filled, name.split('.'), text)
  return filled
}

function fill(fields: RawFields, path: readonly string[], text: string): RawFields {
  const [key = '', ...rest] = path
  const value = fields[key]
  if (rest.length === 0) return value === undefined ? { ...fields, [key]: text } : fields
  if (isList(value)) return { ...fields, [key]: value.map((each) => (isGroup(each) ? fill(each, rest, text) : each)) }
  if (value !== undefined && !isGroup(value)) return fields
  return { ...fields, [key]: fill(value ?? {}, rest, text) }
}

function translate(fields: RawFields, words: MappedFormat['values'], base: string): RawFields {
  if (Object.keys(words).length === 0) return fields
  const one = (name: string, value: RawValue | undefined): RawValue | undefined => {
    if (typeof value === 'string') return words[name]?.[value] ?? value
    if (isList(value)) return value.map((each) => one(name, each) ?? each)
    return isGroup(value) ? translate(value, words, `${name}.`) : value
  }
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, one(base + key, value)]))
}
