/**
 * Entries of a bank that stand for many payments: their sum in one file, their details in another, or later.
 *
 * What a sum and a detail say of the entry that they belong to, and the names by which each finds the other. The
 * sum of an entry and its details are the same money. Throws nothing.
 */
import type { LocalDate } from './date.ts'
import type { Minor } from './money.ts'

export interface CollectiveEntry {
  /** The entry without its details, or one of them. */
  readonly part: 'sum' | 'detail'
  /** Tells the entry from others of the account: by its reference, else by its content. */
  readonly key: string
  /** The bank's reference of the entry. */
  readonly reference?: string
  /** Id of the batch that it books. */
  readonly batch?: string
  /** Number of payments, where the bank says so. */
  readonly count?: number
  /** Of the whole entry. */
  readonly total: Minor
}

interface Line {
  readonly account: string
  readonly direction: 'credit' | 'debit'
  readonly currency: string
  readonly bookedOn?: LocalDate
  readonly valueOn?: LocalDate
}

/** Names under which the parts of an entry are kept: reference, batch, and days with the sum. */
export function entryNames(line: Line, entry: CollectiveEntry): readonly string[] {
  const { account, direction, currency } = line
  const { reference, batch } = entry
  return [
    ...(reference === undefined ? [] : [`${account}/${direction}/${currency}/ref/${reference}`]),
    ...(batch === undefined ? [] : [`${account}/${direction}/${currency}/batch/${batch}`]),
    ...sumNames(line, entry.total),
  ]
}

/** The names by which a line that says nothing of an entry may be the sum of one. */
export const sumNames = ({ account, direction, currency, bookedOn, valueOn }: Line, total: Minor): readonly string[] =>
  [...new Set([bookedOn, valueOn])]
    .filter((day) => day !== undefined)
    .map((day) => `${account}/${direction}/${currency}/${day}/${total}`)
