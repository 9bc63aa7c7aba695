/** The real daemon on the small shop of the command line's tests, until the test is over. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { openShop, type Shop, startProgram } from '../cli/sample-shop.ts'

export interface RunningShop extends Shop {
  /** Replaces text of the config; before the start. */
  configure(from: string, to: string): Promise<void>
  /** Starts the daemon; resolves when it runs. */
  start(): Promise<void>
  readonly log: () => string
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null>
}

export const patience = { timeout: 40_000, interval: 25 }

export async function openRunningShop(): Promise<RunningShop> {
  const shop = await openShop()
  const children: ChildProcessWithoutNullStreams[] = []
  let log = ''
  const configure = async (from: string, to: string): Promise<void> => {
    const text = readFileSync(shop.path('config/orderly.yaml'), 'utf8')
    expect(text).toContain(from)
    await shop.write(
      'config/orderly.yaml',
      text.replace(from, () => to),
    )
  }
  await configure('files: "ORD*.csv"', 'files: "*"\n    ready: renamed\n    every: 100ms')
  const start = async (): Promise<void> => {
    const child = startProgram(shop.folder, ['run'])
    children.push(child)
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (log += part.toString()))
    await expect.poll(() => log, patience).toMatch(/orderly is running/)
  }
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const child = children.pop()
    if (child === undefined || child.exitCode !== null) return child?.exitCode ?? null
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    child.kill(signal)
    return await ended
  }
  return {
    ...shop,
    configure,
    start,
    log: () => log,
    stop: () => end('SIGTERM'),
    [Symbol.asyncDispose]: async () => {
      await end('SIGKILL')
      await shop[Symbol.asyncDispose]()
    },
  }
}
