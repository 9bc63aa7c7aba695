/**
 * An SMS account at an SMPP gateway: sends messages part by part, and hands on the receipts.
 *
 * Guarantees: the parts of a message go in order, each after the one before is accepted; parts that were accepted
 * are not sent again; never more than the window is without an answer, nor more parts a second than agreed; a
 * receipt is answered after `onReceipt` has kept it. Does not retry a message: that is the dispatcher's. Throws only
 * at opening, when name or password cannot be put into a PDU.
 */
import type { Instant } from '../../core/date.ts'
import type { Attempt, Outcome, PartResult, Receipt, SmsContent } from '../../core/message.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import { sleep } from '../../platform/loop.ts'
import type { Backoff } from '../../platform/loop.ts'
import { canonicalId, isReceipt, parseReceipt } from './receipts-text.ts'
import type { IdBase } from './receipts-text.ts'
import type { Delivery } from './delivery.ts'
import { printable } from './frames.ts'
import { readIncoming } from './incoming-text.ts'
import type { IncomingSms } from './incoming-text.ts'
import { openLead } from './lead.ts'
import { openLink } from './link.ts'
import type { LinkState, SmsLink } from './link.ts'
import { pace } from './pace.ts'
import { openPlaces } from './places.ts'
import type { Pace } from './pace.ts'
import type { Answer } from './requests.ts'
import { classOf, combineParts, outcomeOf, recipientPause } from './results.ts'
import type { StatusTable } from './results.ts'
import type { SmsSession } from './session.ts'
import type { SocketSettings } from './socket.ts'
import { planSubmit, validFor } from './submit.ts'
import type { LongText, PlannedPart } from './submit.ts'

export interface SmsSettings extends SocketSettings {
  /** Name of the account: the `account` of its receipts. */
  readonly name: string
  readonly systemId: string
  readonly password: string
  readonly systemType?: string
  /** A transmitter gets its receipts over a second bind, as receiver. */
  readonly bind: 'transceiver' | 'transmitter'
  readonly window: number
  /** SMS parts a second. */
  readonly perSecond: number
  /** Milliseconds. */
  readonly responseTimeout: number
  /** Milliseconds. */
  readonly enquireEvery: number
  readonly idBase: IdBase
  readonly longText: LongText
  readonly statusTable?: StatusTable
  /** Ask for delivery receipts. */
  readonly receipts: boolean
  /** Pauses between sessions; 1 s doubling to 1 min when absent. */
  readonly reconnect?: Backoff
}

export interface SmsToSend {
  readonly id: string
  readonly sms: SmsContent
  /** E.164. */
  readonly recipient: string
  /** Parts that earlier attempts got accepted: not sent again. */
  readonly accepted: readonly { readonly part: number; readonly smscId: string }[]
  /** Passed on as the validity period. */
  readonly expiresAt?: Instant
}

export interface SmsAccount {
  /** One attempt. Its `parts` are those tried now; ids are in the form of `canonicalId`, as in receipts. Never rejects. */
  send(message: SmsToSend): Promise<Attempt>
  /** How many messages could go at once now; 0 while the line is down or throttled. */
  free(): number
  /** Those that wait here for room in the window, and how many more may: leased early, so that it is kept full. */
  line(): { readonly waiting: number; readonly room: number }
  state(): SmsAccountState
  /** Waits for the next try to bind. */
  verify(): Promise<{ readonly kind: 'ok' } | { readonly kind: 'failed'; readonly reason: string }>
  /** Lets answers come for up to `graceMs`, unbinds and ends. */
  close(options: { readonly graceMs: number }): Promise<void>
}

export type SmsAccountState = LinkState | { readonly kind: 'throttled'; readonly forMs: number }

export interface SmsSurroundings {
  readonly clock: Clock
  readonly log: Log
  /** Keeps the receipt for good; rejects when it cannot, and the gateway sends it again. */
  readonly onReceipt: (receipt: Receipt) => Promise<void>
  /** Keeps what a subscriber wrote, in the same way. */
  readonly onIncoming: (incoming: IncomingSms) => Promise<void>
}

/** Opens the account and starts to bind; what follows is told by `state`. */
export function openSmsAccount(settings: SmsSettings, surroundings: SmsSurroundings): SmsAccount {
  checkIdentity(settings)
  const log = surroundings.log.child({ account: settings.name })
  const links = openLinks(settings, { ...surroundings, log })
  return accountOver(settings, surroundings.clock, links)
}

