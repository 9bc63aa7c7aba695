/**
 * The totals of `status` and of the metrics, from the tally: as quick with a million orders as with one.
 *
 * Trusts the tally, which each commit keeps in step; `diagnose` proves that it balances. Only the age
 * of the oldest message in a state is looked up, through its index.
 */
import type { FileCounts } from '../core/batch.ts'
import type { Channel, MessageState } from '../core/message.ts'
import type { EntityKind } from '../core/model.ts'
import type { QueueDepth, StoredFile, Totals } from './ledger.ts'
import { countAtStores, maxSequence, minCreated, selectTally } from './statements.ts'
import type { TallyRow } from './statements.ts'
import type { Sqlite } from './sqlite.ts'

export function readTotals(db: Sqlite): Totals {
  const byWhat = Map.groupBy(db.all(selectTally), ({ what }) => what)
  const rows = (what: string): readonly TallyRow[] => byWhat.get(what) ?? []
  return {
    records: rows('record').map(({ name, state, count }) => ({ kind: name as EntityKind, state, count })),
    atStores: db.all(countAtStores),
    messages: rows('message').map((row) => depthOf(db, row)),
    files: rows('file').map(({ name, state, count }) => ({
      import: name,
      state: state as StoredFile['state'],
      count,
      counts: fileCounts(rows, name, state),
    })),
    exports: exportTotals(db, rows),
    timers: rows('timer')[0]?.count ?? 0,
    receiptsUnmatched: rows('receipt')[0]?.count ?? 0,
  }
}

type Rows = (what: string) => readonly TallyRow[]

const depthOf = (db: Sqlite, { name, state, count }: TallyRow): QueueDepth => ({
  channel: name as Channel,
  state: state as MessageState,
  count,
  oldest: db.get(minCreated, state, name)?.at ?? 0,
})

function fileCounts(rows: Rows, name: string, state: string): FileCounts {
  const count = (what: keyof FileCounts): number => countIn(rows(`file.${what}`), name, state)
  return {
    read: count('read'),
    applied: count('applied'),
    repeated: count('repeated'),
    updated: count('updated'),
    parked: count('parked'),
    refused: count('refused'),
  }
}

function exportTotals(db: Sqlite, rows: Rows): Totals['exports'] {
  const lines = rows('line')
  const files = rows('exportFile')
  const names = new Set([...lines, ...files].map(({ name }) => name))
  return [...names].map((name) => ({
    export: name,
    open: countIn(lines, name, 'open'),
    writing: countIn(files, name, 'writing'),
    held: countIn(files, name, 'held'),
    written: countIn(files, name, 'written'),
    lines: countIn(lines, name, 'open') + countIn(lines, name, 'taken'),
    voided: countIn(lines, name, 'voided'),
    lastSequence: db.get(maxSequence, name)?.sequence ?? 0,
  }))
}

const countIn = (rows: readonly TallyRow[], name: string, state: string): number =>
  rows.find((row) => row.name === name && row.state === state)?.count ?? 0
