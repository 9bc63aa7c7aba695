/**
 * Moves a collect document on: confirmed, rejected, expired, delivered whole or in part, brought back (N27–N33).
 *
 * One function for files, persons and timers. A move that the state forbids is refused with its
 * reason and changes nothing. Which quantities go over the counter is in hand-over.ts, what the
 * move means for the books between the companies in settle.ts.
 */
import { assertNever } from '../../core/assert-never.ts'
import type { EventName } from '../../core/event.ts'
import type { CollectWord } from '../../core/collect-words.ts'
import type { Collect, CollectState, Handover, LineQuantity, Order } from '../../core/order.ts'
import type { Because, Draft } from '../draft.ts'
import { orderStatusLine } from '../export-lines.ts'
import { checkMove, type CollectMove, type CollectStep, type MoveCheck } from '../order-state.ts'
import { archiveIfDone } from './archive.ts'
import { collectStatusLine } from './collect-status-line.ts'
import { endCollect } from './end-collect.ts'
import { type HandoverDetails, isToldAgain, linesText, planHandover } from './hand-over.ts'
import { closeOfNthOpenDay } from './opening-hours.ts'
import { printSlip } from './print-slip.ts'
import { setReminders } from './reminders.ts'
import { settle } from './settle.ts'
import { hoursOf } from './store-of.ts'
import { orderChangedLevels } from '../stock/change-level.ts'

type Collected = Order & { readonly collect: Collect }

export interface MoveDetails extends HandoverDetails {
  readonly reason?: string | undefined
  /** The Orderly of the store's company tells of it: it is not told what it said itself. */
  readonly heard?: true
  /** Handed over whatever the state (N31): a person says so. */
  readonly force?: boolean
}

const events: Record<CollectStep, EventName> = {
  confirmed: 'collect.confirmed',
  rejected: 'collect.rejected',
  processingExpired: 'collect.processingExpired',
  partlyDelivered: 'collect.partlyDelivered',
  delivered: 'collect.delivered',
  deliveryExpired: 'collect.deliveryExpired',
  returned: 'collect.returned',
}
const states: Record<CollectStep, CollectState> = {
  confirmed: 'confirmed',
  rejected: 'rejected',
  processingExpired: 'expired',
  partlyDelivered: 'partlyDelivered',
  delivered: 'delivered',
  deliveryExpired: 'expired',
  returned: 'returned',
}

/** For the company that took the order. */
const wordFor = (step: CollectStep): CollectWord => (step === 'processingExpired' ? 'expired' : step)

const isEnd = (step: CollectStep): boolean =>
  step === 'rejected' || step === 'processingExpired' || step === 'deliveryExpired'

/** The check tells whether it was done, was so already, or is refused. The order must have a collect document. */
export function moveCollect(
  draft: Draft,
  order: Collected,
  move: CollectMove,
  details: MoveDetails,
  because?: Because,
): MoveCheck {
  if (details.force === true && move === 'delivered') return forceDelivery(draft, order, details)
  const plan = planMove(order, move, details)
  if (plan.kind !== 'planned') return plan
  const { step } = plan
  const sequence = order.collect.sequence + 1
  const collect = { ...after(draft, order.collect, plan, details), sequence }
  const moved = draft.put({ ...order, collect, transition: order.transition + 1, updatedAt: draft.now })
  const text = whatHappened(plan, details)
  const event = draft.happened({
    name: events[step],
    subject: order.id,
    before: {
      ...stateOf(order.collect),
      // For a roll back: who answers has no deadline any more.
      ...(order.collect.processingExpiresAt !== undefined && { answerBy: order.collect.processingExpiresAt }),
    },
    after: { ...stateOf(collect), ...(plan.handover && { lines: linesText(plan.handover.lines) ?? '' }) },
    ...(text !== undefined && { text: text.slice(0, 250) }),
    ...(because && { because: because.event }),
  })
  const told: Because = { event, ...(because?.trace && { trace: because.trace }) }
  setTimers(draft, order, collect, step)
  orderChangedLevels(draft, order, moved, told)
  orderStatusLine(draft, moved, order.status, told)
  collectStatusLine(draft, moved, wordFor(step), told, plan.handover?.lines)
  printSlip(draft, moved, states[step], told)
  if (isEnd(step) && details.heard !== true) endCollect(draft, moved, told)
  settle(draft, moved, step, told)
  archiveIfDone(draft, order.id, event)
  const occurrence = String(moved.transition)
  draft.fire({ order: order.id, trigger: `collect:${states[step]}`, occurrence, because: event })
  return { kind: 'allowed' }
}

/** As if it had been ready: what confirming would have posted is posted now, and nobody is told of a confirmation. */
function forceDelivery(draft: Draft, order: Collected, wish: MoveDetails): MoveCheck {
  const details = { ...wish, force: false }
  const { processing, delivery } = order.collect
  if (delivery === 'ready' || delivery === 'delivered') return moveCollect(draft, order, 'delivered', details)
  const was = delivery === undefined ? processing : `${processing}, ${delivery}`
  const collect: Collect = { ...order.collect, processing: 'confirmed', delivery: 'ready' }
  const ready = draft.put({ ...order, collect })
  const event = draft.happened({
    name: 'order.forced',
    subject: order.id,
    before: stateOf(order.collect),
    after: stateOf(collect),
    text: `handed over by force, it was ${was}`,
  })
  settle(draft, ready, 'confirmed', { event })
  const now = draft.get('order', order.id)
  return moveCollect(draft, { ...ready, collect: now?.collect ?? collect }, 'delivered', details, { event })
}

