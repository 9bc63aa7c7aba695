/**
 * Writes the lines of an export as the bytes of its file: the same lines give the same bytes.
 *
 * A character that the encoding lacks, a value that the layout cannot hold or a wrong template is
 * a problem with its line and field: no file is written with a hole or a replacement. Does no I/O.
 * Throws RangeError on a date pattern that the config check should have refused.
 */
import iconv from 'iconv-lite'

import { assertNever } from '../core/assert-never.ts'
import type { ExportFields } from '../core/batch.ts'
import type { Problem } from '../core/problem.ts'
import { dataProblem, quoted } from './data-problem.ts'
import type { ExportSpec, Rendered } from './export-values.ts'
import { writeCsv } from './write-csv.ts'
import { writeJson } from './write-json.ts'
import { writeText } from './write-text.ts'
import { writeXml } from './write-xml.ts'

export type Written =
  | { readonly kind: 'written'; readonly bytes: Uint8Array }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }

export function writeExport(lines: readonly ExportFields[], spec: ExportSpec): Written {
  const rendered = render(lines, spec)
  if (rendered.kind === 'problems') return rendered
  return encode(rendered.text, spec.format.encoding, lines)
}

function render(lines: readonly ExportFields[], spec: ExportSpec): Rendered {
  const { format } = spec
  switch (format.type) {
    case 'csv':
      return writeCsv(lines, spec, format)
    case 'json':
      return writeJson(lines, spec, format)
    case 'xml':
      return writeXml(lines, spec, format)
    case 'text':
      return writeText(lines, spec, format)
    default:
      return assertNever(format, 'export format')
  }
}

/** Encodes strictly: what comes back by decoding must be the text. */
function encode(text: string, encoding: string, lines: readonly ExportFields[]): Written {
  const known: boolean = iconv.encodingExists(encoding)
  if (!known) return { kind: 'problems', problems: [dataProblem('X006', { found: quoted(encoding) })] }
  const bytes = iconv.encode(text, encoding)
  const back = iconv.decode(bytes, encoding, { stripBOM: !text.startsWith('\ufeff') })
  if (back === text) return { kind: 'written', bytes }
  let at = 0
  while (at < text.length && text[at] === back[at]) at++
  return { kind: 'problems', problems: [lacking(text, at, encoding, lines)] }
}

/** Names the character, and the first line and field that hold it. */
function lacking(text: string, at: number, encoding: string, lines: readonly ExportFields[]): Problem {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
  const code = (text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  const record = lines.findIndex((line) => Object.values(line).some((value) => holds(value, character)))
  const path = Object.entries(lines[record] ?? {}).find(([, value]) => holds(value, character))?.[0]
  const place = record < 0 ? {} : { record: record + 1, ...(path === undefined ? {} : { path }) }
  return dataProblem('X001', { place, found: `${quoted(character)} (U+${code})`, expected: encoding })
}

const holds = (value: unknown, character: string): boolean => typeof value === 'string' && value.includes(character)
