/**
 * Line and column of an offset in a text, for problems.
 *
 * Lines and columns are 1-based; a column counts UTF-16 code units. Throws nothing.
 */
import type { Place } from '../core/problem.ts'

/** Where the offset stands in the file; `firstLine` is the line on which the text begins. */
export function placeOf(file: string, text: string, offset: number, firstLine = 1): Place {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  let line = firstLine
  for (let at = before.indexOf('\n'); at >= 0; at = before.indexOf('\n', at + 1)) line++
  return { file, line, column: offset - lineStart + 1 }
}
