/**
 * The counts of the ledger that must balance, for `orderly status`: nothing lost, nothing twice.
 *
 * Every record read was applied, repeated, updated, parked or refused; every export file has a sequence
 * and no sequence is without its file. Quick whatever the size of the ledger. Changes nothing.
 */
import type { FileCounts } from '../core/batch.ts'
import type { Totals } from '../ledger/ledger.ts'

export interface ImportBook extends FileCounts {
  readonly import: string
  readonly files: number
  /** Files that are being imported now: their counts still grow. */
  readonly importing: number
  readonly rejectedFiles: number
  readonly balanced: boolean
}

export interface ExportBook {
  readonly export: string
  /** Lines that wait for a file. */
  readonly open: number
  /** Lines that have one. */
  readonly taken: number
  readonly files: { readonly writing: number; readonly held: number; readonly written: number }
  readonly lastSequence: number
  readonly balanced: boolean
}

export interface Books {
  readonly imports: readonly ImportBook[]
  readonly messages: Totals['messages']
  readonly records: Totals['records']
  readonly atStores: Totals['atStores']
  readonly exports: readonly ExportBook[]
  readonly timers: number
  readonly receiptsUnmatched: number
  readonly balanced: boolean
}

export function booksOf(totals: Totals): Books {
  const imports = [...Map.groupBy(totals.files, (file) => file.import)].map(([name, files]) => importBook(name, files))
  const exports = totals.exports.map(exportBook)
  return {
    imports,
    messages: totals.messages,
    records: totals.records,
    atStores: totals.atStores,
    exports,
    timers: totals.timers,
    receiptsUnmatched: totals.receiptsUnmatched,
    balanced: [...imports, ...exports].every(({ balanced }) => balanced),
  }
}

const counted = ['read', 'applied', 'repeated', 'updated', 'parked', 'refused'] as const

function importBook(name: string, files: Totals['files']): ImportBook {
  const sum = (key: keyof FileCounts): number => files.reduce((total, { counts }) => total + counts[key], 0)
  const count = (states: readonly string[]): number =>
    files.filter(({ state }) => states.includes(state)).reduce((total, { count }) => total + count, 0)
  const counts = Object.fromEntries(counted.map((key) => [key, sum(key)])) as Record<(typeof counted)[number], number>
  const { read, applied, repeated, updated, parked, refused } = counts
  return {
    import: name,
    files: files.reduce((total, { count }) => total + count, 0),
    importing: count(['importing']),
    rejectedFiles: count(['rejected']),
    ...counts,
    balanced: read === applied + repeated + updated + parked + refused,
  }
}

function exportBook(row: Totals['exports'][number]): ExportBook {
  const { open, lines, writing, held, written, lastSequence } = row
  return {
    export: row.export,
    open,
    taken: lines - open,
    files: { writing, held, written },
    lastSequence,
    balanced: lastSequence === writing + held + written,
  }
}
