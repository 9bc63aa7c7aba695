/**
 * Sets, cancels and finishes timers. One is live per subject and name; a new one replaces it.
 *
 * Finished timers are kept with the time and the way they ended. A timer that fired in this batch and
 * is not live any more (another process was faster, or it was cancelled) is a conflict.
 */
import type { Batch } from '../core/batch.ts'
import { finishLiveTimer, fireTimer, insertTimer } from './statements.ts'
import type { Sqlite } from './sqlite.ts'
import type { Tally } from './tally.ts'

type TimerParts = Pick<Batch, 'timers' | 'cancelTimers' | 'firedTimers' | 'at'>

/** Ids of fired timers that were not live. */
export function putTimers(db: Sqlite, tally: Tally, batch: TimerParts): readonly string[] {
  const live = (difference: number): void => tally.add('timer', '', 'live', difference)
  const gone = batch.firedTimers.filter((id) => db.run(fireTimer, batch.at, id).changes === 0)
  live(gone.length - batch.firedTimers.length)
  for (const { subject, name } of batch.cancelTimers) {
    live(-db.run(finishLiveTimer, batch.at, 'cancelled', subject, name).changes)
  }
  for (const { id, name, subject, dueAt } of batch.timers) {
    live(-db.run(finishLiveTimer, batch.at, 'replaced', subject, name).changes)
    live(db.run(insertTimer, id, name, subject, dueAt).changes)
  }
  return gone
}
