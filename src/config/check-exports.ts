/**
 * Exports: fields must be in the catalogue of their kind, file names possible and never the same twice.
 *
 * Throws nothing.
 */
import { exportFields } from '../core/export-fields.ts'
import { datePatterns, doneFileName, encoding } from './check-imports.ts'
import type { CheckContext } from './check-context.ts'
import type { Finding, Path } from './finding.ts'
import { didYouMean } from './nearest.ts'
import type { Export } from './schema.ts'

export const checkExports = ({ config }: Pick<CheckContext, 'config'>): readonly Finding[] =>
  Object.entries(config.exports).flatMap(([code, entry]) => {
    const path = ['exports', code]
    const format = [...path, 'format']
    return [
      ...fieldNames(entry, format),
      ...fileName(entry.file, [...path, 'file']),
      ...(entry.doneFile === undefined ? [] : doneFileName(entry.doneFile, [...path, 'doneFile'])),
      ...datePatterns(entry.format.dates, [...format, 'dates']),
      ...encoding(entry.format.encoding, [...format, 'encoding']),
      ...marks(entry, format),
      ...elementNames(entry, format),
      ...formulaGuard(entry, path),
      ...neverAnswered(entry, path),
    ]
  })

const answered: readonly Export['kind'][] = ['clearing', 'invoice', 'dispatch', 'orderToStore']

function neverAnswered({ kind, expectAnswer }: Export, path: Path): readonly Finding[] {
  if (expectAnswer === undefined || answered.includes(kind)) return []
  const message = `nothing answers an export of kind ${kind}`
  const place: Path = [...path, 'expectAnswer']
  return [{ code: 'C098', severity: 'warning', path: place, at: 'key', message, expected: answered.join(', ') }]
}

function fieldNames({ kind, format }: Export, path: Path): readonly Finding[] {
  const known = Object.keys(exportFields[kind])
  const key = format.type === 'csv' ? 'columns' : 'fields'
  return Object.entries(chosenFields(format) ?? {}).flatMap(([column, field]): readonly Finding[] => {
    if (known.includes(field)) return []
    const message = `${kind} exports have no field "${field}"`
    const hint = didYouMean(field, known) ?? 'See docs/fields.md.'
    return [{ code: 'C092', path: [...path, key, column], message, hint }]
  })
}

function chosenFields(format: Export['format']): Readonly<Record<string, string>> | undefined {
  if (format.type === 'text') return undefined
  return format.type === 'csv' ? format.columns : format.fields
}

const placeholders = ['export', 'date', 'time', 'seq', 'company', 'period', 'ext']

function fileName(pattern: string, path: Path): readonly Finding[] {
  const names = [...pattern.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '')
  const strange = names.find((name) => !placeholders.includes(name.replace(/^seq:([1-9]|1[0-2])$/, 'seq')))
  const expected = placeholders.map((name) => `{${name === 'seq' ? 'seq:6' : name}}`).join(' ')
  if (strange !== undefined) {
    const hint = didYouMean(strange, placeholders)
    return [{ code: 'C051', path, message: `"{${strange}}" is no placeholder`, expected, ...(hint ? { hint } : {}) }]
  }
  // separators, what Windows shares refuse, and names that would be hidden
  if (/[/\\<>:"|?*\p{Cc}]/u.test(pattern.replaceAll(/\{[^{}]*\}/g, '')) || pattern.startsWith('.')) {
    return [{ code: 'C051', path, message: 'a file name cannot hold / \\ < > : " | ? * or begin with a dot' }]
  }
  if (names.some((name) => name.startsWith('seq'))) return []
  const message = 'without {seq} two files can get the same name, and the second would have to wait'
  return [{ code: 'C051', path, severity: 'warning', message, hint: 'Add {seq:6}.' }]
}

function marks({ format }: Export, path: Path): readonly Finding[] {
  if (format.type !== 'csv' || format.delimiter !== format.quote) return []
  return [{ code: 'C094', path: [...path, 'quote'], message: 'delimiter and quote are the same mark' }]
}

/** XML names (XML 1.0 §2.3, without colons, which would be prefixes). */
function elementNames({ format }: Export, path: Path): readonly Finding[] {
  if (format.type !== 'xml') return []
  const names: readonly (readonly [string, Path])[] = [
    [format.root, [...path, 'root']],
    [format.record, [...path, 'record']],
    ...Object.keys(format.fields ?? {}).map((name) => [name, [...path, 'fields', name]] as const),
  ]
  return names.flatMap(([name, place]): readonly Finding[] =>
    /^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(name) && !/^xml/i.test(name)
      ? []
      : [{ code: 'C017', path: place, at: 'key', message: `"${name}" cannot be the name of an XML element` }],
  )
}

/** Decision 11: what people open in a spreadsheet is guarded; in other formats the setting would do nothing. */
function formulaGuard({ audience, format }: Export, path: Path): readonly Finding[] {
  if (audience === 'erp' || format.type === 'csv') return []
  const message = `audience: human guards CSV cells against formulas; ${format.type} has none`
  return [{ code: 'C094', path: [...path, 'audience'], severity: 'warning', message }]
}
