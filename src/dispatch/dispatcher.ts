/**
 * The loop of one channel: leases due messages, hands them to the transport, records what came of each.
 *
 * No more is leased than the transport can have in flight. Before a message leaves, its age, the
 * caps and the rehearsal are looked at once more. A result that cannot be recorded is tried again
 * until it is: a message that was sent is never forgotten while the daemon lives.
 */
import type { Instant } from '../core/date.ts'
import type { Cause } from '../core/event.ts'
import type { Attempt, Channel } from '../core/message.ts'
import type { Batch } from '../core/batch.ts'
import type { DueMessage, Ledger } from '../ledger/ledger.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { type Loop, type PassOutcome, sleep, startLoop } from '../platform/loop.ts'
import { decideDelivery, decideUnsent } from '../workflow/record-delivery.ts'
import type { Setup } from '../workflow/setup.ts'

/** What the dispatcher needs of a transport. */
export interface Transport {
  free(): number
  send(message: DueMessage): Promise<Attempt>
  /** Name under which the parts of an SMS are kept, for its receipts. */
  readonly account?: string
  /** Called after a result was recorded (SMS: receipts that came before it). */
  readonly afterRecorded?: (message: DueMessage, attempt: Attempt) => Promise<void>
}

export interface DispatcherTools {
  readonly ledger: Ledger
  readonly setup: Setup
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly onPass: (at: Instant) => void
}

export interface Dispatcher extends AsyncDisposable {
  nudge(): void
  /** Messages handed to the transport whose result is not recorded yet. */
  inFlight(): number
}

const hourMs = 3_600_000

export function startDispatcher(channel: Channel, transport: Transport, tools: DispatcherTools): Dispatcher {
  const { ledger, clock, log, signal } = tools
  const running = new Set<Promise<void>>()

  const pass = async (): Promise<PassOutcome> => {
    tools.onPass(clock.now())
    const limit = transport.free()
    if (limit <= 0) return 'idle'
    const due = await ledger.take(channel, limit, clock.now())
    // One after the other, and all handed over before more is leased: caps and free places are counted right.
    for (const [index, message] of due.entries()) {
      if (await mayLeave(channel, tools, message, due.slice(index + 1))) start(message)
    }
    return due.length === limit && transport.free() > 0 ? 'again' : 'idle'
  }
  const start = (message: DueMessage): void => {
    const work = deliver(transport, tools, message)
      .catch((error: unknown) => log.error({ message: message.id, err: error }, 'message left in doubt'))
      .finally(() => {
        running.delete(work)
        loop.nudge()
      })
    running.add(work)
  }
  const loop: Loop = startLoop({
    name: `dispatch ${channel}`,
    everyMs: 1_000,
    signal,
    run: pass,
    onError: (error) => log.error({ channel, err: error }, 'dispatch pass failed'),
    backoff: { firstMs: 1_000, maxMs: 30_000 },
  })
  return {
    nudge: () => loop.nudge(),
    inFlight: () => running.size,
    [Symbol.asyncDispose]: async () => {
      await loop[Symbol.asyncDispose]()
      await Promise.all(running)
    },
  }
}

/** Looks once more at a leased message; one that must not leave is recorded as what it is instead. */
async function mayLeave(
  channel: Channel,
  tools: DispatcherTools,
  message: DueMessage,
  later: readonly DueMessage[],
): Promise<boolean> {
  const { setup, clock } = tools
  const stop = await untilDone(tools, message, () => reasonNotToSend(channel, tools, message, later))
  if (stop === undefined) return true
  await record(tools, message, decideUnsent(setup, message, stop.state, stop.reason, deliveryCause(setup), clock.now()))
  return false
}

async function deliver(transport: Transport, tools: DispatcherTools, message: DueMessage): Promise<void> {
  const { setup, clock } = tools
  const cause = deliveryCause(setup)
  const attempt = await attemptBy(transport, message)
  if (attempt instanceof Error) {
    tools.log.error({ message: message.id, err: attempt }, 'transport failed')
    const reason = `the transport failed, it is not known whether it was sent: ${attempt.message}`
    return await record(tools, message, decideUnsent(setup, message, 'held', reason, cause, clock.now()))
  }
  await record(
    tools,
    message,
    withAccount(decideDelivery(setup, message, attempt, cause, clock.now()), transport.account),
  )
  await transport.afterRecorded?.(message, attempt)
}

