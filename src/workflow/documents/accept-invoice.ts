/**
 * Takes documents that the ERP issued, by file: invoices, proforma invoices and credit notes (F21).
 *
 * A document without its order waits for it. An order number that several channels use must come with its channel;
 * otherwise the document is refused, never given to a guess.
 */
import type { IncomingInvoice } from '../../core/incoming.ts'
import type { Taken } from '../accept-order.ts'
import { ordersCalled } from '../accept-status.ts'
import { applyInvoice, refuseInvoice } from './apply-invoice.ts'
import type { Draft } from '../draft.ts'
import { parkInput } from '../park-input.ts'

export function acceptInvoice(draft: Draft, incoming: IncomingInvoice): Taken {
  const orders = ordersCalled(draft, incoming.order, incoming.channel)
  const [order, ...others] = orders
  if (order === undefined) return parkInput(draft, incoming, incoming.order, `${incoming.type} ${incoming.number}`)
  if (others.length === 0) return applyInvoice(draft, order, incoming)
  const channels = orders.map(({ channel }) => channel).join(', ')
  return refuseInvoice(
    draft,
    order,
    incoming,
    `order number ${incoming.order} is used by several channels (${channels})`,
  )
}
