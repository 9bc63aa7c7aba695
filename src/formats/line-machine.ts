/**
 * A machine for formats that are read line by line: cuts the text into lines and bounds their length.
 *
 * The reader gets each line without its line feed, and puts what became whole into its list. Throws ReadFailure
 * (within the room) for a line without an end, and what the reader throws.
 */
import { failure } from './data-problem.ts'
import type { Machine, ReadItem } from './machine.ts'

export interface LineReader {
  /** Where items go; set before each call. */
  into: ReadItem[]
  line(text: string): void
  end(): void
}

/** `longestLine` in characters; `expected`: name of the format, for people. */
export function lineMachine(
  reader: LineReader,
  { expected, longestLine }: { readonly expected: string; readonly longestLine: number },
): Machine {
  let rest = ''
  return {
    push(text, into) {
      reader.into = into
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) reader.line(line)
      if (rest.length > longestLine) throw failure('D022', { found: 'a line without an end', expected })
    },
    end(into) {
      reader.into = into
      if (rest !== '') reader.line(rest)
      reader.end()
    },
  }
}
