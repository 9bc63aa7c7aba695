/**
 * What one delivery attempt, or an interrupted one, means for a message (5.7).
 *
 * Accepted ends the attempt; deferred waits and doubles; a pace signal is not charged; refused is
 * final and alarmed; unknown follows `onUnknown`: mail is sent again under its Message-ID, an SMS
 * is held. Nothing here knows a protocol.
 */
import type { Mail } from '../../config/schema.ts'
import { assertNever } from '../../core/assert-never.ts'
import { type Batch, emptyBatch, type MessageUpdate } from '../../core/batch.ts'
import { dateIn, durationOf, formatDuration, type Instant } from '../../core/date.ts'
import type { Cause, EventName } from '../../core/event.ts'
import { type Attempt, isAlarm, type Message, type Outcome } from '../../core/message.ts'
import { type Alarm, raiseAlarm } from './alarm.ts'
import { Draft } from '../draft.ts'
import type { Setup } from '../setup.ts'

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

/** Why a message that was taken is not sent now: too old, unwanted, over a cap, too early. */
export type Unsent =
  | { readonly state: 'expired' | 'held' | 'suppressed'; readonly reason: string }
  | { readonly state: 'queued'; readonly reason: string; readonly dueAt: Instant }

const unsentEvents = {
  expired: 'message.expired',
  held: 'message.held',
  suppressed: 'message.suppressed',
  queued: 'message.deferred',
} as const

/** A message that was taken and is not sent after all, or later. Its age counts while it waits. */
export function decideUnsent(setup: Setup, message: Message, unsent: Unsent, cause: Cause, now: Instant): Batch {
  const { state, reason } = unsent
  if (unsent.state === 'queued' && message.expiresAt !== undefined && unsent.dueAt >= message.expiresAt) {
    return record(setup, message, ['sending'], tooOld(reason, now, false), cause, now, {})
  }
  const alarm =
    state === 'held' ? { alarm: { title: 'Messages are held', next: 'See: orderly messages list --state held' } } : {}
  const times = unsent.state === 'queued' ? { dueAt: unsent.dueAt } : unsent.state === 'held' ? {} : { finishedAt: now }
  const update = { state, reason, ...times }
  const verdict = { update, event: unsentEvents[state], text: reason, ...alarm }
  return record(setup, message, ['sending'], verdict, cause, now, {})
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
  const update = { id: message.id, from, ...verdict.update, ...extra }
  const event = {
    name: verdict.event,
    subject: message.id,
    before: { state: message.state },
    after: { state: verdict.update.state },
    text: verdict.text.slice(0, 250),
  }
  const { alarm } = verdict
  if (alarm === undefined || isAlarm(message)) {
    return { ...emptyBatch(cause, now), messageUpdates: [update], events: [{ ...event, at: now }] }
  }
  const draft = new Draft(setup, { get: () => undefined, find: () => [] }, cause, now)
  draft.updateMessage(update)
  raiseAlarm(draft, alarmOf(setup, message, { ...verdict, alarm }, now), draft.happened(event))
  return draft.toBatch()
}

function alarmOf(
  setup: Setup,
  message: Message,
  { event, text, alarm }: Verdict & { readonly alarm: NonNullable<Verdict['alarm']> },
  now: Instant,
): Alarm {
  const { channel, template, recipients } = message
  const to = recipients.map(({ address }) => address).join(', ')
  return {
    key: `${event}/${channel}/${dateIn(now, setup.config.timeZone)}`,
    subject: message.id,
    title: alarm.title,
    what: `${channel} ${template} to ${to}: ${text}`.slice(0, 250),
    ...(alarm.next !== undefined && { next: alarm.next }),
  }
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

const tooOld = (reason: string, now: Instant, tried = true): Verdict => ({
  update: {
    state: 'expired',
    reason: tried ? `too old for another try: ${reason}` : `too old to wait: ${reason}`,
    attempted: tried,
    finishedAt: now,
  },
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
