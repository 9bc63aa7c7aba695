/**
 * Instructions to the ERP: invoices, stock movements, dispatch. Each is a record, an event and an
 * export line, and is given once (F16, F20, F25, F26, F28).
 *
 * The ERP does the work and numbers the documents (decision 1); its acknowledgement comes back
 * by an import.
 */
import { dispatchId, invoiceId, movementId } from '../core/ids.ts'
import type { Order } from '../core/order.ts'
import type { Action } from './compile.ts'
import type { Because, Draft } from './draft.ts'
import { dispatchLine, invoiceLine, stockLine } from './export-lines.ts'
import { keyedLines } from './line-keys.ts'
import { openAmount } from './order-state.ts'

type InvoiceAction = Extract<Action, { do: 'invoice' }>

/** F16, F20: one document per order and type; `update` only speaks of one that was asked for. */
export function instructInvoice(draft: Draft, order: Order, { action, type }: InvoiceAction, because: Because): void {
  if (action === 'ignore') return
  const id = invoiceId(`${order.id}/${type}`)
  const existing = draft.get('invoice', id)
  if (action === 'issue' ? existing !== undefined : existing === undefined) {
    draft.happened({
      name: 'step.skipped',
      subject: order.id,
      text: action === 'issue' ? `${type} was already asked for` : `there is no ${type} to update`,
      because: because.event,
      ...(because.trace && { trace: because.trace }),
    })
    return
  }
  const { reason: _, ...known } = existing ?? {}
  const fresh = { kind: 'invoice' as const, id, version: 0, type, order: order.id, createdAt: draft.now }
  const invoice = draft.put({
    ...fresh,
    ...known,
    orderNumber: order.number,
    state: 'requested' as const,
    amount: order.gross,
    currency: order.currency,
    updatedAt: draft.now,
  })
  const event = draft.happened({
    name: 'invoice.requested',
    subject: invoice.id,
    text: `${action} ${type} for order ${order.number}`,
    because: because.event,
    ...(because.trace && { trace: because.trace }),
  })
  invoiceLine(draft, order, invoice, action, { ...because, event })
}

/** F28: each line of the order moves once per kind of movement. */
export function moveStock(
  draft: Draft,
  order: Order,
  move: 'issue' | 'reserve' | 'release' | 'return' | 'transfer',
  because: Because,
  places: { readonly from?: string; readonly to?: string } = {},
): void {
  for (const { line, key } of keyedLines(order.lines)) {
    const id = movementId(`${order.id}/${key}/${move}`)
    if (line.sku === undefined || draft.get('movement', id) !== undefined) continue
    const from = places.from ?? line.location
    const movement = draft.put({
      kind: 'movement' as const,
      id,
      version: 0,
      order: order.id,
      orderNumber: order.number,
      line: line.number,
      move,
      sku: line.sku,
      quantity: line.quantity,
      ...(from !== undefined && { from }),
      ...(places.to !== undefined && { to: places.to }),
      createdAt: draft.now,
      updatedAt: draft.now,
    })
    const event = draft.happened({
      name: 'stock.moved',
      subject: id,
      text: `${move} ${line.quantity} × ${line.sku} for order ${order.number}`.slice(0, 250),
      because: because.event,
      ...(because.trace && { trace: because.trace }),
    })
    stockLine(draft, order, line, movement, { ...because, event })
  }
}

/** F25, F26: one instruction per order and target; cash on delivery is what is still open. */
export function instructDispatch(draft: Draft, order: Order, to: string, because: Because): void {
  const id = dispatchId(`${order.id}/${to}`)
  if (draft.get('dispatch', id) !== undefined) return
  const open = openAmount(order)
  const dispatch = draft.put({
    kind: 'dispatch' as const,
    id,
    version: 0,
    order: order.id,
    orderNumber: order.number,
    to,
    state: 'created' as const,
    ...(open > 0 && order.paymentMethod === 'cod' && { cashOnDelivery: open }),
    createdAt: draft.now,
    updatedAt: draft.now,
  })
  const event = draft.happened({
    name: 'dispatch.created',
    subject: id,
    text: `dispatch order ${order.number} to ${to}`.slice(0, 250),
    because: because.event,
    ...(because.trace && { trace: because.trace }),
  })
  dispatchLine(draft, order, dispatch, { ...because, event })
}
