/**
 * Instructions to the ERP: stock movements, dispatch. Each is a record, an event and an export line, and is
 * given once (F25, F26, F28). Documents are in instruct-invoice.ts.
 *
 * The ERP does the work and numbers the documents (decision 1); its acknowledgement comes back
 * by an import.
 */
import { type DispatchId, dispatchId, type MovementId, movementId } from '../core/ids.ts'
import type { Movement } from '../core/model.ts'
import { compareDecimals, type DecimalText, minusDecimals, plusDecimals } from '../core/money.ts'
import type { Order, OrderLine } from '../core/order.ts'
import { raiseAlarm } from './messages/alarm.ts'
import { chooseCarrier } from './shipping/choose-carrier.ts'
import type { Because, Draft } from './draft.ts'
import { dispatchLine, stockLine } from './export-lines.ts'
import { keyedLines } from './line-keys.ts'
import { movementChangedLevel } from './stock/change-level.ts'

/** F28: each line of the order moves once per kind of movement, without what was cancelled of it. */
export function moveStock(
  draft: Draft,
  order: Order,
  move: 'issue' | 'reserve' | 'release' | 'return' | 'transfer',
  because: Because,
  {
    taken,
    part,
    ...places
  }: { readonly from?: string; readonly to?: string; readonly taken?: true; readonly part?: true } = {},
): void {
  for (const { line, key } of keyedLines(order.lines)) {
    if (move === 'return' && bringBack(draft, order, { line, key, part }, because)) continue
    if (taken) continue
    const sku = draft.setup.config.stock.matchBy === 'ean' ? (line.ean ?? line.sku) : line.sku
    const id = sku === undefined ? undefined : newMovement(draft, `${order.id}/${key}/${move}`)
    const quantity = leftOf(line)
    if (sku === undefined || id === undefined || quantity === undefined) continue
    const from = places.from ?? line.location
    const isReserved = move === 'issue' && isKept(draft, `${order.id}/${key}`)
    putMovement(draft, order, line, { id, move, sku, quantity, from, to: places.to, isReserved }, because)
  }
}

/**
 * What was taken for a line and is to be brought back, less what was brought back before: all of it, or (`part`) what
 * was cancelled since. False when nothing was taken.
 */
function bringBack(
  draft: Draft,
  order: Order,
  { line, key, part }: { readonly line: OrderLine; readonly key: string; readonly part: true | undefined },
  because: Because,
): boolean {
  const issued = standing(draft, `${order.id}/${key}/issue`)
  if (issued === undefined) return part === true
  const { quantity: before, next } = broughtBack(draft, `${order.id}/${key}/return`)
  const kept = part ? (leftOf(line) ?? '0') : '0'
  const quantity = minusDecimals(minusDecimals(issued.quantity, kept), before)
  if (compareDecimals(quantity, '0') > 0) {
    const { sku, from, to } = issued
    putMovement(
      draft,
      order,
      line,
      { id: next, move: 'return', sku, quantity, from: line.location ?? from, to },
      because,
    )
  }
  return true
}

/** What of it stands, and the id of the next that is brought back. */
function broughtBack(draft: Draft, base: string): { readonly quantity: DecimalText; readonly next: MovementId } {
  let quantity = '0'
  for (let time = 1; ; time++) {
    const next = movementId(nth(base, time))
    const movement = draft.get('movement', next)
    if (movement === undefined) return { quantity, next }
    if (draft.get('movement', takenBack(next)) === undefined) quantity = plusDecimals(quantity, movement.quantity)
  }
}

/** What was moved or kept for a store, and goes back when the order ends there: the quantity still open of each line. */
export interface MoveBack {
  readonly key: string
  readonly line: OrderLine
  readonly quantity: DecimalText
}

/** N29: the transfer of a local store goes back, and what was reserved is free again; each once, and only what was made. */
export function moveBack(draft: Draft, order: Order, lines: readonly MoveBack[], because: Because): void {
  for (const { key, line, quantity } of lines) {
    const transfer = standing(draft, `${order.id}/${key}/transfer`)
    const back = transfer && newMovement(draft, `${order.id}/${key}/${transferBack}`)
    if (back !== undefined) {
      const { sku, from, to } = transfer as Movement
      putMovement(draft, order, line, { id: back, move: 'transfer', sku, quantity, from: to, to: from }, because)
    }
    const reserved = standing(draft, `${order.id}/${key}/reserve`)
    const free = reserved && newMovement(draft, `${order.id}/${key}/release`)
    if (free !== undefined) {
      const { sku, from, to } = reserved as Movement
      putMovement(draft, order, line, { id: free, move: 'release', sku, quantity, from, to }, because)
    }
  }
}

