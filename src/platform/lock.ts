/**
 * One daemon for one data folder: a lock that lives exactly as long as its process.
 *
 * Holds an exclusive transaction on a SQLite file of its own (`lock.db`), that is a lock of the operating system:
 * nothing to renew, nothing stale, free at once after kill -9. Guards one machine on a local disk; it is no lock
 * between machines on a share (claims by rename are). Throws when the lock file cannot be made or opened.
 */
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'

export interface Lock extends Disposable {
  readonly kind: 'taken'
}

/** Another process has the lock (exit code 75 for the one that comes second). */
export interface LockHeld {
  readonly kind: 'held'
}

const sqliteBusy = 5
// An open database that nobody refers to is closed by the garbage collector, and the lock with it.
const heldHere = new Set<DatabaseSync>()

/**
 * Without a journal, since nothing is ever committed: none that could fail, and none that stays behind. The last step
 * fails where SQLite could open the file for reading only: there `begin exclusive` is no lock, and no error.
 */
const take = 'pragma journal_mode = memory; pragma locking_mode = exclusive; begin exclusive; pragma user_version = 1'

/** Takes the lock of a data folder, which must exist; does not wait. */
export function takeLock(folder: string): Lock | LockHeld {
  const path = join(folder, 'lock.db')
  const database = open(path)
  try {
    database.exec(take)
  } catch (error) {
    database.close()
    if (isBusy(error)) return { kind: 'held' }
    throw new Error(`cannot lock ${path}: ${String(error)}; it must be writable for this user`, { cause: error })
  }
  heldHere.add(database)
  return {
    kind: 'taken',
    [Symbol.dispose]() {
      if (heldHere.delete(database)) database.close()
    },
  }
}

function open(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 })
  } catch (error) {
    throw new Error(`cannot open ${path}: ${String(error)}; the data folder must exist and be writable`, {
      cause: error,
    })
  }
}

function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return false
  return (error.errcode & 0xff) === sqliteBusy // extended codes carry the reason in the higher bits
}
