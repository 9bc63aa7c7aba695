/**
 * What the items of an order are called at the collecting company (N16, N17).
 *
 * The rules of the workflow are tried in their order: the mapping table (by number and variant, number, EAN), then the
 * names that the order itself uses. A line that names no item at all (a charge, a text) needs none. Throws NotLoaded.
 */
import type { CollectWorkflow } from '../../config/schema.ts'
import { assertNever } from '../../core/assert-never.ts'
import type { MappingId } from '../../core/ids.ts'
import type { Known } from '../../core/known.ts'
import type { ItemRule, MappedItem, Order, OrderLine } from '../../core/order.ts'
import { askTogether } from '../ask-together.ts'
import { keyedLines } from '../line-keys.ts'
import { findMapping, mappingIds } from './find-mapping.ts'

export interface FoundItems {
  readonly items: readonly MappedItem[]
  /** Lines whose item is not known there, for people: `line 2: SKU-17`. */
  readonly missing: readonly string[]
  /** Rows of the mapping table that would say it. */
  readonly awaits: readonly MappingId[]
}

type ItemMapping = NonNullable<CollectWorkflow['itemMapping']>
type Item = Omit<MappedItem, 'line'>
type Wanted = Pick<Order, 'company' | 'fromStore' | 'lines'>

export function findItems(
  order: Wanted,
  { order: rules, onUnmapped }: ItemMapping,
  company: string,
  known: Known,
): FoundItems {
  const lines = keyedLines(order.lines).filter(({ line }) => keysOf(line).length > 0)
  const found = askTogether(
    lines.map(
      ({ line }) =>
        () =>
          find(line, rules, order, company, known),
    ),
  )
  const items: MappedItem[] = []
  const missing: string[] = []
  const awaits: MappingId[] = []
  for (const [i, { line, key }] of lines.entries()) {
    const item = found[i] ?? (onUnmapped === 'pass' ? asItIs(line, 'pass') : undefined)
    if (item !== undefined) items.push({ line: key, ...item })
    else {
      missing.push(`line ${key}: ${keysOf(line)[0] ?? ''}`.slice(0, 80))
      awaits.push(...mappingIds('item', company, order, keysOf(line)))
    }
  }
  return { items, missing, awaits }
}

function find(
  line: OrderLine,
  rules: readonly Exclude<ItemRule, 'pass'>[],
  order: Wanted,
  company: string,
  known: Known,
): Item | undefined {
  for (const rule of rules) {
    const item = byRule(line, rule, order, company, known)
    if (item !== undefined) return item
  }
  return undefined
}

function byRule(
  line: OrderLine,
  rule: Exclude<ItemRule, 'pass'>,
  order: Wanted,
  company: string,
  known: Known,
): Item | undefined {
  switch (rule) {
    case 'map':
      return mapped(line, order, company, known)
    case 'skuVariant':
      return line.sku !== undefined && line.variant !== undefined ? asItIs(line, rule) : undefined
    case 'sku':
      return line.sku !== undefined ? asItIs(line, rule) : undefined
    case 'barcode':
      return line.ean !== undefined ? { sku: line.ean, by: rule } : undefined
    default:
      return assertNever(rule, 'rule of item mapping')
  }
}

/** A row for the number alone leaves the variant as it is, unless it names one. */
function mapped(line: OrderLine, order: Wanted, company: string, known: Known): Item | undefined {
  const mapping = findMapping(known, 'item', company, order, keysOf(line))
  if (mapping === undefined) return undefined
  const variant = mapping.targetVariant ?? (mapping.key === line.sku ? line.variant : undefined)
  return { sku: mapping.target, ...(variant !== undefined && { variant }), by: 'map' }
}

const asItIs = ({ sku, ean, variant }: OrderLine, by: ItemRule): Item => ({
  sku: sku ?? ean ?? '',
  ...(variant !== undefined && { variant }),
  by,
})

/** Names of an item in the mapping table, the most exact one first. */
const keysOf = ({ sku, variant, ean }: OrderLine): readonly string[] =>
  [sku !== undefined && variant !== undefined ? `${sku}/${variant}` : undefined, sku, ean].filter(
    (key) => key !== undefined,
  )
