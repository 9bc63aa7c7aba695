/**
 * Export lines as a JSON list, one object a line: the same lines give the same text.
 *
 * Decimals are JSON numbers with exactly the digits of the line (text where the decimal mark is a
 * comma); dates follow the pattern; absent fields are left out. Lists and groups stay what they
 * are. Throws nothing.
 */
import type { Export } from '../config/schema.ts'
import type { ExportFields, ExportValue } from '../core/batch.ts'
import type { FileControl } from '../core/clearing-control.ts'
import type { FieldType } from '../core/export-fields.ts'
import type { ControlSum } from '../core/clearing.ts'
import { isDecimal } from '../core/money.ts'
import { type ControlValue, fileValues, sumValues } from './control-part.ts'
import { columnsOf, unknownColumns, valueWriter } from './export-values.ts'
import type { ExportSpec, Rendered, ToText } from './export-values.ts'

type JsonFormat = Extract<Export['format'], { type: 'json' }>

export function writeJson(lines: readonly ExportFields[], spec: ExportSpec, format: JsonFormat): Rendered {
  const columns = columnsOf(spec.kind, format.fields)
  const problems = unknownColumns(spec.kind, columns)
  if (problems.length > 0) return { kind: 'problems', problems }
  const write = valueWriter(format, spec.audience)
  const end = format.lineEnd === 'crlf' ? '\r\n' : '\n'
  const objects = lines.map((line) => {
    const members = columns.flatMap(({ name, field, type }) => {
      const value = Object.hasOwn(line, field) ? line[field] : undefined
      return value === undefined ? [] : [`${JSON.stringify(name)}:${jsonOf(value, type, format.decimal, write)}`]
    })
    return `{${members.join(',')}}`
  })
  const list = objects.length === 0 ? '[]' : `[${end}${objects.join(`,${end}`)}${end}]`
  const { control } = spec
  if (control === undefined || control.place === 'none') return { kind: 'text', text: list + end }
  const members = [`"control":${controlObject(control.of, format.decimal, write)}`, `"lines":${list}`]
  const ordered = control.place === 'header' ? members : members.toReversed()
  return { kind: 'text', text: `{${ordered.join(`,${end}`)}}${end}` }
}

function controlObject(control: FileControl, decimal: '.' | ',', write: ToText): string {
  const members = (values: readonly ControlValue[]): readonly string[] =>
    values
      .filter(({ value }) => value !== '')
      .map(({ name, value, type }) => `${JSON.stringify(name)}:${jsonOf(value, type, decimal, write)}`)
  const list = (sums: readonly ControlSum[]): string =>
    `[${sums.map((sum) => `{${members(sumValues(sum)).join(',')}}`).join(',')}]`
  const own = members(fileValues(control))
  return `{${[...own, `"sums":${list(control.sums)}`, `"totals":${list(control.totals)}`].join(',')}}`
}

function jsonOf(value: ExportValue, type: FieldType, decimal: '.' | ',', write: ToText): string {
  if (typeof value === 'string') {
    if (type === 'decimal' && decimal === '.' && isDecimal(value)) return value.replace(/^(-?)0+(?=\d)/, '$1')
    return JSON.stringify(write(value, type))
  }
  if (isList(value)) return `[${value.map((each) => jsonOf(each, type, decimal, write)).join(',')}]`
  const members = Object.entries(value).flatMap(([name, each]) =>
    each === undefined ? [] : [`${JSON.stringify(name)}:${jsonOf(each, 'text', decimal, write)}`],
  )
  return `{${members.join(',')}}`
}

const isList = (value: ExportValue): value is readonly ExportValue[] => Array.isArray(value)
