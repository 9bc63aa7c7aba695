/**
 * How the misbehaving SMSC answers a submission, and which receipts follow.
 */
import { cstring, id, packPdu } from '../smsc.ts'
import { status, takes } from './behaviour.ts'
import type { Behaviour, ReceiptStep } from './behaviour.ts'
import type { ChaosState, Taken } from './chaos-state.ts'
import type { Connection, Frame } from './connection.ts'
import { malformed } from './malformed.ts'
import { receiptBody } from './receipt-box.ts'
import { readSubmission } from './submission.ts'

const answerId = id.submit + 0x8000_0000
const unusedSequence = 0x7eee_eeee
const usualReceipt: readonly ReceiptStep[] = [{ state: 'DELIVRD', afterMs: 20 }]

export function answerSubmission(state: ChaosState, connection: Connection, frame: Frame): void {
  const submission = readSubmission(frame.body, connection.number, frame.sequence)
  const refuse = (code: number): void => connection.write(packPdu(answerId, code, frame.sequence))
  if (!connection.bound) return refuse(0x04)
  state.submissions.push(submission)
  const limit = overLimit(state)
  if (limit !== undefined) return refuse(limit)
  const behaviour = state.behaviour(submission)
  if (!takes(behaviour.answer)) return notTaken(behaviour.answer, connection, frame, refuse)
  const taken = { ...submission, ids: state.makeIds(behaviour.ids ?? 'same') }
  state.taken.push(taken)
  const steps = submission.wantsReceipt ? (behaviour.receipts ?? usualReceipt) : []
  for (const step of steps.filter(({ when }) => when === 'before')) sendReceipt(state, taken, step)
  const rest = steps.filter(({ when }) => when !== 'before')
  const both = (): void => {
    answerTaken(state, behaviour, connection, frame, taken)
    for (const step of rest) arrangeReceipt(state, taken, step, behaviour.wire === 'withReceipt')
  }
  if (behaviour.wire === 'withReceipt') connection.together(both)
  else both()
}

function overLimit({ settings, submissions, taken, receipts }: ChaosState): number | undefined {
  const { perSecond, queueMost } = settings
  const second = performance.now() - 1000
  const recent = submissions.findLastIndex(({ at }) => at < second)
  if (perSecond !== undefined && submissions.length - 1 - recent > perSecond) return status.throttled
  const acknowledged = receipts.sent.filter(({ answer }) => answer === 0).length
  return queueMost !== undefined && taken.length - acknowledged >= queueMost ? status.queueFull : undefined
}

function notTaken(
  answer: Behaviour['answer'],
  connection: Connection,
  { sequence }: Frame,
  refuse: (code: number) => void,
): void {
  if (typeof answer === 'object' && 'status' in answer) return refuse(answer.status)
  if (answer === 'drop') return connection.reset()
  if (answer === 'nack') return connection.write(packPdu(id.nack, 0x03, sequence))
  if (answer === 'unbind') connection.request(id.unbind)
}

const pdu = (sequence: number, messageId: string): Buffer => packPdu(answerId, 0, sequence, cstring(messageId))

function answerTaken(
  state: ChaosState,
  { answer, wire }: Behaviour,
  connection: Connection,
  { sequence }: Frame,
  { ids }: Taken,
): void {
  const say = (bytes: Buffer): void => connection.write(bytes, wire === 'byByte' ? 'byByte' : 'whole')
  if (typeof answer === 'object') {
    if ('delayMs' in answer) return state.later(answer.delayMs, () => say(pdu(sequence, ids.answered)))
    if ('malformed' in answer) return spoil(connection, malformed(answer.malformed, answerId, sequence, ids.answered))
    return
  }
  if (answer === 'lost') return connection.reset()
  if (answer === 'lostByClose') return connection.finish()
  if (answer === 'lostInSilence') return
  if (answer === 'wrongSequence') return say(pdu(unusedSequence, ids.answered))
  say(pdu(sequence, answer === 'emptyId' ? '' : ids.answered))
  if (answer === 'twice') say(pdu(sequence, ids.answered))
  if (answer === 'dropAfter') connection.reset()
}

function spoil(connection: Connection, { bytes, thenClose }: ReturnType<typeof malformed>): void {
  connection.write(bytes)
  if (thenClose) connection.finish()
}

function arrangeReceipt(state: ChaosState, taken: Taken, step: ReceiptStep, now: boolean): void {
  if (step.when === 'held') return void state.held.push(() => sendReceipt(state, taken, step))
  if (now) return sendReceipt(state, taken, step)
  state.later(step.afterMs ?? 20, () => sendReceipt(state, taken, step))
}

function sendReceipt(state: ChaosState, taken: Taken, step: ReceiptStep): void {
  for (let time = 0; time < (step.times ?? 1); time++) {
    state.receipts.send(taken.ids.inReceipts, receiptBody(taken.ids, step, taken))
  }
}
