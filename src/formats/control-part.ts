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

const text = (name: string, value: string | number = ''): ControlValue => ({ name, value: String(value), type: 'text' })
const date = (name: string, value: string): ControlValue => ({ name, value, type: 'date' })

export const fileValues = (control: FileControl): readonly ControlValue[] => [
  text('export', control.export),
  text('company', control.company),
  text('sequence', control.sequence),
  text('name', control.name),
  text('period', control.period),
  date('from', control.from),
  date('to', control.to),
  text('count', control.count),
  text('replaces', control.replaces),
]

/** `type` is empty in a sum over all types. */
export function sumValues(sum: ControlSum): readonly ControlValue[] {
  const amount = (name: string, minor: number): ControlValue => ({
    name,
    value: fromMinor(minor, sum.currency),
    type: 'decimal',
  })
  return [
    text('company', sum.company),
    text('counterCompany', sum.counterCompany),
    text('type', sum.type),
    text('currency', sum.currency),
    text('count', sum.count),
    amount('net', sum.net),
    amount('vat', sum.vat),
    amount('gross', sum.gross),
  ]
}

/** Names that a template may use under `control`. */
export const controlNames = [
  'export',
  'company',
  'sequence',
  'name',
  'period',
  'from',
  'to',
  'count',
  'replaces',
] as const
/** Names that it may use in `control.sums` and `control.totals`. */
export const sumNames = ['company', 'counterCompany', 'type', 'currency', 'count', 'net', 'vat', 'gross'] as const
