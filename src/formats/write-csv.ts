/**
 * Export lines as CSV (RFC 4180): the same lines give the same text.
 *
 * Quotes stand where they are needed and only there: around the delimiter, a quote, a line break,
 * outer blanks, and a value that would leave its row blank. Without quotes such a value is a
 * problem, never a shifted row. Lists cannot be columns. Throws nothing.
 */
import type { Export } from '../config/schema.ts'
import type { ExportFields } from '../core/batch.ts'
import type { Problem } from '../core/problem.ts'
import { type ControlValue, fileValues, sumValues } from './control-part.ts'
import { dataProblem, quoted } from './data-problem.ts'
import { columnsOf, notSingle, textOf, unknownColumns, valueWriter } from './export-values.ts'
import type { ExportSpec, Rendered, ToText } from './export-values.ts'

type CsvFormat = Extract<Export['format'], { type: 'csv' }>

export function writeCsv(lines: readonly ExportFields[], spec: ExportSpec, format: CsvFormat): Rendered {
  const columns = columnsOf(spec.kind, format.columns)
  const problems: Problem[] = [...unknownColumns(spec.kind, columns)]
  const write = valueWriter(format, spec.audience)
  const end = format.lineEnd === 'crlf' ? '\r\n' : '\n'
  const cell = (text: string, record: number | undefined, path: string): string => {
    if (!needsQuotes(text, format, columns.length)) return text
    if (format.quote !== '') return quote(text, format.quote)
    if (text !== '') {
      const place = record === undefined ? { path } : { record, path }
      problems.push(dataProblem('X002', { place, found: quoted(text) }))
    }
    return text
  }
  const control = controlRows(spec, (text) => cell(text, undefined, 'control'), write, format.delimiter)
  const rows = format.header ? [columns.map(({ name }) => cell(name, undefined, name)).join(format.delimiter)] : []
  lines.forEach((line, i) => {
    const cells = columns.map(({ field, type }) => {
      const text = textOf(line, field)
      if (text === undefined) problems.push(notSingle(i + 1, field))
      return cell(text === undefined || text === '' ? '' : write(text, type), i + 1, field)
    })
    rows.push(cells.join(format.delimiter))
  })
  if (problems.length > 0) return { kind: 'problems', problems }
  const all = spec.control?.place === 'header' ? [...control, ...rows] : [...rows, ...control]
  return { kind: 'text', text: all.map((row) => row + end).join('') }
}

/** `FILE`, then `SUM` by type, then `TOTAL`; each names what it is in its first cell. */
function controlRows(
  { control }: ExportSpec,
  cell: (text: string) => string,
  write: ToText,
  delimiter: string,
): readonly string[] {
  if (control === undefined || control.place === 'none') return []
  const row = (word: string, values: readonly ControlValue[]): string =>
    [word, ...values.map(({ value, type }) => cell(value === '' ? '' : write(value, type)))].join(delimiter)
  return [
    row('FILE', fileValues(control.of)),
    ...control.of.sums.map((sum) => row('SUM', sumValues(sum))),
    ...control.of.totals.map((sum) => row('TOTAL', sumValues(sum))),
  ]
}

function needsQuotes(text: string, format: CsvFormat, columns: number): boolean {
  if (text === '') return columns === 1
  if (text.includes(format.delimiter) || /[\r\n]|^\s|\s$/.test(text)) return true
  return format.quote !== '' && text.includes(format.quote)
}

const quote = (text: string, mark: string): string => mark + text.replaceAll(mark, mark + mark) + mark
