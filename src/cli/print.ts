/**
 * Everything that is printed: lines and tables for people, one JSON value a line for programs.
 *
 * Guarantees that nothing from outside can steer a terminal or forge a line: control, direction and invisible
 * characters are shown as escapes, in tables and in JSON. A reader that goes away (`| head`) is no error.
 */

export interface Sink {
  write(text: string): unknown
}

export interface Output {
  readonly json: boolean
  /** A line on standard output; data in it is made harmless. */
  line(text: string): void
  /** With `--json` each row as one JSON line, else the table. */
  rows<T>(items: readonly T[], columns: readonly Column<T>[], none?: string): void
  /** A JSON line; with `--json` only. */
  value(value: unknown): void
  /** A line on standard error. */
  complain(text: string): void
}

export interface Column<T> {
  readonly head: string
  readonly of: (item: T) => string | number | undefined
  /** Numbers and amounts stand right. */
  readonly right?: boolean
}

/** Control, format (direction, zero width, tags), lone surrogates, line separators, and letters that look like nothing. */
const unruly = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '\\e' }

/** The text on one line, with everything that could steer a terminal shown as an escape. */
export const printable = (text: string): string =>
  text.replace(unruly, (found) => short[found] ?? `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`)

/** JSON on one line that a terminal can show: what JSON.stringify leaves as it is becomes `\uXXXX` too. */
export const jsonLine = (value: unknown): string => JSON.stringify(value).replace(unruly, inJson)

const inJson = (found: string): string =>
  Array.from({ length: found.length }, (_, i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')

/** East Asian wide characters and emoji take two columns. */
const wide =
  /[\u1100-\u115e\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u
const width = (text: string): number =>
  Array.from(text).reduce((sum, one) => sum + (/\p{M}/u.test(one) ? 0 : wide.test(one) ? 2 : 1), 0)

/** The lines of a table with a heading; no trailing blanks. */
export function tableLines<T>(items: readonly T[], columns: readonly Column<T>[]): readonly string[] {
  const cells = items.map((item) => columns.map(({ of }) => printable(String(of(item) ?? ''))))
  const heads = columns.map(({ head }) => head)
  const widths = columns.map((_, i) => [heads, ...cells].reduce((most, row) => Math.max(most, width(row[i] ?? '')), 0))
  return [heads, ...cells].map((row) =>
    row
      .map((cell, i) => {
        const blanks = ' '.repeat(Math.max(0, (widths[i] ?? 0) - width(cell)))
        return columns[i]?.right === true ? blanks + cell : cell + blanks
      })
      .join('  ')
      .trimEnd(),
  )
}

export function createOutput(out: Sink, err: Sink, json: boolean): Output {
  const line = (text: string): void => void out.write(`${printable(text)}\n`)
  return {
    json,
    line,
    rows: (items, columns, none = 'none') => {
      if (json) for (const item of items) out.write(`${jsonLine(item)}\n`)
      else if (items.length === 0) line(none)
      else for (const text of tableLines(items, columns)) line(text)
    },
    value: (value) => {
      if (json) out.write(`${jsonLine(value)}\n`)
    },
    complain: (text) => void err.write(`${printable(text)}\n`),
  }
}
