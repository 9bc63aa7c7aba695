/**
 * The counts of the ledger as tables, with a word where they do not balance.
 * Sections without rows are left out. Reckons nothing.
 */
import type { Books } from '../operator/books.ts'
import type { Output } from './print.ts'

const balance = ({ balanced }: { readonly balanced: boolean }): string => (balanced ? 'ok' : 'DOES NOT BALANCE')

export function printBooks(out: Output, books: Books): void {
  section(out, books.imports, [
    { head: 'import', of: (book) => book.import },
    { head: 'files', of: ({ files }) => files, right: true },
    { head: 'rejected', of: ({ rejectedFiles }) => rejectedFiles, right: true },
    { head: 'read', of: ({ read }) => read, right: true },
    { head: 'applied', of: ({ applied }) => applied, right: true },
    { head: 'repeated', of: ({ repeated }) => repeated, right: true },
    { head: 'updated', of: ({ updated }) => updated, right: true },
    { head: 'parked', of: ({ parked }) => parked, right: true },
    { head: 'refused', of: ({ refused }) => refused, right: true },
    { head: 'balance', of: balance },
  ])
  section(out, books.atStores, [
    { head: 'orders at stores', of: ({ state }) => state },
    { head: 'count', of: ({ count }) => count, right: true },
  ])
  section(out, books.messages, [
    { head: 'messages', of: ({ channel }) => channel },
    { head: 'state', of: ({ state }) => state },
    { head: 'count', of: ({ count }) => count, right: true },
  ])
  section(out, books.exports, [
    { head: 'export', of: (book) => book.export },
    { head: 'lines waiting', of: ({ open }) => open, right: true },
    { head: 'lines in files', of: ({ taken }) => taken, right: true },
    { head: 'written', of: ({ files }) => files.written, right: true },
    { head: 'writing', of: ({ files }) => files.writing, right: true },
    { head: 'held', of: ({ files }) => files.held, right: true },
    { head: 'balance', of: balance },
  ])
}

function section<T>(out: Output, rows: readonly T[], columns: Parameters<typeof out.rows<T>>[1]): void {
  if (rows.length === 0) return
  out.line('')
  out.rows(rows, columns)
}
