/**
 * The streams and surroundings of this process, as commands see them.
 *
 * A reader of our output that goes away (`orderly … | head`) ends the printing, not the work. Reads the
 * environment when called, not at import.
 */
import { hasCode } from '../platform/files.ts'
import type { Io } from './context.ts'

export function processIo(): Io {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreGone)
  return { out: process.stdout, err: process.stderr, input: process.stdin, env: process.env, folder: process.cwd() }
}

function ignoreGone(error: Error): void {
  if (!hasCode(error, ['EPIPE'])) throw error
}
