/**
 * Turns one conversation about one message into the attempt's outcome (decision 4, mechanisms of RFC 5321).
 * Guarantees: `accepted` only when no recipient is left to try; a break before the last byte is deferred, after
 * it unknown; recipients whose fate is sure are listed as settled, so that only the others are tried again.
 * `settled` lists what this attempt settled, not what earlier ones did. Pure; throws nothing.
 */
import { assertNever } from '../../core/assert-never.ts'
import type { Attempt, Outcome, SettledRecipient } from '../../core/message.ts'
import { meaningOf, readAnswer } from './answers.ts'
import type { Meaning } from './answers.ts'

/** A recipient that the server did not take at RCPT. */
export interface Rejection {
  readonly address: string
  readonly response: string
}

/** How far one message got; `rejected` are answers to RCPT, the other recipients were taken there or not asked. */
export type Conversation =
  /** The server answered the final dot, or MAIL, RCPT or DATA, and the message went no further. */
  | {
      readonly kind: 'answered'
      readonly to: 'sender' | 'recipients' | 'message'
      readonly response: string
      readonly rejected: readonly Rejection[]
    }
  /** No answer any more. `left`: the last byte was handed to the network, or may have been. */
  | {
      readonly kind: 'broken'
      readonly lastByte: 'kept' | 'left'
      readonly reason: string
      readonly rejected: readonly Rejection[]
    }
  /** Cannot go to this server as it is. */
  | { readonly kind: 'unfit'; readonly reason: string; readonly code: string }

/**
 * The attempt that a conversation about `tried` came to; `before` are the recipients settled earlier.
 */
export function attemptOf(
  conversation: Conversation,
  tried: readonly string[],
  before: readonly SettledRecipient[],
): Attempt {
  switch (conversation.kind) {
    case 'answered':
      return ofAnswer(conversation, tried, before)
    case 'broken':
      return ofBreak(conversation)
    case 'unfit':
      return ofRefusal(tried, conversation.reason, conversation.code, before)
    default:
      return assertNever(conversation, 'conversation')
  }
}

function ofAnswer(
  talk: Conversation & { kind: 'answered' },
  tried: readonly string[],
  before: readonly SettledRecipient[],
): Attempt {
  const meaning = meaningOf(talk.response)
  if (meaning === 'nonsense' || (meaning === 'taken' && talk.to !== 'message')) {
    const lastByte = talk.to === 'message' ? 'left' : 'kept'
    const reason = `the server answered something else than was asked: ${talk.response}`
    return ofBreak({ kind: 'broken', lastByte, reason, rejected: talk.rejected })
  }
  const said = new Map(talk.rejected.map((one) => [one.address, one.response]))
  const fates = tried.map((address) => ({ address, response: said.get(address) ?? talk.response }))
  return attemptOfFates(fates, before)
}

interface Fate {
  readonly address: string
  readonly response: string
}

function attemptOfFates(fates: readonly Fate[], before: readonly SettledRecipient[]): Attempt {
  const settled = fates.flatMap(({ address, response }): SettledRecipient[] => {
    const meaning = meaningOf(response)
    if (meaning === 'taken') return [{ address, result: 'accepted', response }]
    return meaning === 'never' ? [{ address, result: 'refused', response }] : []
  })
  const open = fates.filter(({ response }) => !isFinal(meaningOf(response)))
  if (open.length > 0) return { outcome: deferredBy(open, settled), settled }
  return { outcome: finalOutcome([...before, ...settled]), settled }
}

const isFinal = (meaning: Meaning): boolean => meaning === 'taken' || meaning === 'never'

function deferredBy(open: readonly Fate[], settled: readonly SettledRecipient[]): Outcome {
  const paced = open.some(({ response }) => meaningOf(response) === 'pace')
  const first = open[0]?.response ?? ''
  const rest = settled.length === 0 ? '' : ` (${open.length} of ${open.length + settled.length} recipients left to try)`
  const reason = `the server put it off: ${first}${rest}`
  return paced ? { kind: 'deferred', reason, pace: 'account' } : { kind: 'deferred', reason }
}

/** The outcome when every recipient is settled: accepted when one was, refused when all were. */
export function finalOutcome(all: readonly SettledRecipient[]): Outcome {
  const taken = all.filter((one) => one.result === 'accepted')
  const refused = all.filter((one) => one.result === 'refused')
  const last = taken.at(-1)
  if (last !== undefined) {
    const but =
      refused.length === 0 ? '' : ` (${refused.length} of ${all.length} recipients refused: ${refused[0]?.response})`
    return { kind: 'accepted', response: `${last.response}${but}` }
  }
  const response = refused.at(-1)?.response ?? 'no recipient'
  const { code, enhanced } = readAnswer(response)
  const known = enhanced ?? (code === 0 ? undefined : String(code))
  return { kind: 'refused', reason: response, ...(known === undefined ? {} : { code: known }) }
}

function ofBreak(talk: Conversation & { kind: 'broken' }): Attempt {
  const settled = talk.rejected
    .filter(({ response }) => meaningOf(response) === 'never')
    .map(({ address, response }): SettledRecipient => ({ address, result: 'refused', response }))
  const outcome: Outcome =
    talk.lastByte === 'left'
      ? { kind: 'unknown', reason: `no answer after the whole message was sent: ${talk.reason}` }
      : { kind: 'deferred', reason: `the line broke before the whole message was sent: ${talk.reason}` }
  return settled.length === 0 ? { outcome } : { outcome, settled }
}

/** All of `tried` refused for one reason that no server gave. `code`: RFC 3463. */
export function ofRefusal(
  tried: readonly string[],
  reason: string,
  code: string,
  before: readonly SettledRecipient[],
): Attempt {
  const settled = tried.map((address): SettledRecipient => ({ address, result: 'refused', response: reason }))
  const outcome = finalOutcome([...before, ...settled])
  return { outcome: outcome.kind === 'refused' ? { kind: 'refused', reason, code } : outcome, settled }
}

/** Not tried, for no reason of its own. */
export const notNow = (reason: string, retryAfterMs: number): Attempt => ({
  outcome: { kind: 'deferred', reason, pace: 'account', retryAfterMs },
})

/** A kept connection that the server had given up: nothing of the message arrived, so a new one may be tried. */
export function wasStale(conversation: Conversation): boolean {
  if (conversation.kind === 'broken') return conversation.lastByte === 'kept'
  return (
    conversation.kind === 'answered' && conversation.to !== 'message' && readAnswer(conversation.response).code === 421
  )
}
