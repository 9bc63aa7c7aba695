/**
 * What the schema expects at a place, in plain words: for problems and for the reference page.
 *
 * `one of orders, payments`, `a whole number from 1 to 50`, `a duration such as 2s, 15m`,
 * `text or a list`. Patterns are shown by their words, never as regular expressions. Throws nothing.
 */
import { resolveNode, variantsOf } from './schema-walk.ts'
import type { SchemaNode } from './schema-walk.ts'

/** Words of the patterns of schema.ts, which JSON Schema cannot carry. */
const patternWords: readonly (readonly [string, string])[] = [
  ['(ms|s|m|h|d|w|y)', 'a duration such as 2s, 15m, 4h, 3d or 1y'],
  ['{0,39}$', 'a code of letters, digits, "-", "_" and "."'],
  ['^\\d{1,12}(\\.\\d{1,8})?$', 'a decimal number in quotes such as "0.50"'],
  ['^\\d{1,3}(\\.\\d{1,6})?$', 'a percentage in quotes such as "27"'],
  ['^[^\\s@<>,;]+@', 'one mail address'],
  ['|90(\\.0+)?)$', 'degrees in quotes such as "47.4979"'],
  ['|180(\\.0+)?)$', 'degrees in quotes such as "19.0402"'],
  ['yMdHhms', 'a pattern such as dd.MM.yyyy'],
  [
    '^(imported|paid|',
    'imported, paid, partlyPaid, overpaid, paymentReversed, linesCancelled, document.issued, document.failed (also with .invoice, .proforma or .creditNote), collect.STATE, shipment.STATE or status.WORD',
  ],
  ['{number\\})', 'a file name with {number}, without a folder'],
  ['(customer|store|operators|', 'customer, store, operators or a mail address'],
  ['(\\/[a-z0-9]', 'a template such as customer/ready'],
  ['^[A-Z]{2}$', 'two capital letters'],
  ['^[A-Z]{3}$', 'three capital letters'],
  ['^(\\d{1,9}(s|m|h|d|w)|', 'a duration such as 2h, or a time such as "09:00"'],
  ['[0-5]\\d|24:00)$', 'a time such as "21:00"'],
  ['^\\+[1-9]\\d{0,14}$', 'the first digits of a number such as "+36"'],
  ['[01]\\d|2[0-3]', 'hours such as "09:00-18:00"'],
  ['(\\d{4}-)?', 'a date such as "12-25" or "2026-12-25"'],
]

/** Every pattern of the schema has words: a test holds this true. */
export const wordsOfPattern = (pattern: string): string | undefined =>
  patternWords.find(([part]) => pattern.includes(part))?.[1]

/** What may stand here. */
export function expectedWords(node: SchemaNode): string {
  const variants = variantsOf(node)
  return orList([...new Set(variants.map(oneVariant))])
}

function oneVariant(node: SchemaNode): string {
  if (node.const !== undefined) return shown(node.const)
  if (node.enum) return orList(node.enum.map(shown))
  switch (node.type) {
    case 'string':
      return (node.pattern === undefined ? undefined : wordsOfPattern(node.pattern)) ?? 'text'
    case 'boolean':
      return 'true or false'
    case 'integer':
      return `a whole number${rangeWords(node)}`
    case 'number':
      return `a number${rangeWords(node)}`
    case 'array':
      return node.items ? `a list of ${listed(node.items)}` : 'a list'
    case 'object':
      return mapWords(node)
    case undefined:
    default:
      return 'a value'
  }
}

/** Words of what a list holds, without the article: `codes` would need grammar, so `each …`. */
function listed(items: SchemaNode): string {
  const words = expectedWords(resolveNode(items))
  return words === 'text' ? 'texts' : `(${words})`
}

function mapWords(node: SchemaNode): string {
  const keys = Object.keys(node.properties ?? {})
  if (keys.length === 0 || keys.length > 8) return 'a map'
  return `a map with ${orList(keys).replace(' or ', ' and ')}`
}

/** Zod writes the bounds of safe integers where none are given. */
function rangeWords({ minimum, maximum }: SchemaNode): string {
  const low = minimum !== undefined && Math.abs(minimum) < 1e15 ? minimum : undefined
  const high = maximum !== undefined && Math.abs(maximum) < 1e15 ? maximum : undefined
  if (low !== undefined && high !== undefined) return ` from ${low} to ${high}`
  if (low !== undefined) return `, at least ${low}`
  return high === undefined ? '' : `, at most ${high}`
}

/** Words as they are; marks and the empty text in quotes. */
export const shown = (value: unknown): string =>
  typeof value === 'string' && !/^[\w.@/+-]+$/.test(value) ? JSON.stringify(value) : String(value)

/** `a, b or c`. */
export function orList(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
