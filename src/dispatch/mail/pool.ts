/**
 * The mail transport: a few kept connections to one server, at the pace that the config and the server allow.
 * Guarantees: every send ends in one outcome; a break before the last byte is deferred, after it unknown; no
 * more is on its way than there are connections; a server that is away or says "too fast" is not hammered;
 * after close nothing is sent. Does not store, back off or retry messages: the dispatcher does. Throws nothing.
 */
import type { Attempt } from '../../core/message.ts'
import type { Clock } from '../../platform/clock.ts'
import { type Deadline, startDeadline } from '../deadline.ts'
import { dataBytes } from './compose.ts'
import { type MailConnection, openMailConnection } from './connection.ts'
import { openCulprits } from './culprits.ts'
import { type Gate, type GateState, openGate } from './gate.ts'
import { type MailJob, type MailPlan, planMail } from './plan.ts'
import { evenRate, type Rate } from './rate.ts'
import { attemptOf, notNow, wasStale } from './results.ts'
import type { Conversation } from './results.ts'
import { timesOf } from './settings.ts'
import type { MailSettings } from './settings.ts'
import { verifyMail } from './verify.ts'
import type { MailReport } from './verify.ts'

/** What both mail transports (SMTP and files) can do. */
export interface MailTransport {
  /** One attempt; never rejects for what a server or line does. */
  send(job: MailJob): Promise<Attempt>
  /** How many messages could be sent at once now: lease no more. */
  free(): number
  /** Those that wait here for a place, and how many more may: leased early, so that no connection stands idle. */
  line(): { readonly waiting: number; readonly room: number }
  /** Tries the account without sending (P07). */
  verify(): Promise<MailReport>
  state(): GateState
  /** Takes no more; what is on its way has `graceMs` milliseconds to end. What waits is deferred. */
  close(options: { readonly graceMs: number }): Promise<void>
}

/** The part of a pino logger that is used. */
export interface MailLog {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
}

export interface MailTools {
  readonly clock: Clock
  readonly log: MailLog
  /** 0 up to 1, for jitter. */
  readonly random?: () => number
}

/** Messages that wait for their place in the minute are leased only so far ahead, in milliseconds. */
const AHEAD = 250

const MESSAGES_PER_CONNECTION = 100

/** Milliseconds that a message waits for others to go first. */
const TRY_OTHERS = 1_000

/** For each connection so many messages may wait for their turn. */
const LINE_PER_CONNECTION = 4

/** Opens the transport; connections are made when there is something to send. */
export const openMailPool = (settings: MailSettings, tools: MailTools): MailTransport => new Pool(settings, tools)

/** A kept connection. */
interface Kept {
  readonly connection: MailConnection
  sent: number
  idle?: Deadline
}

type Plan = MailPlan & { kind: 'send' }

class Pool implements MailTransport {
  private readonly settings: MailSettings
  private readonly log: MailLog
  private readonly gate: Gate
  private readonly rate: Rate
  private readonly idle: Kept[] = []
  private readonly busy = new Set<Kept>()
  /** Whoever waits for a connection, in order; false: the pool closes. */
  private readonly queue: ((mayGo: boolean) => void)[] = []
  private readonly wakeUps = new Set<() => void>()
  private readonly stop = new AbortController()
  /** Whether a session came about; undefined when nothing is known, since the last one failed. */
  private proof: Promise<boolean> | undefined
  private readonly culprits = openCulprits()
  private closing = false
  private inFlight = 0
  /** Those in flight that the gate has let through. */
  private trying = 0
  private onEmpty: () => void = () => undefined

  constructor(settings: MailSettings, { clock, log, random = Math.random }: MailTools) {
    this.settings = settings
    this.log = log
    this.rate = evenRate(settings.perMinute, () => clock.monotonic())
    const { backOff, pause } = settings
    this.gate = openGate({ clock, backOff, pause, random, onChange: (state) => this.tellState(state) })
    if (settings.allowSelfSigned) log.warn({ host: settings.host }, 'mail server certificate is not checked')
    if (settings.security === 'none' && settings.auth) log.warn({ host: settings.host }, 'mail login is sent in clear')
  }

  state(): GateState {
    return this.gate.state()
  }

  free(): number {
    if (this.closing) return 0
    const most = Math.min(this.settings.connections, this.gate.most())
    return Math.max(0, Math.min(most - this.inFlight - this.queue.length, this.rate.within(AHEAD)))
  }

  line(): { readonly waiting: number; readonly room: number } {
    const waiting = this.queue.length
    if (this.closing || this.gate.most() < this.settings.connections) return { waiting, room: 0 }
    const most = Math.min(this.settings.connections * LINE_PER_CONNECTION, this.rate.within(AHEAD) - this.free())
    return { waiting, room: Math.max(0, most - waiting) }
  }

  verify(): Promise<MailReport> {
    return verifyMail(this.settings, this.stop.signal)
  }

  async send(job: MailJob): Promise<Attempt> {
    const plan = planMail(job, true)
    if (plan.kind === 'over') return plan.attempt
    if (!(await this.enter())) return this.stopped()
    try {
      const wait = this.rate.reserve()
      if (wait > 0) await this.pause(wait)
      return await this.attempt(job, plan)
    } finally {
      this.leave()
    }
  }

