/**
 * An import file as entries: each a typed record or a refused one with its problems, in file order.
 *
 * Remarks about the file (warnings only) refuse nothing; they go along with the next good record.
 * Memory is bounded by the largest record. Throws only what reading the chunks throws.
 */
import type { Incoming, RawRecord } from '../core/incoming.ts'
import type { Problem } from '../core/problem.ts'
import { type Interpreter, interpreterFor } from '../formats/interpret.ts'
import { type ReadItem, refuses } from '../formats/machine.ts'
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

/** The entries of each chunk together, so that thousands of records need no wait for each. */
export async function* readEntries(
  chunks: Chunks,
  source: ImportSource,
  name: string,
): AsyncGenerator<readonly Entry[]> {
  const { format, kind } = source.config
  const toEntries = entriesOf(interpreterFor(kind, format, source.defaults), name)
  for await (const items of read(chunks, format, kind)) yield toEntries(items)
}

function entriesOf(interpret: Interpreter, name: string): (items: readonly ReadItem[]) => readonly Entry[] {
  const placed = (problems: readonly Problem[]): readonly Problem[] =>
    problems.map((problem) => ({ ...problem, place: { file: name, ...problem.place } }))
  let remarks = none
  const entryOf = (record: RawRecord): Entry => {
    const { row, text } = record
    const meaning = interpret(record)
    if (meaning.kind === 'problems') return bad(row, placed(meaning.problems), false, text)
    const warnings =
      meaning.warnings.length === 0 && remarks.length === 0 ? none : [...remarks, ...placed(meaning.warnings)]
    remarks = none
    return { kind: 'item', row, incoming: meaning.incoming, warnings }
  }
  return (items) => {
    const entries: Entry[] = []
    for (const item of items) {
      if (item.kind === 'record') entries.push(entryOf(item.record))
      else if (refuses(item)) entries.push(bad(item.row, placed(item.problems), item.fatal, item.text))
      else remarks = [...remarks, ...placed(item.problems)]
    }
    return entries
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
