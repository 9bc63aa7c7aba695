/**
 * Brings a ledger's tables up to date: numbered steps, each in one transaction with its number.
 *
 * `user_version` holds the number of the last step, `application_id` marks the file as ours. Two
 * processes may start at once: each step looks again inside its transaction. Makes no backup.
 * Throws LedgerTooNew, LedgerTooOld (for a connection that only reads) and NotALedger.
 */
import { LedgerTooNew, LedgerTooOld, NotALedger } from './ledger-errors.ts'
import { spine } from './migrations/001-spine.ts'
import { query } from './sqlite.ts'
import type { Sqlite } from './sqlite.ts'

/** `ORDL` in ASCII: `file` and our own check tell an Orderly ledger by it. */
export const applicationId = 0x4f52444c

/** Step n brings schema n to n + 1; never changed once released. */
const migrations: readonly string[] = [spine]
export const schemaVersion = migrations.length

/** Looks without changing anything: whether this file may be used at all. */
export function checkLedger(db: Sqlite, readOnly: boolean): void {
  const found = versionOf(db)
  if (found > schemaVersion) throw new LedgerTooNew(db.path, found, schemaVersion)
  if (readOnly && found < schemaVersion) throw new LedgerTooOld(db.path, found, schemaVersion)
}

export function migrate(db: Sqlite): void {
  while (versionOf(db) < schemaVersion) db.transaction(() => step(db))
}

function step(db: Sqlite): void {
  const version = versionOf(db)
  const sql = migrations[version]
  if (sql === undefined) return
  db.execute(sql)
  db.execute(`pragma application_id = ${applicationId}; pragma user_version = ${version + 1}`)
}

/** The schema of the file; 0 for an empty one. */
function versionOf(db: Sqlite): number {
  const id = Number(db.pragma('application_id'))
  const version = Number(db.pragma('user_version'))
  if (id === applicationId) return version
  const tables = db.get(query<{ n: number }>('select count(*) as n from sqlite_schema'))?.n ?? 0
  if (id === 0 && version === 0 && tables === 0) return 0
  throw new NotALedger(db.path, `a database with application id ${id} and ${tables} tables and indexes`)
}