/** A transport answers every attempt; if it throws all the same, the message must not be sent again by itself. */
async function attemptBy(transport: Transport, message: DueMessage): Promise<Attempt | Error> {
  try {
    return await transport.send(message)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

export const deliveryCause = (setup: Setup): Cause => ({
  kind: 'delivery',
  actor: 'daemon',
  configHash: setup.configHash,
})

const withAccount = (batch: Batch, account: string | undefined): Batch =>
  account === undefined
    ? batch
    : { ...batch, messageUpdates: batch.messageUpdates.map((update) => ({ ...update, account })) }

interface Stop {
  readonly state: 'expired' | 'held'
  readonly reason: string
}

async function reasonNotToSend(
  channel: Channel,
  tools: DispatcherTools,
  message: DueMessage,
  later: readonly DueMessage[],
): Promise<Stop | undefined> {
  const now = tools.clock.now()
  if (message.expiresAt !== undefined && message.expiresAt <= now) {
    return { state: 'expired', reason: `older than its maximum age of ${tools.setup.config.sms.maxAge}` }
  }
  return notInRehearsal(tools.setup, channel, message) ?? (await overCap(channel, tools, message, later, now))
}

/** A message that was planned before the rehearsal began must not leave for its real recipient. */
function notInRehearsal({ config }: Setup, channel: Channel, message: DueMessage): Stop | undefined {
  if (config.safety.mode === 'live') return undefined
  const target = config.safety.redirectTo?.[channel]
  if (message.recipients.every(({ address }) => address === target)) return undefined
  return { state: 'held', reason: 'rehearsal: planned before it began, for a real recipient' }
}

/** Caps count what was sent or is in flight within the last hour; alarms are outside them. */
async function overCap(
  channel: Channel,
  { ledger, setup }: DispatcherTools,
  message: DueMessage,
  later: readonly DueMessage[],
  now: Instant,
): Promise<Stop | undefined> {
  if (message.template.startsWith('alarm/')) return undefined
  const { maxPerHour } = setup.config.safety
  const since = now - hourMs
  // The count holds this message too, and those leased with it whose turn is after it.
  const all = (await ledger.sentSince(channel, since)) - later.length
  if (all > maxPerHour[channel])
    return {
      state: 'held',
      reason: `more than ${maxPerHour[channel]} ${channel} in an hour (safety.maxPerHour.${channel})`,
    }
  for (const { address } of message.recipients.filter(({ as }) => as === 'to')) {
    const coming = later.filter(({ recipients }) =>
      recipients.some((one) => one.as === 'to' && same(one.address, address)),
    ).length
    if ((await ledger.sentSince(channel, since, address)) - coming > maxPerHour.perRecipient) {
      return {
        state: 'held',
        reason: `more than ${maxPerHour.perRecipient} messages an hour to ${address} (safety.maxPerHour.perRecipient)`,
      }
    }
  }
  return undefined
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** Writes the result; a message that was sent is never forgotten while the daemon lives. */
async function record(tools: DispatcherTools, message: DueMessage, batch: Batch): Promise<void> {
  const result = await untilDone(tools, message, () => tools.ledger.commit(batch))
  if (result.kind === 'conflict') tools.log.warn({ message: message.id }, 'message changed while it was sent')
}

/** While the ledger refuses (disk full, busy) it is asked again, with growing pauses, until the daemon stops. */
async function untilDone<T>({ log, signal }: DispatcherTools, message: DueMessage, work: () => Promise<T>): Promise<T> {
  for (let pause = 200; ; pause = Math.min(pause * 2, 30_000)) {
    try {
      return await work()
    } catch (error) {
      log.error({ message: message.id, err: error }, 'the ledger refuses what is known of a message')
      if (signal.aborted) throw error
      await sleep(pause, signal)
    }
  }
}

/** What an earlier run left in flight gets the result unknown: the normal path, run again. */
export async function recordInterrupted(
  channel: Channel,
  tools: Pick<DispatcherTools, 'ledger' | 'setup' | 'clock'>,
): Promise<number> {
  const { ledger, setup, clock } = tools
  const messages = await ledger.interrupted(channel)
  for (const message of messages) {
    const attempt: Attempt = { outcome: { kind: 'unknown', reason: 'the daemon stopped while it was being sent' } }
    await ledger.commit(decideDelivery(setup, message, attempt, deliveryCause(setup), clock.now()))
  }
  return messages.length
}
