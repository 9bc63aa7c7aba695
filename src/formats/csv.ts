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
import type { Beginning, Row } from './csv-rows.ts'
import { dataProblem, failure, quoted, ReadFailure } from './data-problem.ts'
import { readProblem, readRecord } from './machine.ts'
import type { Machine, ReadItem } from './machine.ts'
import { build, compileMapping, leafText, withLines } from './mapping.ts'
import type { Side } from './mapping.ts'
import { didYouMean } from '../config/nearest.ts'
import { SeenKeys } from './seen-keys.ts'

type CsvFormat = Extract<ImportFormat, { type: 'csv' }>

interface SideLayout {
  readonly side: Side
  /** Where each leaf stands in a row: the index of its column, or -1 for a constant. */
  readonly columns: readonly number[]
  /** Place for the values of a row, used for one row after the other. */
  readonly values: (string | undefined)[]
}

interface Layout {
  readonly width: number
  readonly names: readonly string[]
  readonly hasLines: boolean
  readonly head: SideLayout
  readonly lines: SideLayout
  readonly key: number
  /** Number of columns before the first of the lines, where all columns of the record stand there; else 0. */
  readonly ahead: number
}

interface Group {
  readonly key: string
  readonly number: number
  readonly first: Row
  readonly lines: RawFields[]
  readonly lineAt: number[]
  /** What further rows of the record usually begin with: all its own cells as in the first row. */
  readonly beginning: Beginning | undefined
  readonly problems: Problem[]
  text: string
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

  push(text: string, into: ReadItem[]): void {
    this.#dirty ||= controls.test(text)
    this.#rows.feed(text)
    this.#takeAll(false, into)
  }

  end(into: ReadItem[]): void {
    this.#takeAll(true, into)
    if (!this.#layout) throw failure('D005')
    const last = this.#finish()
    if (last) into.push(last)
  }

  #takeAll(last: boolean, into: ReadItem[]): void {
    for (;;) {
      const row = this.#rows.next(last, this.#group?.beginning)
      if (row === undefined) return
      const item = this.#take(row)
      if (item) into.push(item)
    }
  }

  #take(row: Row): ReadItem | undefined {
    const layout = this.#layout
    if (!layout) {
      this.#layout = layoutOf(row, this.#format, this.#kind)
      return this.#format.header ? undefined : this.#take(row)
    }
    const problem = this.#problemOf(row, layout)
    if (row.leftOut > 0 && this.#group) {
      this.#add(this.#group, row, layout, problem)
      return undefined
    }
    if (!row.problem && isBlank(row)) return undefined
    return layout.key >= 0 ? this.#grouped(row, layout, problem) : this.#single(row, layout, problem)
  }

  #problemOf(row: Row, layout: Layout): Problem | undefined {
    if (row.problem) return row.problem
    const width = row.cells.length + row.leftOut
    if (width !== layout.width) {
      const found = `${width} column${width === 1 ? '' : 's'}: ${quoted(row.text)}`
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
    const line = fieldsOf(layout.lines, row)
    const lines = layout.hasLines ? (line ? [line] : []) : undefined
    const fields = withLines(fieldsOf(layout.head, row), lines)
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
    const problems = this.#doubt ? [this.#doubt] : []
    this.#doubt = undefined
    const beginning = key === '' || problem ? undefined : beginningOf(row, layout.ahead, this.#format)
    this.#group = { key, number: this.#count, first: row, lines: [], lineAt: [], beginning, problems, text: '' }
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
    return layout.head.columns.every((at) => at < 0 || (row.cells[at] ?? '').trim() === '')
  }

  #add(group: Group, row: Row, layout: Layout, problem: Problem | undefined): void {
    group.text = row === group.first ? row.text : group.text + this.#rows.lineEnd + row.text
    if (group.text.length > maxGroupLength) {
      throw failure('D012', { place: { line: group.first.line, record: group.number }, expected: 'at most 16 MiB' })
    }
    if (problem) {
      group.problems.push(problem)
      return
    }
    if (row !== group.first && row.leftOut === 0) this.#compare(group, row, layout)
    const line = fieldsOf(layout.lines, row)
    if (!line) return
    group.lines.push(line)
    group.lineAt.push(row.line)
  }

  #compare(group: Group, row: Row, layout: Layout): void {
    for (const at of layout.head.columns) {
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
    if (group.key !== '' && this.#seen.add(group.key) > 0) {
      const place = { line: group.first.line, path: layout.names[layout.key] ?? '' }
      group.problems.push(dataProblem('D013', { place, found: quoted(group.key) }))
    }
    if (group.problems.length > 0) return readProblem(group.number, group.problems, group.text)
    const fields = withLines(fieldsOf(layout.head, group.first), layout.hasLines ? group.lines : undefined)
    return readRecord({ row: group.number, line: group.first.line, text: group.text, lineAt: group.lineAt, fields })
  }
}

const isBlank = ({ cells }: Row): boolean => !hasText(cells[0]) && !cells.some(hasText)

function hasText(cell: string | undefined): boolean {
  if (cell === undefined || cell === '') return false
  const code = cell.charCodeAt(0)
  return (code > 32 && code < 127) || cell.trim() !== ''
}

/** The text of the first cells of a row; undefined where there are none, or one of them has a quote. */
function beginningOf({ cells, text }: Row, count: number, { delimiter, quote }: CsvFormat): Beginning | undefined {
  if (count === 0) return undefined
  let length = count * delimiter.length
  for (let i = 0; i < count; i++) length += cells[i]?.length ?? 0
  const beginning = text.slice(0, length)
  return quote !== '' && beginning.includes(quote) ? undefined : { text: beginning, cells: count }
}

/** Fields of one side of a row; undefined when none of its cells has a value. */
function fieldsOf({ side, columns, values }: SideLayout, row: Row) {
  let found = false
  for (let i = 0; i < columns.length; i++) {
    const at = (columns[i] ?? -1) - row.leftOut
    const cell = at < 0 ? undefined : row.cells[at]
    found ||= hasText(cell)
    values[i] = leafText(side.leaves[i], cell)
  }
  return found ? build(side.plan, values) : undefined
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
  const columns = (side: Side): number[] => side.leaves.map((leaf) => find(leaf.source))
  const [head, lines, key] = [columns(mapping.head), columns(mapping.lines), find(format.groupBy)]
  if (![...head, ...lines].some((at) => at >= 0) && problems.length === 0) {
    problems.push(
      missingColumn('number', names, row.line, 'Set format.fields: no column has the name of an Orderly field.'),
    )
  }
  if (problems.length > 0) throw new ReadFailure(problems)
  return {
    width: names.length,
    names,
    hasLines: mapping.hasLines,
    head: { side: mapping.head, columns: head, values: [] },
    lines: { side: mapping.lines, columns: lines, values: [] },
    key,
    ahead: aheadOf([...head, key], lines),
  }
}

/** Number of columns before the first of the lines, where all columns of the record stand before it; else 0. */
function aheadOf(head: readonly number[], lines: readonly number[]): number {
  const firstOfLines = Math.min(...lines.filter((at) => at >= 0))
  return Math.max(...head) < firstOfLines && Number.isFinite(firstOfLines) ? firstOfLines : 0
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