  async close({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.closing = true
    for (const waiting of this.queue.splice(0)) waiting(false)
    for (const wake of this.wakeUps) wake()
    for (const kept of this.idle.splice(0)) this.quit(kept)
    if (this.inFlight === 0) return
    const empty = new Promise<void>((resolve) => (this.onEmpty = resolve))
    const late = startDeadline(graceMs, () => this.cut())
    await empty
    late.clear()
  }

  /** The grace is over: what is on its way ends now, deferred or unknown. */
  private cut(): void {
    this.stop.abort()
    for (const kept of this.busy) kept.connection.destroy()
  }

  /** Takes one of the places, waiting for it where the caller leased too many. */
  private enter(): Promise<boolean> {
    if (this.closing) return Promise.resolve(false)
    if (this.inFlight < this.settings.connections) {
      this.inFlight += 1
      return Promise.resolve(true)
    }
    return new Promise((resolve) => this.queue.push(resolve))
  }

  private leave(): void {
    const next = this.queue.shift()
    if (next) return next(true) // the place goes over to it
    this.inFlight -= 1
    if (this.inFlight === 0) this.onEmpty()
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        deadline.clear()
        this.wakeUps.delete(wake)
        resolve()
      }
      const deadline = startDeadline(ms, wake)
      this.wakeUps.add(wake)
    })
  }

  private async attempt(job: MailJob, plan: Plan): Promise<Attempt> {
    if (this.closing) return this.stopped()
    if (this.trying >= this.gate.most()) return this.putOff()
    this.trying += 1
    try {
      const kept = this.idle.pop() ?? (await this.open())
      if (kept === undefined) return this.closing ? this.stopped() : this.putOff()
      return await this.over(kept, job, plan)
    } finally {
      this.trying -= 1
    }
  }

  /** Sends over this connection, and where a kept one turns out to be dead, once more over a new one. */
  private async over(kept: Kept, job: MailJob, plan: Plan): Promise<Attempt> {
    const fitting = kept.connection.utf8 ? plan : planMail(job, false)
    if (fitting.kind === 'over') {
      this.put(kept)
      return fitting.attempt
    }
    const used = kept.sent > 0
    const conversation = await this.talk(kept, fitting)
    if (used && !this.closing && wasStale(conversation)) {
      const fresh = await this.open()
      if (fresh) return await this.over(fresh, job, plan)
      return this.putOff()
    }
    return this.conclude(job.id, conversation, fitting)
  }

  private async talk(kept: Kept, plan: Plan): Promise<Conversation> {
    this.busy.add(kept)
    kept.idle?.clear()
    const conversation = await kept.connection.send(plan.envelope, dataBytes(plan.mail()))
    kept.sent += 1
    this.busy.delete(kept)
    this.put(kept)
    return conversation
  }

  private conclude(id: string, conversation: Conversation, plan: Plan): Attempt {
    const attempt = plan.inLedgerTerms(attemptOf(conversation, plan.envelope.to, plan.before))
    const { outcome } = attempt
    if (conversation.kind === 'broken') this.gate.broke(conversation.reason)
    else if (outcome.kind === 'deferred' && outcome.pace === 'account') {
      const { pace: _, ...aboutIt } = outcome
      if (this.culprits.isOne(id)) return { ...attempt, outcome: aboutIt }
      this.gate.paced(outcome.reason)
      // Another one is to find out whether the server is willing again: it may have been about this one only.
      return { ...attempt, outcome: { ...outcome, retryAfterMs: 2 * this.gate.retryAfterMs() + TRY_OTHERS } }
    } else {
      this.gate.worked()
      if (outcome.kind === 'accepted') this.culprits.othersWork()
    }
    return attempt
  }

  /** The first session is tried alone: a wrong password tried by all at once locks the account. */
  private async open(): Promise<Kept | undefined> {
    if (this.proof !== undefined && !(await this.proof)) return undefined
    const opening = this.openOne()
    this.proof ??= opening.then((kept) => kept !== undefined)
    const kept = await opening
    if (kept === undefined) this.proof = undefined
    return kept
  }

  private async openOne(): Promise<Kept | undefined> {
    const onEnd = (): void => this.forget(kept)
    let kept: Kept | undefined
    const opened = await openMailConnection(this.settings, this.stop.signal, onEnd)
    if (opened.kind === 'failed') {
      if (!this.closing) this.gate.failed(opened.failure)
      return undefined
    }
    kept = { connection: opened.connection, sent: 0 }
    return kept
  }

  /** Keeps a connection for the next message, or ends it. */
  private put(kept: Kept): void {
    if (!kept.connection.usable()) return kept.connection.destroy()
    const most = this.settings.messagesPerConnection ?? MESSAGES_PER_CONNECTION
    if (this.closing || kept.sent >= most) return this.quit(kept)
    kept.idle = startDeadline(timesOf(this.settings).idleMs, () => this.quit(kept))
    this.idle.push(kept)
  }

  private quit(kept: Kept): void {
    this.forget(kept)
    kept.connection.quit()
  }

  private forget(kept: Kept | undefined): void {
    if (kept === undefined) return
    kept.idle?.clear()
    const at = this.idle.indexOf(kept)
    if (at >= 0) this.idle.splice(at, 1)
  }

  private putOff(): Attempt {
    const { reason = 'the mail server is being tried with one message' } = this.gate.state()
    // Nothing is leased while the gate is closed: a longer pause would outlast a mended password.
    return notNow(reason, Math.min(this.gate.retryAfterMs(), TRY_OTHERS))
  }

  private stopped(): Attempt {
    return notNow('not sent: the program is stopping', 0)
  }

  private tellState(state: GateState): void {
    const { host, port } = this.settings
    if (state.state === 'up') this.log.info({ host, port }, 'mail server is back')
    else this.log.warn({ host, port, ...state }, `mail server is ${state.state}`)
  }
}