function openLinks(
  settings: SmsSettings,
  { clock, log, onReceipt, onIncoming }: SmsSurroundings,
): [SmsLink, ...SmsLink[]] {
  const linkSettings = { ...settings, reconnect: settings.reconnect ?? { firstMs: 1000, maxMs: 60_000 } }
  const onDelivery = async (delivery: Delivery): Promise<void> => {
    const { name, idBase } = settings
    const receipt = parseReceipt(delivery, { account: name, idBase, at: clock.now() })
    if (receipt) return await onReceipt(receipt)
    if (isReceipt(delivery)) {
      const fields = { from: printable(delivery.source), octets: delivery.message.length }
      return log.warn(fields, 'a receipt without a message id came from the gateway; it says nothing')
    }
    await onIncoming(readIncoming(delivery, name, clock.now()))
  }
  const sending = openLink(linkSettings, settings.bind, clock, { onDelivery, log })
  if (settings.bind === 'transceiver' || !settings.receipts) return [sending]
  return [sending, openLink(linkSettings, 'receiver', clock, { onDelivery, log })]
}

function accountOver(settings: SmsSettings, clock: Clock, links: [SmsLink, ...SmsLink[]]): SmsAccount {
  const [sending] = links
  const stop = new AbortController()
  const speed = pace(settings.perSecond)
  const line = { settings, clock, speed, sending, signal: stop.signal }
  // What waits for its turn counts as being sent, so no more is leased than goes out within about a second.
  const second = Math.max(1, Math.floor(settings.perSecond))
  const places = openPlaces(Math.min(settings.window, second))
  const lead = openLead()
  // Another window, or what goes in a moment: all that is leased is in doubt after a crash.
  const longest = (): number =>
    Math.min(Math.max(settings.window, lead.messages(clock.monotonic())), second - places.most)
  const open = (): boolean =>
    !stop.signal.aborted && sending.session() !== undefined && speed.pausedFor(clock.monotonic()) === 0

  return {
    send: async (message) => {
      await places.enter()
      try {
        const attempt = await sendMessage(line, message)
        if (attempt.outcome.kind === 'accepted') lead.accepted(clock.monotonic())
        return attempt
      } finally {
        places.leave()
      }
    },
    free: () => (open() ? Math.max(0, (speed.doubtful() ? 1 : places.most) - places.taken() - places.waiting()) : 0),
    line: () => {
      const waiting = places.waiting()
      return { waiting, room: open() && !speed.doubtful() ? Math.max(0, longest() - waiting) : 0 }
    },
    state: () => stateOf(links, speed.pausedFor(clock.monotonic())),
    verify: async () => {
      const states = await Promise.all(links.map((link) => link.tried()))
      const bad = states.find((state) => state.kind !== 'bound')
      return bad ? { kind: 'failed', reason: reasonOf(bad) } : { kind: 'ok' }
    },
    close: async ({ graceMs }) => {
      stop.abort()
      await Promise.all(links.map((link) => link.close(graceMs)))
    },
  }
}

/** The worst of the links, since a receiver that is refused needs a person as well. */
function stateOf(links: readonly SmsLink[], pausedFor: number): SmsAccountState {
  const bad = links.map((link) => link.state()).find((state) => state.kind !== 'bound')
  if (bad) return bad
  return pausedFor > 0 ? { kind: 'throttled', forMs: Math.ceil(pausedFor) } : { kind: 'bound' }
}

const reasonOf = (state: LinkState): string =>
  'reason' in state && state.reason !== undefined ? state.reason : `the account is ${state.kind}`

interface Line {
  readonly settings: SmsSettings
  readonly clock: Clock
  readonly speed: Pace
  readonly sending: SmsLink
  readonly signal: AbortSignal
}

async function sendMessage(line: Line, message: SmsToSend): Promise<Attempt> {
  const { longText, receipts } = line.settings
  const { id, sms, recipient, expiresAt } = message
  const valid = validFor(expiresAt, line.clock.now())
  const plan = planSubmit({
    id,
    sms,
    recipient,
    longText,
    receipts,
    ...(valid === undefined ? {} : { validFor: valid }),
  })
  if (plan.kind === 'invalid') return { outcome: { kind: 'refused', code: plan.code, reason: plan.reason }, parts: [] }
  const before = message.accepted.map(acceptedBefore)
  const done = new Set(before.map((result) => result.part))
  const parts: PartResult[] = []
  for (const part of plan.parts.filter((part) => !done.has(part.part))) {
    const result = await sendPart(line, recipient, part)
    parts.push(result)
    if (result.outcome.kind !== 'accepted') break
  }
  return { outcome: combineParts(plan.parts.length, before, parts), parts }
}

