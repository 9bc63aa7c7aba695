/**
 * Imports: fields must be in the catalogue of their kind, required ones mapped, marks and kinds must fit.
 *
 * UBL and camt know their fields themselves; in the others what is mapped or constant counts. Without any
 * mapping the file's own names are taken as the canonical ones. Throws nothing.
 */
import { encodingExists } from 'iconv-lite'
import type { CheckContext } from './check-context.ts'
import type { Finding, Path } from './finding.ts'
import { importField, importFields } from './import-fields.ts'
import { eachOf } from './names.ts'
import { didYouMean } from './nearest.ts'
import type { Import, ImportFormat } from './schema.ts'

export const checkImports = ({ config }: Pick<CheckContext, 'config'>): readonly Finding[] =>
  Object.entries(config.imports).flatMap(([code, entry]) => {
    const path = ['imports', code]
    const format = [...path, 'format']
    return [
      ...kindFits(entry, format),
      ...fieldNames(entry, format),
      ...requiredFields(entry, format),
      ...linesPlace(entry.format, format),
      ...outerValues(entry, path),
      ...marks(entry.format, format),
      ...datePatterns(entry.format.dates, [...format, 'dates']),
      ...encoding(entry.format.encoding, [...format, 'encoding']),
      ...doneFile(entry, path),
      ...wholeFile(entry, path),
    ]
  })

/** Bank statements name their account and fields themselves. */
const isStatement = ({ type }: ImportFormat): boolean => ['camt', 'mt940', 'coda', 'bai2', 'ofx'].includes(type)

function kindFits({ kind, format }: Import, path: Path): readonly Finding[] {
  const only = format.type === 'ubl' ? 'orders' : isStatement(format) ? 'payments' : kind
  if (only === kind) return []
  return [{ code: 'C093', path: [...path, 'type'], message: `${format.type} files hold ${only}, not ${kind}` }]
}

function fieldNames({ kind, format }: Import, path: Path): readonly Finding[] {
  return (['fields', 'constants', 'values'] as const).flatMap((part) =>
    Object.keys(format[part]).flatMap((name): readonly Finding[] => {
      if (importField(kind, name)) return []
      const hint = didYouMean(name, Object.keys(importFields[kind])) ?? 'See docs/fields.md.'
      return [
        { code: 'C090', path: [...path, part, name], at: 'key', message: `${kind} have no field "${name}"`, hint },
      ]
    }),
  )
}

function requiredFields({ kind, format }: Import, path: Path): readonly Finding[] {
  if (format.type === 'ubl' || isStatement(format)) return []
  const mapped = Object.keys(format.fields)
  const namesItself = mapped.length === 0 && !(format.type === 'csv' && !format.header)
  if (namesItself) return []
  return Object.entries(importFields[kind]).flatMap(([name, { required, about }]): readonly Finding[] => {
    if (!required || mapped.includes(name) || Object.hasOwn(format.constants, name)) return []
    const message = `"${name}" (${about}) is not mapped`
    const hint = 'Name its column or path, or give it under constants.'
    return [{ code: 'C091', path: [...path, 'fields', name], at: 'key', message, hint }]
  })
}

/** In XML the lines of a record have a path of their own. */
function linesPlace(format: ImportFormat, path: Path): readonly Finding[] {
  if (format.type !== 'xml' || format.lines !== undefined) return []
  const line = Object.keys(format.fields).find((name) => name.startsWith('lines.'))
  if (line === undefined) return []
  const message = `"${line}" is mapped, but "lines" does not say where the lines are`
  return [{ code: 'C096', path: [...path, 'lines'], at: 'key', message, expected: 'a path such as Lines/Line' }]
}

/** Channel and account stand in the file or beside `folder`. */
function outerValues({ kind, channel, account, format }: Import, path: Path): readonly Finding[] {
  const has = (name: string): boolean => Object.hasOwn(format.fields, name) || Object.hasOwn(format.constants, name)
  const lacks = (key: string, who: string): readonly Finding[] => [
    { code: 'C091', path: [...path, key], at: 'key', message: `"${key}" is missing: ${who}`, hint: `Name the ${key}.` },
  ]
  if (kind === 'orders' && channel === undefined && !has('channel')) return lacks('channel', 'each order has one')
  if (kind === 'payments' && account === undefined && !isStatement(format) && !has('account')) {
    return lacks('account', 'each payment has one')
  }
  return []
}

function marks(format: ImportFormat, path: Path): readonly Finding[] {
  const same = (key: string, message: string): readonly Finding[] => [{ code: 'C094', path: [...path, key], message }]
  if (format.thousands === format.decimal) return same('thousands', 'decimal and thousands are the same mark')
  if (format.type !== 'csv') return []
  if (format.delimiter === format.quote) return same('quote', 'delimiter and quote are the same mark')
  return /[\r\n]/.test(format.delimiter) ? same('delimiter', 'a line end cannot stand between columns') : []
}

/** A date needs year, month and day, each once. */
export function datePatterns(patterns: string | readonly string[], path: Path): readonly Finding[] {
  return eachOf(patterns, path).flatMap(([pattern, place]): readonly Finding[] => {
    const parts = pattern.match(/([a-zA-Z])\1*/g) ?? []
    const known = ['yyyy', 'yy', 'MM', 'M', 'dd', 'd', 'HH', 'H', 'mm', 'ss', 'T']
    const strange = parts.find((part) => !known.includes(part))
    const letters = parts.map((part) => part[0])
    const complete = ['y', 'M', 'd'].every((letter) => letters.filter((other) => other === letter).length === 1)
    if (strange === undefined && complete) return []
    const message = strange === undefined ? 'the pattern is not one whole date' : `"${strange}" is no part of a date`
    const hint = /mm/.test(pattern) && !/MM/.test(pattern) ? { hint: 'MM is the month, mm the minute.' } : {}
    return [{ code: 'C094', path: place, message, expected: 'e.g. dd.MM.yyyy or yyyy-MM-dd HH:mm', ...hint }]
  })
}

export function encoding(name: string | undefined, path: Path): readonly Finding[] {
  if (name === undefined || encodingExists(name)) return []
  const known = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1250', 'windows-1252', 'iso-8859-1', 'iso-8859-2', 'cp852']
  const hint = didYouMean(name, known)
  return [
    { code: 'C046', path, message: 'there is no such encoding', expected: known.join(', '), ...(hint ? { hint } : {}) },
  ]
}

/** N27: only statuses can be tried before any of them takes effect. */
function wholeFile({ kind, atomic, onBadRecord }: Import, path: Path): readonly Finding[] {
  if (!atomic) return []
  const at = [...path, 'atomic']
  if (kind !== 'orderStatus' && kind !== 'collectStatus') {
    return [{ code: 'C097', path: at, message: `files of kind ${kind} cannot be atomic`, expected: 'false' }]
  }
  if (onBadRecord === 'rejectFile') return []
  return [{ code: 'C097', path: at, message: 'one bad row rejects the file: onBadRecord: rejectRecord says otherwise' }]
}

function doneFile({ ready }: Import, path: Path): readonly Finding[] {
  if (typeof ready !== 'object' || !('doneFile' in ready)) return []
  return doneFileName(ready.doneFile, [...path, 'ready', 'doneFile'])
}

/** The companion is found by the name of its file, so the name must be in it, and something more. */
export function doneFileName(name: string, path: Path): readonly Finding[] {
  const fits = name.includes('{name}') && name !== '{name}' && !/[/\\]/.test(name)
  return fits
    ? []
    : [{ code: 'C052', path, message: 'this cannot be the name of a done file', expected: '"{name}.done"' }]
}
