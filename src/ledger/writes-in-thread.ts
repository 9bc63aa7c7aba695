/**
 * The writing half of a ledger in a thread of its own: while one commit is made durable, the next is decided.
 *
 * Promises the same as `startWrites`, whose calls it passes on. When the thread ends unasked, everything that
 * waits is rejected, and so is what comes later: what was committed is in the ledger, the rest is not.
 */
import { assertNever } from '../core/assert-never.ts'
import type { CommitResult } from '../core/batch.ts'
import { LedgerError } from './ledger-errors.ts'
import { weightOf } from './pack-batch.ts'
import type { TakenExport } from './take-export.ts'
import type { SpareThread } from './spare-thread.ts'
import type { Leased } from './take-messages.ts'
import type { Answer, Asked, Question, ThreadData } from './thread-messages.ts'
import { unpackError } from './thread-messages.ts'
import type { LedgerWrites, WriteOptions } from './writes.ts'

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** `path`: a ledger that is open in this process already, and up to date. */
export function writesInThread(
  path: string,
  thread: SpareThread,
  { busyTimeoutMs, onUnsafe }: WriteOptions,
): LedgerWrites {
  const ask = openThread(thread, { path, busyTimeoutMs }, onUnsafe)
  return {
    commit: async (batch, basis) => (await ask({ verb: 'commit', batch, basis })) as CommitResult,
    take: async (channel, limit, now, of) =>
      (await ask({ verb: 'take', channel, limit, now, ...(of && { of }) })) as Leased,
    takeLines: async (wanted) => (await ask({ verb: 'takeLines', wanted })) as TakenExport,
    backup: async (to) => void (await ask({ verb: 'backup', to })),
    checkpoint: async () => void (await ask({ verb: 'checkpoint' })),
    close: async () => void (await ask({ verb: 'close' })),
  }
}

function openThread(
  thread: SpareThread,
  data: ThreadData,
  onUnsafe: (error: LedgerError) => void,
): (question: Question) => Promise<unknown> {
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  let ended: LedgerError | undefined
  let closing = false
  const worker = thread.give(data)
  const end = (cause: unknown): void => {
    if (ended !== undefined) return
    ended = new LedgerError('the thread that writes the ledger has ended. Start again: what was committed is there', {
      cause,
    })
    for (const { reject } of waiting.values()) reject(ended)
    if (!closing) onUnsafe(ended)
    waiting.clear()
  }
  const settle = (id: number, how: (one: Waiting) => void): void => {
    const one = waiting.get(id)
    waiting.delete(id)
    if (one !== undefined) how(one)
  }
  worker.on('message', (answer: Answer) => {
    switch (answer.kind) {
      case 'answer':
        return settle(answer.id, ({ resolve }) => resolve(answer.value))
      case 'failure':
        return settle(answer.id, ({ reject }) => reject(unpackError(answer.error)))
      case 'unsafe':
        return onUnsafe(asLedgerError(unpackError(answer.error)))
      default:
        return assertNever(answer, 'answer of the ledger')
    }
  })
  const post = gathering((asked) => worker.postMessage(asked))
  void thread.ended.then(end)
  return (question) =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended)
      closing ||= question.verb === 'close'
      const id = ++lastId
      waiting.set(id, { resolve, reject })
      post({ id, question })
    })
}

/** Batches with fewer rows wait for the end of the turn. */
const fewRows = 100

/** Small questions of one turn go together, so that they share a commit; a big one goes at once, and they before it. */
function gathering(post: (asked: readonly Asked[]) => void): (asked: Asked) => void {
  let gathered: Asked[] = []
  const flush = (): void => {
    if (gathered.length > 0) post(gathered)
    gathered = []
  }
  return (asked) => {
    gathered.push(asked)
    if (isBig(asked.question)) flush()
    else if (gathered.length === 1) setImmediate(flush)
  }
}

const isBig = (question: Question): boolean => question.verb === 'commit' && weightOf(question.batch) >= fewRows

const asLedgerError = (error: Error): LedgerError =>
  error instanceof LedgerError ? error : new LedgerError(error.message, { cause: error })
