/**
 * Moves a collect document on: confirmed, rejected, expired, delivered (N27–N33).
 *
 * One function for files, persons and timers. A move that the state forbids is refused with its
 * reason and changes nothing. Delivery (or confirmation, by setting) posts the clearing entries;
 * a reject or expiry after posting reverses them by counter-entries.
 */
import type { EventName } from '../../core/event.ts'
import type { ClearingId } from '../../core/ids.ts'
import type { Clearing } from '../../core/model.ts'
import type { Collect, CollectState, Order } from '../../core/order.ts'
import { askTogether } from '../ask-together.ts'
import { clearingEntries, reversalOf } from './clearing-entries.ts'
import type { Because, Draft } from '../draft.ts'
import { clearingLine, orderStatusLine } from '../export-lines.ts'
import { checkMove, type CollectMove, type MoveCheck } from '../order-state.ts'
import { closeOfNthOpenDay } from './opening-hours.ts'
import { hoursOf } from './store-of.ts'

export interface MoveDetails {
  readonly reason?: string | undefined
  readonly documentType?: string | undefined
  readonly documentNumber?: string | undefined
}

const events: Record<CollectMove, EventName> = {
  confirmed: 'collect.confirmed',
  rejected: 'collect.rejected',
  processingExpired: 'collect.processingExpired',
  delivered: 'collect.delivered',
  deliveryExpired: 'collect.deliveryExpired',
}
const states: Record<CollectMove, CollectState> = {
  confirmed: 'confirmed',
  rejected: 'rejected',
  processingExpired: 'expired',
  delivered: 'delivered',
  deliveryExpired: 'expired',
}

/** The check tells whether it was done, was so already, or is refused. The order must have a collect document. */
export function moveCollect(
  draft: Draft,
  order: Order & { readonly collect: Collect },
  move: CollectMove,
  details: MoveDetails,
  because?: Because,
): MoveCheck {
  const check = checkMove(order.collect, move)
  if (check.kind !== 'allowed') return check
  const collect = after(draft, order.collect, move, details)
  const moved = draft.put({ ...order, collect, transition: order.transition + 1, updatedAt: draft.now })
  const event = draft.happened({
    name: events[move],
    subject: order.id,
    before: {
      ...stateOf(order.collect),
      // For a roll back: who answers has no deadline any more.
      ...(order.collect.processingExpiresAt !== undefined && { answerBy: order.collect.processingExpiresAt }),
    },
    after: stateOf(collect),
    ...(details.reason !== undefined && { text: details.reason.slice(0, 250) }),
    ...(because && { because: because.event }),
  })
  const told: Because = { event, ...(because?.trace && { trace: because.trace }) }
  setTimers(draft, order, collect, move)
  orderStatusLine(draft, moved, order.status, told)
  settle(draft, moved, move, told)
  const occurrence = String(moved.transition)
  draft.fire({ order: order.id, trigger: `collect:${states[move]}`, occurrence, because: event })
  return check
}

function after(draft: Draft, collect: Collect, move: CollectMove, details: MoveDetails): Collect {
  const by = { at: draft.now, by: draft.cause.actor }
  const { processingExpiresAt: _, ...settled } = collect
  const processed = { ...settled, processingAt: by.at, processingBy: by.by }
  const delivered = { ...collect, deliveryAt: by.at, deliveryBy: by.by }
  const reason = details.reason === undefined ? {} : { reason: details.reason }
  switch (move) {
    case 'confirmed': {
      const expires = collectBy(draft, collect)
      return {
        ...processed,
        ...reason,
        processing: 'confirmed',
        delivery: 'ready',
        deliveryAt: by.at,
        deliveryBy: by.by,
        ...(expires !== undefined && { deliveryExpiresAt: expires }),
      }
    }
    case 'rejected':
      return { ...processed, ...reason, processing: 'rejected' }
    case 'processingExpired':
      return { ...processed, processing: 'expired' }
    case 'deliveryExpired':
      return { ...delivered, ...reason, delivery: 'expired' }
    case 'delivered':
      return {
        ...delivered,
        ...reason,
        delivery: 'delivered',
        ...(details.documentType !== undefined && { documentType: details.documentType }),
        ...(details.documentNumber !== undefined && { documentNumber: details.documentNumber }),
      }
  }
}

const stateOf = (collect: Collect): Record<string, unknown> => ({
  processing: collect.processing,
  ...(collect.delivery !== undefined && { delivery: collect.delivery }),
  ...(collect.documentNumber !== undefined && { documentNumber: collect.documentNumber }),
})

/** N21: the closing time of the n-th open day; without a calendar n days later. */
export function collectBy(draft: Draft, collect: Collect): number | undefined {
  const days = collect.settings.deliveryDays
  if (days === undefined) return undefined
  const { calendar, zone } = hoursOf(draft, collect.store)
  return calendar === undefined ? draft.now + days * 86_400_000 : closeOfNthOpenDay(calendar, zone, draft.now, days)
}

function setTimers(draft: Draft, order: Order, collect: Collect, move: CollectMove): void {
  draft.cancelTimer(order.id, 'collect.processing')
  if (move !== 'confirmed') draft.cancelTimer(order.id, 'collect.delivery')
  else if (collect.deliveryExpiresAt !== undefined) draft.timer(order.id, 'collect.delivery', collect.deliveryExpiresAt)
}

function settle(draft: Draft, order: Order & { readonly collect: Collect }, move: CollectMove, because: Because): void {
  const { settings, clearing } = order.collect
  const event = move === 'delivered' ? 'delivery' : move === 'confirmed' ? 'processing' : undefined
  if (event !== undefined && settings.postOn === event) {
    post(draft, order, clearingEntries(order, event, draft.now), because)
  } else if (event === undefined && clearing.length > 0) {
    const entries = askTogether(clearing.map((id) => () => draft.get('clearing', id)))
    const posted = entries.filter((entry) => entry !== undefined)
    post(draft, order, reversalOf(posted, draft.now), because)
  }
}

export function post(
  draft: Draft,
  order: Order & { readonly collect: Collect },
  entries: readonly Clearing[],
  because: Because,
): void {
  const fresh = entries.filter(({ id }) => draft.get('clearing', id) === undefined)
  const [first] = fresh
  if (first === undefined) return
  const ids: readonly ClearingId[] = fresh.map(({ id }) => id)
  const event = draft.happened({
    name: first.type === 'reversal' ? 'clearing.reversed' : 'clearing.posted',
    subject: order.id,
    after: { entries: fresh.length, ids },
    because: because.event,
    ...(because.trace && { trace: because.trace }),
  })
  for (const entry of fresh) {
    draft.put(entry)
    clearingLine(draft, order, entry, { ...because, event })
  }
  const current = draft.get('order', order.id) as typeof order
  draft.put({ ...current, collect: { ...current.collect, clearing: [...current.collect.clearing, ...ids] } })
}
