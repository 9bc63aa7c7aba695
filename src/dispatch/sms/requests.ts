/**
 * The requests of one SMPP session that wait: first for their turn to be written, then for their answer.
 *
 * Guarantees that each request is settled exactly once, by its answer, its time limit or the end of the session;
 * that one that was never handed to the socket ends as `unwritten` and one that was as `lost`, never the other way
 * round; and that no more than `window` submissions are without an answer. Does no I/O. `add` rejects only when
 * the codec cannot encode the fields.
 */
import type { Field } from 'smpp'
import { startDeadline } from '../deadline.ts'
import type { Deadline } from '../deadline.ts'
import { answers, writePdu } from './frames.ts'
import type { ReceivedPdu } from './frames.ts'

export type Answer =
  | { readonly kind: 'answer'; readonly status: number; readonly messageId: string }
  /** Not a byte of it was given to the socket: safe to send again. */
  | { readonly kind: 'unwritten'; readonly reason: string }
  /** It may have arrived: nobody knows. */
  | { readonly kind: 'lost'; readonly reason: string }

interface Request {
  readonly command: string
  readonly sequence: number
  readonly bytes: Buffer
  readonly settle: (answer: Answer) => void
}

export interface Requests {
  /** Queues a request. Everything but submit_sm goes before the submissions and does not count in the window. */
  add(command: string, fields: Readonly<Record<string, Field>>): Promise<Answer>
  /** The bytes of the requests whose turn has come; from here on they count as written. */
  handOver(): readonly Buffer[]
  /** `unexpected` when nothing waits under that number, `mismatch` when the answer is of another kind. */
  answered(pdu: ReceivedPdu): 'settled' | 'unexpected' | 'mismatch'
  /** Ends the submissions that have not been written yet. */
  dropQueued(reason: string): void
  /** Ends everything. */
  end(reason: string): void
  /** Submissions that were written and have no answer. */
  inFlight(): number
}

/** SMPP 3.4 §3.2: sequence numbers go from 1 to 0x7fffffff. */
const lastSequence = 0x7fff_ffff

interface Waiting {
  readonly first: Request[]
  readonly submissions: Request[]
  readonly written: Map<number, Request & { readonly deadline: Deadline }>
}

/** `answerWithin` in milliseconds, reckoned from the writing; `onLate` is told the command, after it was settled. */
export function requests(window: number, answerWithin: number, onLate: (command: string) => void): Requests {
  const waiting: Waiting = { first: [], submissions: [], written: new Map() }
  const { first, submissions, written } = waiting
  let sequence = 0

  const write = (request: Request): Buffer => {
    const deadline = startDeadline(answerWithin, () => {
      settle(waiting, request.sequence, lost(`no answer to ${request.command} within ${answerWithin} ms`))
      onLate(request.command)
    })
    written.set(request.sequence, { ...request, deadline })
    return request.bytes
  }
  const inFlight = (): number => [...written.values()].filter((request) => request.command === submit).length

  return {
    add: (command, fields) =>
      new Promise((resolve) => {
        sequence = nextSequence(sequence, written)
        const request = { command, sequence, bytes: writePdu(command, sequence, fields), settle: resolve }
        ;(command === submit ? submissions : first).push(request)
      }),
    handOver: () => [...first.splice(0), ...submissions.splice(0, Math.max(0, window - inFlight()))].map(write),
    answered: (pdu) => match(waiting, pdu),
    dropQueued: (reason) => drop(submissions, reason),
    end: (reason) => {
      drop(first, reason)
      drop(submissions, reason)
      for (const number of written.keys()) settle(waiting, number, lost(reason))
    },
    inFlight,
  }
}

const submit = 'submit_sm'
const lost = (reason: string): Answer => ({ kind: 'lost', reason })

function nextSequence(last: number, taken: ReadonlyMap<number, unknown>): number {
  let next = last
  do next = next === lastSequence ? 1 : next + 1
  while (taken.has(next))
  return next
}

function match(waiting: Waiting, pdu: ReceivedPdu): 'settled' | 'unexpected' | 'mismatch' {
  const request = waiting.written.get(pdu.sequence)
  if (!request) return 'unexpected'
  if (!answers(pdu, request.command)) return 'mismatch'
  settle(waiting, pdu.sequence, { kind: 'answer', status: pdu.status, messageId: pdu.messageId })
  return 'settled'
}

function settle(waiting: Waiting, sequence: number, answer: Answer): void {
  const request = waiting.written.get(sequence)
  if (!request) return
  waiting.written.delete(sequence)
  request.deadline.clear()
  request.settle(answer)
}

function drop(queue: Request[], reason: string): void {
  for (const request of queue.splice(0)) request.settle({ kind: 'unwritten', reason })
}
