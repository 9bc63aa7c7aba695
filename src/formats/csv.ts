/**
 * CSV files to records: header, columns by name or number, rows grouped into one record with lines.
 *
 * Refuses repeated, empty and missing columns; a row with a cell too few or too many is refused,
 * never shifted, and so is every record that it may belong to. Rows of one record follow each
 * other and agree in the values of the record; later rows may leave them empty. A row without a
 * key is taken as one more line only when it has no value of the record. Keeps the source text.
 */
import type { ImportFormat, ImportKind } from '../config/schema.ts'
import type { RawFields } from '../core/incoming.ts'
import type { Problem } from '../core/problem.ts'
import { CsvRows } from './csv-rows.ts'
import type { Row } from './csv-rows.ts'
import { dataProblem, failure, quoted, ReadFailure } from './data-problem.ts'
import { readProblem, readRecord } from './machine.ts'
import type { Machine, ReadItem } from './machine.ts'
import { build, compileMapping, leafText, withLines } from './mapping.ts'
import type { Mapping, Side } from './mapping.ts'
import { didYouMean } from '../config/nearest.ts'
import { SeenKeys } from './seen-keys.ts'

type CsvFormat = Extract<ImportFormat, { type: 'csv' }>

/** Where each leaf stands in a row: the index of its column, or -1 for a constant. */
interface Layout {
  readonly width: number
  readonly names: readonly string[]
  readonly mapping: Mapping
  readonly head: readonly number[]
  readonly lines: readonly number[]
  readonly key: number
}

interface Group {
  readonly key: string
  readonly number: number
  readonly first: Row
  readonly lines: RawFields[]
  readonly lineAt: number[]
  readonly texts: string[]
  readonly problems: Problem[]
  size: number
}

const maxGroupLength = 16 * 1_048_576
const controls = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/ // eslint-disable-line no-control-regex

export function csvMachine(format: CsvFormat, kind: ImportKind): Machine {
  return new CsvMachine(format, kind)
}

class CsvMachine implements Machine {
  readonly #format: CsvFormat
  readonly #kind: ImportKind
  readonly #rows: CsvRows
  readonly #seen = new SeenKeys()
  #layout: Layout | undefined
  #group: Group | undefined
  #doubt: Problem | undefined
  #count = 0
  #dirty = false

  constructor(format: CsvFormat, kind: ImportKind) {
    this.#format = format
    this.#kind = kind
    this.#rows = new CsvRows({ delimiter: format.delimiter, quote: format.quote, skip: format.skipRows })
  }

  *push(text: string): Generator<ReadItem> {
    this.#dirty ||= controls.test(text)
    for (const row of this.#rows.push(text)) {
      const item = this.#take(row)
      if (item) yield item
    }
  }

  *end(): Generator<ReadItem> {
    for (const row of this.#rows.end()) {
      const item = this.#take(row)
      if (item) yield item
    }
    if (!this.#layout) throw failure('D005')
    const last = this.#finish()
    if (last) yield last
  }

  #take(row: Row): ReadItem | undefined {
    const layout = this.#layout
    if (!layout) {
      this.#layout = layoutOf(row, this.#format, this.#kind)
      return this.#format.header ? undefined : this.#take(row)
    }
    if (row.cells[0]?.trim() === '' && !row.problem && row.cells.every((cell) => cell.trim() === '')) return undefined
    const problem = this.#problemOf(row, layout)
    return layout.key >= 0 ? this.#grouped(row, layout, problem) : this.#single(row, layout, problem)
  }

