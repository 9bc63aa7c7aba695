/**
 * Puts an order back to where it stood after an event, or before its last change (F37).
 *
 * Status and collect state are restored; messages that have not left are cancelled, what the ERP was told is voided or
 * countered (undo-effects.ts), timers fit the state again, payments are freed where asked. What cannot be undone is named;
 * what must not be undone refuses the whole. No rules run, but they may run again later: ids carry the round.
 * Pure; throws NotLoaded from `known`.
 */
import type { Batch } from '../../core/batch.ts'
import type { Instant } from '../../core/date.ts'
import type { Cause } from '../../core/event.ts'
import type { Refused } from '../../core/command.ts'
import type { Known } from '../../core/known.ts'
import type { Message } from '../../core/message.ts'
import type { Clearing } from '../../core/clearing.ts'
import type { Payment } from '../../core/model.ts'
import type { Order } from '../../core/order.ts'
import { repeated } from '../clearing/entries.ts'
import { reversalOf } from '../clearing/reversal.ts'
import { entriesOf } from '../collect/settle.ts'
import { Draft } from '../draft.ts'
import { collectStatusLine, wordOf } from '../collect/collect-status-line.ts'
import { orderChangedLevels } from '../stock/change-level.ts'
import { orderStatusLine, orderToStoreLines } from '../export-lines.ts'
import { lastChange, type Standing, standingAfter, undoneBy, undoneStretches } from './order-history.ts'
import type { OrderHistory } from './order-records.ts'
import { restoreOrder, restoreTimers } from './restore-order.ts'
import { findEffects, type RollBackPlan } from './roll-back-plan.ts'
import { free } from '../payments/settle-payment.ts'
import type { Setup } from '../setup.ts'
import { counterClearing, undoDispatch, undoInvoice, undoMovement, voidReason } from './undo-effects.ts'
import { writeBackStatus } from '../write-back.ts'

export interface RollBackWish {
  /** Number of the event after which the order is to stand; before the last change when absent. */
  readonly to?: number
  readonly freePayments: boolean
}

export type RollBackDecision =
  /** `notes`: what stays as it is, one sentence each. */
  | { readonly kind: 'batch'; readonly batch: Batch; readonly notes: readonly string[] }
  | Refused
  | { readonly kind: 'same'; readonly reason: string }
  /** The order has changed since its history was read: read it again. */
  | { readonly kind: 'stale' }

export function decideRollBack(
  setup: Setup,
  history: OrderHistory,
  wish: RollBackWish,
  known: Known,
  cause: Cause,
  now: Instant,
): RollBackDecision {
  const draft = new Draft(setup, known, cause, now)
  const done = rollBackIn(draft, history, wish)
  return done.kind === 'done' ? { kind: 'batch', batch: draft.toBatch(), notes: done.notes } : done
}

/** The same within a decision that has more to say. */
export function rollBackIn(
  draft: Draft,
  history: OrderHistory,
  wish: RollBackWish,
): Stop | { readonly kind: 'done'; readonly notes: readonly string[] } {
  const order = draft.get('order', history.order.id)
  if (order === undefined || order.version !== history.order.version) return { kind: 'stale' }
  const target = targetOf(history, wish)
  if (typeof target !== 'number') return target
  const standing = standingAfter(history.events, target)
  const plan = findEffects(history, target, standing, wish.freePayments)
  if (plan.refused.length > 0) return { kind: 'refused', reason: plan.refused.join('; ') }
  if (isNothing(history, target, plan)) {
    const reason = `order ${order.number} stands as it did after event ${target}`
    return { kind: 'same', reason: [reason, ...plan.stays].join('; ') }
  }
  const notes = carryOut(draft, order, { history, target, standing, plan })
  return { kind: 'done', notes }
}

type Stop = Exclude<RollBackDecision, { kind: 'batch' }>

const refuse = (reason: string): Stop => ({ kind: 'refused', reason })

/** The number of the event after which the order is to stand. */
function targetOf({ order, events, chains, numbers }: OrderHistory, { to }: RollBackWish): number | Stop {
  if (to === undefined) {
    const last = lastChange(events, ({ seq }) => chains.get(seq) ?? [])
    if (last.kind === 'before') return last.to
    const since =
      last.kind === 'none' ? 'it came' : `it was rolled back (event ${last.by}); name an earlier one with --to`
    return { kind: 'same', reason: `order ${order.number} has not changed since ${since}` }
  }
  if (!numbers.has(to) || to < (events[0]?.seq ?? 0)) {
    return refuse(`event ${to} is none of order ${order.number}; see: orderly orders history ${order.number}`)
  }
  const by = undoneBy(undoneStretches(events), to)
  return by === undefined ? to : refuse(`event ${to} was itself rolled back, by event ${by}`)
}

