/**
 * The loop of one channel: leases due messages, hands them to the transport, records what came of each.
 *
 * No more is leased than the transport can have in flight. Before a message leaves, its age, the
 * caps and the rehearsal are looked at once more. Results and the next lease share a commit; a result
 * that cannot be recorded is tried again until it is: what was sent is never forgotten while the daemon lives.
 */
import type { Instant } from '../core/date.ts'
import type { Cause } from '../core/event.ts'
import type { Attempt, Channel } from '../core/message.ts'
import type { Batch, MessageUpdate } from '../core/batch.ts'
import type { DueMessage, Lane, Ledger } from '../ledger/ledger.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { type Loop, type PassOutcome, sleep, startLoop } from '../platform/loop.ts'
import { decideDelivery, decideUnsent } from '../workflow/messages/record-delivery.ts'
import type { Setup } from '../workflow/setup.ts'
import { type LastLook, openLastLook, type Stop } from './before-leaving.ts'
import { startDeadline } from './deadline.ts'
import { openResultBook } from './result-book.ts'
import type { ResultBook } from './result-book.ts'

/** What the dispatcher needs of a transport. */
export interface Transport {
  /** How many messages could be sent at once. */
  free(): number
  /**
   * Messages that wait in it for the next free place, and how many more may: a short line, so that no place is
   * empty while results are written. All of it counts as in flight after a crash.
   */
  readonly line?: () => Line
  send(message: DueMessage): Promise<Attempt>
  /** Name under which the parts of an SMS are kept, for its receipts. */
  readonly account?: string
  /** Which messages it takes now, where there are several accounts. */
  readonly lane?: () => Lane
  /** Called after a result was recorded (SMS: receipts that came before it). */
  readonly afterRecorded?: (message: DueMessage, attempt: Attempt) => Promise<void>
}

