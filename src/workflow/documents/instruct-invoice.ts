/**
 * Instructions to the ERP about documents: invoice, proforma, credit note (F16–F20, F34, F35).
 *
 * One document of a type for each order; one that the ERP refused gives way to the next. `update` only speaks of one
 * that was asked for. An invoice after an
 * advance names the proforma, a credit note the invoice that it credits: the whole of it when the order is cancelled,
 * else what the file says was cancelled, less what was credited before. What is not asked for is recorded with its
 * reason. Numbers are the ERP's (decision 1).
 */
import { invoiceId } from '../../core/ids.ts'
import type { Invoice } from '../../core/model.ts'
import { fromMinor, type Minor } from '../../core/money.ts'
import type { Order } from '../../core/order.ts'
import { cancelledAmount, cancelledLines } from './cancelled-lines.ts'
import type { Action } from '../compile.ts'
import type { Because, Draft } from '../draft.ts'
import { invoiceLine } from '../export-lines.ts'
import { isCancelled } from '../order-state.ts'
import { cancelInvoice } from './cancel-invoice.ts'

type InvoiceAction = Extract<Action, { do: 'invoice' }>

/** What a document is to say; `skip`: why there is to be none. */
type Wanted =
  | {
      readonly id: Invoice['id']
      readonly amount: Minor
      readonly refersTo?: Invoice
      readonly lines?: string
      /** Documents that the ERP refused, in whose place it comes. */
      readonly inPlaceOf?: readonly Invoice[]
    }
  /** `done`: it is there already. */
  | { readonly skip: string; readonly done?: true }

export function instructInvoice(draft: Draft, order: Order, { action, type }: InvoiceAction, because: Because): void {
  if (action === 'ignore') return skipped(draft, order, 'no document is wanted here', because)
  const wanted = action === 'issue' ? toIssue(draft, order, type) : toUpdate(draft, order, type)
  if ('skip' in wanted) {
    if (wanted.done !== true) draft.outcome.failed.push(wanted.skip)
    return skipped(draft, order, wanted.skip, because)
  }
  // What the ERP refused is asked for under another id; what it says of the old one comes too late.
  for (const failed of wanted.inPlaceOf ?? []) cancelInvoice(draft, failed, 'asked for anew', because)
  const { reason: _, ...known } = draft.get('invoice', wanted.id) ?? {}
  const invoice = draft.put<Invoice>({
    kind: 'invoice',
    version: 0,
    type,
    order: order.id,
    createdAt: draft.now,
    ...known,
    id: wanted.id,
    orderNumber: order.number,
    state: 'requested',
    amount: wanted.amount,
    currency: order.currency,
    ...(wanted.refersTo && { refersTo: wanted.refersTo.id }),
    updatedAt: draft.now,
  })
  const event = draft.happened({
    name: 'invoice.requested',
    subject: invoice.id,
    text: `${action} ${type} of ${fromMinor(invoice.amount, invoice.currency)} for order ${order.number}`.slice(0, 250),
    because: because.event,
    ...(because.trace && { trace: because.trace }),
  })
  invoiceLine(draft, order, invoice, { action, refersTo: wanted.refersTo, lines: wanted.lines }, { ...because, event })
}

function skipped(draft: Draft, order: Order, text: string, because: Because): void {
  draft.happened({
    name: 'step.skipped',
    subject: order.id,
    text,
    because: because.event,
    ...(because.trace && { trace: because.trace }),
  })
}

/** The documents of an order of one type that are asked for or issued, or (`failed`) may still be mended in the ERP. */
const standing = (documents: readonly Invoice[], type: Invoice['type'], failed = false): readonly Invoice[] =>
  documents.filter((each) => each.type === type && each.state !== 'cancelled' && (failed || each.state !== 'failed'))

const failedOnes = (documents: readonly Invoice[]): readonly Invoice[] =>
  documents.filter(({ state }) => state === 'failed')

function toIssue(draft: Draft, order: Order, type: Invoice['type']): Wanted {
  const documents = draft.find('invoice', 'order', order.id)
  if (type === 'creditNote') return toCredit(order, documents)
  if (standing(documents, type).length > 0) return { skip: `${type} was already asked for`, done: true }
  const advance = type === 'invoice' ? standing(documents, 'proforma').at(-1) : undefined
  const before = documents.filter((each) => each.type === type)
  return {
    id: documentId(order, type, before.length),
    amount: order.gross,
    inPlaceOf: failedOnes(before),
    ...(advance && { refersTo: advance }),
  }
}

function toCredit(order: Order, documents: readonly Invoice[]): Wanted {
  const invoice = standing(documents, 'invoice').at(-1)
  if (invoice === undefined) return { skip: 'there is no invoice to credit' }
  const notes = documents.filter((each) => each.type === 'creditNote')
  // Notes for an invoice that stands no more (it was rolled back) leave this one as it is.
  const own = notes.filter(({ refersTo }) => refersTo === undefined || refersTo === invoice.id)
  const credited = standing(own, 'creditNote').reduce((sum, { amount }) => sum + amount, 0)
  const part = isCancelled(order) ? undefined : cancelledAmount(order)
  const rest = Math.min(part ?? invoice.amount, invoice.amount) - credited
  if (rest <= 0) {
    return credited > 0 ? { skip: 'all of it was credited already', done: true } : { skip: 'nothing is to be credited' }
  }
  const lines = part === undefined ? undefined : cancelledLines(order)
  const id = documentId(order, 'creditNote', notes.length)
  return { id, amount: rest, refersTo: invoice, inPlaceOf: failedOnes(own), ...(lines !== undefined && { lines }) }
}

function toUpdate(draft: Draft, order: Order, type: Invoice['type']): Wanted {
  const known = standing(draft.find('invoice', 'order', order.id), type, true).at(-1)
  if (known === undefined) return { skip: `there is no ${type} to update` }
  const refersTo = known.refersTo === undefined ? undefined : draft.get('invoice', known.refersTo)
  const amount = type === 'creditNote' ? known.amount : order.gross
  return { id: known.id, amount, ...(refersTo && { refersTo }) }
}

/** The first of a type goes by the order and the type; a later one, after a cancelled or credited part, has its number. */
export const documentId = (order: Pick<Order, 'id'>, type: Invoice['type'], before: number): Invoice['id'] =>
  invoiceId(before === 0 ? `${order.id}/${type}` : `${order.id}/${type}/${before + 1}`)
