/**
 * JSON documents (a list, an object, or a list at a path) and JSON Lines to records.
 *
 * Memory is bounded by the largest record, not by the file. A JSON Lines line that is wrong
 * refuses itself; a JSON document that is wrong outside its records, or cut, ends the reading.
 * With no `fields` the keys must be Orderly's own names. Throws ReadFailure (within the room).
 */
import type { ImportFormat, ImportKind } from '../config/schema.ts'
import type { RawRecord } from '../core/incoming.ts'
import { CsvRows } from './csv-rows.ts'
import { dataProblem, quoted } from './data-problem.ts'
import { JsonMapper, notJson, parseExact } from './json-fields.ts'
import { JsonSplitter } from './json-split.ts'
import type { JsonElement } from './json-split.ts'
import { readProblem, readRecord } from './machine.ts'
import type { Machine, ReadItem } from './machine.ts'
import { canonicalNames, compileMapping, freePrefixes } from './mapping.ts'

type JsonFormat = Extract<ImportFormat, { type: 'json' }>
type JsonlFormat = Extract<ImportFormat, { type: 'jsonl' }>

export function jsonMachine(format: JsonFormat, kind: ImportKind): Machine {
  const splitter = new JsonSplitter(format.records)
  const take = taker(format, kind)
  return {
    push(text, into) {
      for (const element of splitter.push(text)) into.push(take(element))
    },
    end(into) {
      for (const element of splitter.end()) into.push(take(element))
    },
  }
}

export function jsonlMachine(format: JsonlFormat, kind: ImportKind): Machine {
  // Lines of the file are rows of one cell: no delimiter can stand in a line, and no quote counts.
  const rows = new CsvRows({ delimiter: '\n', quote: '', skip: 0 })
  const take = taker(format, kind)
  return {
    push(text, into) {
      rows.feed(text)
      for (let row = rows.next(false); row; row = rows.next(false)) if (row.text.trim() !== '') into.push(take(row))
    },
    end(into) {
      for (let row = rows.next(true); row; row = rows.next(true)) if (row.text.trim() !== '') into.push(take(row))
    },
  }
}

function taker(format: JsonFormat | JsonlFormat, kind: ImportKind): (element: JsonElement) => ReadItem {
  const mapped = new JsonMapper(compileMapping(format, kind, canonicalNames(kind)), format.decimal)
  const own = Object.keys(format.fields).length === 0
  let row = 0
  return ({ text, line }) => {
    row += 1
    let value: unknown
    try {
      value = parseExact(text)
    } catch (error) {
      return readProblem(row, [notJson(text, line, error)], text)
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return readProblem(row, [dataProblem('D018', { place: { line }, found: quoted(text) })], text)
    }
    const mapper = own ? withFreeNames(value, format, kind, mapped) : mapped
    const { fields, problems } = mapper.map(value)
    if (problems.length > 0) return readProblem(row, problems, text)
    const record: RawRecord = { row, line, text, fields }
    return readRecord(record)
  }
}

/** Own names of `fields` and of `lines[].fields`, where the keys of the file are the canonical names. */
function withFreeNames(
  value: object,
  format: JsonFormat | JsonlFormat,
  kind: ImportKind,
  plain: JsonMapper,
): JsonMapper {
  const free: string[] = []
  for (const prefix of freePrefixes(kind)) {
    const key = prefix.slice(0, -1)
    const holders: unknown[] = key === 'fields' ? [property(value, 'fields')] : lineHolders(value)
    for (const holder of holders) {
      if (typeof holder === 'object' && holder !== null) free.push(...Object.keys(holder).map((name) => prefix + name))
    }
  }
  if (free.length === 0) return plain
  return new JsonMapper(compileMapping(format, kind, [...canonicalNames(kind), ...new Set(free)]), format.decimal)
}

const property = (value: object, key: string): unknown =>
  Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined

function lineHolders(value: object): unknown[] {
  const lines = property(value, 'lines')
  if (!Array.isArray(lines)) return []
  return lines.map((line: unknown) =>
    typeof line === 'object' && line !== null ? property(line, 'fields') : undefined,
  )
}
