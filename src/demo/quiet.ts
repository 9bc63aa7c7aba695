/**
 * Waits until Orderly has nothing left to do: no file waits, nothing is to be sent or written, all receipts are in.
 *
 * Quiet means quiet for a while, since one piece of work makes the next. Gives what is still going on when the
 * time is over or the signal aborts. Changes nothing. Throws only on I/O errors.
 */
import { join } from 'node:path'
import type { Duration } from '../core/date.ts'
import { claimFolder } from '../intake/claims.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Clock } from '../platform/clock.ts'
import { sleep } from '../platform/loop.ts'
import { scanFolder } from '../platform/scan.ts'

export interface QuietOptions {
  /** What is still going on, in words; nothing when all is quiet. */
  readonly look: () => Promise<readonly string[]>
  readonly forMs: Duration
  readonly limitMs: Duration
  readonly clock: Clock
  readonly signal: AbortSignal
}

const lookEveryMs = 100

/** Nothing when it became quiet; else what was still going on at the last look. */
export async function waitUntilQuiet({
  look,
  forMs,
  limitMs,
  clock,
  signal,
}: QuietOptions): Promise<readonly string[]> {
  const start = clock.monotonic()
  let quietSince: number | undefined
  for (;;) {
    const work = await look()
    const now = clock.monotonic()
    quietSince = work.length > 0 ? undefined : (quietSince ?? now)
    if (quietSince !== undefined && now - quietSince >= forMs) return []
    if (now - start >= limitMs || signal.aborted) return work.length > 0 ? work : ['it did not stay quiet']
    await sleep(lookEveryMs, signal)
  }
}

export interface Workplace {
  readonly ledger: Ledger
  /** Import folders, absolute. */
  readonly folders: readonly string[]
  /** Receipts that the gateway has still to hand over. */
  readonly receiptsDue: () => number
}

export async function lookForWork({ ledger, folders, receiptsDue }: Workplace): Promise<readonly string[]> {
  const { messages, exports } = await ledger.totals()
  const work: string[] = []
  for (const folder of folders) {
    const waiting = (await filesIn(folder)) + (await filesIn(join(folder, claimFolder)))
    if (waiting > 0) work.push(`${waiting} files wait in ${folder}`)
  }
  for (const { channel, state, count } of messages) {
    if (count > 0 && (state === 'queued' || state === 'sending')) work.push(`${count} ${channel} are ${state}`)
  }
  for (const { export: name, open, writing } of exports) {
    if (open + writing > 0) work.push(`export ${name}: ${open} lines and ${writing} files are to be written`)
  }
  if (receiptsDue() > 0) work.push(`${receiptsDue()} delivery receipts are on their way`)
  return work
}

async function filesIn(folder: string): Promise<number> {
  const look = await scanFolder(folder)
  return look.kind === 'names' ? look.names.length : 0
}
