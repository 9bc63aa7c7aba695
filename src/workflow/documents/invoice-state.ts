/**
 * How far a document is paid, derived from what its order has received (F21).
 *
 * A credit note is nothing to pay; what is cancelled or failed is not paid. Pure, never throws.
 */
import type { Invoice } from '../../core/model.ts'
import type { Order } from '../../core/order.ts'

export type InvoicePayment = 'unpaid' | 'partiallyPaid' | 'paid' | 'overpaid' | 'none'

export function invoicePayment(invoice: Invoice, order: Order | undefined): InvoicePayment {
  if (order === undefined || invoice.type === 'creditNote') return 'none'
  if (invoice.state === 'cancelled' || invoice.state === 'failed') return 'none'
  const received = order.prepaid + order.paid + (order.writtenOff ?? 0)
  if (received <= 0) return invoice.amount > 0 ? 'unpaid' : 'paid'
  if (received < invoice.amount) return 'partiallyPaid'
  return received > invoice.amount && order.paymentStatus === 'overpaid' ? 'overpaid' : 'paid'
}
