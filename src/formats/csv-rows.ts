/**
 * CSV text to rows (RFC 4180, any delimiter, quote or none), chunk by chunk.
 *
 * Lines without a quote take the fast path: one search for the line end, one split. Line ends
 * are LF, CRLF, CR CR LF or, where the file has no LF at all, CR. A quote counts only where a cell
 * begins; `""` inside is one quote. Blank lines are skipped. Rows keep line and source text.
 * Throws ReadFailure on an unclosed quote (with the line where it opened) and on rows over 1 MiB.
 */
import type { Problem } from '../core/problem.ts'
import { dataProblem, failure, quoted } from './data-problem.ts'

export interface Row {
  /** 1-based line where the row starts. */
  readonly line: number
  readonly cells: readonly string[]
  /** As it stands in the file, without the last line end. */
  readonly text: string
  readonly problem?: Problem
}

export interface RowOptions {
  readonly delimiter: string
  readonly quote: string
  /** Lines to leave out at the start. */
  readonly skip: number
}

export const maxRecordLength = 1_048_576
/** Without a line end in so much text the file must have CR line ends, or none. */
const lineEndWindow = 65_536

export class CsvRows {
  readonly #delimiter: string
  readonly #quote: string
  #skip: number
  #buffer = ''
  #line = 1
  #lineEnd: '\n' | '\r' | undefined
  /** The line end of the file, for writing rows as they were. */
  lineEnd: '\n' | '\r\n' | '\r' = '\n'
  /** Index of the next quote at or after the current position; Infinity when there is none in the buffer. */
  #nextQuote = -1

  constructor(options: RowOptions) {
    this.#delimiter = options.delimiter
    this.#quote = options.quote
    this.#skip = options.skip
  }

  *push(text: string): Generator<Row> {
    this.#buffer = this.#buffer === '' ? text : this.#buffer + text
    yield* this.#rows(false)
  }

  *end(): Generator<Row> {
    yield* this.#rows(true)
    this.#buffer = ''
  }

