/**
 * A document that a payment may settle, and why an order is none at the moment.
 *
 * Only orders are settled today; the shape holds for invoices as well, so that matching does not know
 * the difference. Pure, never throws.
 */
import type { Instant, LocalDate } from '../../core/date.ts'
import type { InvoiceId, OrderId } from '../../core/ids.ts'
import { fromMinor, type Minor } from '../../core/money.ts'
import type { Order } from '../../core/order.ts'
import { isCancelled, openAmount } from '../order-state.ts'

export interface OpenDocument {
  readonly id: OrderId | InvoiceId
  readonly number: string
  readonly externalNumber?: string
  readonly reference?: string
  readonly currency: string
  /** What is still to pay, in minor units of `currency`. */
  readonly open: Minor
  readonly date?: LocalDate
  readonly createdAt: Instant
  readonly channel: string
  /** `company/number` of the customer, where the document states one. */
  readonly customer?: string
  /** Why no payment settles it, whatever its amount: cancelled, a quote …. */
  readonly closed?: string
}

/** An order as a document to pay: gross − prepaid − paid, less what was written off. */
export function openDocumentOf(order: Order): OpenDocument {
  const closed = closedReason(order)
  return {
    id: order.id,
    number: order.number,
    ...(order.externalNumber !== undefined && { externalNumber: order.externalNumber }),
    ...(order.reference !== undefined && { reference: order.reference }),
    currency: order.currency,
    open: openAmount(order),
    ...(order.date !== undefined && { date: order.date }),
    createdAt: order.createdAt,
    channel: order.channel,
    ...(order.customer.number && { customer: `${order.company}/${order.customer.number}` }),
    ...(closed !== undefined && { closed }),
  }
}

function closedReason(order: Order): string | undefined {
  if (order.type !== 'order') return `it is a ${order.type}`
  if (isCancelled(order)) return `its status is ${order.status}`
  if (order.collect?.processing === 'rejected') return 'the store rejected it'
  if (order.collect?.processing === 'expired' || order.collect?.delivery === 'expired') return 'it has expired'
  return undefined
}

/** Why the document is no candidate for this payment, or undefined when it is one (F11). */
export function notPayable(
  document: OpenDocument,
  payment: { readonly currency: string; readonly channel?: string },
): string | undefined {
  if (document.closed !== undefined) return document.closed
  if (payment.channel !== undefined && payment.channel !== document.channel) {
    return `it is of channel ${document.channel}, the payment of channel ${payment.channel}`
  }
  if (document.currency !== payment.currency) {
    return `it is in ${document.currency}, the payment in ${payment.currency}`
  }
  if (document.open <= 0) return 'nothing is left to pay'
  return undefined
}

/** `order-like` words for evidence: number, channel and open amount. */
export const describe = (document: OpenDocument): string =>
  `${document.number.slice(0, 60)} (${document.channel}, open ${money(document.open, document.currency)})`

export const money = (amount: Minor, currency: string): string => `${fromMinor(amount, currency)} ${currency}`