/** Nothing that stands has happened since, besides roll backs that led here. */
function isNothing({ events }: OrderHistory, target: number, plan: RollBackPlan): boolean {
  const stretches = undoneStretches(events)
  const moved = events.some(
    ({ name, seq }) =>
      seq > target &&
      undoneBy(stretches, seq) === undefined &&
      (name === 'order.statusChanged' || name.startsWith('collect.')),
  )
  return !moved && plan.isEmpty
}

interface Work {
  readonly history: OrderHistory
  readonly target: number
  readonly standing: Standing
  readonly plan: RollBackPlan
}

function carryOut(draft: Draft, order: Order, { history, target, standing, plan }: Work): readonly string[] {
  const { order: restored, notes } = restoreOrder(draft, order, standing, history.events, target)
  const stays = [...plan.stays, ...notes]
  draft.put(restored)
  const event = draft.happened({
    name: 'order.rolledBack',
    subject: order.id,
    before: stateOf(order),
    after: { ...stateOf(restored), to: target, undone: plan.undone, stays },
    text: `to where it stood after event ${target}; ${plan.undone.length} effects undone, ${stays.length} stay`,
  })
  for (const message of plan.messages) cancel(draft, message, event)
  for (const { id } of plan.lines) draft.voidLine({ id, reason: voidReason, because: event })
  orderStatusLine(draft, restored, order.status, { event })
  if (restored.status !== order.status) writeBackStatus(draft, restored, { event })
  if (restored.collect !== order.collect) restoreTimers(draft, restored)
  orderChangedLevels(draft, order, restored, { event })
  if (restored.collect && restored.collect !== order.collect) {
    collectStatusLine(draft, { ...restored, collect: restored.collect }, wordOf(restored.collect), { event })
  }
  if (isAtStoreAgain(history, restored, target)) orderToStoreLines(draft, restored, { event })
  for (const { record, lines } of plan.movements) undoMovement(draft, restored, record, lines, { event })
  for (const { record, lines } of plan.invoices) undoInvoice(draft, restored, record, lines, { event })
  for (const { record, lines } of plan.dispatches) undoDispatch(draft, restored, record, lines, { event })
  undoClearing(draft, restored, plan, event)
  for (const payment of plan.payments) freePayment(draft, payment, event)
  return stays
}

/** The ERP of the store was told since to take it back, and gets it anew. */
const isAtStoreAgain = ({ lines }: OrderHistory, { collect }: Order, target: number): boolean =>
  (collect?.processing === 'pending' || collect?.delivery === 'ready') &&
  lines.some(({ file, fields, because = 0 }) => because > target && file !== undefined && fields['action'] === 'cancel')

const stateOf = ({ status, collect }: Order): Record<string, unknown> => ({
  status,
  processing: collect?.processing ?? null,
  delivery: collect?.delivery ?? null,
})

function cancel(draft: Draft, { id }: Message, because: number): void {
  draft.updateMessage({ id, from: ['queued', 'held'], state: 'cancelled', reason: 'rolled back' })
  draft.happened({ name: 'message.cancelled', subject: id, text: 'rolled back', because })
}

/** Entries that came since are reversed; those that were reversed since are posted once more. */
function undoClearing(draft: Draft, order: Order, { posted, reversed }: RollBackPlan, because: number): void {
  if (order.collect === undefined || posted.length + reversed.length === 0) return
  const collected = { ...order, collect: order.collect }
  const entries = entriesOf(draft, collected)
  const linesOf = new Map([...posted, ...reversed].map(({ record, lines }) => [record.id, lines]))
  const back = reversalOf(
    entries,
    { now: draft.now, reason: 'rolled back' },
    new Set(posted.map(({ record }) => record.id)),
  )
  const counters: readonly (readonly [entry: Clearing, counted: Clearing['id'] | undefined])[] = [
    ...back.map((entry) => [entry, entry.reverses] as const),
    ...repeated(
      collected,
      reversed.map(({ record }) => record),
      draft.now,
    ).map((entry, i) => [entry, reversed[i]?.record.id] as const),
  ]
  const ids = counters.map(([entry]) => entry.id)
  const event = draft.happened({
    name: posted.length > 0 ? 'clearing.reversed' : 'clearing.posted',
    subject: order.id,
    after: { entries: ids.length, ids },
    because,
  })
  for (const [entry, id] of counters) {
    const lines = (id === undefined ? undefined : linesOf.get(id)) ?? []
    const counted = entries.find((each) => (entry.reverses === undefined ? each.reverses === id : each.id === id))
    counterClearing(draft, order, entry, { record: counted, lines }, { event })
  }
  draft.put({ ...order, collect: { ...order.collect, clearing: [...order.collect.clearing, ...ids] } })
}

function freePayment(draft: Draft, { id }: Payment, event: number): void {
  const payment = draft.get('payment', id)
  if (payment?.state === 'matched') free(draft, payment, 'unmatched', 'freed by a roll back', { event })
}
