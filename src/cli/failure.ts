/**
 * The end of a command that could not be carried out: a text for people and an exit code.
 *
 * Errors of other rooms are given their exit codes here, in one place. An error that is none of these is a
 * fault of Orderly and is shown with its stack. Prints nothing itself.
 */
import { LedgerBusy, LedgerError } from '../ledger/ledger-errors.ts'
import { hasCode } from '../platform/files.ts'
import { reasonOf } from '../platform/system-errors.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'

/** Thrown by commands; ends them with these lines on standard error. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly exitCode: ExitCode
  readonly lines: readonly string[]

  constructor(exitCode: ExitCode, ...lines: readonly string[]) {
    super(lines.join('\n'))
    this.exitCode = exitCode
    this.lines = lines
  }
}

export const usage = (...lines: readonly string[]): Failure => new Failure(exitCodes.usage, ...lines)

/** Any error as lines and exit code. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error
  if (!(error instanceof Error)) return new Failure(exitCodes.internal, `internal error: ${String(error)}`)
  const code = codeOf(error)
  const lines = reasons(error)
  if (code === undefined) return new Failure(exitCodes.internal, 'internal error:', ...(error.stack ?? '').split('\n'))
  return new Failure(code, ...lines)
}

const needsPerson = new Set(['L002', 'L003', 'L004', 'L006'])

function codeOf(error: Error): ExitCode | undefined {
  if (error instanceof LedgerBusy) return exitCodes.tryAgain
  if (error instanceof LedgerError) {
    if (needsPerson.has(error.code)) return exitCodes.config
    return hasCode(error, ['EACCES', 'EPERM']) ? exitCodes.noPermission : exitCodes.io
  }
  if (hasCode(error, ['EACCES', 'EPERM', 'EROFS'])) return exitCodes.noPermission
  if (hasCode(error, ['ENOENT', 'ENOTDIR', 'EISDIR'])) return exitCodes.notFound
  if (hasCode(error, ['EEXIST'])) return exitCodes.cannotCreate
  return hasCode(error, ['ENOSPC', 'EIO', 'EDQUOT', 'EMFILE', 'ESTALE', 'ERR_SQLITE_ERROR']) ? exitCodes.io : undefined
}

/** The message and those of its causes, each once. */
function reasons(error: Error): readonly string[] {
  const lines: string[] = []
  for (let one: unknown = error; one instanceof Error && lines.length < 5; one = one.cause) {
    const message = reasonOf(one)
    if (!lines.some((line) => line.includes(message)))
      lines.push(lines.length === 0 ? message : `  because: ${message}`)
  }
  return lines
}