/** What stands for the transfer back to where the goods came from in the ids of movements. */
export const transferBack = 'transferBack'

interface NewMovement extends Pick<Movement, 'id' | 'move' | 'sku' | 'quantity'> {
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** Of an issue: the line was reserved, and is no more. */
  readonly isReserved?: boolean
}

function putMovement(draft: Draft, order: Order, line: OrderLine, moved: NewMovement, because: Because): void {
  const { id, move, sku, quantity, from, to, isReserved = false } = moved
  const movement = draft.put({
    kind: 'movement' as const,
    id,
    version: 0,
    order: order.id,
    orderNumber: order.number,
    line: line.number,
    move,
    sku,
    quantity,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    createdAt: draft.now,
    updatedAt: draft.now,
  })
  const event = draft.happened({
    name: 'stock.moved',
    subject: id,
    text: `${move} ${quantity} × ${sku} for order ${order.number}`.slice(0, 250),
    because: because.event,
    ...(because.trace && { trace: because.trace }),
  })
  stockLine(draft, order, line, movement, { ...because, event })
  movementChangedLevel(draft, order, line, movement, isReserved, { ...because, event })
}

/** What was not cancelled; undefined when that is nothing. A quantity below zero is one of a return. */
function leftOf({ quantity, cancelled }: OrderLine): DecimalText | undefined {
  if (cancelled === undefined || compareDecimals(quantity, '0') <= 0) return quantity
  const left = minusDecimals(quantity, cancelled)
  return compareDecimals(left, '0') > 0 ? left : undefined
}

/** Reserved, and not released since. */
const isKept = (draft: Draft, base: string): boolean =>
  standing(draft, `${base}/reserve`) !== undefined && standing(draft, `${base}/release`) === undefined

/** The movement that was not taken back by a roll back. */
function standing(draft: Draft, base: string): Movement | undefined {
  for (let time = 1; ; time++) {
    const movement = draft.get('movement', movementId(nth(base, time)))
    if (movement === undefined || draft.get('movement', takenBack(movement.id)) === undefined) return movement
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

/** F25, F26: one instruction per order and target. `to`: a warehouse, a carrier of the config, or `carrier`: the first that fits. */
export function instructDispatch(draft: Draft, order: Order, to: string, because: Because): void {
  const id = newDispatch(draft, `${order.id}/${to}`)
  if (id === undefined) return
  const choice = chooseCarrier(draft, order, to)
  if (choice.kind === 'none') return noCarrier(draft, order, choice.reason, because)
  const dispatch = draft.put({
    kind: 'dispatch' as const,
    id,
    version: 0,
    order: order.id,
    orderNumber: order.number,
    to: choice.to,
    state: 'created' as const,
    ...(choice.cashOnDelivery !== undefined && { cashOnDelivery: choice.cashOnDelivery }),
    ...(choice.carriage && { carriage: choice.carriage }),
    createdAt: draft.now,
    updatedAt: draft.now,
  })
  const event = draft.happened({
    name: 'dispatch.created',
    subject: id,
    text: `dispatch order ${order.number} to ${choice.to}`.slice(0, 250),
    because: because.event,
    ...(because.trace && { trace: because.trace }),
  })
  dispatchLine(draft, order, dispatch, { ...because, event })
}

function noCarrier(draft: Draft, order: Order, reason: string, because: Because): void {
  const text = `order ${order.number} was not dispatched: ${reason}`.slice(0, 250)
  draft.outcome.failed.push(`no carrier fits: ${reason}`)
  const event = draft.happened({
    name: 'step.skipped',
    subject: order.id,
    text,
    because: because.event,
    ...(because.trace && { trace: because.trace }),
  })
  raiseAlarm(
    draft,
    {
      key: `no-carrier/${order.id}`,
      subject: order.id,
      title: 'No carrier fits an order',
      what: text,
      next: `Mend carriers in the config; then: orderly orders apply ${because.trace?.workflow ?? 'WORKFLOW'} --filter number=${order.number}`,
    },
    event,
  )
}