interface PlannedMove {
  readonly kind: 'planned'
  readonly step: CollectStep
  readonly handover?: { readonly kind: Handover['kind']; readonly lines: readonly LineQuantity[] }
}
type MovePlan = PlannedMove | Exclude<MoveCheck, { kind: 'allowed' }>

function planMove(order: Collected, move: CollectMove, details: MoveDetails): MovePlan {
  if (move === 'delivered' || move === 'returned') return planOverCounter(order, move, details)
  const check = checkMove(order.collect, move)
  return check.kind === 'allowed' ? { kind: 'planned', step: move } : check
}

function planOverCounter(order: Collected, move: Handover['kind'], details: MoveDetails): MovePlan {
  if (isToldAgain(order, move, details)) return { kind: 'same' }
  const check = checkMove(order.collect, move)
  if (check.kind === 'same' && details.lines !== undefined) {
    return { kind: 'refused', reason: 'the order was handed over whole: nothing is left to hand over' }
  }
  if (check.kind !== 'allowed') return check
  const plan = planHandover(order, move, details)
  if (plan.kind !== 'planned') return plan
  const handover = { kind: move, lines: plan.lines }
  if (move === 'returned') return { kind: 'planned', step: 'returned', handover }
  if (plan.isComplete) return { kind: 'planned', step: 'delivered', handover }
  if (order.collect.settings.partialDelivery) return { kind: 'planned', step: 'partlyDelivered', handover }
  const reason = `the order is handed over as a whole: see partialDelivery of workflow ${order.collect.settings.workflow}`
  return { kind: 'refused', reason }
}

/** The reason that was given; which lines, where it was not the whole. */
function whatHappened({ step, handover }: PlannedMove, { reason, lines }: MoveDetails): string | undefined {
  if (handover === undefined || (lines === undefined && step === 'delivered')) return reason
  return [linesText(handover.lines), reason].filter((text) => text !== undefined).join(': ')
}

function after(draft: Draft, collect: Collect, plan: PlannedMove, details: MoveDetails): Collect {
  const by = { at: draft.now, by: draft.cause.actor }
  const { processingExpiresAt: _, ...settled } = collect
  const processed = { ...settled, processingAt: by.at, processingBy: by.by }
  const ended = { ...collect, deliveryAt: by.at, deliveryBy: by.by }
  const reason = details.reason === undefined ? {} : { reason: details.reason }
  switch (plan.step) {
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
      return { ...ended, ...reason, delivery: 'expired' }
    case 'delivered':
      return { ...ended, ...reason, delivery: 'delivered', ...overCounter(draft, collect, plan, details) }
    case 'partlyDelivered':
    case 'returned':
      return { ...collect, ...reason, ...overCounter(draft, collect, plan, details) }
    default:
      return assertNever(plan.step, 'step of a collect document')
  }
}

function overCounter(
  draft: Draft,
  { handovers = [] }: Collect,
  { handover }: PlannedMove,
  { documentType, documentNumber }: MoveDetails,
): Pick<Collect, 'documentType' | 'documentNumber' | 'handovers'> {
  const document = {
    ...(documentType !== undefined && { documentType }),
    ...(documentNumber !== undefined && { documentNumber }),
  }
  if (handover === undefined) return document
  return { ...document, handovers: [...handovers, { ...handover, ...document, at: draft.now, by: draft.cause.actor }] }
}

const stateOf = (collect: Collect): Record<string, unknown> => ({
  processing: collect.processing,
  ...(collect.delivery !== undefined && { delivery: collect.delivery }),
  ...(collect.documentNumber !== undefined && { documentNumber: collect.documentNumber }),
  ...(collect.handovers !== undefined && { handovers: collect.handovers.length }),
})

/** N21: the closing time of the n-th open day; without a calendar n days later. */
export function collectBy(draft: Draft, collect: Collect): number | undefined {
  const days = collect.settings.deliveryDays
  if (days === undefined) return undefined
  const { calendar, zone } = hoursOf(draft, collect.store)
  return calendar === undefined ? draft.now + days * 86_400_000 : closeOfNthOpenDay(calendar, zone, draft.now, days)
}

function setTimers(draft: Draft, order: Order, collect: Collect, move: CollectStep): void {
  if (move === 'partlyDelivered' || move === 'returned') return
  draft.cancelTimer(order.id, 'collect.processing')
  setReminders(draft, order.id, collect)
  if (move !== 'confirmed') draft.cancelTimer(order.id, 'collect.delivery')
  else if (collect.settings.elsewhere) return
  else if (collect.deliveryExpiresAt !== undefined) draft.timer(order.id, 'collect.delivery', collect.deliveryExpiresAt)
}
