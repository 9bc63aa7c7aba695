/**
 * What tells the lines of an order apart in movements and export lines: the line's number.
 *
 * Files may use a number twice; the second is then another line and must not pass for the first, so it
 * gets its occurrence. Pure, never throws.
 */
import type { OrderLine } from '../core/order.ts'

/** Each line with its key: `1`, `2`, and `2#2` for a second line that calls itself 2. */
export function keyedLines(lines: readonly OrderLine[]): readonly { readonly line: OrderLine; readonly key: string }[] {
  const counts = new Map<string, number>()
  return lines.map((line) => {
    const count = (counts.get(line.number) ?? 0) + 1
    counts.set(line.number, count)
    return { line, key: count === 1 ? line.number : `${line.number}#${count}` }
  })
}