  *#rows(last: boolean): Generator<Row> {
    const lineEnd = this.#chooseLineEnd(last)
    if (lineEnd === undefined) return
    const buffer = this.#buffer
    this.#nextQuote = -1
    let from = 0
    while (from < buffer.length) {
      let end = buffer.indexOf(lineEnd, from)
      if (end < 0 && last) end = buffer.length
      if (this.#skip > 0 && end >= 0) {
        this.#skip -= 1
        this.#line += 1
        from = end + 1
      } else if (end < 0 || this.#quoteBefore(end, from)) {
        const row = this.#quotedRow(from, last)
        if (!row) break
        yield row.row
        from = row.next
      } else {
        const text = withoutReturns(buffer.slice(from, end))
        const line = this.#line++
        from = end + 1
        if (text.length > maxRecordLength) throw tooLong(line)
        if (text !== '') yield { line, cells: text.split(this.#delimiter), text }
      }
    }
    this.#buffer = from >= buffer.length ? '' : buffer.slice(from)
    if (this.#buffer.length > maxRecordLength) throw this.#stuck(0)
  }

  #chooseLineEnd(last: boolean): '\n' | '\r' | undefined {
    if (this.#lineEnd !== undefined) return this.#lineEnd
    const at = this.#buffer.indexOf('\n')
    if (at >= 0) this.#lineEnd = '\n'
    else if (last || this.#buffer.length > lineEndWindow) this.#lineEnd = this.#buffer.includes('\r') ? '\r' : '\n'
    this.lineEnd = at > 0 && this.#buffer[at - 1] === '\r' ? '\r\n' : (this.#lineEnd ?? '\n')
    return this.#lineEnd
  }

  #quoteBefore(end: number, from: number): boolean {
    if (this.#quote === '') return false
    if (this.#nextQuote < from) {
      const at = this.#buffer.indexOf(this.#quote, from)
      this.#nextQuote = at < 0 ? Infinity : at
    }
    return this.#nextQuote < end
  }

  /** A row that has a quote, or whose end is not in the buffer yet (then undefined, unless it is the last). */
  #quotedRow(from: number, last: boolean): { readonly row: Row; readonly next: number } | undefined {
    const buffer = this.#buffer
    const cells: string[] = []
    let at = from
    for (;;) {
      const cell = this.#cell(at, last)
      if (cell === 'unclosed') throw this.#stuck(from)
      if (cell === undefined) return undefined
      cells.push(cell.text)
      at = cell.end
      if (cell.bad) return this.#row(from, this.#endOfLine(at, last), cells, cell.bad)
      if (buffer.startsWith(this.#delimiter, at)) {
        at += this.#delimiter.length
        continue
      }
      return this.#row(from, this.#endOfLine(at, last), cells)
    }
  }

  /** One cell from `at`: its text and the index after it; undefined when the buffer ends too early. */
  #cell(at: number, last: boolean): { text: string; end: number; bad?: Problem } | 'unclosed' | undefined {
    const buffer = this.#buffer
    if (this.#quote === '' || !buffer.startsWith(this.#quote, at)) return this.#plainCell(at, last)
    let close = at
    for (;;) {
      close = buffer.indexOf(this.#quote, close + 1)
      if (close < 0) return last ? 'unclosed' : undefined
      if (!buffer.startsWith(this.#quote, close + 1)) break
      close += 1
    }
    const end = close + 1
    if (!last && buffer.length - end < this.#delimiter.length + 3) return undefined
    const inner = buffer.slice(at + 1, close)
    const text = inner.includes(this.#quote) ? inner.replaceAll(this.#quote.repeat(2), this.#quote) : inner
    const clean = end === buffer.length || buffer.startsWith(this.#delimiter, end) || /[\r\n]/.test(buffer[end] ?? '')
    if (clean) return { text, end }
    const found = quoted(buffer.slice(at, end + 20).split(/[\r\n]/, 1)[0] ?? '')
    return { text, end, bad: dataProblem('D011', { place: { line: this.#line }, found }) }
  }

  #plainCell(at: number, last: boolean): { text: string; end: number } | undefined {
    const buffer = this.#buffer
    const lineEnd = buffer.indexOf(this.#lineEnd ?? '\n', at)
    if (lineEnd < 0 && !last) return undefined
    const stop = lineEnd < 0 ? buffer.length : lineEnd
    const delimiter = buffer.indexOf(this.#delimiter, at)
    if (delimiter >= 0 && delimiter < stop) return { text: buffer.slice(at, delimiter), end: delimiter }
    const text = withoutReturns(buffer.slice(at, stop))
    return { text, end: at + text.length }
  }

  #endOfLine(at: number, last: boolean): number | undefined {
    const end = this.#buffer.indexOf(this.#lineEnd ?? '\n', at)
    return end < 0 && last ? this.#buffer.length : end < 0 ? undefined : end
  }

  #row(from: number, end: number | undefined, cells: readonly string[], problem?: Problem) {
    if (end === undefined) return undefined
    const text = withoutReturns(this.#buffer.slice(from, end))
    const line = this.#line
    if (text.length > maxRecordLength) throw tooLong(line)
    this.#line += 1
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.#line += 1
    return { row: { line, cells, text, ...(problem ? { problem } : {}) }, next: end + 1 }
  }

  /** Why no row ends in what is left of the buffer from `from`. */
  #stuck(from: number): Error {
    const start = this.#buffer.slice(from, from + 200).split(/[\r\n]/, 1)[0] ?? ''
    if (this.#quote === '' || !this.#buffer.slice(from).includes(this.#quote)) return tooLong(this.#line)
    return failure('D010', { place: { line: this.#line }, found: quoted(start) })
  }
}

const tooLong = (line: number): Error => failure('D012', { place: { line }, expected: 'at most 1 MiB' })

function withoutReturns(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === 13) end--
  return end === text.length ? text : text.slice(0, end)
}
