/**
 * The lookups that deciding a slice will surely ask for, so that most slices load once.
 *
 * A hint only: what is not foreseen here is found by NotLoaded and loaded in the next round.
 */
import { customerId, orderId, paymentId, storeId } from '../core/ids.ts'
import type { Incoming } from '../core/incoming.ts'
import type { Lookup } from '../core/known.ts'
import { normaliseReference } from '../core/references.ts'
import type { FileSlice } from './decide.ts'

export const lookupsOf = (slices: readonly FileSlice[]): readonly Lookup[] =>
  slices.flatMap(({ items }) => items.flatMap(({ incoming }) => lookups(incoming)))

function lookups(incoming: Incoming): readonly Lookup[] {
  switch (incoming.kind) {
    case 'order': {
      const numbers = [incoming.number, incoming.externalNumber, incoming.reference].filter(
        (text) => text !== undefined,
      )
      const waiting = [...new Set(numbers.map(normaliseReference))].map((value): Lookup => ({
        by: 'reference',
        kind: 'payment',
        name: 'waitsFor',
        value,
      }))
      return [
        { by: 'id', kind: 'order', id: orderId(incoming.channel, incoming.number) },
        ...[...new Set([incoming.number, incoming.externalNumber])]
          .filter((value) => value !== undefined)
          .map((value): Lookup => ({ by: 'reference', kind: 'parked', name: 'waitsFor', value })),
        ...waiting,
      ]
    }
    case 'status':
      return [{ by: 'reference', kind: 'order', name: 'number', value: incoming.order }]
    case 'payment':
      return [{ by: 'id', kind: 'payment', id: paymentId(incoming.account, incoming.bankKey) }]
    case 'customer':
      return [{ by: 'id', kind: 'customer', id: customerId(incoming.company, incoming.number) }]
    case 'store':
      return [{ by: 'id', kind: 'store', id: storeId(incoming.code) }]
    case 'acknowledgement':
      return []
  }
}
