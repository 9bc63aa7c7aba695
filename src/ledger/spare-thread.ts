/**
 * A thread that loads what it needs to write a ledger, and waits to be told of one.
 *
 * Started before there is a ledger, so that it loads while the config is read. Whoever starts it disposes of it: without
 * a ledger it is ended then, with one it ends when that is closed. Throws nothing; `ended` says that and why it is gone.
 */
import { Worker } from 'node:worker_threads'
import { besides } from '../platform/own-files.ts'
import type { ThreadData } from './thread-messages.ts'

/** The module of the thread, beside this one. */
export const writeThread: URL = besides(import.meta.url, 'write-thread')

export interface SpareThread extends AsyncDisposable {
  /** Gives it the ledger that it is to write; once. */
  give(ledger: ThreadData): Worker
  /** The error, or the exit code, when the thread has ended. */
  readonly ended: Promise<unknown>
}

export function startThread(module: URL): SpareThread {
  const worker = new Worker(module)
  const ended = new Promise((resolve) => worker.on('error', resolve).on('exit', resolve))
  let given = false
  return {
    ended,
    give: (ledger) => {
      given = true
      worker.postMessage(ledger)
      return worker
    },
    [Symbol.asyncDispose]: async () => {
      if (!given) await worker.terminate()
    },
  }
}
