/**
 * Reads an import file of any type: bytes in, canonical records and problems out.
 *
 * A table names the reader of each type; `read` decodes, drives it and ends with a fatal problem
 * where the rest cannot be read. Items whose problems are all warnings are remarks and refuse
 * nothing (see `refuses`). Memory is bounded by the largest record. Throws only what `chunks` throws.
 */
import type { ImportFormat, ImportKind } from '../config/schema.ts'
import { assertNever } from '../core/assert-never.ts'
import type { ReadProblem } from '../core/incoming.ts'
import { bai2Machine } from './bai2.ts'
import { camtMachine } from './camt.ts'
import { codaMachine } from './coda.ts'
import { csvMachine } from './csv.ts'
import { ReadFailure } from './data-problem.ts'
import { createDecoder } from './decode.ts'
import { jsonlMachine, jsonMachine } from './json.ts'
import { readProblem } from './machine.ts'
import type { Machine, ReadItem } from './machine.ts'
import { mt940Machine } from './mt940.ts'
import { ofxMachine } from './ofx.ts'
import { ublMachine } from './ubl.ts'
import { xmlMachine } from './xml.ts'

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** What became whole with each chunk, together: one wait for many records. No list is empty. */
export async function* read(
  chunks: Chunks,
  format: ImportFormat,
  kind: ImportKind,
): AsyncGenerator<readonly ReadItem[]> {
  const xml = format.type === 'xml' || format.type === 'ubl' || format.type === 'camt'
  const decoder = createDecoder({ encoding: format.encoding, xml })
  const machine = machineFor(format, kind)
  let row = 0
  /** True when the rest cannot be read: then the last item says why. */
  const run = (items: ReadItem[], work: () => void): boolean => {
    try {
      work()
      row = rowOf(items.at(-1)) ?? row
      return false
    } catch (error) {
      if (!(error instanceof ReadFailure)) throw error
      items.push(fatal(error, (rowOf(items.at(-1)) ?? row) + 1))
      return true
    }
  }
  for await (const bytes of chunks) {
    const items: ReadItem[] = []
    const ended = run(items, () => {
      const text = decoder.write(bytes)
      if (text !== '') machine.push(text, items)
    })
    if (items.length > 0) yield items
    if (ended) return
  }
  const items: ReadItem[] = []
  run(items, () => {
    machine.push(decoder.end(), items)
    machine.end(items)
  })
  if (items.length > 0) yield items
}

const rowOf = (item: ReadItem | undefined): number | undefined =>
  item?.kind === 'record' ? item.record.row : item?.row

const fatal = (error: ReadFailure, row: number): ReadProblem => ({ ...readProblem(row, error.problems), fatal: true })

function machineFor(format: ImportFormat, kind: ImportKind): Machine {
  switch (format.type) {
    case 'csv':
      return csvMachine(format, kind)
    case 'json':
      return jsonMachine(format, kind)
    case 'jsonl':
      return jsonlMachine(format, kind)
    case 'xml':
      return xmlMachine(format, kind)
    case 'ubl':
      return ublMachine(format, kind)
    case 'camt':
      return camtMachine(format, kind)
    case 'bai2':
      return bai2Machine(format, kind)
    case 'ofx':
      return ofxMachine(format, kind)
    case 'coda':
      return codaMachine(format, kind)
    case 'mt940':
      return mt940Machine(format, kind)
    default:
      return assertNever(format, 'import format')
  }
}
