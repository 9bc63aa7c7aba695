/**
 * The clock's loop: timers that fell due are decided and committed.
 *
 * Timers are rows: one that was missed while the daemon was down fires once when it is back. A
 * timer is done in the same commit as its effects, so that it never fires twice.
 */
import type { Cause } from '../core/event.ts'
import { decideAndCommit } from '../ledger/decide-and-commit.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { type Loop, startLoop } from '../platform/loop.ts'
import { decideTimers } from '../workflow/decide.ts'
import type { Setup } from '../workflow/setup.ts'

export interface TimerTools {
  readonly ledger: Ledger
  readonly setup: Setup
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

const atOnce = 200

export const startTimerLoop = (tools: TimerTools): Loop =>
  startLoop({
    name: 'timers',
    everyMs: 1_000,
    signal: tools.signal,
    run: async () => ((await fireDueTimers(tools)) === atOnce ? 'again' : 'idle'),
    onError: (error) => tools.log.error({ err: error }, 'timer pass failed'),
    backoff: { firstMs: 1_000, maxMs: 60_000 },
  })

/** Fires up to 200 due timers in one commit; gives their number. */
export async function fireDueTimers({ ledger, setup, clock }: Omit<TimerTools, 'log' | 'signal'>): Promise<number> {
  const now = clock.now()
  const timers = await ledger.dueTimers(now, atOnce)
  if (timers.length === 0) return 0
  const cause: Cause = { kind: 'clock', actor: 'daemon', configHash: setup.configHash }
  const lookups = timers
    .filter(({ subject }) => subject.startsWith('ord_'))
    .map(({ subject }) => ({ by: 'id', kind: 'order', id: subject }) as const)
  const result = await decideAndCommit(ledger, lookups, (known) => decideTimers(setup, timers, known, cause, now))
  if (result.kind === 'conflict') throw new Error(`timers: records kept changing: ${result.ids.slice(0, 5).join(', ')}`)
  return timers.length
}
