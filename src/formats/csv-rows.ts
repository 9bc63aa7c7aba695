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
  /** The cells after those that were left out. */
  readonly cells: readonly string[]
  /** Number of cells at the start that were left out, since they stand in the beginning asked for. */
  readonly leftOut: number
  /** As it stands in the file, without the last line end. */
  readonly text: string
  readonly problem: Problem | undefined
}

export interface RowOptions {
  readonly delimiter: string
  readonly quote: string
  /** Lines to leave out at the start. */
  readonly skip: number
}

/** The text of the first cells of a row, with the delimiter behind them: rows that begin so do not repeat the cells. */
export interface Beginning {
  readonly text: string
  readonly cells: number
}

export const maxRecordLength = 1_048_576
/** Without a line end in so much text the file must have CR line ends, or none. */
const lineEndWindow = 65_536

export class CsvRows {
  readonly #delimiter: string
  readonly #quote: string
  #skip: number
  #buffer = ''
  /** All before it was read. */
  #at = 0
  #line = 1
  #lineEnd: '\n' | '\r' | undefined
  /** The line end of the file, for writing rows as they were. */
  lineEnd: '\n' | '\r\n' | '\r' = '\n'
  /** Index of the next quote at or after the current position; Infinity when there is none in the buffer. */
  #nextQuote = -1
  /** Of the row that is being read: its end, and what is wrong with it. */
  #stop = 0
  #problem: Problem | undefined

  constructor(options: RowOptions) {
    this.#delimiter = options.delimiter
    this.#quote = options.quote
    this.#skip = options.skip
  }

  feed(text: string): void {
    this.#buffer = this.#at >= this.#buffer.length ? text : this.#buffer.slice(this.#at) + text
    this.#at = 0
    this.#nextQuote = -1
  }

  /** The next row; undefined where more text is needed and, when it is the `last` text, at the end. */
  next(last: boolean, same?: Beginning): Row | undefined {
    const lineEnd = this.#lineEnd ?? this.#chooseLineEnd(last)
    if (lineEnd === undefined) return undefined
    const buffer = this.#buffer
    while (this.#at < buffer.length) {
      const from = this.#at
      const found = buffer.indexOf(lineEnd, from)
      if (found < 0 && !last) break
      const end = found < 0 ? buffer.length : found
      if (this.#skip > 0) {
        this.#skip -= 1
        this.#line += 1
        this.#at = end + 1
        continue
      }
      // A slice that is compared is quicker than startsWith on long texts.
      const known = same !== undefined && buffer.slice(from, from + same.text.length) === same.text ? same : undefined
      const start = known === undefined ? from : from + known.text.length
      if (this.#quoteBefore(end, start)) {
        const cells = this.#quotedCells(start, end, last)
        if (cells === undefined) break
        return this.#row(from, cells, known)
      }
      const text = withoutReturns(buffer.slice(from, end))
      const line = this.#line++
      this.#at = end + 1
      if (text.length > maxRecordLength) throw tooLong(line)
      if (text === '') continue
      const cells = (known === undefined ? text : text.slice(start - from)).split(this.#delimiter)
      return { line, cells, leftOut: known === undefined ? 0 : known.cells, text, problem: undefined }
    }
    if (buffer.length - this.#at > maxRecordLength) throw this.#stuck(this.#at)
    return undefined
  }

  #chooseLineEnd(last: boolean): '\n' | '\r' | undefined {
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

  /** The cells of a row that has a quote; its end, which quoted line ends move on, is `#stop`. Undefined: more is needed. */
  #quotedCells(from: number, end: number, last: boolean): readonly string[] | undefined {
    const buffer = this.#buffer
    const cells: string[] = []
    this.#stop = end
    this.#problem = undefined
    for (let at = from; ;) {
      if (buffer.startsWith(this.#quote, at)) {
        const next = this.#quotedCell(at, last, cells)
        if (next === undefined) return undefined
        if (next > this.#stop && !this.#moveStop(next, last)) return undefined
        if (this.#problem !== undefined || !buffer.startsWith(this.#delimiter, next)) return cells
        at = next + this.#delimiter.length
      } else {
        const next = buffer.indexOf(this.#delimiter, at)
        if (next < 0 || next >= this.#stop) {
          cells.push(withoutReturns(buffer.slice(at, this.#stop)))
          return cells
        }
        cells.push(buffer.slice(at, next))
        at = next + this.#delimiter.length
      }
    }
  }

  /** Adds the quoted cell at `at`; the index after it, or undefined when the buffer ends too early. */
  #quotedCell(at: number, last: boolean, cells: string[]): number | undefined {
    const buffer = this.#buffer
    const quote = this.#quote
    let close = at
    for (;;) {
      close = buffer.indexOf(quote, close + 1)
      if (close < 0) {
        if (last) throw this.#stuck(this.#at)
        return undefined
      }
      if (!buffer.startsWith(quote, close + 1)) break
      close += 1
    }
    const end = close + 1
    if (!last && buffer.length - end < this.#delimiter.length + 3) return undefined
    const inner = buffer.slice(at + 1, close)
    cells.push(inner.includes(quote) ? inner.replaceAll(quote.repeat(2), quote) : inner)
    const next = buffer.charCodeAt(end)
    const clean = next === 10 || next === 13 || end === buffer.length || buffer.startsWith(this.#delimiter, end)
    if (!clean) {
      const found = quoted(buffer.slice(at, end + 20).split(/[\r\n]/, 1)[0] ?? '')
      this.#problem = dataProblem('D011', { place: { line: this.#line }, found })
    }
    return end
  }

  /** Looks for the line end after a quoted cell that went over one; false when it is not in the buffer yet. */
  #moveStop(from: number, last: boolean): boolean {
    const end = this.#buffer.indexOf(this.#lineEnd ?? '\n', from)
    this.#stop = end < 0 ? this.#buffer.length : end
    return end >= 0 || last
  }

  #row(from: number, cells: readonly string[], known: Beginning | undefined): Row {
    const text = withoutReturns(this.#buffer.slice(from, this.#stop))
    const line = this.#line
    if (text.length > maxRecordLength) throw tooLong(line)
    this.#line += 1
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.#line += 1
    this.#at = this.#stop + 1
    return { line, cells, leftOut: known === undefined ? 0 : known.cells, text, problem: this.#problem }
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
