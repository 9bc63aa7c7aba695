/**
 * Export lines as XML: an outer element, one element a line, one a field.
 *
 * Escapes what must be escaped; characters that XML 1.0 cannot hold (section 2.2) are a problem,
 * never dropped. Element names must be names. Absent fields are left out. The declaration names
 * the encoding of the file. Throws nothing.
 */
import type { Export } from '../config/schema.ts'
import type { ExportFields } from '../core/batch.ts'
import type { Problem } from '../core/problem.ts'
import type { ControlSum } from '../core/clearing.ts'
import { type ControlValue, fileValues, sumValues } from './control-part.ts'
import { dataProblem, quoted } from './data-problem.ts'
import { columnsOf, notSingle, textOf, unknownColumns, valueWriter } from './export-values.ts'
import type { ExportSpec, Rendered, ToText } from './export-values.ts'

type XmlFormat = Extract<Export['format'], { type: 'xml' }>

const elementName = /^[\p{L}_][\p{L}\p{N}._-]*$/u
// eslint-disable-next-line no-control-regex
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u

export function writeXml(lines: readonly ExportFields[], spec: ExportSpec, format: XmlFormat): Rendered {
  const columns = columnsOf(spec.kind, format.fields)
  const names = [format.root, format.record, ...columns.map(({ name }) => name)]
  const problems: Problem[] = [
    ...unknownColumns(spec.kind, columns),
    ...names.filter((name) => !elementName.test(name)).map((name) => dataProblem('X006', { found: quoted(name) })),
  ]
  const write = valueWriter(format, spec.audience)
  const records = lines.map((line, i) => {
    const elements = columns.map(({ name, field, type }) => {
      const text = textOf(line, field)
      if (text === undefined) problems.push(notSingle(i + 1, field))
      if (text === undefined || text === '') return ''
      const bad = forbidden.exec(text)
      if (bad) problems.push(forbiddenCharacter(bad[0], i + 1, field))
      return `    <${name}>${escapeXml(write(text, type))}</${name}>\n`
    })
    return `  <${format.record}>\n${elements.join('')}  </${format.record}>\n`
  })
  if (problems.length > 0) return { kind: 'problems', problems }
  const head = `<?xml version="1.0" encoding="${format.encoding.toUpperCase()}"?>\n<${format.root}>\n`
  const control = controlElement(spec, write)
  const body = spec.control?.place === 'header' ? control + records.join('') : records.join('') + control
  const text = `${head}${body}</${format.root}>\n`
  return { kind: 'text', text: format.lineEnd === 'crlf' ? text.replace(/\r?\n/g, '\r\n') : text }
}

/** `Control` with the values of the file, a `Sum` for each type and a `Total` over all. */
function controlElement({ control }: ExportSpec, write: ToText): string {
  if (control === undefined || control.place === 'none') return ''
  const elements = (values: readonly ControlValue[], indent: string): string =>
    values
      .filter(({ value }) => value !== '')
      .map(({ name, value, type }) => `${indent}<${name}>${escapeXml(write(value, type))}</${name}>\n`)
      .join('')
  const group = (name: string, sum: ControlSum): string =>
    `    <${name}>\n${elements(sumValues(sum), '      ')}    </${name}>\n`
  const sums = control.of.sums.map((sum) => group('Sum', sum))
  const totals = control.of.totals.map((sum) => group('Total', sum))
  return `  <Control>\n${elements(fileValues(control.of), '    ')}${[...sums, ...totals].join('')}  </Control>\n`
}

/** For element content and attribute values; CR would be lost in reading, so it is written as a reference. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"'\r]/g, (c) => (c === '\r' ? '&#13;' : `&#${c.charCodeAt(0)};`))

export function forbiddenCharacter(character: string, record: number, path: string): Problem {
  const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? ''
  return dataProblem('X003', { place: { record, path }, found: `U+${code}` })
}