  #problemOf(row: Row, layout: Layout): Problem | undefined {
    if (row.problem) return row.problem
    const { cells } = row
    if (cells.length !== layout.width) {
      const found = `${cells.length} column${cells.length === 1 ? '' : 's'}: ${quoted(row.text)}`
      return dataProblem('D009', { place: { line: row.line }, found, expected: String(layout.width) })
    }
    const at = this.#dirty ? row.text.search(controls) : -1
    if (at < 0) return undefined
    const found = `0x${row.text.charCodeAt(at).toString(16).padStart(2, '0').toUpperCase()}`
    return dataProblem('D004', { place: { line: row.line, column: at + 1 }, found })
  }

  #single(row: Row, layout: Layout, problem: Problem | undefined): ReadItem {
    const number = ++this.#count
    if (problem) return readProblem(number, [problem], row.text)
    const line = layout.mapping.hasLines ? fieldsOf(layout.mapping.lines, layout.lines, row) : undefined
    const lines = layout.mapping.hasLines ? (line ? [line] : []) : undefined
    const fields = withLines(fieldsOf(layout.mapping.head, layout.head, row), lines)
    return readRecord({ row: number, line: row.line, text: row.text, fields })
  }

  #grouped(row: Row, layout: Layout, problem: Problem | undefined): ReadItem | undefined {
    const key = row.cells[layout.key]?.trim() ?? ''
    const group = this.#group
    if (group && ((key !== '' && key === group.key) || (key === '' && this.#continues(row, layout, problem)))) {
      this.#add(group, row, layout, problem)
      return undefined
    }
    const finished = this.#finish()
    this.#count += 1
    this.#group = { key, number: this.#count, first: row, lines: [], lineAt: [], texts: [], problems: [], size: 0 }
    if (this.#doubt) this.#group.problems.push(this.#doubt)
    this.#doubt = undefined
    const own = problem ?? (key === '' ? dataProblem('D015', { place: { line: row.line } }) : undefined)
    this.#add(this.#group, row, layout, own)
    return finished
  }

  /** Whether a row without a key is one more line of the open record. */
  #continues(row: Row, layout: Layout, problem: Problem | undefined): boolean {
    if (problem) {
      this.#doubt = problem
      return true
    }
    return layout.head.every((at) => at < 0 || (row.cells[at] ?? '').trim() === '')
  }

  #add(group: Group, row: Row, layout: Layout, problem: Problem | undefined): void {
    group.texts.push(row.text)
    group.size += row.text.length
    if (group.size > maxGroupLength) {
      throw failure('D012', { place: { line: group.first.line, record: group.number }, expected: 'at most 16 MiB' })
    }
    if (problem) {
      group.problems.push(problem)
      return
    }
    if (row !== group.first) this.#compare(group, row, layout)
    const line = fieldsOf(layout.mapping.lines, layout.lines, row, layout.mapping.hasLines)
    if (!line) return
    group.lines.push(line)
    group.lineAt.push(row.line)
  }

  #compare(group: Group, row: Row, layout: Layout): void {
    for (const at of layout.head) {
      const [mine, first] = [row.cells[at], group.first.cells[at]]
      if (at < 0 || mine === first || mine === undefined || mine.trim() === '' || mine.trim() === first?.trim())
        continue
      const path = layout.names[at] ?? ''
      if (group.problems.some((problem) => problem.code === 'D014' && problem.place.path === path)) continue
      const place = { line: row.line, path }
      group.problems.push(dataProblem('D014', { place, found: quoted(mine), expected: quoted(first ?? '') }))
    }
  }

  #finish(): ReadItem | undefined {
    const group = this.#group
    this.#group = undefined
    const layout = this.#layout
    if (!group || !layout) return undefined
    const text = group.texts.join(this.#rows.lineEnd)
    if (group.key !== '' && this.#seen.add(group.key) > 0) {
      const place = { line: group.first.line, path: layout.names[layout.key] ?? '' }
      group.problems.push(dataProblem('D013', { place, found: quoted(group.key) }))
    }
    if (group.problems.length > 0) return readProblem(group.number, group.problems, text)
    const lines = layout.mapping.hasLines ? group.lines : undefined
    const fields = withLines(fieldsOf(layout.mapping.head, layout.head, group.first), lines)
    return readRecord({ row: group.number, line: group.first.line, text, lineAt: group.lineAt, fields })
  }
}

/** Fields of one side of a row; lines count only when a cell of theirs has a value. */
function fieldsOf(side: Side, columns: readonly number[], row: Row, wanted = true): RawFields | undefined {
  if (!wanted) return undefined
  const values: (string | undefined)[] = []
  for (let i = 0; i < columns.length; i++) {
    const leaf = side.leaves[i]
    const at = columns[i] ?? -1
    if (leaf) values.push(leafText(leaf, at < 0 ? undefined : row.cells[at]))
  }
  if (!hasCell(columns, row)) return undefined
  return build(side.plan, values)
}

function hasCell(columns: readonly number[], row: Row): boolean {
  for (const at of columns) if (at >= 0 && row.cells[at]?.trim()) return true
  return false
}

/** The layout by the header row (or by number); every problem of the header at once. */
function layoutOf(row: Row, format: CsvFormat, kind: ImportKind): Layout {
  const names = format.header ? row.cells.map((cell) => cell.trim()) : row.cells.map((_, i) => String(i + 1))
  const problems: Problem[] = row.problem ? [row.problem] : []
  const index = new Map<string, number>()
  names.forEach((name, at) => {
    const place = { line: row.line, path: `column ${at + 1}` }
    if (name === '') problems.push(dataProblem('D007', { place }))
    else if (index.has(name)) problems.push(dataProblem('D006', { place, found: quoted(name) }))
    else index.set(name, at)
  })
  const mapping = compileMapping(format, kind, names)
  const find = (source: string | undefined): number => {
    if (source === undefined) return -1
    const at = index.get(source)
    if (at === undefined) problems.push(missingColumn(source, names, row.line))
    return at ?? -1
  }
  const layout = {
    width: names.length,
    names,
    mapping,
    head: mapping.head.leaves.map((leaf) => find(leaf.source)),
    lines: mapping.lines.leaves.map((leaf) => find(leaf.source)),
    key: find(format.groupBy),
  }
  if (![...layout.head, ...layout.lines].some((at) => at >= 0) && problems.length === 0) {
    problems.push(
      missingColumn('number', names, row.line, 'Set format.fields: no column has the name of an Orderly field.'),
    )
  }
  if (problems.length > 0) throw new ReadFailure(problems)
  return layout
}

function missingColumn(source: string, names: readonly string[], line: number, hint?: string): Problem {
  const listed = names.slice(0, 30).join(', ')
  return dataProblem('D008', {
    place: { line },
    expected: `a column ${quoted(source)}`,
    found: quoted(listed).slice(0, 200),
    hint: hint ?? didYouMean(source, names),
  })
}
