/**
 * Takes an imported order into the books: new, repeated, changed, or in conflict (N12, 5.2).
 *
 * A new order fires the rules of its status and, when it is paid already, those of payment (F14);
 * payments and status changes that came before it are applied now. A changed one is updated
 * where its state allows, keeping status, payments and collect document.
 */
import type { Import } from '../config/schema.ts'
import { digest, type OrderId, orderId } from '../core/ids.ts'
import type { IncomingOrder } from '../core/incoming.ts'
import { compareDecimals } from '../core/money.ts'
import type { Order } from '../core/order.ts'
import { raiseAlarm } from './messages/alarm.ts'
import { applyParked } from './apply-parked.ts'
import { applyStatus } from './apply-status.ts'
import { hasMoreCancelled } from './documents/cancelled-lines.ts'
import { changeAtStore } from './collect/end-collect.ts'
import { quantitiesOf } from './collect/hand-over.ts'
import type { Draft } from './draft.ts'
import { orderStatusLine } from './export-lines.ts'
import { isFree, isSettled, paymentStatusOf } from './order-state.ts'
import { runRules } from './run-rules.ts'
import { orderChangedLevels } from './stock/change-level.ts'
import { settleWaiting } from './payments/settle-waiting.ts'

/** What became of an incoming record; the counts of the import file. */
export type Taken = 'applied' | 'repeated' | 'updated' | 'parked' | 'refused'

export interface AcceptOptions {
  readonly onDuplicate: Import['onDuplicate']
  readonly company: string
  /** First warning about the record, kept with its event. */
  readonly warning?: string | undefined
}

export function acceptOrder(draft: Draft, incoming: IncomingOrder, options: AcceptOptions): Taken {
  const id = orderId(incoming.channel, incoming.number)
  const known = draft.get('order', id)
  const contentHash = digest(JSON.stringify(incoming))
  if (known === undefined) return acceptNew(draft, id, incoming, contentHash, options)
  if (known.contentHash === contentHash || options.onDuplicate === 'ignore') return 'repeated'
  const locked = lockedBecause(draft, known, incoming, options)
  return locked === undefined ? update(draft, known, incoming, contentHash) : conflict(draft, known, locked)
}

function acceptNew(
  draft: Draft,
  id: OrderId,
  incoming: IncomingOrder,
  contentHash: string,
  options: AcceptOptions,
): Taken {
  const base: Order = {
    ...incoming,
    id,
    version: 0,
    company: options.company,
    status: incoming.status ?? draft.setup.config.firstStatus,
    ...(incoming.status !== undefined && { statusInFile: incoming.status }),
    paymentStatus: 'unpaid',
    paid: 0,
    transition: 0,
    contentHash,
    source: draft.source ?? { import: draft.cause.actor },
    createdAt: draft.now,
    updatedAt: draft.now,
  }
  const order = draft.put({ ...base, paymentStatus: paymentStatusOf(base) })
  const because = draft.happened({
    name: 'order.imported',
    subject: id,
    after: { status: order.status, paymentStatus: order.paymentStatus },
    ...remark(order, options.warning),
  })
  draft.fire({ order: id, trigger: 'imported', occurrence: 'import', because })
  draft.fire({ order: id, trigger: 'collectable', occurrence: 'import', because })
  draft.fire({ order: id, trigger: `status:${order.status}`, occurrence: '0', because })
  if (isSettled(order.paymentStatus)) draft.fire({ order: id, trigger: 'paid', occurrence: 'prepaid', because })
  runRules(draft)
  applyParked(draft, order)
  return 'applied'
}

function remark(order: Order, warning: string | undefined): { readonly text?: string } {
  const text = [isFree(order) ? 'nothing to pay: counts as paid' : undefined, warning].filter(Boolean).join('; ')
  return text === '' ? {} : { text: text.slice(0, 250) }
}

function lockedBecause(
  draft: Draft,
  order: Order,
  incoming: IncomingOrder,
  options: AcceptOptions,
): string | undefined {
  if (options.onDuplicate === 'conflict') return 'the import is set to onDuplicate: conflict'
  if (isDelivered(order)) return draft.setup.forced ? undefined : 'the order was delivered and is locked'
  const short = order.collect?.handovers && lessThanHandedOver(order, incoming)
  if (short !== undefined) return short
  const isBooked = order.paid !== 0 || (order.collect?.clearing.length ?? 0) > 0
  if (incoming.currency !== order.currency && isBooked) return `${order.currency} is booked on it already`
  return undefined
}

const isDelivered = ({ collect }: Order): boolean => collect?.delivery === 'delivered'

