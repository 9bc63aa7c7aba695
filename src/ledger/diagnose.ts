/**
 * The checks of `doctor` on a ledger: version, settings, integrity, references, tally.
 *
 * Reads the whole file: seconds for a large ledger, so not for the daemon. Changes nothing.
 */
import { LedgerError } from './ledger-errors.ts'
import { applicationId, schemaVersion } from './migrate.ts'
import { readPragmas } from './pragmas.ts'
import { foreignKeyCheck, integrityCheck, recount, selectTally, sqliteVersion } from './statements.ts'
import type { TallyRow } from './statements.ts'
import type { Sqlite } from './sqlite.ts'

export interface Check {
  readonly check: string
  readonly ok: boolean
  readonly detail: string
}

/** The first version without the WAL bug that can lose committed data (decision 10). */
export const oldestSqlite = '3.51.3'

const numbersOf = (version: string): readonly number[] => version.split('.').map(Number)

export function sqliteIsNewEnough(version: string): boolean {
  const found = numbersOf(version)
  const differing = numbersOf(oldestSqlite)
    .map((needed, i) => (found[i] ?? 0) - needed)
    .find((by) => by !== 0)
  return (differing ?? 0) >= 0
}

export function diagnose(db: Sqlite): readonly Check[] {
  const version = db.get(sqliteVersion)?.version ?? 'unknown'
  const id = Number(db.pragma('application_id'))
  const schema = Number(db.pragma('user_version'))
  return [
    { check: 'sqlite', ok: sqliteIsNewEnough(version), detail: `${version}, needs ${oldestSqlite} or later` },
    { check: 'schema', ok: schema === schemaVersion && id === applicationId, detail: `${schema} of ${schemaVersion}` },
    ...readPragmas(db).map(({ name, found, ok, expected }) => ({
      check: `pragma ${name}`,
      ok,
      detail: ok ? found : `${found}, expected ${expected}`,
    })),
    integrity(db),
    references(db),
    tried('tally', () => tallyBalances(db)),
  ]
}

/** Whether the pages and indexes of the file are sound. */
export function integrity(db: Sqlite): Check {
  return tried('integrity', () => {
    const found = db.all(integrityCheck).map((row) => row.integrity_check)
    return { check: 'integrity', ok: found.length === 1 && found[0] === 'ok', detail: found.join('; ') }
  })
}

/** A ledger too damaged to be checked is a finding, not an accident. */
function tried(check: string, work: () => Check): Check {
  try {
    return work()
  } catch (error) {
    if (error instanceof LedgerError) return { check, ok: false, detail: error.message }
    throw error
  }
}

/** Whether every row that a row points at is there. */
export function references(db: Sqlite): Check {
  return tried('references', () => {
    const broken = db.all(foreignKeyCheck)
    const tables = [...new Set(broken.map(({ table }) => table))].join(', ')
    return { check: 'references', ok: broken.length === 0, detail: broken.length === 0 ? 'ok' : `broken in ${tables}` }
  })
}

function tallyBalances(db: Sqlite): Check {
  const [kept, counted] = db.snapshot(() => [db.all(selectTally), db.all(recount)])
  const [keptLines, countedLines] = [asLines(kept), asLines(counted)]
  const wrong = [
    ...[...keptLines].filter((line) => !countedLines.has(line)).map((line) => `kept ${line}`),
    ...[...countedLines].filter((line) => !keptLines.has(line)).map((line) => `counted ${line}`),
  ]
  return { check: 'tally', ok: wrong.length === 0, detail: wrong.length === 0 ? 'ok' : wrong.slice(0, 5).join('; ') }
}

const asLines = (rows: readonly TallyRow[]): ReadonlySet<string> =>
  new Set(rows.map(({ what, name, state, count }) => `${what} ${name} ${state}: ${count}`))
