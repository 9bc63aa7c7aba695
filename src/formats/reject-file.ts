/**
 * The texts that lie beside a rejected file, and the refused rows in the file's own layout.
 *
 * `problemsText` is for people, `problemsJson` for machines; `rejectedFile` puts the refused
 * records behind the head of the file (skipped lines, header), encoded as the file was, ready to
 * be mended and dropped again. XML has no such rows. Pure; `readHead` throws what `chunks` throws.
 */
import iconv from 'iconv-lite'

import type { ImportFormat } from '../config/schema.ts'
import { formatProblem } from '../core/problem.ts'
import type { Problem } from '../core/problem.ts'
import { CsvRows } from './csv-rows.ts'
import { ReadFailure } from './data-problem.ts'
import { createDecoder } from './decode.ts'
import type { Chunks } from './open-format.ts'

export interface Counted {
  /** Records read and refused. */
  readonly read: number
  readonly refused: number
}

/** `NAME.problems.txt`. Warnings come after errors; a long list says that it was cut. */
export function problemsText(name: string, counted: Counted, problems: readonly Problem[]): string {
  const clean = harmless(JSON.stringify(name).slice(1, -1))
  const errors = problems.filter((problem) => problem.severity === 'error')
  const warnings = problems.filter((problem) => problem.severity === 'warning')
  const lines = [
    `${clean}: ${counted.refused} of ${counted.read} records refused, ${errors.length} problems, ${warnings.length} warnings`,
    '',
    ...[...errors, ...warnings].map((problem) => inFile(problem, clean)),
    '',
  ]
  return lines.join('\n')
}

/** `NAME.problems.json`, one problem an element, with the fields of a Problem. */
export function problemsJson(name: string, counted: Counted, problems: readonly Problem[]): string {
  const { read, refused } = counted
  return `${JSON.stringify({ file: name, read, refused, problems }, undefined, 2)}\n`
}

/** Names and values come from outside, and people read this at a terminal. */
const inFile = (problem: Problem, file: string): string =>
  harmless(formatProblem({ ...problem, place: { ...problem.place, file: problem.place.file ?? file } }))

const harmless = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`)

/** What stands before the records, and how the file is written. */
export interface FileHead {
  /** Skipped lines and header with their line ends; '' for files without. */
  readonly text: string
  readonly lineEnd: '\n' | '\r\n' | '\r'
  readonly encoding: string
  /** Whether the file begins with a byte order mark. */
  readonly marked: boolean
}

/** Reads the head of a file of rows; undefined for formats without rows, or when it cannot be read. */
export async function readHead(chunks: Chunks, format: ImportFormat): Promise<FileHead | undefined> {
  if (format.type !== 'csv' && format.type !== 'jsonl' && format.type !== 'json') return undefined
  const decoder = createDecoder({ encoding: format.encoding })
  const finder = new HeadFinder(format)
  const headWith = (found: Pick<FileHead, 'text' | 'lineEnd'> | undefined): FileHead | undefined =>
    found && { ...found, encoding: decoder.encoding ?? 'utf-8', marked: decoder.marked }
  try {
    for await (const bytes of chunks) {
      const head = headWith(finder.push(decoder.write(bytes), false))
      if (head) return head
    }
    return headWith(finder.push(decoder.end(), true))
  } catch (error) {
    if (error instanceof ReadFailure) return undefined
    throw error
  }
}

/** Finds the end of the head: of the skipped lines, and of the first row where that is the header. */
class HeadFinder {
  readonly #rows: CsvRows
  readonly #skip: number
  readonly #header: boolean
  #text = ''

  constructor(format: ImportFormat) {
    const csv = format.type === 'csv' ? format : undefined
    this.#skip = csv?.skipRows ?? 0
    this.#header = csv?.header ?? false
    this.#rows = new CsvRows({ delimiter: csv?.delimiter ?? '\n', quote: csv?.quote ?? '', skip: this.#skip })
  }

  push(text: string, last: boolean): Pick<FileHead, 'text' | 'lineEnd'> | undefined {
    this.#text += text
    this.#rows.feed(text)
    const first = this.#rows.next(last)
    if (!first) return undefined
    const { lineEnd } = this.#rows
    const skipped = indexAfterLines(this.#text, this.#skip, lineEnd === '\r' ? '\r' : '\n')
    if (!this.#header) return { text: this.#text.slice(0, skipped), lineEnd }
    const end = this.#text.indexOf(first.text, skipped) + first.text.length
    return { text: this.#text.slice(0, end) + lineEnd, lineEnd }
  }
}

function indexAfterLines(text: string, lines: number, lineEnd: string): number {
  let at = 0
  for (let i = 0; i < lines; i++) {
    const end = text.indexOf(lineEnd, at)
    if (end < 0) return at
    at = end + 1
  }
  return at
}

/** The refused records (`text` of the problems) behind the head, in the encoding of the file. */
export function rejectedFile(head: FileHead, texts: readonly string[], format: ImportFormat): Uint8Array {
  const body =
    format.type === 'json'
      ? inPath(`[${head.lineEnd}${texts.join(`,${head.lineEnd}`)}${head.lineEnd}]`, format.records) + head.lineEnd
      : texts.map((text) => text + head.lineEnd).join('')
  return iconv.encode(head.text + body, head.encoding, { addBOM: head.marked })
}

/** The list at the path where the config looks for it. */
const inPath = (list: string, path: string | undefined): string =>
  (path === undefined || path === '' ? [] : path.split('.')).reduceRight(
    (inner, key) => `{${JSON.stringify(key)}:${inner}}`,
    list,
  )
