/**
 * The daemon as its users start it, `orderly run`, as a process of its own: with its log, exit code and audit.
 *
 * Unlike that of the end-to-end tests it goes through the command line, so that exit codes are the real ones.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url))

export interface Running extends AsyncDisposable {
  readonly process: ChildProcess
  /** Standard output and standard error. */
  readonly log: () => string
  readonly ended: Promise<number | null>
  stop(): Promise<number | null>
  kill(): Promise<void>
}

export interface StartOptions {
  /** Words before the command, e.g. strace with its options. */
  readonly wrap?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export function startDaemon(worldFolder: string, { wrap = [], env = {} }: StartOptions = {}): Running {
  const words = [...wrap, process.execPath, main, 'run', '--config', configOf(worldFolder)]
  const child = spawn(words[0] ?? '', words.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  let log = ''
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)))
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    return ended
  }
  return {
    process: child,
    log: () => log,
    ended,
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
    [Symbol.asyncDispose]: async () => void (await end('SIGKILL')),
  }
}

const configOf = (worldFolder: string): string => join(worldFolder, 'config', 'orderly.yaml')

/** A command of the program on the world's config; its exit code and all that it printed. */
export function orderly(worldFolder: string, ...words: readonly string[]): { code: number | null; text: string } {
  const done = spawnSync(process.execPath, [main, ...words, '--config', configOf(worldFolder)], { encoding: 'utf8' })
  return { code: done.status, text: `${done.stdout}${done.stderr}` }
}

/** What `orderly audit` finds wrong; empty when the books balance, or when this program has no such command. */
export function auditFindings(worldFolder: string): readonly string[] {
  const { code, text } = orderly(worldFolder, 'audit')
  if (code === 0 || (code === 64 && text.includes('unknown command'))) return []
  return [`orderly audit ended with ${code}:\n${text}`]
}

/** Waits until the condition holds; throws with `what` after the limit (milliseconds). */
export async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 20_000): Promise<void> {
  const end = performance.now() + limitMs
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`)
    await pause(100)
  }
}
