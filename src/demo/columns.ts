/**
 * Rows of text in columns, for the demo's story: at most a hundred characters wide, no colours.
 *
 * A column is as wide as its widest value, up to its limit; what is longer is cut with `…`. Control characters are
 * left out, since values come from files. Pure; throws nothing.
 */

export interface Column {
  /** Most characters; the last column takes what is left. */
  readonly most?: number
  readonly right?: boolean
}

export const width = 100
const gap = '  '

/** Each row begins with the gap. */
export function inColumns(rows: readonly (readonly string[])[], columns: readonly Column[]): readonly string[] {
  const cells = rows.map((row) => row.map(plain))
  const widths = columns.map(({ most = width }, i) => {
    const widest = Math.max(0, ...cells.map((row) => count(row[i] ?? '')))
    return Math.min(most, widest)
  })
  return cells.map((row) => {
    const fitted = columns.map(({ right = false }, i) => fit(row[i] ?? '', widths[i] ?? 0, right))
    return cut((gap + fitted.join(gap)).trimEnd(), width)
  })
}

/** At most so many characters. */
export function cut(text: string, most: number): string {
  const characters = Array.from(plain(text))
  return characters.length <= most ? characters.join('') : `${characters.slice(0, Math.max(0, most - 1)).join('')}…`
}

/** The text in lines that begin with the indent, further lines with two blanks more; long words are cut. */
export function wrap(text: string, indent: string): readonly string[] {
  const lines: string[] = []
  let line = indent
  let empty = true
  for (const word of plain(text).split(' ')) {
    const longer = empty ? line + word : `${line} ${word}`
    if (empty || count(longer) <= width) line = longer
    else {
      lines.push(cut(line, width))
      line = `${indent}  ${word}`
    }
    empty = false
  }
  return [...lines, cut(line, width)]
}

const count = (text: string): number => Array.from(text).length
const plain = (text: string): string => text.replace(/\p{Cc}+/gu, ' ')

function fit(text: string, to: number, right: boolean): string {
  const short = cut(text, to)
  const blanks = ' '.repeat(to - count(short))
  return right ? blanks + short : short + blanks
}
