/**
 * The clock's loop: timers that fell due are decided and committed.
 *
 * Timers are rows: one that was missed while the daemon was down fires once when it is back. A
 * timer is done in the same commit as its effects, so that it never fires twice.
 */
import type { Instant } from '../core/date.ts'
import type { Cause } from '../core/event.ts'
import { decideAndCommit } from '../ledger/decide-and-commit.ts'
import type { DueTimer } from '../ledger/ledger.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { type Loop, startLoop } from '../platform/loop.ts'
import { retentionTimer } from '../workflow/collect/archive.ts'
import { decideTimers } from '../workflow/decide.ts'
import { attachTimer } from '../workflow/messages/plan-message.ts'
import { eraseOrder } from './erase-orders.ts'
import { type AttachTools, attachDocuments } from './attach-documents.ts'

export interface TimerTools extends AttachTools {
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Told after each pass, for the watchdog. */
  readonly onPass: () => void
}

const atOnce = 200
const failuresInARow = 3

export const startTimerLoop = (tools: TimerTools): Loop =>
  startLoop({
    name: 'timers',
    everyMs: 10_000,
    signal: tools.signal,
    run: async () => {
      const fired = await fireDueTimers(tools)
      tools.onPass()
      return fired === atOnce ? 'again' : 'idle'
    },
    onError: (error) => tools.log.error({ err: error }, 'timer pass failed'),
    backoff: { firstMs: 1_000, maxMs: 60_000 },
  })

/** Fires up to 200 due timers in one commit; gives their number. */
export async function fireDueTimers(tools: Tools & Pick<TimerTools, 'clock'>): Promise<number> {
  const now = tools.clock.now()
  const timers = await tools.ledger.dueTimers(now, atOnce)
  const files = timers.filter(isForFiles)
  const ended = timers.filter(isRetention)
  const others = timers.filter((timer) => !isForFiles(timer) && !isRetention(timer))
  await fireTogether(tools, others, now)
  for (const timer of ended) await eraseOrder(tools, timer, now)
  for (const timer of files) await attachDocuments(tools, timer, now)
  return timers.length
}

type Tools = AttachTools

/** Those of mails that wait for documents: files must be looked at before anything can be decided. */
const isForFiles = ({ name }: DueTimer): boolean => name === attachTimer

/** Those of orders whose personal data is to go: their messages must be looked at. */
const isRetention = ({ name }: DueTimer): boolean => name === retentionTimer

async function fireTogether(tools: Tools, timers: readonly DueTimer[], now: Instant): Promise<void> {
  if (timers.length === 0) return
  try {
    return await fire(tools, timers, now)
  } catch (error) {
    if (timers.length === 1) throw error
  }
  await fireOneByOne(tools, timers, now)
}

async function fire({ ledger, setup }: Tools, timers: readonly DueTimer[], now: Instant): Promise<void> {
  const cause: Cause = { kind: 'clock', actor: 'daemon', configHash: setup.configHash }
  const lookups = timers
    .filter(({ subject }) => subject.startsWith('ord_'))
    .map(({ subject }) => ({ by: 'id', kind: 'order', id: subject }) as const)
  const result = await decideAndCommit(ledger, lookups, (known) => decideTimers(setup, timers, known, cause, now))
  if (result.kind === 'conflict') throw new Error(`timers: records kept changing: ${result.ids.slice(0, 5).join(', ')}`)
}

/** One timer that cannot be decided must not keep the others; the first error is thrown when all were tried. */
async function fireOneByOne(tools: Tools, timers: readonly DueTimer[], now: Instant): Promise<void> {
  const errors: unknown[] = []
  let inARow = 0
  for (const timer of timers) {
    try {
      await fire(tools, [timer], now)
      inARow = 0
    } catch (error) {
      errors.push(error)
      inARow += 1
      if (inARow >= failuresInARow) break // it is not the timers
    }
  }
  if (errors.length > 0) throw errors[0]
}
