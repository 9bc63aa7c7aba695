/**
 * Waits until nothing is left to do; gives what is, when it takes too long.
 *
 * Receipts are waited for a minute only: without them all is done that the daemon can do, and the check of the
 * truth tells whose receipt is missing.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { receiptsOnly, type Yard } from './yard.ts'

const receiptsMs = 60_000

/** `more`: what else there is to do; it is asked each time, and may do it. */
export async function untilDone(
  yard: Yard,
  limitMs: number,
  more: () => Promise<string | undefined> = () => Promise.resolve(undefined),
): Promise<string | undefined> {
  let why: string | undefined
  let since: number | undefined
  for (const until = Date.now() + limitMs; Date.now() < until; await pause(500)) {
    if (!yard.isAlive()) return 'the daemon has ended'
    why = (await more()) ?? (await yard.busy())
    if (why === undefined) return undefined
    since = why === receiptsOnly ? (since ?? Date.now()) : undefined
    if (since !== undefined && Date.now() - since > receiptsMs) return undefined
  }
  return why
}
