/**
 * Copies a ledger while it is in use; the copy is whole, checked and on the disk before it has its name.
 *
 * Commits go on meanwhile and may be in the copy or not. The copy is one file without a log beside
 * it, closed to other users. Never overwrites. Throws LedgerError when the name is taken or the copy is not sound; a half-made
 * copy is removed.
 */
import { open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { backup } from 'node:sqlite'
import { hasCode, syncFolder } from '../platform/files.ts'
import { integrity } from './diagnose.ts'
import { LedgerError } from './ledger-errors.ts'
import { tryMs } from './retry-while-busy.ts'
import { Sqlite } from './sqlite.ts'

export async function backupLedger(db: Sqlite, to: string): Promise<void> {
  if (await exists(to)) throw new LedgerError(`${to}: there is a file of that name; a backup never overwrites one`)
  const temporary = `${to}.partial`
  await removeCopy(temporary)
  try {
    await makeOwn(temporary)
    await backup(db.connection, temporary, { rate: 1000 })
    check(temporary)
    await syncFile(temporary)
    await rename(temporary, to)
    await syncFolder(dirname(to))
  } catch (error) {
    await removeCopy(temporary)
    throw error instanceof LedgerError ? error : new LedgerError(`backup to ${to} failed`, { cause: error })
  }
}

/** An empty file first, by its own rights: what SQLite makes by itself everybody may read. */
async function makeOwn(path: string): Promise<void> {
  await using _ = await open(path, 'wx', 0o640)
}

function check(path: string): void {
  using copy = new Sqlite(path, { readOnly: false, waitMs: tryMs })
  copy.execute('pragma journal_mode = delete')
  const { ok, detail } = integrity(copy)
  if (!ok)
    throw new LedgerError(
      `the copy is not sound: ${detail}. Check the disk of ${path} and the ledger with "orderly doctor"`,
    )
}

async function syncFile(path: string): Promise<void> {
  await using file = await open(path, 'r+')
  await file.sync()
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (hasCode(error, ['ENOENT'])) return false
    throw error
  }
}

async function removeCopy(path: string): Promise<void> {
  for (const suffix of ['', '-journal', '-wal', '-shm']) await rm(path + suffix, { force: true })
}
