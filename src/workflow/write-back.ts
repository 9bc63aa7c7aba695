/**
 * What the source of an order is told: status, payment, documents, parcels; each by its own switch (F41).
 *
 * One line for each change in the exports of kind `writeBack` that are for the order's channel and want that event.
 * What the source itself has said in its order file is not told back to it. Pure.
 */
import { isoIn } from '../core/date.ts'
import type { ExportFields } from '../core/batch.ts'
import type { Invoice, Shipment } from '../core/model.ts'
import { fromMinor } from '../core/money.ts'
import type { Order } from '../core/order.ts'
import type { Because, Draft } from './draft.ts'
import { isSettled } from './order-state.ts'
import { writeLine } from './write-line.ts'

type WriteBackEvent = 'status' | 'paid' | 'invoice' | 'tracking'

/** A status that workflows, people, the ERP or a carrier have set. */
export function writeBackStatus(draft: Draft, order: Order, because: Because): void {
  const isSaid = because.trace === undefined && isFromSource(draft)
  if (!isSaid) write(draft, order, 'status', `${order.id}/status/${order.transition}`, {}, because)
}

/** The order has become paid, or owes again. */
export function writeBackPaid(draft: Draft, before: Order, order: Order, because: Because): void {
  if (isSettled(before.paymentStatus) === isSettled(order.paymentStatus)) return
  write(draft, order, 'paid', `${order.id}/paid/${order.transition}`, {}, because)
}

/** A document has its number, or another file; told once for what it says. */
export function writeBackDocument(draft: Draft, invoice: Invoice, because: Because): void {
  const order = draft.get('order', invoice.order)
  if (order === undefined) return
  const { number, pdf, date } = invoice
  const fields = { invoiceType: invoice.type, invoiceNumber: number, invoiceFile: pdf, invoiceDate: date }
  const key = [order.id, 'invoice', invoice.id, invoice.state, number ?? '', pdf ?? ''].join('/')
  write(draft, order, 'invoice', key, { ...fields, invoiceState: invoice.state }, because)
}

/** A parcel has a number, or has come further. */
export function writeBackTracking(draft: Draft, order: Order, shipment: Shipment, because: Because): void {
  const { state, carrier, trackingNumber, trackingUrl } = shipment
  const key = [order.id, 'tracking', shipment.id, state, carrier ?? '', trackingNumber ?? '', trackingUrl ?? ''].join(
    '/',
  )
  write(draft, order, 'tracking', key, { shipment: state, carrier, trackingNumber, trackingUrl }, because)
}

function write(
  draft: Draft,
  order: Order,
  event: WriteBackEvent,
  key: string,
  fields: ExportFields,
  because: Because,
): void {
  const { channel, company, currency } = order
  const line = {
    event,
    order: order.number,
    externalNumber: order.externalNumber,
    channel,
    status: order.status,
    paymentStatus: order.paymentStatus,
    paid: fromMinor(order.prepaid + order.paid, currency),
    currency,
    ...fields,
    at: isoIn(draft.now, draft.setup.config.timeZone),
  }
  writeLine(draft, 'writeBack', { channel, company, event }, { key, subject: order.id, fields: line }, because)
}

/** Rows of the order's own import. */
function isFromSource({ setup, source }: Draft): boolean {
  const { imports } = setup.config
  return source !== undefined && Object.hasOwn(imports, source.import) && imports[source.import]?.kind === 'orders'
}
