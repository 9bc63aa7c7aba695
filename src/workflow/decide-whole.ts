/**
 * Decides a file of status rows as one: all of its rows take effect, or none of them does (N27, `atomic: true`).
 *
 * Each row is tried on the ledger and on the rows before it. A row that the state of its order forbids refuses the
 * file, and so does one whose order is not known: what waits for its order could still be refused later. Pure.
 */
import type { Batch } from '../core/batch.ts'
import type { Instant } from '../core/date.ts'
import type { Cause } from '../core/event.ts'
import type { Known } from '../core/known.ts'
import { decideFiles, type FileSlice } from './decide.ts'
import type { Setup } from './setup.ts'

/** A row that cannot take effect, and why. */
export interface RefusedRow {
  readonly row: number
  readonly reason: string
  /** Its order is not known. */
  readonly waits: boolean
}

export interface WholeDecision {
  /** Where rows are refused: only the word that the file was rejected. */
  readonly batch: Batch
  readonly refused: readonly RefusedRow[]
}

/** `slice`: the whole file, with how it would end; its `refused` are rows that could not be read. */
export function decideWhole(setup: Setup, slice: FileSlice, known: Known, cause: Cause, now: Instant): WholeDecision {
  const batch = decideFiles(setup, [slice], known, cause, now)
  const refused = refusedRows(batch)
  const [first] = refused
  if (first === undefined && slice.refused === 0) return { batch, refused }
  const problem = slice.problem ?? (first && `record ${first.row}: ${first.reason}`)
  const rejected: FileSlice = {
    file: { ...slice.file, from: 0, to: 0, done: 'rejected' },
    items: [],
    refused: slice.refused + refused.length,
    ...(problem !== undefined && { problem }),
  }
  return { batch: decideFiles(setup, [rejected], known, cause, now), refused }
}

function refusedRows({ events }: Batch): readonly RefusedRow[] {
  const rows = new Map<number, RefusedRow>()
  for (const { name, source, text = '' } of events) {
    const row = source?.row
    if (row === undefined || rows.has(row) || (name !== 'status.refused' && name !== 'status.parked')) continue
    rows.set(row, { row, reason: text, waits: name === 'status.parked' })
  }
  return [...rows.values()]
}
