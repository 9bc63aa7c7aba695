/**
 * What came before its document: payments that nothing fitted, status rows without an order (F07, N27).
 *
 * When the document is there they are applied in the order in which they came, each once. What the
 * state forbids is refused with its reason, as if it had come now.
 */
import { distinct } from '../core/distinct.ts'
import type { IncomingInvoice, IncomingShipment, IncomingStatus } from '../core/incoming.ts'
import type { Parked } from '../core/model.ts'
import type { Order } from '../core/order.ts'
import { askTogether } from './ask-together.ts'
import { applyInvoice } from './documents/apply-invoice.ts'
import { applyShipment } from './shipping/apply-shipment.ts'
import { applyStatus } from './apply-status.ts'
import type { Draft } from './draft.ts'
import { settleWaiting } from './payments/settle-waiting.ts'

/** Payments, status changes and documents that waited for a new order. */
export function applyParked(draft: Draft, order: Order): void {
  const parked = parkedFor(draft, order)
  settleWaiting(draft, order)
  for (const each of parked) applyOne(draft, order, each)
}

/** Rows that name the order as status files may: by its number, or by its number at the source. */
function parkedFor(draft: Draft, order: Order): readonly Parked[] {
  const names = distinct([order.number, order.externalNumber])
  const found = askTogether(names.map((name) => () => draft.find('parked', 'waitsFor', name)))
  return found.flat().sort((a, b) => a.createdAt - b.createdAt)
}

function applyOne(draft: Draft, order: Order, parked: Parked): void {
  const { input } = parked
  if (input.kind !== 'status' && input.kind !== 'invoice' && input.kind !== 'shipment') return
  if (input.channel !== undefined && input.channel !== order.channel) return
  const source = draft.source
  // The change goes back to the row that said so, not to that of the order.
  draft.source = parked.source
  // As the input before it has left the order.
  const reason = refusalOf(draft, draft.get('order', order.id) ?? order, input)
  draft.source = source
  draft.put({
    ...parked,
    state: reason === undefined ? ('applied' as const) : ('refused' as const),
    ...(reason !== undefined && { reason }),
    updatedAt: draft.now,
  })
}

/** Applies it; why it was refused, if it was. */
function refusalOf(
  draft: Draft,
  order: Order,
  input: IncomingStatus | IncomingInvoice | IncomingShipment,
): string | undefined {
  if (input.kind === 'shipment') {
    return applyShipment(draft, order, input) === 'refused' ? 'see the alarm about its file' : undefined
  }
  if (input.kind === 'invoice') {
    return applyInvoice(draft, order, input) === 'refused' ? 'see the alarm about its file' : undefined
  }
  const check = applyStatus(draft, order.id, input)
  return check.kind === 'refused' ? check.reason : undefined
}
