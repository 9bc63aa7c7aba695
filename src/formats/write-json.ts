/**
 * Export lines as a JSON list, one object a line: the same lines give the same text.
 *
 * Decimals are JSON numbers with exactly the digits of the line (text where the decimal mark is a
 * comma); dates follow the pattern; absent fields are left out. Lists and groups stay what they
 * are. Throws nothing.
 */
import type { Export } from '../config/schema.ts'
import type { ExportFields, ExportValue } from '../core/batch.ts'
import type { FieldType } from '../core/export-fields.ts'
import { isDecimal } from '../core/money.ts'
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
  return { kind: 'text', text: objects.length === 0 ? `[]${end}` : `[${end}${objects.join(`,${end}`)}${end}]${end}` }
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
