/**
 * The lookups that deciding a slice will surely ask for, so that most slices load once.
 *
 * A hint only: what is not foreseen here is found by NotLoaded and loaded in the next round.
 */
import { distinct } from '../core/distinct.ts'
import { customerId, mappingId, optOutId, orderId, paymentId, stockLevelId, storeId } from '../core/ids.ts'
import type { Config, MatchRule } from '../config/schema.ts'
import type { Incoming, IncomingOrder, IncomingPayment } from '../core/incoming.ts'
import type { Lookup } from '../core/known.ts'
import { normaliseReference } from '../core/references.ts'
import type { FileSlice } from './decide.ts'
import { matchingOf } from './payments/matching-of.ts'
import { foreseen } from './payments/match-search.ts'
import { feedName, yearOf } from '../core/statement.ts'
import { namesElsewhere } from './payments/same-line.ts'

/** `config`: for the rules by which payments are matched. */
export const lookupsOf = (slices: readonly FileSlice[], config?: Config): readonly Lookup[] =>
  slices.flatMap(({ items, file }) => items.flatMap(({ incoming }) => lookups(incoming, file.import, config)))

function lookups(incoming: Incoming, importName: string, config: Config | undefined): readonly Lookup[] {
  switch (incoming.kind) {
    case 'order':
      return orderLookups(incoming)
    case 'shipment':
      return incoming.order.startsWith('dsp_')
        ? [{ by: 'id', kind: 'dispatch', id: incoming.order }]
        : [{ by: 'reference', kind: 'order', name: 'number', value: incoming.order }]
    case 'status':
    case 'invoice':
      return [{ by: 'reference', kind: 'order', name: 'number', value: incoming.order }]
    case 'payment':
      return [
        { by: 'id', kind: 'payment', id: paymentId(incoming.account, incoming.bankKey) },
        ...(config ? paymentLookups(incoming, importName, config) : []),
      ]
    case 'statement':
      return [-1, 0, 1].map((years): Lookup => ({
        by: 'reference',
        kind: 'statement',
        name: 'feed',
        value: feedName(incoming, yearOf(incoming) + years),
      }))
    case 'customer':
      return [{ by: 'id', kind: 'customer', id: customerId(incoming.company, incoming.number) }]
    case 'store':
      return [{ by: 'id', kind: 'store', id: storeId(incoming.code) }]
    case 'command':
      return incoming.order === undefined
        ? []
        : [{ by: 'reference', kind: 'order', name: 'number', value: incoming.order }]
    case 'optOut':
      return [{ by: 'id', kind: 'optOut', id: optOutId(incoming.channel, incoming.address) }]
    case 'mapping':
      return [
        { by: 'id', kind: 'mapping', id: mappingId(incoming.about, incoming.company, incoming.from, incoming.key) },
      ]
    case 'stock':
      return incoming.location === undefined
        ? []
        : [{ by: 'id', kind: 'stockLevel', id: stockLevelId(incoming.location, incoming.sku, incoming.variant ?? '') }]
    case 'acknowledgement':
      return []
  }
}

const waitsFor = (kind: 'parked' | 'payment', value: string): Lookup => ({
  by: 'reference',
  kind,
  name: 'waitsFor',
  value,
})

function orderLookups(incoming: IncomingOrder): readonly Lookup[] {
  const { channel, number, externalNumber, reference } = incoming
  const tokens = distinct([number, externalNumber, reference]).map(normaliseReference)
  return [
    { by: 'id', kind: 'order', id: orderId(channel, number) },
    ...distinct([number, externalNumber]).map((value) => waitsFor('parked', value)),
    ...distinct(tokens).map((value) => waitsFor('payment', value)),
  ]
}

/** Rules that most payments are settled by; what the others ask for is loaded for those that come so far. */
const usual: ReadonlySet<MatchRule> = new Set(['reference', 'endToEndId', 'documentNumber'])

function paymentLookups(incoming: IncomingPayment, importName: string, config: Config): readonly Lookup[] {
  const elsewhere = namesElsewhere(config, incoming, importName)
  return [
    ...elsewhere.map((value): Lookup => ({ by: 'reference', kind: 'payment', name: 'sameDay', value })),
    ...foreseen(incoming, matchingOf(config, { ...incoming, source: { import: importName } }), usual),
  ]
}
