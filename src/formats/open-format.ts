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
import { camtMachine } from './camt.ts'
import { csvMachine } from './csv.ts'
import { ReadFailure } from './data-problem.ts'
import { createDecoder } from './decode.ts'
import { jsonlMachine, jsonMachine } from './json.ts'
import { readProblem } from './machine.ts'
import type { Machine, ReadItem } from './machine.ts'
import { ublMachine } from './ubl.ts'
import { xmlMachine } from './xml.ts'

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

export async function* read(chunks: Chunks, format: ImportFormat, kind: ImportKind): AsyncGenerator<ReadItem> {
  const xml = format.type === 'xml' || format.type === 'ubl' || format.type === 'camt'
  const decoder = createDecoder({ encoding: format.encoding, xml })
  const machine = machineFor(format, kind)
  let row = 0
  try {
    for await (const bytes of chunks) {
      const text = decoder.write(bytes)
      if (text === '') continue
      for (const item of machine.push(text)) {
        row = rowOf(item)
        yield item
      }
    }
    const rest = decoder.end()
    for (const part of [machine.push(rest), machine.end()]) {
      for (const item of part) {
        row = rowOf(item)
        yield item
      }
    }
  } catch (error) {
    if (!(error instanceof ReadFailure)) throw error
    yield fatal(error, row + 1)
  }
}

const rowOf = (item: ReadItem): number => (item.kind === 'record' ? item.record.row : item.row)

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
    default:
      return assertNever(format, 'import format')
  }
}
