/**
 * The shape of every reader: text goes in as it comes, records come out as soon as they are whole.
 *
 * A machine is synchronous and holds at most one record (plus keys seen); `read` drives it over
 * the decoded chunks. It throws ReadFailure where the rest cannot be read; what it has put into
 * the list before stays good.
 */
import type { RawFields, RawRecord, ReadProblem, ReadRecord } from '../core/incoming.ts'
import type { Problem } from '../core/problem.ts'

export type ReadItem = ReadRecord | ReadProblem

export interface Machine {
  /** Reads on, and puts what became whole into the list. */
  push(text: string, into: ReadItem[]): void
  end(into: ReadItem[]): void
}

export const readRecord = (record: RawRecord): ReadRecord => ({ kind: 'record', record })

/** A record that could not be read, or (warnings only) a remark about the file. */
export const readProblem = (row: number, problems: readonly Problem[], text?: string): ReadProblem => ({
  kind: 'problem',
  row,
  fatal: false,
  ...(text === undefined ? {} : { text }),
  problems: problems.map((problem) => ({ ...problem, place: { record: row, ...problem.place } })),
})

/** True when the item refuses a record; false for remarks (only warnings), which refuse nothing. */
export const refuses = (item: ReadProblem): boolean => item.problems.some((problem) => problem.severity === 'error')

/** What a file of payments says of the statement that they stand in. */
export const statementRecord = (row: number, line: number, fields: RawFields): ReadRecord =>
  readRecord({ row, line, about: 'statement', fields })

export function record(row: number, line: number, fields: RawFields, text?: string): ReadRecord {
  return readRecord({ row, line, ...(text === undefined ? {} : { text }), fields })
}
