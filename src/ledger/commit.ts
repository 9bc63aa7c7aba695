/**
 * Writes one batch inside a transaction that is already open, or says why not.
 *
 * The order of the steps: what must not happen twice (file slices, schedule slots), what the
 * decision was based on, the records, and then all that follows from them. A verdict with
 * `keep: false` makes the caller take everything back. Calls nothing outside the ledger.
 */
import type { CommitResult } from '../core/batch.ts'
import { appendEvents } from './append-events.ts'
import { type PackedBasis, staleIds } from './check-basis.ts'
import type { Verdict } from './group-commit.ts'
import { putLines, updateExportFiles, voidLines } from './put-exports.ts'
import type { PackedBatch } from './pack-batch.ts'
import { putFiles } from './put-files.ts'
import { putMessages, updateMessages } from './put-messages.ts'
import { putRecords } from './put-records.ts'
import { putTimers } from './put-timers.ts'
import { bumpMeta, insertSlot } from './statements.ts'
import type { Sqlite } from './sqlite.ts'
import { storeReceipts } from './store-parts.ts'
import { startTally } from './tally.ts'
import type { Tally } from './tally.ts'

export function commitBatch(db: Sqlite, batch: PackedBatch, basis: PackedBasis | undefined): Verdict<CommitResult> {
  const tally = startTally()
  const unfit = putFiles(db, tally, batch.files, batch.at) ?? putSlots(db, batch)
  if (unfit !== undefined) return { keep: false, value: unfit }
  const stale = basis === undefined ? [] : staleIds(db, basis)
  const ids = stale.length > 0 ? stale : write(db, tally, batch)
  if (ids.length > 0) return { keep: false, value: { kind: 'conflict', ids } }
  tally.write(db)
  db.run(bumpMeta, 'commits')
  if (batch.put.length > 0) db.run(bumpMeta, 'puts')
  return { keep: true, value: { kind: 'committed' } }
}

/** Ids in conflict; what was written is then taken back by the caller. */
function write(db: Sqlite, tally: Tally, batch: PackedBatch): readonly string[] {
  const { keys, conflicts: changed } = putRecords(db, tally, batch.put)
  if (changed.length > 0) return changed
  const seqOf = appendEvents(db, batch, keys)
  putMessages(db, tally, batch.messages, seqOf)
  putLines(db, tally, batch.exports, seqOf)
  const conflicts = [
    ...voidLines(db, tally, batch.voidLines, seqOf),
    ...updateMessages(db, tally, batch.messageUpdates, batch.at),
    ...putTimers(db, tally, batch),
    ...updateExportFiles(db, tally, batch.exportFiles),
  ]
  storeReceipts(db, tally, batch.receipts)
  return conflicts
}

/** `already` when one of the slots has run before. */
function putSlots(db: Sqlite, { slots }: PackedBatch): Extract<CommitResult, { kind: 'already' }> | undefined {
  const isFresh = slots.every(({ schedule, dueAt, ranAt }) => db.run(insertSlot, schedule, dueAt, ranAt).changes > 0)
  return isFresh ? undefined : { kind: 'already' }
}
