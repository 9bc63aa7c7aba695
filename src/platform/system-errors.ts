/**
 * Names for errors of the operating system, also for those that Node has no name for.
 *
 * Node calls a stale NFS handle "Unknown system error -116" and a used-up quota "-122": no code to ask for, and no
 * sentence that a person understands. Here they are ESTALE and EDQUOT again. Pure; throws nothing.
 */
import { constants } from 'node:os'

const meanings: Readonly<Record<string, string>> = {
  EDQUOT: 'the disk quota is used up',
  ESTALE: 'stale file handle, the share was exported or mounted anew',
  EBADMSG: 'the file system found damaged data',
  ENOLCK: 'the file server gives no locks',
}
const names = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]))
/** EUCLEAN is missing in the list of Node. */
if (process.platform === 'linux') names.set(117, 'EUCLEAN')

/** `ENOENT`, `ESTALE` …; undefined when the error carries no code. */
export function systemCode(error: Error): string | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return code === undefined || !isNameless(code) ? code : (nameOf(error) ?? code)
}

/** What an error says, for people. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? withErrorName(error.message, error) : String(error)

/** A text about an error (its message, its stack) with the name and the meaning in the place of a bare number. */
export function withErrorName(text: string, error: object): string {
  const name = nameOf(error)
  if (name === undefined) return text
  const meaning = meanings[name]
  return text.replaceAll(nameless, meaning === undefined ? name : `${name}: ${meaning}`)
}

const nameless = /Unknown system error -\d+(: Unknown system error -\d+)?|UNKNOWN: unknown error/g
const isNameless = (code: string): boolean => code === 'UNKNOWN' || code.startsWith('Unknown system error')

const nameOf = (error: object): string | undefined =>
  'errno' in error && typeof error.errno === 'number' ? names.get(-error.errno) : undefined
