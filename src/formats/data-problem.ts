/**
 * Makes problems of the codes of this room, and carries those that end a file.
 *
 * `dataProblem` fills in severity, title and advice from the table of codes. `ReadFailure` is
 * thrown inside the room where the rest of a file cannot be read; `read` turns it into a fatal
 * ReadProblem, so that it never leaves the room. Found text is shortened and escaped, never raw.
 */
import type { Place, Problem } from '../core/problem.ts'
import { formatProblemCodes } from './problem-codes.ts'
import type { FormatProblemCode } from './problem-codes.ts'

export interface ProblemDetails {
  readonly place?: Place
  /** Instead of the title of the code. */
  readonly message?: string
  readonly found?: string | undefined
  readonly expected?: string | undefined
  /** Instead of the advice of the code. */
  readonly hint?: string | undefined
}

export function dataProblem(code: FormatProblemCode, details: ProblemDetails = {}): Problem {
  const { severity, title, todo } = formatProblemCodes[code]
  return {
    code,
    severity,
    place: details.place ?? {},
    message: details.message ?? title,
    hint: details.hint ?? todo,
    ...(details.found === undefined ? {} : { found: details.found }),
    ...(details.expected === undefined ? {} : { expected: details.expected }),
  }
}

/** Text from outside, quoted, escaped and cut to 60 characters, for `found`. */
export function quoted(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 57)}…` : text
  return JSON.stringify(short.toWellFormed()).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The rest of the file cannot be read. */
export class ReadFailure extends Error {
  override readonly name = 'ReadFailure'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map((problem) => problem.message).join('; '), options)
    this.problems = problems
  }
}

export const failure = (code: FormatProblemCode, details: ProblemDetails = {}, cause?: unknown): ReadFailure =>
  new ReadFailure([dataProblem(code, details)], cause === undefined ? undefined : { cause })
