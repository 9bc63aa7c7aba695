/**
 * The thread that writes the ledger: opens a connection of its own and answers what it is asked, in that order.
 *
 * Questions that come together share a commit. Runs only as a worker thread, started by `spare-thread.ts`. The first message
 * names a ledger that was opened and brought up to date before. Ends after `close`.
 */
import { parentPort } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { assertNever } from '../core/assert-never.ts'
import { setPragmas } from './pragmas.ts'
import { tryMs } from './retry-while-busy.ts'
import { Sqlite } from './sqlite.ts'
import type { Answer, Asked, Question, ThreadData } from './thread-messages.ts'
import { packError } from './thread-messages.ts'
import type { LedgerWrites } from './writes.ts'
import { startWrites } from './writes.ts'

function ask(writes: LedgerWrites, question: Question): Promise<unknown> {
  switch (question.verb) {
    case 'commit':
      return writes.commit(question.batch, question.basis)
    case 'take':
      return writes.take(question.channel, question.limit, question.now, question.of)
    case 'takeLines':
      return writes.takeLines(question.wanted)
    case 'backup':
      return writes.backup(question.to)
    case 'checkpoint':
      return writes.checkpoint()
    case 'close':
      return writes.close()
    default:
      return assertNever(question, 'question to the ledger')
  }
}

function serve(port: MessagePort, { path, busyTimeoutMs }: ThreadData): void {
  const say = (answer: Answer): void => port.postMessage(answer)
  const db = new Sqlite(path, { readOnly: false, waitMs: tryMs })
  setPragmas(db, false)
  const writes = startWrites(db, {
    busyTimeoutMs,
    onUnsafe: (error) => say({ kind: 'unsafe', error: packError(error) }),
  })
  const answer = async ({ id, question }: Asked): Promise<void> => {
    try {
      say({ kind: 'answer', id, value: await ask(writes, question) })
    } catch (error) {
      say({ kind: 'failure', id, error: packError(error) })
    }
  }
  const answering = new Set<Promise<void>>()
  const end = async (): Promise<void> => {
    await Promise.all(answering)
    db[Symbol.dispose]()
    port.close()
  }
  port.on('message', (questions: readonly Asked[]) => {
    for (const asked of questions) {
      const answered = answer(asked)
      answering.add(answered)
      void answered.then(() => answering.delete(answered))
    }
    if (questions.some(({ question }) => question.verb === 'close')) void end()
  })
}

const port = parentPort
port?.once('message', (ledger: ThreadData) => serve(port, ledger))
