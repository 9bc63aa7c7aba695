/**
 * Instructions to the ERP: stock movements, dispatch. Each is a record, an event and an export line, and is
 * given once (F25, F26, F28). Documents are in instruct-invoice.ts.
 *
 * The ERP does the work and numbers the documents (decision 1); its acknowledgement comes back
 * by an import.
 */
import { type DispatchId, dispatchId, type MovementId, movementId } from '../core/ids.ts'
import type { Order } from '../core/order.ts'
import type { Because, Draft } from './draft.ts'
import { dispatchLine, stockLine } from './export-lines.ts'
import { keyedLines } from './line-keys.ts'
import { openAmount } from './order-state.ts'

/** F28: each line of the order moves once per kind of movement. */
export function moveStock(
  draft: Draft,
  order: Order,
  move: 'issue' | 'reserve' | 'release' | 'return' | 'transfer',
  because: Because,
  places: { readonly from?: string; readonly to?: string } = {},
): void {
  for (const { line, key } of keyedLines(order.lines)) {
    const id = line.sku === undefined ? undefined : newMovement(draft, `${order.id}/${key}/${move}`)
    if (line.sku === undefined || id === undefined) continue
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

/** The id of the movement that takes another one back. */
export const takenBack = (id: MovementId): MovementId => movementId(`${id}/back`)

/** Undefined while the line has a movement of that kind that stands; one that was taken back gives place to the next. */
function newMovement(draft: Draft, base: string): MovementId | undefined {
  for (let time = 1; ; time++) {
    const id = movementId(nth(base, time))
    if (draft.get('movement', id) === undefined) return id
    if (draft.get('movement', takenBack(id)) === undefined) return undefined
  }
}

/** The key of what is done for the first, second … time after a roll back. */
export const nth = (base: string, time: number): string => (time === 1 ? base : `${base}/${time}`)

function newDispatch(draft: Draft, base: string): DispatchId | undefined {
  for (let time = 1; ; time++) {
    const id = dispatchId(nth(base, time))
    const known = draft.get('dispatch', id)
    if (known === undefined) return id
    if (known.state !== 'cancelled') return undefined
  }
}

/** F25, F26: one instruction per order and target; cash on delivery is what is still open. */
export function instructDispatch(draft: Draft, order: Order, to: string, because: Because): void {
  const id = newDispatch(draft, `${order.id}/${to}`)
  if (id === undefined) return
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
