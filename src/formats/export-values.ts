/**
 * Values of export lines in the dialect of the file, and which of them a file holds.
 *
 * Lines hold canonical text (decimal point, ISO dates); this gives the decimal mark, the date
 * pattern and, for files that people open, the guard against formulas (OWASP CSV injection: a
 * leading = + - @ tab or CR). Fields unchanged otherwise. Throws RangeError on a wrong date pattern.
 */
import type { Export, ExportKind } from '../config/schema.ts'
import type { ExportFields, ExportValue } from '../core/batch.ts'
import type { FileControl } from '../core/clearing-control.ts'
import { exportFields } from '../core/export-fields.ts'
import type { ExportField, FieldType } from '../core/export-fields.ts'
import { isDecimal } from '../core/money.ts'
import type { Problem } from '../core/problem.ts'
import { dataProblem, quoted } from './data-problem.ts'
import { compileDatePattern, formatDate } from './values.ts'

export interface ExportSpec {
  readonly kind: ExportKind
  readonly format: Export['format']
  readonly audience: Export['audience']
  /** Of a clearing file; where it stands is the config's. */
  readonly control?: { readonly place: Export['control']; readonly of: FileControl }
  /** Text of the template file, for format text. */
  readonly templateText?: string
}

/** Text of the file before it is encoded, or why there is none. */
export type Rendered =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }

/** A column of the file: its name there and the field that fills it. */
export interface Column {
  readonly name: string
  readonly field: string
  readonly type: FieldType
}

const catalogueOf = (kind: ExportKind): Readonly<Record<string, ExportField>> => exportFields[kind]

/** Columns as the config names them, or every field of the kind in the order of the catalogue. */
export function columnsOf(kind: ExportKind, columns: Readonly<Record<string, string>> | undefined): readonly Column[] {
  const catalogue = catalogueOf(kind)
  const pairs =
    columns === undefined ? Object.keys(catalogue).map((name) => [name, name] as const) : Object.entries(columns)
  return pairs.map(([name, field]) => ({ name, field, type: fieldType(kind, field) ?? 'text' }))
}

/** The type of a field of the kind; undefined when the kind has none such. */
export function fieldType(kind: ExportKind, field: string): FieldType | undefined {
  const catalogue = catalogueOf(kind)
  return Object.hasOwn(catalogue, field) ? catalogue[field]?.type : undefined
}

/** Columns whose field the kind does not have. */
export const unknownColumns = (kind: ExportKind, columns: readonly Column[]): readonly Problem[] =>
  columns
    .filter(({ field }) => fieldType(kind, field) === undefined)
    .map(({ field }) => dataProblem('X005', { found: quoted(field) }))

export type ToText = (value: string, type: FieldType) => string

/** The function that writes one value of the file. */
export function valueWriter(format: Export['format'], audience: Export['audience']): ToText {
  const pattern = compileDatePattern(format.dates)
  const guard = audience === 'human'
  return (value, type) => {
    if (type === 'decimal' && isDecimal(value)) return format.decimal === ',' ? value.replace('.', ',') : value
    if (type === 'date') return formatDate(value, pattern) ?? value
    return guard && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  }
}

/** The text of a field of a line: '' when it is absent, undefined when it is a list or group. */
export function textOf(line: ExportFields, field: string): string | undefined {
  const value: ExportValue | undefined = Object.hasOwn(line, field) ? line[field] : undefined
  if (value === undefined) return ''
  return typeof value === 'string' ? value : undefined
}

export const notSingle = (line: number, field: string): Problem =>
  dataProblem('X007', { place: { record: line, path: field } })