/** A part went over the counter: the order cannot become less than that (N32). */
function lessThanHandedOver(order: Order, { lines }: IncomingOrder): string | undefined {
  const now = new Map(quantitiesOf({ ...order, lines }).map((line) => [line.key, line]))
  const short = quantitiesOf(order).find(
    ({ key, delivered }) => compareDecimals(delivered, now.get(key)?.ordered ?? '0') > 0,
  )
  return short && `${short.delivered} of line ${short.key} were handed over, and it says less`
}

function conflict(draft: Draft, order: Order, reason: string): Taken {
  const text = `order ${order.number} came again with other content and was not changed: ${reason}`.slice(0, 250)
  const event = draft.happened({ name: 'order.conflict', subject: order.id, text })
  raiseAlarm(
    draft,
    {
      key: `conflict/${draft.source?.fileId ?? order.id}`,
      subject: order.id,
      title: 'An order came again with other content',
      what: text,
      ...(draft.source?.file !== undefined && { where: draft.source.file }),
      next: `See: orderly why ${order.number}. Others of the same file are listed by: orderly orders list.`,
    },
    event,
  )
  return 'refused'
}

function update(draft: Draft, known: Order, incoming: IncomingOrder, contentHash: string): Taken {
  const merged: Order = {
    ...incoming,
    ...engineFields(known),
    ...(incoming.status !== undefined && { statusInFile: incoming.status }),
    contentHash,
    source: draft.source ?? known.source,
    updatedAt: draft.now,
  }
  const paymentStatus = paymentStatusOf(merged)
  const moved = paymentStatus !== known.paymentStatus
  const order = draft.put({ ...merged, paymentStatus, transition: known.transition + (moved ? 1 : 0) })
  const because = draft.happened({
    name: 'order.updated',
    subject: known.id,
    ...changes(known, order),
    ...forced(draft, known),
  })
  if (moved) orderStatusLine(draft, order, known.status, { event: because })
  changeAtStore(draft, known, order, { event: because })
  orderChangedLevels(draft, known, order, { event: because })
  if (!isSettled(known.paymentStatus) && isSettled(paymentStatus)) {
    draft.fire({ order: order.id, trigger: 'paid', occurrence: `update/${order.transition}`, because })
  }
  if (hasMoreCancelled(known, order)) {
    draft.fire({ order: order.id, trigger: 'linesCancelled', occurrence: `update/${contentHash}`, because })
  }
  if (mayStart(known, order, incoming)) {
    draft.fire({ order: order.id, trigger: 'collectable', occurrence: `update/${order.transition}`, because })
  }
  runRules(draft)
  settleWaiting(draft, order)
  const { status } = incoming
  if (status !== undefined && status !== known.status && status !== known.statusInFile) {
    applyStatus(draft, order.id, { kind: 'status', order: order.number, status })
  }
  return 'updated'
}

/** An order that is at no store yet: it was nothing for one, or its store was unknown, and nothing else was done to it. */
function mayStart(known: Order, order: Order, { status }: IncomingOrder): boolean {
  if (known.collect !== undefined) return false
  if (known.waits !== undefined) return true
  const isForOther = known.store !== order.store || known.deliveryMethod !== order.deliveryMethod
  return isForOther || (known.transition === 0 && status === known.statusInFile)
}

const engineFields = (order: Order) => ({
  id: order.id,
  version: order.version,
  company: order.company,
  status: order.status,
  ...(order.statusInFile !== undefined && { statusInFile: order.statusInFile }),
  paymentStatus: order.paymentStatus,
  paid: order.paid,
  ...(order.writtenOff !== undefined && { writtenOff: order.writtenOff }),
  ...(order.collect && { collect: order.collect, ...(order.store !== undefined && { store: order.store }) }),
  transition: order.transition,
  ...(order.round !== undefined && { round: order.round }),
  ...(order.archivedAt !== undefined && { archivedAt: order.archivedAt }),
  ...(order.keepUntil !== undefined && { keepUntil: order.keepUntil }),
  createdAt: order.createdAt,
})

const forced = (draft: Draft, known: Order): { readonly text?: string } =>
  draft.setup.forced && isDelivered(known) ? { text: `forced by ${draft.cause.actor}: it was delivered` } : {}

const bookkeeping = new Set([
  'version',
  'contentHash',
  'source',
  'updatedAt',
  'createdAt',
  'transition',
  'statusInFile',
])

/** The fields that differ, before and after. */
function changes(before: Order, after: Order): { before: Record<string, unknown>; after: Record<string, unknown> } {
  const found = { before: {} as Record<string, unknown>, after: {} as Record<string, unknown> }
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof Order>) {
    if (bookkeeping.has(name) || JSON.stringify(before[name]) === JSON.stringify(after[name])) continue
    found.before[name] = before[name] ?? null
    found.after[name] = after[name] ?? null
  }
  return found
}
