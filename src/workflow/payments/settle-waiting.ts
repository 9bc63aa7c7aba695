/**
 * Matches open payments again when what they may be for has come: an order, or the number of a document (F07).
 *
 * Payments that stay open are left as they were. Pure.
 */
import { distinct } from '../../core/distinct.ts'
import type { Order } from '../../core/order.ts'
import { normaliseReference } from '../../core/references.ts'
import { askTogether } from '../ask-together.ts'
import type { Draft } from '../draft.ts'
import { settlePayment } from './settle-payment.ts'

/** Open payments that may mean the order are matched again, as it stands now. */
export function settleWaiting(draft: Draft, order: Order): void {
  settleWaitingFor(draft, [order.number, order.externalNumber, order.reference])
}

/** Open payments that quote one of the names are matched again. */
export function settleWaitingFor(draft: Draft, names: readonly (string | undefined)[]): void {
  const tokens = distinct(distinct(names).map(normaliseReference))
  const found = askTogether(tokens.map((token) => () => draft.find('payment', 'waitsFor', token))).flat()
  for (const id of new Set(found.map((payment) => payment.id))) {
    const payment = draft.get('payment', id)
    if (payment?.state === 'unmatched' || payment?.state === 'ambiguous') settlePayment(draft, payment)
  }
}
