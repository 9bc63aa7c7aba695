/**
 * The only writer of a connection: jobs queued in the same turn share one transaction and one fsync.
 *
 * Each job is still all or nothing (a savepoint where it has company); one that fails or wants nothing kept leaves the
 * others alone. Nothing is resolved before the shared commit is durable. A job is synchronous and
 * may run twice (when the lock was lost in between): it must do nothing but read and write the ledger.
 * Rejects a job with its own error, and all of the group when the commit itself fails.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Duration } from '../core/date.ts'
import { retryWhileBusy } from './retry-while-busy.ts'
import type { Sqlite } from './sqlite.ts'

/** What a job came to; with `keep: false` everything that it wrote is taken back. */
export interface Verdict<T> {
  readonly keep: boolean
  readonly value: T
}

export interface Writer {
  /** `weight`: rows that the job is going to write, roughly. */
  write<T>(weight: number, job: () => Verdict<T>): Promise<T>
  /** Resolves when all that was queued is done. */
  drained(): Promise<void>
}

interface Queued {
  readonly weight: number
  readonly job: () => Verdict<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

type Settled = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown }

/** A group ends when it has this many rows: larger ones would hold the event loop for long and save nothing. */
const groupWeight = 2000

export function startWriter(db: Sqlite, busyTimeoutMs: Duration): Writer {
  const queue: Queued[] = []
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    await nextTurn()
    while (queue.length > 0) await commitGroup(db, busyTimeoutMs, nextGroup(queue))
    running = undefined
  }

  return {
    write: <T>(weight: number, job: () => Verdict<T>) =>
      new Promise<T>((resolve, reject) => {
        queue.push({ weight, job, resolve: resolve as (value: unknown) => void, reject })
        running ??= run()
      }),
    drained: async () => await running,
  }
}

function nextGroup(queue: Queued[]): readonly Queued[] {
  let weight = 0
  let size = 0
  for (const { weight: more } of queue) {
    if (size > 0 && weight + more > groupWeight) break
    weight += more
    size += 1
  }
  return queue.splice(0, size)
}

async function commitGroup(db: Sqlite, busyTimeoutMs: Duration, group: readonly Queued[]): Promise<void> {
  const [first, ...others] = group
  if (first !== undefined && others.length === 0) return await commitAlone(db, busyTimeoutMs, first)
  try {
    const settled = await retryWhileBusy(busyTimeoutMs, () =>
      db.transaction(() => group.map((one) => attempt(db, one))),
    )
    for (const [i, { resolve, reject }] of group.entries()) {
      const result = settled[i]
      if (result?.ok === true) resolve(result.value)
      else reject(result?.error)
    }
  } catch (error) {
    for (const { reject } of group) reject(error)
  }
}

async function commitAlone(db: Sqlite, busyTimeoutMs: Duration, { job, resolve, reject }: Queued): Promise<void> {
  try {
    resolve(await retryWhileBusy(busyTimeoutMs, () => db.attempt(job)))
  } catch (error) {
    reject(error)
  }
}

function attempt(db: Sqlite, { job }: Queued): Settled {
  try {
    return { ok: true, value: db.savepoint(job) }
  } catch (error) {
    // Without a transaction the database has taken back the whole group.
    if (!db.isTransaction) throw error
    return { ok: false, error }
  }
}
