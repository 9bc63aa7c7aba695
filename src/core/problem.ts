/**
 * A problem: what is wrong with something that came from outside, said so that a person can mend it.
 *
 * Every problem has a stable code (listed with its meaning in docs/problems.md), says where it is,
 * what was found, what was expected and what to do. Problems are values; they are collected, not thrown.
 */
export interface Place {
  readonly file?: string
  /** 1-based. */
  readonly line?: number
  /** 1-based. */
  readonly column?: number
  /** 1-based number of the record in the file. */
  readonly record?: number
  /** Dotted path of the key or field, e.g. `imports.bank.format.type` or `lines[2].qty`. */
  readonly path?: string
}

export interface Problem {
  /** `A…` audit, `C…` config, `D…` data of an import file, `T…` template, `L…` ledger, `M…` mail, `S…` SMS. */
  readonly code: ProblemCode
  readonly severity: 'error' | 'warning'
  readonly place: Place
  readonly found?: string
  readonly expected?: string
  /** One sentence, without the place. */
  readonly message: string
  /** What to do next; may hold a did-you-mean. */
  readonly hint?: string
}

export type ProblemCode = `${'A' | 'C' | 'D' | 'T' | 'L' | 'M' | 'S' | 'X'}${number}`

/** `orderly.yaml:14:9 imports.bank.kind: found "order", expected … (C012)`: one line for people. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, record, path } = problem.place
  const where = [file, line, column].filter((part) => part !== undefined).join(':')
  const what = [record === undefined ? undefined : `record ${record}`, path].filter(Boolean).join(' ')
  const found = problem.found === undefined ? '' : `; found ${problem.found}`
  const expected = problem.expected === undefined ? '' : `; expected ${problem.expected}`
  const hint = problem.hint === undefined ? '' : `. ${problem.hint}`
  const head = [where, what].filter(Boolean).join(' ')
  const kind = problem.severity === 'warning' ? 'warning: ' : ''
  return `${head}${head ? ': ' : ''}${kind}${problem.message}${found}${expected}${hint} (${problem.code})`
}
