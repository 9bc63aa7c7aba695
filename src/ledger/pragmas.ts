/**
 * The settings of every connection, in one place, and whether they took effect.
 *
 * WAL with synchronous FULL: a commit that was answered survives a power cut. They are read back,
 * since SQLite ignores what it cannot do (WAL on some network shares) without an error.
 * Throws LedgerError naming the setting, what was found and what was wanted.
 */
import { LedgerError } from './ledger-errors.ts'
import type { Sqlite } from './sqlite.ts'

interface Setting {
  readonly name: string
  /** As it is set. */
  readonly value: string
  /** As it is read back. */
  readonly reads: string
  /** True for what is written into the file: a connection for reading cannot set it. */
  readonly stored?: boolean
}

const settings: readonly Setting[] = [
  { name: 'journal_mode', value: 'wal', reads: 'wal', stored: true },
  { name: 'synchronous', value: 'full', reads: '2' },
  { name: 'foreign_keys', value: 'on', reads: '1' },
  { name: 'trusted_schema', value: 'off', reads: '0' },
  // The journal of savepoints in memory: a slice of a thousand orders is a few megabytes at most.
  { name: 'temp_store', value: 'memory', reads: '2' },
  // KiB; filled only as far as it is used.
  { name: 'cache_size', value: '-16384', reads: '-16384' },
  { name: 'mmap_size', value: '67108864', reads: '67108864' },
  // Pages: merging 32 MB at a time writes a page that many slices touch once, not at every 4 MB.
  { name: 'wal_autocheckpoint', value: '8000', reads: '8000' },
  { name: 'journal_size_limit', value: '67108864', reads: '67108864' },
]

export function setPragmas(db: Sqlite, readOnly: boolean): void {
  for (const { name, value, stored } of settings) {
    if (!(readOnly && stored === true)) db.execute(`pragma ${name} = ${value}`)
  }
  // A restored copy has another journal mode until somebody writes to it; reading it is fine.
  const stored = new Set(settings.filter((one) => one.stored === true).map(({ name }) => name))
  const wrong = readPragmas(db).find(({ name, ok }) => !ok && !(readOnly && stored.has(name)))
  if (wrong === undefined) return
  throw new LedgerError(
    `${db.path}: pragma ${wrong.name} is ${wrong.found}, expected ${wrong.expected}. ` +
      `The ledger must lie on a local disk that Orderly may write to`,
  )
}

/** Every setting as the connection has it now. */
export function readPragmas(
  db: Sqlite,
): readonly { readonly name: string; readonly found: string; readonly expected: string; readonly ok: boolean }[] {
  return settings.map(({ name, reads }) => {
    const found = db.pragma(name)
    return { name, found, expected: reads, ok: found === reads }
  })
}
