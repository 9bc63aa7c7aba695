/**
 * Tries again while another process holds the lock of the ledger, within a limit.
 *
 * Each try blocks the event loop for `tryMs` at most; between tries the loop is free, so that
 * mail, SMS and timers go on while a long command works. Does not retry anything else.
 * Throws LedgerBusy when the limit is used up.
 */
import type { Duration } from '../core/date.ts'
import { backoffMs, sleep } from '../platform/loop.ts'
import { LedgerBusy } from './ledger-errors.ts'
import { isBusy } from './sqlite.ts'

/** The longest that one statement waits for a lock, with the event loop standing still, in milliseconds. */
export const tryMs = 15
const pauses = { firstMs: 2, maxMs: 40 }

export interface Patience {
  /** Waiting in all, in milliseconds. */
  readonly limitMs: Duration
  /** Ends the pause at once: the next try is the last. */
  readonly signal: AbortSignal
}

export async function retryWhileBusy<T>(patience: Patience, attempt: () => T): Promise<T> {
  let waitedMs = 0
  for (let failures = 1; ; failures++) {
    try {
      return attempt()
    } catch (error) {
      if (!isBusy(error)) throw error
      const over = waitedMs >= patience.limitMs || patience.signal.aborted
      if (over) throw new LedgerBusy(waitedMs, { cause: error })
    }
    const pause = backoffMs(pauses, failures)
    await sleep(pause, patience.signal)
    waitedMs += pause + tryMs
  }
}
