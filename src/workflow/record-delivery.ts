/**
 * What one delivery attempt, a receipt or an interrupted attempt means for a message (5.7).
 *
 * Accepted ends the attempt; deferred waits and doubles; a pace signal is not charged; refused is
 * final and alarmed; unknown follows `onUnknown`: mail is sent again under its Message-ID, an SMS
 * is held. Nothing here knows a protocol.
 */
import type { Mail } from '../config/schema.ts'
import { assertNever } from '../core/assert-never.ts'
import type { Batch, MessageUpdate } from '../core/batch.ts'
import { dateIn, durationOf, formatDuration, type Instant } from '../core/date.ts'
import type { Cause, EventName } from '../core/event.ts'
import type { Attempt, Message, MessageState, Outcome, Receipt } from '../core/message.ts'
import { type Alarm, raiseAlarm } from './alarm.ts'
import { Draft } from './draft.ts'
import type { Setup } from './setup.ts'

/** Pause after a pace signal that names none, in milliseconds. */
const pacePause = 60_000

interface Verdict {
  readonly update: Omit<MessageUpdate, 'id' | 'from'>
  readonly event: EventName
  readonly text: string
  readonly alarm?: Pick<Alarm, 'title' | 'next'>
}

/** The result of one attempt on a message that was taken for sending. */
export function decideDelivery(setup: Setup, message: Message, attempt: Attempt, cause: Cause, now: Instant): Batch {
  const verdict = judge(setup, message, attempt.outcome, now)
  return record(setup, message, ['sending'], verdict, cause, now, {
    ...(attempt.settled && { settled: attempt.settled }),
    ...(attempt.parts && { parts: attempt.parts }),
  })
}

/** A message that was taken and is not sent after all: too old, over a cap, or not allowed in a rehearsal. */
export function decideUnsent(
  setup: Setup,
  message: Message,
  state: 'expired' | 'held',
  reason: string,
  cause: Cause,
  now: Instant,
): Batch {
  const event = state === 'expired' ? 'message.expired' : 'message.held'
  const alarm =
    state === 'held' ? { alarm: { title: 'Messages are held', next: 'See: orderly messages list --state held' } } : {}
  const finished = state === 'expired' ? { finishedAt: now } : {}
  return record(
    setup,
    message,
    ['sending'],
    { update: { state, reason, ...finished }, event, text: reason, ...alarm },
    cause,
    now,
    {},
  )
}

function record(
  setup: Setup,
  message: Message,
  from: MessageUpdate['from'],
  verdict: Verdict,
  cause: Cause,
  now: Instant,
  extra: Pick<MessageUpdate, 'settled' | 'parts'>,
): Batch {
  const draft = new Draft(setup, { get: () => undefined, find: () => [] }, cause, now)
  draft.updateMessage({ id: message.id, from, ...verdict.update, ...extra })
  const event = draft.happened({
    name: verdict.event,
    subject: message.id,
    before: { state: message.state },
    after: { state: verdict.update.state },
    text: verdict.text.slice(0, 250),
  })
  const isAlarm = message.template.startsWith('alarm/')
  if (verdict.alarm && !isAlarm) {
    const day = dateIn(now, setup.config.timeZone)
    raiseAlarm(
      draft,
      {
        key: `${verdict.event}/${message.channel}/${day}`,
        subject: message.id,
        title: verdict.alarm.title,
        what: `${message.channel} ${message.template} to ${message.recipients.map(({ address }) => address).join(', ')}: ${verdict.text}`.slice(
          0,
          250,
        ),
        ...(verdict.alarm.next !== undefined && { next: verdict.alarm.next }),
      },
      event,
    )
  }
  return draft.toBatch()
}

function judge(setup: Setup, message: Message, outcome: Outcome, now: Instant): Verdict {
  switch (outcome.kind) {
    case 'accepted':
      return {
        update: { state: 'accepted', response: outcome.response, attempted: true, finishedAt: now },
        event: 'message.accepted',
        text: outcome.response,
      }
    case 'deferred':
      return outcome.pace === undefined ? deferred(setup, message, outcome, now) : paced(message, outcome, now)
    case 'refused':
      return refused(outcome.reason, now)
    case 'unknown':
      return unknown(setup, message, outcome.reason, now)
    default:
      return assertNever(outcome, 'outcome')
  }
}

type Deferred = Extract<Outcome, { kind: 'deferred' }>

function paced(message: Message, outcome: Deferred, now: Instant): Verdict {
  const dueAt = now + (outcome.retryAfterMs ?? pacePause)
  if (message.expiresAt !== undefined && dueAt >= message.expiresAt) return tooOld(outcome.reason, now)
  return { update: { state: 'queued', reason: outcome.reason, dueAt }, event: 'message.deferred', text: outcome.reason }
}

function deferred(setup: Setup, message: Message, outcome: Deferred, now: Instant): Verdict {
  const { mail, sms } = setup.config
  const retry = retryOf(setup, message)
  const attempts = message.attempts + 1
  if (message.channel === 'sms' && attempts >= sms.attempts) {
    return refused(`gave up after ${attempts} tries: ${outcome.reason}`, now)
  }
  if (message.channel === 'mail' && triedLong(message, mail, now)) {
    return refused(`gave up after ${mail.retry.giveUpAfter}: ${outcome.reason}`, now)
  }
  const dueAt = now + Math.max(pauseAfter(retry, message.attempts), outcome.retryAfterMs ?? 0)
  if (message.expiresAt !== undefined && dueAt >= message.expiresAt) return tooOld(outcome.reason, now)
  return {
    update: { state: 'queued', reason: outcome.reason, dueAt, attempted: true },
    event: 'message.deferred',
    text: `next try in ${formatDuration(dueAt - now)}: ${outcome.reason}`,
  }
}

