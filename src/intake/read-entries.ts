/**
 * An import file as entries: each a typed record or a refused one with its problems, in file order.
 *
 * Remarks about the file (warnings only) refuse nothing; they go along with the next good record.
 * Memory is bounded by the largest record. Throws only what reading the chunks throws.
 */
import type { Incoming } from '../core/incoming.ts'
import type { Problem } from '../core/problem.ts'
import { interpreterFor } from '../formats/interpret.ts'
import { refuses } from '../formats/machine.ts'
import { type Chunks, read } from '../formats/open-format.ts'
import type { ImportSource } from './import-source.ts'

export interface ItemEntry {
  readonly kind: 'item'
  readonly row: number
  readonly incoming: Incoming
  readonly warnings: readonly Problem[]
}
export interface BadEntry {
  readonly kind: 'bad'
  readonly row: number
  readonly problems: readonly Problem[]
  /** The rest of the file could not be read. */
  readonly fatal: boolean
  /** Source text in the file's own layout. */
  readonly text?: string
}
export type Entry = ItemEntry | BadEntry

export async function* readEntries(chunks: Chunks, source: ImportSource, name: string): AsyncGenerator<Entry> {
  const { format, kind } = source.config
  const interpret = interpreterFor(kind, format, source.defaults)
  const placed = (problems: readonly Problem[]): readonly Problem[] =>
    problems.map((problem) => ({ ...problem, place: { file: name, ...problem.place } }))
  let remarks: readonly Problem[] = []
  for await (const item of read(chunks, format, kind)) {
    if (item.kind === 'problem') {
      if (refuses(item)) yield bad(item.row, placed(item.problems), item.fatal, item.text)
      else remarks = [...remarks, ...placed(item.problems)]
      continue
    }
    const { row, text } = item.record
    const meaning = interpret(item.record)
    if (meaning.kind === 'problems') {
      yield bad(row, placed(meaning.problems), false, text)
      continue
    }
    const warnings =
      meaning.warnings.length === 0 && remarks.length === 0 ? none : [...remarks, ...placed(meaning.warnings)]
    remarks = none
    yield { kind: 'item', row, incoming: meaning.incoming, warnings }
  }
}

const none: readonly Problem[] = []

const bad = (row: number, problems: readonly Problem[], fatal: boolean, text: string | undefined): BadEntry => ({
  kind: 'bad',
  row,
  problems,
  fatal,
  ...(text !== undefined && { text }),
})
