/**
 * Stores the progress of import files, so that a slice counts once.
 *
 * `already`: the stored position is past the slice, or the file is finished. `early`: the slice would leave
 * a gap, since records before it are not in the ledger.
 */
import type { CommitResult, FileCounts, FileProgress } from '../core/batch.ts'
import { countsOf } from './rows.ts'
import { insertFile, selectFile, updateFile } from './statements.ts'
import type { FileRow } from './statements.ts'
import type { Sqlite } from './sqlite.ts'
import type { Tally } from './tally.ts'

const countNames = ['read', 'applied', 'repeated', 'updated', 'parked', 'refused'] as const
const nothing: FileCounts = { read: 0, applied: 0, repeated: 0, updated: 0, parked: 0, refused: 0 }

/** What keeps a batch with these slices from being written; undefined when all are stored. */
export function putFiles(
  db: Sqlite,
  tally: Tally,
  files: readonly FileProgress[],
  at: number,
): Extract<CommitResult, { kind: 'already' | 'early' }> | undefined {
  for (const progress of files) {
    const stored = db.get(selectFile, progress.id)
    const position = stored?.position ?? 0
    if (
      position > progress.from ||
      (stored !== undefined && stored.state !== 'importing' && stored.state !== 'rejected')
    )
      return { kind: 'already' }
    if (position < progress.from) {
      const gap = `${progress.name}: the slice begins after record ${progress.from}`
      return { kind: 'early', gap: `${gap}, the ledger has ${position} records of the file` }
    }
    store(db, tally, progress, stored, at)
  }
  return undefined
}

function store(db: Sqlite, tally: Tally, progress: FileProgress, stored: FileRow | undefined, at: number): void {
  const { id, import: name, to, counts } = progress
  const state = progress.done ?? 'importing'
  const numbers = [counts.read, counts.applied, counts.repeated, counts.updated, counts.parked, counts.refused]
  if (stored === undefined) {
    db.run(insertFile, id, name, progress.name, progress.size, progress.sha256, state, to, ...numbers, at, at)
  } else {
    db.run(updateFile, state, to, ...numbers, at, stored.key)
    tally.add('file', name, stored.state, -1)
  }
  tally.add('file', name, state, 1)
  const before = stored === undefined ? nothing : countsOf(stored)
  for (const count of countNames) {
    if (stored !== undefined) tally.add(`file.${count}`, name, stored.state, -before[count])
    tally.add(`file.${count}`, name, state, before[count] + counts[count])
  }
}