const acceptedBefore = ({ part, smscId }: SmsToSend['accepted'][number]): PartResult => ({
  part,
  smscId,
  outcome: { kind: 'accepted', response: smscId },
})

async function sendPart(line: Line, recipient: string, part: PlannedPart): Promise<PartResult> {
  const session = await turn(line, recipient, part.weight)
  if ('kind' in session) return { part: part.part, outcome: session }
  const wave = line.speed.wave()
  const answer = await session.submit(part.fields)
  const outcome = judge(line, recipient, wave, answer)
  if (outcome.kind !== 'accepted') return { part: part.part, outcome }
  return { part: part.part, outcome, smscId: canonicalId(outcome.response, 'answer', line.settings.idBase) }
}

/** Waits for the agreed rate; gives the bound session, or why the part cannot go now. */
async function turn(line: Line, recipient: string, weight: number): Promise<SmsSession | Outcome> {
  const blocked = obstacle(line, recipient)
  if (blocked) return blocked
  const wait = line.speed.book(weight, line.clock.monotonic())
  if (wait >= 1) await sleep(wait, line.signal)
  return obstacle(line, recipient) ?? line.sending.session() ?? down(line)
}

function obstacle(line: Line, recipient: string): Outcome | undefined {
  const now = line.clock.monotonic()
  if (line.signal.aborted) return { kind: 'deferred', reason: 'Orderly is stopping', pace: 'account', retryAfterMs: 0 }
  if (!line.sending.session()) return down(line)
  const paused = line.speed.pausedFor(now)
  if (paused > 0)
    return {
      kind: 'deferred',
      reason: 'the gateway throttles the account or does not answer',
      pace: 'account',
      retryAfterMs: paused,
    }
  const full = line.speed.recipientPausedFor(recipient, now)
  if (full > 0)
    return { kind: 'deferred', reason: 'the queue for this recipient is full', pace: 'recipient', retryAfterMs: full }
  return undefined
}

/** Milliseconds. Nothing is leased while there is no session, so that a longer pause would only come on top of it. */
const lineDown = 1000

/** Not the message's fault, so no attempt is charged; its maximum age ends the waiting. */
const down = (line: Line): Outcome => ({
  kind: 'deferred',
  reason: `no session with the gateway: ${reasonOf(line.sending.state())}`,
  pace: 'account',
  retryAfterMs: lineDown,
})

function judge(line: Line, recipient: string, wave: number, answer: Answer): Outcome {
  if (answer.kind === 'unwritten') {
    return { kind: 'deferred', reason: answer.reason, pace: 'account', retryAfterMs: lineDown }
  }
  const { speed, clock, settings } = line
  const now = clock.monotonic()
  if (answer.kind === 'lost') {
    // A gateway that takes and never answers would turn the whole queue into unknown ones at full speed.
    speed.trouble(wave, now)
    return { kind: 'unknown', reason: `written, but ${answer.reason}` }
  }
  const status = answer.status === 0 ? 'accepted' : classOf(answer.status, settings.statusTable)
  if (status === 'accepted') speed.accepted(wave)
  if (status === 'queueFull' && speed.queueFull(recipient, now + recipientPause)) speed.trouble(wave, now)
  if (status === 'session') line.sending.rebind()
  const accountPause = status === 'throttled' ? speed.trouble(wave, now) : 0
  return outcomeOf(answer.status, { messageId: answer.messageId, accountPause }, settings.statusTable)
}

/** The codec cuts to 7 bit and does not mind a NUL, which would shift the fields after it. */
function checkIdentity({ name, systemId, password, systemType }: SmsSettings): void {
  for (const [key, text] of Object.entries({ systemId, password, systemType: systemType ?? '' })) {
    if (/^[\x20-\x7e]*$/.test(text)) continue
    throw new Error(`sms account ${name}: ${key} has characters outside printable ASCII; SMPP cannot carry them`)
  }
}