const retryOf = ({ config }: Setup, message: Message): Retry =>
  message.channel === 'mail' ? config.mail.retry : config.sms.retry

type Retry = { readonly first: string; readonly max: string }

/** Milliseconds to wait after this many tries that came to nothing: doubling, up to the longest pause. */
const pauseAfter = ({ first, max }: Retry, tries: number): number =>
  Math.min(durationOf(max), durationOf(first) * 2 ** Math.min(tries, 30))

/**
 * Whether the mail was tried for as long as `giveUpAfter`. Its age alone does not tell: it may have been held for
 * review for days before its first try, so the pauses between the tries must amount to it as well.
 */
function triedLong(message: Message, { retry }: Mail, now: Instant): boolean {
  const limit = durationOf(retry.giveUpAfter)
  if (now - message.createdAt < limit) return false
  let paused = 0
  for (let tries = 0; tries < message.attempts && paused < limit; tries++) paused += pauseAfter(retry, tries)
  return paused >= limit
}

const refused = (reason: string, now: Instant): Verdict => ({
  update: { state: 'refused', reason, attempted: true, finishedAt: now },
  event: 'message.refused',
  text: reason,
  alarm: { title: 'A message was refused', next: 'See: orderly messages list --state refused' },
})

const tooOld = (reason: string, now: Instant): Verdict => ({
  update: { state: 'expired', reason: `too old for another try: ${reason}`, attempted: true, finishedAt: now },
  event: 'message.expired',
  text: reason,
})

function unknown(setup: Setup, message: Message, reason: string, now: Instant): Verdict {
  const { mail, sms } = setup.config
  const policy = message.channel === 'mail' ? mail.onUnknown : sms.onUnknown
  const text = `result unknown: ${reason}`
  // A server that breaks off each time must not get the message for ever.
  const enough = message.channel === 'mail' ? triedLong(message, mail, now) : message.attempts + 1 >= sms.attempts
  if (policy === 'hold' || enough) {
    return {
      update: { state: 'held', reason: text, attempted: true },
      event: 'message.unknown',
      text,
      alarm: {
        title: 'It is not known whether a message was sent',
        next: 'Look whether it arrived; then: orderly messages send ID, or: orderly messages cancel ID',
      },
    }
  }
  const dueAt = now + pauseAfter(retryOf(setup, message), message.attempts)
  if (message.expiresAt !== undefined && dueAt >= message.expiresAt) return tooOld(text, now)
  return { update: { state: 'queued', reason: text, dueAt, attempted: true }, event: 'message.unknown', text }
}

/** States in which all parts have left, and receipts may still move the message on. */
const isSent: ReadonlySet<MessageState> = new Set(['accepted', 'delivered', 'undelivered', 'unknown'])

function stateByParts(message: Message, others: readonly PartState[], arrived: boolean): keyof typeof eventByState {
  if (!arrived || others.some(({ state }) => state === 'undelivered')) return 'undelivered'
  const all = others.length + 1 >= (message.sms?.parts ?? 1)
  return all && others.every(({ state }) => state === 'delivered') ? 'delivered' : 'accepted'
}

const eventByState = {
  delivered: 'message.delivered',
  undelivered: 'message.undelivered',
  accepted: 'message.delivered', // the part that did not arrive has arrived after all; others are still on their way
} as const

/** A part of an SMS as stored, for deciding what a receipt means. */
export interface PartState {
  readonly part: number
  readonly state: 'accepted' | 'delivered' | 'undelivered' | 'again'
}

/**
 * What a receipt means for its message: delivered when all parts are, undelivered when one failed;
 * intermediate states, states that say nothing, and repetitions change nothing (mechanisms 1.6), and what was
 * delivered stays so. Nor does a receipt for one part change anything while another part is still to be sent or to be
 * decided on: it stays with its part.
 */
export function decideReceipt(
  setup: Setup,
  receipt: Receipt,
  message: Message | undefined,
  parts: readonly PartState[],
  part: number | undefined,
  cause: Cause,
): Batch {
  const draft = new Draft(setup, { get: () => undefined, find: () => [] }, cause, receipt.at)
  const known = message !== undefined && part !== undefined
  const batch = (): Batch => ({
    ...draft.toBatch(),
    receipts: [{ receipt, ...(known && { message: message.id, part }) }],
  })
  if (!known || receipt.state === 'intermediate' || receipt.state === 'unknown') return batch()
  const others = parts.filter((each) => each.part !== part)
  // What was delivered stays delivered, whichever of two receipts that contradict each other came first.
  const before = parts.find((each) => each.part === part)?.state
  const state = stateByParts(message, others, receipt.state === 'delivered' || before === 'delivered')
  const stays = message.state === state || (state === 'accepted' && message.state !== 'undelivered')
  if (stays || !isSent.has(message.state)) return batch()
  const text = `${receipt.state}${receipt.error === undefined ? '' : ` (${receipt.error})`}`
  draft.updateMessage({ id: message.id, from: [message.state], state, response: text, finishedAt: receipt.at })
  draft.happened({
    name: eventByState[state],
    subject: message.id,
    before: { state: message.state },
    after: { state },
    text: text.slice(0, 250),
  })
  return batch()
}
