/**
 * Opens the ledger of a data folder: the SQLite file behind the interface of `ledger.ts`.
 *
 * Reads run at once, writes wait in one queue and share commits, on the same connection or in a thread that has its
 * own. Other processes may use the same file; a lock is waited for without blocking the event loop. Close with
 * `await using`: queued writes are finished first. Throws SqliteTooOld, LedgerTooNew, NotALedger and
 * the other errors of `ledger-errors.ts`. Makes the file, not its folder.
 */
import type { Duration } from '../core/date.ts'
import { packBasis } from './check-basis.ts'
import { oldestSqlite, sqliteIsNewEnough } from './diagnose.ts'
import { LedgerError, NotALedger, SqliteTooOld } from './ledger-errors.ts'
import type { Ledger } from './ledger.ts'
import { packBatch } from './pack-batch.ts'
import { checkLedger, migrate } from './migrate.ts'
import { setPragmas } from './pragmas.ts'
import { ledgerReads } from './reads.ts'
import { retryWhileBusy, tryMs } from './retry-while-busy.ts'
import type { SpareThread } from './spare-thread.ts'
import { isBusy, Sqlite } from './sqlite.ts'
import { sqliteVersion, writeNothing } from './statements.ts'
import { nextFile } from './take-export.ts'
import { isDue, leasedMessages } from './take-messages.ts'
import { startWrites } from './writes.ts'
import type { LedgerWrites } from './writes.ts'
import { writesInThread } from './writes-in-thread.ts'

export interface LedgerOptions {
  /** How long in all a write waits for the lock of another process, in milliseconds. */
  readonly busyTimeoutMs: Duration
  /** No writes, no migration: for commands that look at a ledger which another Orderly may own. */
  readonly readOnly?: boolean
  /** The thread that is to write: for a daemon, which has other things to do meanwhile. */
  readonly thread?: SpareThread | undefined
  /** Told once when the disk did not confirm a commit; every later write fails then, and the process should end. */
  readonly onUnsafe?: (error: LedgerError) => void
}

export async function openLedger(path: string, options: LedgerOptions): Promise<Ledger> {
  const readOnly = options.readOnly ?? false
  const db = new Sqlite(path, { readOnly, waitMs: tryMs })
  try {
    await retryWhileBusy(options.busyTimeoutMs, () => prepare(db, readOnly))
  } catch (error) {
    db[Symbol.dispose]()
    throw error
  }
  const { busyTimeoutMs, thread, onUnsafe = () => undefined } = options
  const writes =
    thread === undefined
      ? startWrites(db, { busyTimeoutMs, onUnsafe })
      : writesInThread(path, thread, { busyTimeoutMs, onUnsafe })
  return ledgerOver(db, writes, busyTimeoutMs)
}

/** Looks whether the file can be used, sets the connection up, and brings the tables up to date unless it only reads. */
export function prepare(db: Sqlite, readOnly: boolean): void {
  try {
    // The first statement reads the file, whatever it asks.
    const version = db.get(sqliteVersion)?.version ?? '0'
    if (!sqliteIsNewEnough(version)) throw new SqliteTooOld(version, oldestSqlite)
    checkLedger(db, readOnly)
  } catch (error) {
    if (isNoDatabase(error)) throw new NotALedger(db.path, 'a file that is no SQLite database', { cause: error })
    throw error
  }
  setPragmas(db, readOnly)
  if (readOnly) return
  migrate(db)
  mustBeWritable(db)
}

/** SQLite opens a file that it may not write, or cannot open for writing at this moment, for reading: without an error. */
function mustBeWritable(db: Sqlite): void {
  try {
    db.run(writeNothing)
  } catch (error) {
    if (isBusy(error)) throw error
    throw new LedgerError(`${db.path}: the ledger can be read and not written; look at its rights and at the disk`, {
      cause: error,
    })
  }
}

/** SQLITE_NOTADB. */
const isNoDatabase = (error: unknown): boolean =>
  error instanceof LedgerError && error.cause instanceof Error && 'errcode' in error.cause && error.cause.errcode === 26

function ledgerOver(db: Sqlite, writes: LedgerWrites, busyTimeoutMs: Duration): Ledger {
  const read = <T>(work: () => T): Promise<T> => retryWhileBusy(busyTimeoutMs, () => db.snapshot(work))
  return {
    ...ledgerReads(db, read),
    commit: (batch, basis) => writes.commit(packBatch(batch), basis && packBasis(basis)),
    take: async (channel, limit, now, of) => {
      // Looking first spares an idle dispatcher the write lock.
      if (!(await retryWhileBusy(busyTimeoutMs, () => isDue(db, channel, now, of)))) return []
      return leasedMessages(await writes.take(channel, limit, now, of), now, of)
    },
    takeExport: async (exportName, nameOf, now, maxLines, lines) =>
      await takeExport(db, writes, exportName, nameOf, now, maxLines, lines),
    backup: (to) => writes.backup(to),
    checkpoint: () => writes.checkpoint(),
    async [Symbol.asyncDispose]() {
      await writes.close()
      db[Symbol.dispose]()
    },
  }
}

const takeExport = async (
  db: Sqlite,
  writes: LedgerWrites,
  ...[exportName, nameOf, now, maxLines, lines = {}]: Parameters<Ledger['takeExport']>
): ReturnType<Ledger['takeExport']> => {
  for (;;) {
    const next = nextFile(db, exportName, lines)
    if (next === undefined) return undefined
    const name = nameOf(next.sequence, next.part)
    const taken = await writes.takeLines({ export: exportName, ...next, name, now, maxLines, lines })
    if (taken.kind === 'taken') return taken.file
    if (taken.kind === 'nothing') return undefined
  }
}
