/**
 * The control part of a clearing file as named values: the file itself, its sums by type, its sums over all.
 *
 * Each layout writes them in its own way. Amounts are decimals with a point, dates `yyyy-MM-dd`. Throws nothing.
 */
import type { FileControl } from '../core/clearing-control.ts'
import type { FieldType } from '../core/export-fields.ts'
import type { ControlSum } from '../core/clearing.ts'
import { fromMinor } from '../core/money.ts'

export interface ControlValue {
  readonly name: string
  readonly value: string
  readonly type: FieldType
}

interface ControlField<T> {
  readonly name: string
  readonly type: FieldType
  readonly of: (from: T) => string | number | undefined
}

const fileFields: readonly ControlField<FileControl>[] = [
  { name: 'export', type: 'text', of: (file) => file.export },
  { name: 'company', type: 'text', of: (file) => file.company },
  { name: 'sequence', type: 'text', of: (file) => file.sequence },
  { name: 'name', type: 'text', of: (file) => file.name },
  { name: 'period', type: 'text', of: (file) => file.period },
  { name: 'from', type: 'date', of: (file) => file.from },
  { name: 'to', type: 'date', of: (file) => file.to },
  { name: 'count', type: 'text', of: (file) => file.count },
  { name: 'replaces', type: 'text', of: (file) => file.replaces },
]

/** `type` is empty in a sum over all types. */
const sumFields: readonly ControlField<ControlSum>[] = [
  { name: 'company', type: 'text', of: (sum) => sum.company },
  { name: 'counterCompany', type: 'text', of: (sum) => sum.counterCompany },
  { name: 'type', type: 'text', of: (sum) => sum.type },
  { name: 'currency', type: 'text', of: (sum) => sum.currency },
  { name: 'count', type: 'text', of: (sum) => sum.count },
  { name: 'net', type: 'decimal', of: (sum) => fromMinor(sum.net, sum.currency) },
  { name: 'vat', type: 'decimal', of: (sum) => fromMinor(sum.vat, sum.currency) },
  { name: 'gross', type: 'decimal', of: (sum) => fromMinor(sum.gross, sum.currency) },
]

const valuesOf = <T>(fields: readonly ControlField<T>[], from: T): readonly ControlValue[] =>
  fields.map(({ name, type, of }) => ({ name, type, value: String(of(from) ?? '') }))

export const fileValues = (control: FileControl): readonly ControlValue[] => valuesOf(fileFields, control)
export const sumValues = (sum: ControlSum): readonly ControlValue[] => valuesOf(sumFields, sum)

/** Names that a template may use under `control`. */
export const controlNames = fileFields.map(({ name }) => name)
/** Names that it may use in `control.sums` and `control.totals`. */
export const sumNames = sumFields.map(({ name }) => name)
