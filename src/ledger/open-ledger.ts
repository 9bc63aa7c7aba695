/**
 * Opens the ledger of a data folder: the SQLite file behind the interface of `ledger.ts`.
 *
 * One connection per process: reads run at once, writes wait in one queue and share commits. Other
 * processes may use the same file; a lock is waited for without blocking the event loop. Close with
 * `await using`: queued writes are finished first. Throws SqliteTooOld, LedgerTooNew, NotALedger and
 * the other errors of `ledger-errors.ts`. Makes the file, not its folder.
 */
import type { Duration } from '../core/date.ts'
import { backupLedger } from './backup.ts'
import { commitBatch, weightOf } from './commit.ts'
import { oldestSqlite, sqliteIsNewEnough } from './diagnose.ts'
import { startWriter } from './group-commit.ts'
import type { Writer } from './group-commit.ts'
import { LedgerError, NotALedger, SqliteTooOld } from './ledger-errors.ts'
import type { LedgerUnsafe } from './ledger-errors.ts'
import type { Ledger } from './ledger.ts'
import { checkLedger, migrate } from './migrate.ts'
import { setPragmas } from './pragmas.ts'
import { ledgerReads } from './reads.ts'
import { refuseWhenUnsafe } from './refuse-unsafe.ts'
import { retryWhileBusy, tryMs } from './retry-while-busy.ts'
import { isBusy, Sqlite } from './sqlite.ts'
import { hasDue, sqliteVersion, writeNothing } from './statements.ts'
import { nextSequence, takeLines } from './take-export.ts'
import { takeMessages } from './take-messages.ts'

export interface LedgerOptions {
  /** How long in all a write waits for the lock of another process, in milliseconds. */
  readonly busyTimeoutMs: Duration
  /** No writes, no migration: for commands that look at a ledger which another Orderly may own. */
  readonly readOnly?: boolean
  /** Told once when the disk did not confirm a commit; every later write fails then, and the process should end. */
  readonly onUnsafe?: (error: LedgerUnsafe) => void
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
  return ledgerOver(db, options)
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

function ledgerOver(db: Sqlite, { busyTimeoutMs, onUnsafe = () => undefined }: LedgerOptions): Ledger {
  const writer = refuseWhenUnsafe(startWriter(db, busyTimeoutMs), onUnsafe)
  const backups = new Set<Promise<void>>()
  const read = <T>(work: () => T): Promise<T> => retryWhileBusy(busyTimeoutMs, () => db.snapshot(work))
  return {
    ...ledgerReads(db, read),
    commit: (batch, basis) => writer.write(weightOf(batch), () => commitBatch(db, batch, basis)),
    take: async (channel, limit, now) => {
      // Looking first spares an idle dispatcher the write lock.
      if ((await retryWhileBusy(busyTimeoutMs, () => db.get(hasDue, channel, now))) === undefined) return []
      return await writer.write(limit * 3, () => takeMessages(db, channel, limit, now))
    },
    takeExport: async (exportName, nameOf, now, maxLines) =>
      await takeExport(db, writer, exportName, nameOf, now, maxLines),
    backup: async (to) => {
      const running = backupLedger(db, to)
      backups.add(running)
      await running.finally(() => backups.delete(running))
    },
    checkpoint: async () => {
      await writer.drained()
      await retryWhileBusy(busyTimeoutMs, () => db.pragma('wal_checkpoint(truncate)'))
    },
    async [Symbol.asyncDispose]() {
      await writer.drained()
      await Promise.allSettled(backups)
      db[Symbol.dispose]()
    },
  }
}

const takeExport = async (
  db: Sqlite,
  writer: Writer,
  ...[exportName, nameOf, now, maxLines]: Parameters<Ledger['takeExport']>
): ReturnType<Ledger['takeExport']> => {
  for (;;) {
    const sequence = nextSequence(db, exportName)
    if (sequence === undefined) return undefined
    const wanted = { export: exportName, sequence, name: nameOf(sequence), now, maxLines }
    const taken = await writer.write(10, () => takeLines(db, wanted))
    if (taken.kind === 'taken') return taken.file
    if (taken.kind === 'nothing') return undefined
  }
}
