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
/** The pauses end by themselves: a ledger that is being closed finishes what was queued. */
const never = new AbortController().signal

/** `limitMs`: waiting in all, in milliseconds. */
export async function retryWhileBusy<T>(limitMs: Duration, attempt: () => T): Promise<T> {
  let waitedMs = 0
  for (let failures = 1; ; failures++) {
    try {
      return attempt()
    } catch (error) {
      if (!isBusy(error)) throw error
      if (waitedMs >= limitMs) throw new LedgerBusy(waitedMs, { cause: error })
    }
    const pause = backoffMs(pauses, failures)
    await sleep(pause, never)
    waitedMs += pause + tryMs
  }
}
