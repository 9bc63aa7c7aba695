/**
 * Takes open lines for one new export file: sequence, name and lines are fixed in one transaction.
 *
 * The name is made before the transaction, from the sequence and the part that come next; when another process
 * took them in between, nothing is written and the caller tries again.
 */
import type { Instant } from '../core/date.ts'
import { exportFileId } from '../core/ids.ts'
import type { Verdict } from './group-commit.ts'
import type { ExportFile, LinesToTake } from './ledger.ts'
import { exportFileOf } from './rows.ts'
import {
  assignLines,
  countOfCause,
  firstOpenLine,
  insertExportFile,
  leftOutCause,
  maxSequence,
  selectExportFile,
  setLines,
  unassignCause,
} from './statements.ts'
import type { Sqlite } from './sqlite.ts'
import { startTally } from './tally.ts'

export type TakenExport =
  | { readonly kind: 'taken'; readonly file: ExportFile }
  | { readonly kind: 'nothing' }
  /** The sequence was used by another process. */
  | { readonly kind: 'again' }

export interface NextFile {
  readonly sequence: number
  readonly part: string
}

export interface ExportToTake extends NextFile {
  readonly export: string
  readonly name: string
  readonly now: Instant
  readonly maxLines: number
  readonly lines: LinesToTake
}

/** Sequence and part of the next file; undefined when no line is open. */
export function nextFile(db: Sqlite, exportName: string, { from = '', before }: LinesToTake): NextFile | undefined {
  const first = db.get(firstOpenLine, exportName, from, before ?? '\u{10ffff}')
  if (first === undefined) return undefined
  return { sequence: (db.get(maxSequence, exportName)?.sequence ?? 0) + 1, part: first.part }
}

export function takeLines(db: Sqlite, wanted: ExportToTake): Verdict<TakenExport> {
  const { export: name, sequence, part, now } = wanted
  const next = nextFile(db, name, wanted.lines)
  if (next === undefined) return { keep: false, value: { kind: 'nothing' } }
  if (next.sequence !== sequence || next.part !== part) return { keep: false, value: { kind: 'again' } }
  const id = exportFileId(name, sequence)
  const { key } = db.run(insertExportFile, id, name, sequence, wanted.name, now)
  const lines = assign(db, key, wanted)
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

/** Gives the number of lines that the file has. */
function assign(db: Sqlite, key: number, { export: name, part, maxLines, lines }: ExportToTake): number {
  const count = db.run(assignLines, key, name, part, maxLines).changes
  const because = lines.whole === true && count === maxLines ? db.get(leftOutCause, name, part)?.because : undefined
  if (because === undefined || because === null) return count
  const torn = db.get(countOfCause, because, because, key)
  if (torn === undefined || torn.own === 0 || torn.other === 0) return count
  return count - db.run(unassignCause, key, because).changes
}