export interface Line {
  readonly waiting: number
  readonly room: number
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

/** How long results are gathered for one commit while more are on their way, in milliseconds. */
const gatherMs = 5
/** How often is looked for messages that are too old while nothing can be sent, in milliseconds, and for how many. */
const sweepMs = 60_000
const mostSwept = 500

/** Dispatchers of one channel share a `look`; one that is alone makes its own. */
export function startDispatcher(
  channel: Channel,
  transport: Transport,
  tools: DispatcherTools,
  look: LastLook = openLastLook(channel, tools.ledger, tools.setup),
): Dispatcher {
  const { ledger, clock, log, signal } = tools
  const running = new Set<Promise<void>>()
  /** The last lease got all that it asked for: there may be more. */
  let moreDue = false
  // A moment's wait lets several results and leases share a commit; none when nothing else is on its way, or when
  // no message is left to follow those that are.
  const book = openResultBook(ledger, () => {
    const starving = moreDue && transport.line?.().waiting === 0
    if (starving || running.size <= book.size()) return loop.nudge()
    gather()
  })
  const gather = soon(() => loop.nudge())
  const lease = leaser(channel, transport, tools)

  const pass = async (): Promise<PassOutcome> => {
    tools.onPass(clock.now())
    const limit = Math.max(0, transport.free()) + (transport.line?.().room ?? 0)
    // Results and the next lease share one commit.
    const [taken, written] = await Promise.allSettled([lease(limit), book.flush()])
    // What was leased is handed over whatever became of the results: else it would lie in flight for ever.
    const due = taken.status === 'fulfilled' ? taken.value : []
    moreDue = due.length === limit && limit > 0
    look.leased(due.length)
    // All are handed over before more is leased: caps and free places are counted right.
    const stops = await untilKnown(tools, channel, () => look.stops(due, clock.now()))
    for (const message of due) start(message, stops.get(message))
    for (const outcome of [taken, written]) if (outcome.status === 'rejected') throw outcome.reason
    return moreDue && transport.free() > 0 ? 'again' : 'idle'
  }
  const start = (message: DueMessage, stop: Stop | undefined): void => {
    const work = settle(transport, tools, book, message, stop).finally(() => running.delete(work))
    running.add(work)
    if (stop !== undefined) loop.nudge()
  }
  const loop: Loop = startLoop({
    name: ['dispatch', channel, ...(transport.lane === undefined ? [] : [transport.account])].join(' '),
    everyMs: 1_000,
    signal,
    run: pass,
    onError: (error) => log.error({ channel, err: error }, 'dispatch pass failed'),
    backoff: { firstMs: 200, maxMs: 30_000 },
  })
  return {
    nudge: () => loop.nudge(),
    inFlight: () => running.size,
    [Symbol.asyncDispose]: async () => {
      await loop[Symbol.asyncDispose]()
      await recordTheRest(book, running, log)
    },
  }
}

/** Leases what can be sent; while nothing can, what has become too old in the meantime, so that it is told. */
function leaser(channel: Channel, transport: Transport, { ledger, clock }: DispatcherTools) {
  let sweptAt = clock.monotonic()
  return async (limit: number): Promise<readonly DueMessage[]> => {
    if (limit > 0) return await ledger.take(channel, limit, clock.now(), transport.lane?.())
    if (clock.monotonic() - sweptAt < sweepMs) return []
    sweptAt = clock.monotonic()
    return await ledger.take(channel, mostSwept, clock.now(), 'overdue')
  }
}

/** Calls once after a moment, however often it is asked to until then. */
function soon(call: () => void): () => void {
  let isWaiting = false
  return () => {
    if (isWaiting) return
    isWaiting = true
    startDeadline(gatherMs, () => {
      isWaiting = false
      call()
    })
  }
}

/** Sends a leased message, or records why it is not sent. Never rejects. */
async function settle(
  transport: Transport,
  tools: DispatcherTools,
  book: ResultBook,
  message: DueMessage,
  stop: Stop | undefined,
): Promise<void> {
  try {
    if (stop === undefined) await deliver(transport, tools, book, message)
    else await refrain(tools, book, message, stop)
  } catch (error) {
    tools.log.error({ message: message.id, err: error }, 'message left in doubt')
  }
}

/** Waits for what is in flight and writes its results; what the ledger refuses now is found in flight at the next start. */
async function recordTheRest(book: ResultBook, running: ReadonlySet<Promise<void>>, log: Log): Promise<void> {
  const never = new AbortController().signal
  try {
    while (running.size > 0) {
      await book.flush()
      if (running.size > 0) await Promise.race([...running, sleep(20, never)])
    }
  } catch (error) {
    log.error({ err: error, results: book.size() }, 'results could not be recorded before the end')
  }
}

/** Records a leased message that must not leave as what it is instead. */
async function refrain(tools: DispatcherTools, book: ResultBook, message: DueMessage, stop: Stop): Promise<void> {
  const { setup, clock } = tools
  await record(tools, book, message, decideUnsent(setup, message, stop, deliveryCause(setup), clock.now()))
}

async function deliver(
  transport: Transport,
  tools: DispatcherTools,
  book: ResultBook,
  message: DueMessage,
): Promise<void> {
  const { setup, clock } = tools
  const cause = deliveryCause(setup)
  const attempt = await attemptBy(transport, message)
  if (attempt instanceof Error) {
    tools.log.error({ message: message.id, err: attempt }, 'transport failed')
    const reason = `the transport failed, it is not known whether it was sent: ${attempt.message}`
    return await refrain(tools, book, message, { state: 'held', reason })
  }
  const batch = decideDelivery(setup, message, attempt, cause, clock.now())
  await record(tools, book, message, withAccount(batch, transport.account, destinationOf(message)))
  const { afterRecorded } = transport
  // A receipt that came before its answer would else lie unmatched until the next start.
  if (afterRecorded !== undefined) await untilKnown(tools, message.channel, () => afterRecorded(message, attempt))
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

const withAccount = (batch: Batch, account: string | undefined, destination: Destination): Batch =>
  account === undefined
    ? batch
    : { ...batch, messageUpdates: batch.messageUpdates.map((update) => ({ ...update, account, ...destination })) }

type Destination = Pick<MessageUpdate, 'destination'>

const destinationOf = ({ recipients: [first] }: DueMessage): Destination =>
  first === undefined ? {} : { destination: first.address }

/** What is leased must not lie in flight because the ledger could not be asked: it is asked again, until the daemon stops. */
async function untilKnown<T>({ log, signal }: DispatcherTools, channel: Channel, ask: () => Promise<T>): Promise<T> {
  for (let pause = 200; ; pause = Math.min(pause * 2, 30_000)) {
    try {
      return await ask()
    } catch (error) {
      log.error({ channel, err: error }, 'the ledger cannot be asked about leased messages')
      if (signal.aborted) throw error
      await sleep(pause, signal)
    }
  }
}

/** A message that was sent is never forgotten while the daemon lives: its result stays in the book until it is written. */
async function record(tools: DispatcherTools, book: ResultBook, message: DueMessage, batch: Batch): Promise<void> {
  if (!(await book.enter(batch))) tools.log.warn({ message: message.id }, 'message changed while it was sent')
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
