/**
 * What would happen until an instant if nothing else came: messages, timers with their very effects, export slots.
 *
 * Timers are decided by the same function as in the daemon, each at its own time and on the ledger as it is
 * now; what one of them changes is not seen by the next. Changes nothing. Throws errors of the ledger.
 */
import type { Batch } from '../core/batch.ts'
import type { Instant } from '../core/date.ts'
import type { Cause } from '../core/event.ts'
import type { Message } from '../core/message.ts'
import { decideOnly } from '../ledger/decide-and-commit.ts'
import type { DueTimer, Ledger } from '../ledger/ledger.ts'
import { nextSlot } from '../platform/ticker.ts'
import { decideTimers } from '../workflow/decide.ts'
import type { Setup } from '../workflow/setup.ts'
import { asWanted } from './as-wanted.ts'
import { type Estimate, estimateMessages } from '../workflow/messages/sms-cost.ts'

export interface PlannedTimer {
  readonly timer: DueTimer
  /** When it fires: overdue ones fire at once. */
  readonly at: Instant
  readonly batch: Batch
}

export interface PlannedExport {
  readonly export: string
  /** Lines that wait for a file. */
  readonly open: number
  /** Files that are being written, and those that a person must decide about. */
  readonly writing: number
  readonly held: number
  /** `atOnce`: as soon as the daemon looks. */
  readonly when: string
  /** Slots of the schedule until then, the first few. */
  readonly slots: readonly Instant[]
  readonly moreSlots: boolean
}

export interface Plan {
  readonly from: Instant
  readonly until: Instant
  /** In the order in which they are due; suppressed are those whose recipients want none. */
  readonly messages: readonly Message[]
  /** Held messages: they wait for a person, whatever the time. */
  readonly held: readonly Message[]
  readonly timers: readonly PlannedTimer[]
  readonly exports: readonly PlannedExport[]
  /** What the SMS among the messages, and those that timers lead to, are estimated to cost. */
  readonly sms: Estimate
  /** True when there is more than is shown. */
  readonly cut: boolean
}

export interface PlanOptions {
  readonly now: Instant
  /** Most messages and most timers. */
  readonly limit?: number
}

const mostSlots = 5

export async function plan(ledger: Ledger, setup: Setup, until: Instant, options: PlanOptions): Promise<Plan> {
  const { now, limit = 1000 } = options
  const queued = await ledger.messages({ states: ['queued', 'sending'], limit })
  const held = await ledger.messages({ states: ['held'], limit })
  const timers = await ledger.timersUntil(until, limit)
  const due = await asWanted(
    ledger,
    queued.filter(({ dueAt }) => dueAt <= until),
  )
  const planned = await plannedTimers(ledger, setup, timers, now)
  const later = planned.flatMap(({ batch }) => batch.messages)
  return {
    from: now,
    until,
    messages: due.toSorted((a, b) => a.dueAt - b.dueAt),
    held,
    timers: planned,
    sms: estimateMessages(setup.config.sms.prices, [...due, ...later]),
    exports: await plannedExports(ledger, setup, now, until),
    cut: [queued, held, timers].some(({ length }) => length >= limit),
  }
}

async function plannedTimers(
  ledger: Ledger,
  setup: Setup,
  timers: readonly DueTimer[],
  now: Instant,
): Promise<readonly PlannedTimer[]> {
  const cause: Cause = { kind: 'clock', actor: 'daemon', configHash: setup.configHash }
  const planned: PlannedTimer[] = []
  for (const timer of timers) {
    const at = Math.max(now, timer.dueAt)
    const batch = await decideOnly(ledger, [], (known) => decideTimers(setup, [timer], known, cause, at))
    planned.push({ timer, at, batch: { ...batch, messages: await asWanted(ledger, batch.messages) } })
  }
  return planned
}

async function plannedExports(
  ledger: Ledger,
  setup: Setup,
  now: Instant,
  until: Instant,
): Promise<readonly PlannedExport[]> {
  const { exports: counted } = await ledger.totals()
  return Object.entries(setup.config.exports).map(([name, { when }]) => {
    const counts = counted.find((one) => one.export === name)
    const slots = when === 'atOnce' ? [] : slotsUntil(when, now, until, setup.config.timeZone)
    return {
      export: name,
      open: counts?.open ?? 0,
      writing: counts?.writing ?? 0,
      held: counts?.held ?? 0,
      when,
      slots: slots.slice(0, mostSlots),
      moreSlots: slots.length > mostSlots,
    }
  })
}

/** One slot more than is shown, at most. */
function slotsUntil(cron: string, now: Instant, until: Instant, zone: string): readonly Instant[] {
  const slots: Instant[] = []
  for (
    let slot = nextSlot(cron, now, zone);
    slot <= until && slots.length <= mostSlots;
    slot = nextSlot(cron, slot, zone)
  ) {
    slots.push(slot)
  }
  return slots
}
