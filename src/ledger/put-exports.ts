/**
 * Stores new lines for export files and what became of the files.
 *
 * A line whose dedupe key is stored already for its export is ignored. Numbering and assigning
 * lines to files is `take-export`. An unknown file is a conflict, and so is voiding a line that is in a file.
 */
import type { ExportFileUpdate, VoidedLine } from '../core/batch.ts'
import type { SeqOf } from './append-events.ts'
import type { PackedLine } from './pack-batch.ts'
import { exportOfLine, insertLine, selectExportFile, updateExportFile, voidLine } from './statements.ts'
import type { Sqlite } from './sqlite.ts'
import type { Tally } from './tally.ts'

export function putLines(db: Sqlite, tally: Tally, lines: readonly PackedLine[], seqOf: SeqOf): void {
  for (const { id, export: name, dedupeKey, subject, part = '', because, fields, trace } of lines) {
    const { changes } = db.run(insertLine, id, name, dedupeKey, subject, part, seqOf(because), fields, trace)
    if (changes > 0) tally.add('line', name, 'open', 1)
  }
}

/** Ids of lines that are in a file by now, voided already, or unknown. */
export function voidLines(db: Sqlite, tally: Tally, lines: readonly VoidedLine[], seqOf: SeqOf): readonly string[] {
  return lines.flatMap(({ id, reason, because }) => {
    const name = db.get(exportOfLine, id)?.export
    if (name === undefined || db.run(voidLine, reason, seqOf(because), id).changes === 0) return [id]
    tally.add('line', name, 'open', -1)
    tally.add('line', name, 'voided', 1)
    return []
  })
}

/** Ids of files that are not stored. */
export function updateExportFiles(db: Sqlite, tally: Tally, updates: readonly ExportFileUpdate[]): readonly string[] {
  const unknown: string[] = []
  for (const { id, state, sha256, forgetHash, reason, at } of updates) {
    const file = db.get(selectExportFile, id)
    if (file === undefined) {
      unknown.push(id)
      continue
    }
    const finishedAt = state === 'writing' ? null : at
    const hash = sha256 ?? (forgetHash === true ? null : file.sha256)
    db.run(updateExportFile, state, finishedAt, hash, reason ?? null, file.key)
    tally.add('exportFile', file.export, file.state, -1)
    tally.add('exportFile', file.export, state, 1)
  }
  return unknown
}
