/**
 * The exit codes of all commands, after sysexits.h, with their meanings for help and docs.
 *
 * With several ids the worst of their results is the code: the highest but for 0 and 1, which yield to all
 * others. Throws nothing.
 */

export const exitCodes = {
  ok: 0,
  not: 1,
  problems: 3,
  usage: 64,
  data: 65,
  notFound: 66,
  unavailable: 69,
  internal: 70,
  cannotCreate: 73,
  io: 74,
  tryAgain: 75,
  noPermission: 77,
  config: 78,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export const exitMeanings: readonly { readonly code: ExitCode; readonly meaning: string }[] = [
  { code: exitCodes.ok, meaning: 'done, or done already; status: the daemon is running' },
  { code: exitCodes.not, meaning: 'refused, with the reason; status: not running, or silent for too long' },
  {
    code: exitCodes.problems,
    meaning: 'check, doctor, docs --check: problems were found; audit, clearing reconcile: the books do not balance',
  },
  { code: exitCodes.usage, meaning: 'the command line was not understood' },
  { code: exitCodes.data, meaning: 'import: the file, or records of it, were rejected' },
  { code: exitCodes.notFound, meaning: 'no such order, payment, message, file or ledger, or several of that name' },
  { code: exitCodes.unavailable, meaning: 'test: the mail server or SMS gateway cannot be used' },
  { code: exitCodes.internal, meaning: 'an error inside Orderly' },
  { code: exitCodes.cannotCreate, meaning: 'a file to be written exists already or cannot be made' },
  { code: exitCodes.io, meaning: 'the disk or the ledger failed' },
  { code: exitCodes.tryAgain, meaning: 'run: already running; others: changed or locked by somebody else, try again' },
  { code: exitCodes.noPermission, meaning: 'no permission for a file or folder' },
  { code: exitCodes.config, meaning: 'the config or the ledger needs a person' },
]

export const worse = (a: ExitCode, b: ExitCode): ExitCode => (b > a ? b : a)

/** For the end of `--help`. */
export const exitCodesHelp = (): string =>
  ['Exit codes:', ...exitMeanings.map(({ code, meaning }) => `  ${String(code).padStart(2)}  ${meaning}`)].join('\n')
