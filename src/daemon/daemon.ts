/**
 * The daemon, from its config file to its end: lock, ledger, then its life until it is stopped.
 *
 * Guarantees one daemon for a data folder. Returns why it ended; prints nothing and sets no exit code.
 * Throws the errors of the ledger, and what keeps it from running under any config.
 */
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Env } from '../config/secrets.ts'
import type { Problem } from '../core/problem.ts'
import { openLedger } from '../ledger/open-ledger.ts'
import { startThread, writeThread } from '../ledger/spare-thread.ts'
import { type Clock, systemClock } from '../platform/clock.ts'
import { takeLock } from '../platform/lock.ts'
import { isSource } from '../platform/own-files.ts'
import { dataFolderMode, ledgerFile } from './data-files.ts'
import { watchHealth } from './health.ts'
import { Life } from './life.ts'
import { loadSetup } from './load-setup.ts'

export interface DaemonOptions {
  /** Path of orderly.yaml. */
  readonly configFile: string
  readonly env: Env
  readonly signal: AbortSignal
  readonly clock?: Clock
  /** Gets each log line; stdout when absent. */
  readonly logTo?: { write(line: string): void }
  /** Called when everything runs. */
  readonly onReady?: () => void
}

export type DaemonEnd =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'badConfig'; readonly problems: readonly Problem[] }
  | { readonly kind: 'alreadyRunning'; readonly dataFolder: string }

export async function runDaemon(options: DaemonOptions): Promise<DaemonEnd> {
  const clock = options.clock ?? systemClock
  // From TypeScript sources (tests, demo) it would carry a compiler of its own: more than it saves.
  await using thread = isSource(import.meta.url) ? undefined : startThread(writeThread)
  const first = await loadSetup(options.configFile, options.env)
  if (first.kind === 'bad') return { kind: 'badConfig', problems: first.problems }
  const { loaded } = first.value
  const dataFolder = resolve(loaded.folder, loaded.config.data)
  mkdirSync(dataFolder, { recursive: true, mode: dataFolderMode })
  using lock = asDisposable(takeLock(dataFolder))
  if (lock.kind === 'held') return { kind: 'alreadyRunning', dataFolder }
  const failed = new AbortController()
  const onUnsafe = (error: Error): void => failed.abort(error)
  await using ledger = await openLedger(ledgerFile(dataFolder), { busyTimeoutMs: 30_000, thread, onUnsafe })
  // What an earlier run could not make durable may be read back all the same: from here on it is.
  await ledger.checkpoint()
  const health = watchHealth(clock)
  const life = new Life({ ...options, clock, ledger, health, dataFolder, failed: failed.signal }, first.value)
  await life.run()
  return { kind: 'stopped' }
}

function asDisposable(lock: ReturnType<typeof takeLock>): ReturnType<typeof takeLock> & Disposable {
  return lock.kind === 'held' ? { ...lock, [Symbol.dispose]: () => undefined } : lock
}
