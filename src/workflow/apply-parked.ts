/**
 * What came before its document: payments that nothing fitted, status rows without an order (F07, N27).
 *
 * When the document is there they are applied in the order in which they came, each once. What the
 * state forbids is refused with its reason, as if it had come now.
 */
import type { Parked } from '../core/model.ts'
import { normaliseReference } from '../core/references.ts'
import type { Order } from '../core/order.ts'
import { askTogether } from './ask-together.ts'
import { applyStatus } from './apply-status.ts'
import type { Draft } from './draft.ts'
import { settlePayment } from './settle-payment.ts'

/** Payments and status changes that waited for a new order. */
export function applyParked(draft: Draft, order: Order): void {
  const parked = parkedFor(draft, order)
  settleWaiting(draft, order)
  for (const each of parked) applyOne(draft, order, each)
}

/** Open payments that may mean the order are matched again, as it stands now. */
export function settleWaiting(draft: Draft, order: Order): void {
  settleWaitingFor(draft, [order.number, order.externalNumber, order.reference])
}

/** Open payments that quote one of the names are matched again. */
export function settleWaitingFor(draft: Draft, names: readonly (string | undefined)[]): void {
  const tokens = new Set(names.filter((name) => name !== undefined).map(normaliseReference))
  const found = askTogether([...tokens].map((token) => () => draft.find('payment', 'waitsFor', token)))
  for (const id of new Set(found.flat().map((payment) => payment.id))) {
    const payment = draft.get('payment', id)
    if (payment?.state === 'unmatched' || payment?.state === 'ambiguous') settlePayment(draft, payment)
  }
}

/** Rows that name the order as status files may: by its number, or by its number at the source. */
function parkedFor(draft: Draft, order: Order): readonly Parked[] {
  const names = new Set([order.number, order.externalNumber].filter((name) => name !== undefined))
  const found = askTogether([...names].map((name) => () => draft.find('parked', 'waitsFor', name)))
  return found.flat().sort((a, b) => a.createdAt - b.createdAt)
}

function applyOne(draft: Draft, order: Order, parked: Parked): void {
  if (parked.input.kind !== 'status') return
  if (parked.input.channel !== undefined && parked.input.channel !== order.channel) return
  const source = draft.source
  // The change goes back to the row that said so, not to that of the order.
  draft.source = parked.source
  const check = applyStatus(draft, order.id, parked.input)
  draft.source = source
  draft.put({
    ...parked,
    state: check.kind === 'refused' ? ('refused' as const) : ('applied' as const),
    ...(check.kind === 'refused' && { reason: check.reason }),
    updatedAt: draft.now,
  })
}
