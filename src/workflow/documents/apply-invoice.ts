/**
 * Applies a document that the ERP issued to its order: the one that was asked for is completed, another is added (F21).
 *
 * The same content changes nothing. A number that another order of the company has is refused and alarmed, never
 * moved. What follows (rules, the word to the source, payments that waited for the number) follows once. Pure.
 */
import { invoiceId } from '../../core/ids.ts'
import type { IncomingInvoice } from '../../core/incoming.ts'
import type { Invoice } from '../../core/model.ts'
import type { Order } from '../../core/order.ts'
import { raiseAlarm } from '../messages/alarm.ts'
import { archiveIfDone } from '../collect/archive.ts'
import type { Draft } from '../draft.ts'
import { runRules } from '../run-rules.ts'
import { settleWaitingFor } from '../payments/settle-waiting.ts'
import { writeBackDocument } from '../write-back.ts'

export type InvoiceTaken = 'applied' | 'repeated' | 'updated' | 'refused'

export function applyInvoice(draft: Draft, order: Order, incoming: IncomingInvoice): InvoiceTaken {
  const other = draft
    .find('invoice', 'number', incoming.number)
    .find((each) => each.type === incoming.type && each.order !== order.id && ofSameCompany(draft, each, order))
  if (other !== undefined) {
    return refuseInvoice(draft, order, incoming, `the number belongs to order ${other.orderNumber} already`)
  }
  const known = meant(draft, order, incoming)
  const invoice = completed(draft, order, incoming, known)
  if (known !== undefined && sameContent(known, invoice)) return 'repeated'
  draft.put(invoice)
  const isNews = known?.state !== invoice.state || known.number !== invoice.number
  const event = draft.happened({
    name: isNews ? newsOf(invoice) : 'invoice.updated',
    subject: invoice.id,
    before: known === undefined ? {} : { state: known.state },
    after: { state: invoice.state, number: invoice.number },
    text: `${invoice.type} ${incoming.number} for order ${order.number}`.slice(0, 250),
  })
  if (isNews) documentDone(draft, invoice, event)
  else if (known.pdf !== invoice.pdf) writeBackDocument(draft, invoice, { event })
  return known === undefined ? 'applied' : 'updated'
}

const newsOf = ({ state }: Invoice): 'invoice.issued' | 'invoice.cancelled' =>
  state === 'cancelled' ? 'invoice.cancelled' : 'invoice.issued'

/** Two companies may use the same numbers. */
const ofSameCompany = (draft: Draft, invoice: Invoice, order: Order): boolean =>
  draft.get('order', invoice.order)?.company === order.company

/** The document with that number, else the one that was asked for and has none yet. */
function meant(draft: Draft, order: Order, { type, number }: IncomingInvoice): Invoice | undefined {
  const documents = draft.find('invoice', 'order', order.id).filter((each) => each.type === type)
  return documents.find((each) => each.number === number) ?? documents.find((each) => each.number === undefined)
}

function completed(draft: Draft, order: Order, incoming: IncomingInvoice, known: Invoice | undefined): Invoice {
  const { kind: _kind, order: _order, channel: _channel, state, refersTo, amount, currency, ...said } = incoming
  const { reason: _reason, ...asked } = known ?? {
    kind: 'invoice' as const,
    id: unaskedId(draft, order, incoming),
    version: 0,
    order: order.id,
    orderNumber: order.number,
    amount: order.gross,
    currency: order.currency,
    source: draft.source ?? { import: draft.cause.actor },
    createdAt: draft.now,
  }
  const referred = refersTo === undefined ? undefined : numbered(draft, order, refersTo)
  return {
    ...asked,
    ...said,
    ...(amount !== undefined && { amount: Math.abs(amount), currency: currency ?? order.currency }),
    ...(referred && { refersTo: referred.id }),
    state: state ?? 'issued',
    updatedAt: draft.now,
  }
}

const numbered = (draft: Draft, order: Order, number: string): Invoice | undefined =>
  draft.find('invoice', 'order', order.id).find((each) => each.number === number)

/** The first of its type stands in the place of the one that rules would ask for. */
function unaskedId(draft: Draft, order: Order, { type, number }: IncomingInvoice): Invoice['id'] {
  const isFirst = draft.find('invoice', 'order', order.id).every((each) => each.type !== type)
  return invoiceId(isFirst ? `${order.id}/${type}` : `${order.id}/${type}/number/${number}`)
}

function sameContent(known: Invoice, now: Invoice): boolean {
  const names = ['number', 'state', 'amount', 'currency', 'date', 'dueDate', 'reference', 'pdf', 'refersTo'] as const
  return names.every((name) => known[name] === now[name])
}

/** What follows when a document gets its number, fails or is cancelled: rules, the source, payments that waited. */
export function documentDone(draft: Draft, invoice: Invoice, event: number): void {
  const occurrence = `${invoice.id}/${invoice.number ?? ''}`
  for (const trigger of [`document:${invoice.state}.${invoice.type}`, `document:${invoice.state}`]) {
    draft.fire({ order: invoice.order, trigger, occurrence, because: event, document: invoice })
  }
  if (invoice.state !== 'failed') writeBackDocument(draft, invoice, { event })
  runRules(draft)
  if (invoice.state !== 'issued') return
  settleWaitingFor(draft, [invoice.number, invoice.reference])
  archiveIfDone(draft, invoice.order, event)
}

export function refuseInvoice(
  draft: Draft,
  order: Order,
  { type, number }: IncomingInvoice,
  reason: string,
): InvoiceTaken {
  raiseAlarm(draft, {
    key: `invoice-refused/${draft.source?.fileId ?? order.id}`,
    subject: order.id,
    title: 'An issued document was refused',
    what: `${type} ${number} for order ${order.number}: ${reason}`.slice(0, 250),
    ...(draft.source?.file !== undefined && { where: draft.source.file }),
    next: 'Compare with the ERP; name the channel where order numbers repeat.',
  })
  return 'refused'
}
