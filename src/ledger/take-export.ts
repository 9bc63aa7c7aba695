/**
 * Takes open lines for one new export file: sequence, name and lines are fixed in one transaction.
 *
 * The name is made before the transaction, from the sequence that comes next; when another process
 * took that sequence in between, nothing is written and the caller tries again.
 */
import type { Instant } from '../core/date.ts'
import { exportFileId } from '../core/ids.ts'
import type { Verdict } from './group-commit.ts'
import type { ExportFile } from './ledger.ts'
import { exportFileOf } from './rows.ts'
import { assignLines, hasOpenLine, insertExportFile, maxSequence, selectExportFile, setLines } from './statements.ts'
import type { Sqlite } from './sqlite.ts'
import { startTally } from './tally.ts'

export type TakenExport =
  | { readonly kind: 'taken'; readonly file: ExportFile }
  | { readonly kind: 'nothing' }
  /** The sequence was used by another process. */
  | { readonly kind: 'again' }

export interface ExportToTake {
  readonly export: string
  readonly sequence: number
  readonly name: string
  readonly now: Instant
  readonly maxLines: number
}

/** The sequence of the next file; undefined when no line is open. */
export function nextSequence(db: Sqlite, exportName: string): number | undefined {
  if (db.get(hasOpenLine, exportName) === undefined) return undefined
  return (db.get(maxSequence, exportName)?.sequence ?? 0) + 1
}

export function takeLines(db: Sqlite, wanted: ExportToTake): Verdict<TakenExport> {
  const { export: name, sequence, maxLines, now } = wanted
  const next = nextSequence(db, name)
  if (next === undefined) return { keep: false, value: { kind: 'nothing' } }
  if (next !== sequence) return { keep: false, value: { kind: 'again' } }
  const id = exportFileId(name, sequence)
  const { key } = db.run(insertExportFile, id, name, sequence, wanted.name, now)
  const lines = db.run(assignLines, key, name, maxLines).changes
  db.run(setLines, lines, key)
  const tally = startTally()
  tally.add('line', name, 'open', -lines)
  tally.add('line', name, 'taken', lines)
  tally.add('exportFile', name, 'writing', 1)
  tally.write(db)
  const row = db.get(selectExportFile, id)
  if (row === undefined) throw new Error(`export file ${id} was not stored`)
  return { keep: true, value: { kind: 'taken', file: exportFileOf(row) } }
}
