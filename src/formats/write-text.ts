/**
 * Export lines by a mustache template of the admin's: `{{count}}` and `{{#lines}}…{{/lines}}`.
 *
 * The template comes as text and is checked on each use: tags must be fields of the kind, and
 * partials are refused. Values are escaped for XML or not at all, as the config says; they are
 * data, never template text. Throws RangeError on a wrong date pattern.
 */
import Mustache from 'mustache'

import type { Export, ExportKind } from '../config/schema.ts'
import type { ExportFields, ExportValue } from '../core/batch.ts'
import type { FileControl } from '../core/clearing-control.ts'
import type { ControlSum } from '../core/clearing.ts'
import type { Problem } from '../core/problem.ts'
import { controlNames, type ControlValue, fileValues, sumNames, sumValues } from './control-part.ts'
import { dataProblem, quoted } from './data-problem.ts'
import { fieldType, valueWriter } from './export-values.ts'
import type { ExportSpec, Rendered, ToText } from './export-values.ts'
import { escapeXml } from './write-xml.ts'

type TextFormat = Extract<Export['format'], { type: 'text' }>
type Token = readonly [type: string, value: string, start: number, end: number, children?: readonly Token[]]

export function writeText(lines: readonly ExportFields[], spec: ExportSpec, format: TextFormat): Rendered {
  const template = spec.templateText
  if (template === undefined)
    return refused(
      dataProblem('X004', { found: quoted(format.template), message: 'the template of the export is missing' }),
    )
  const problems = checkTemplate(template, spec.kind)
  if (problems.length > 0) return { kind: 'problems', problems }
  const write = valueWriter(format, spec.audience)
  const view = {
    count: String(lines.length),
    lines: lines.map((line) => viewOf(line, spec.kind, write)),
    ...(spec.control && { control: controlView(spec.control.of, write) }),
  }
  const escape = format.escape === 'xml' ? escapeXml : (text: string): string => text
  const text = new Mustache.Writer().render(template, view, undefined, { escape })
  const plain = text.replace(/\r\n/g, '\n')
  return { kind: 'text', text: format.lineEnd === 'crlf' ? plain.replace(/\n/g, '\r\n') : plain }
}

const refused = (problem: Problem): Rendered => ({ kind: 'problems', problems: [problem] })

/** Problems of the template: what mustache refuses, unknown fields, partials. */
export function checkTemplate(template: string, kind: ExportKind): readonly Problem[] {
  let tokens: readonly Token[] = []
  try {
    tokens = new Mustache.Writer().parse(template)
  } catch (error) {
    return [dataProblem('X004', { found: quoted(error instanceof Error ? error.message : String(error)) })]
  }
  return checkTokens(tokens, kind, template)
}

function checkTokens(tokens: readonly Token[], kind: ExportKind, template: string): readonly Problem[] {
  return tokens.flatMap(([type, value, start, , children]) => {
    const place = { line: template.slice(0, start).split('\n').length }
    if (type === 'text' || type === '!' || type === '=') return []
    if (type === '>') return [dataProblem('X004', { place, found: `{{>${value}}}`, expected: 'no partials' })]
    const name = value.split('.')[0] ?? ''
    const isControl = kind === 'clearing' && controlTags.has(value)
    const known = isControl || ['lines', 'count', '.'].includes(value) || fieldType(kind, name) !== undefined
    const own = known ? [] : [dataProblem('X005', { place, found: quoted(value) })]
    return [...own, ...checkTokens(children ?? [], kind, template)]
  })
}

/** Tags of the control figures of a clearing file, at the top and in their sections. */
const controlTags: ReadonlySet<string> = new Set([
  'control',
  'sums',
  'totals',
  'control.sums',
  'control.totals',
  ...controlNames.flatMap((name) => [name, `control.${name}`]),
  ...sumNames,
])

function controlView(control: FileControl, write: ToText): Record<string, unknown> {
  const view = (values: readonly ControlValue[]): Record<string, string> =>
    Object.fromEntries(values.map(({ name, value, type }) => [name, value === '' ? '' : write(value, type)]))
  const sums = (list: readonly ControlSum[]): readonly Record<string, string>[] =>
    list.map((sum) => view(sumValues(sum)))
  return { ...view(fileValues(control)), sums: sums(control.sums), totals: sums(control.totals) }
}

/** A line with its values written. */
function viewOf(line: ExportFields, kind: ExportKind, write: ToText): Record<string, unknown> {
  return Object.fromEntries(Object.entries(line).map(([name, value]) => [name, written(value, kind, name, write)]))
}

function written(value: ExportValue | undefined, kind: ExportKind, name: string, write: ToText): unknown {
  if (value === undefined) return undefined
  if (typeof value === 'string') return value === '' ? '' : write(value, fieldType(kind, name) ?? 'text')
  if (isList(value)) return value.map((each) => written(each, kind, name, write))
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, written(each, kind, key, write)]))
}

const isList = (value: ExportValue): value is readonly ExportValue[] => Array.isArray(value)
