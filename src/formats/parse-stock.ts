/**
 * A record of kind `stock` to an IncomingStock: how much of an item lies at a location (N09).
 *
 * The place is a stock location or a store; one of them must be there. Throws nothing: problems are noted.
 */
import type { IncomingStock } from '../core/stock-level.ts'
import type { Defaults } from './defaults.ts'
import { timeOf } from './parse-status.ts'
import { compact } from './record-fields.ts'
import type { RecordFields } from './record-fields.ts'

export function parseStock(fields: RecordFields, defaults: Defaults): IncomingStock {
  if (!fields.has('location') && !fields.has('store'))
    fields.note('D030', 'location', undefined, 'a location or a store')
  if (!fields.has('quantity')) fields.note('D030', 'quantity')
  return compact<IncomingStock>({
    kind: 'stock',
    location: fields.key('location'),
    store: fields.key('store'),
    sku: fields.requiredKey('sku'),
    variant: fields.key('variant'),
    quantity: fields.decimal('quantity') ?? '0',
    at: timeOf(fields.dateTime('at'), defaults.zone),
  })
}
