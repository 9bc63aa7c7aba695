/**
 * What the misbehaving SMSC knows: what it was told to do, what it took, and what it sent.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Behaviour, BindAnswer } from './behaviour.ts'
import type { Connection, WireChunk } from './connection.ts'
import { idMaker } from './message-ids.ts'
import type { MessageIds } from './message-ids.ts'
import { receiptBox } from './receipt-box.ts'
import type { ReceiptBox } from './receipt-box.ts'
import type { Submission } from './submission.ts'

export interface ChaosOptions extends ChaosSettings {
  readonly port?: number
  /** One for each bind, then `ok`. */
  readonly binds?: readonly BindAnswer[]
  readonly redeliverMs?: number
}

/** May be changed while it runs. */
export interface ChaosSettings {
  /** When given, other names and passwords are refused. */
  systemId?: string
  password?: string
  /** More submissions within a second are throttled. */
  perSecond?: number
  /** More messages that wait for their receipt meet a full queue. */
  queueMost?: number
  /** The server asks every so often whether the client is there; from the next bind on. */
  enquireMs?: number
  /** The client's enquire_link is not answered. */
  muteEnquire?: boolean
}

export interface Taken extends Submission {
  readonly ids: MessageIds
}

export interface Chaos {
  readonly port: number
  readonly settings: ChaosSettings
  /** What was asked for, taken or not. */
  readonly submissions: Submission[]
  /** What the SMSC has and sends to a phone. */
  readonly taken: Taken[]
  readonly binds: { readonly at: number; readonly systemId: string; readonly answer: BindAnswer | number }[]
  /** Times of performance.now(). */
  readonly connections: number[]
  readonly wire: WireChunk[]
  readonly receipts: ReceiptBox
  /** Lengths that the client should never have sent, and bodies that could not be read. */
  readonly badFrames: string[]
  /** enquire_link that came, and answers to those that went out. */
  readonly enquiries: { came: number; answered: number }
  /** generic_nack of the client. */
  readonly nacks: number[]
  /** The behaviours for the submissions to a number, in order; the last one stays unless `then` is given. */
  plan(destination: string, behaviours: readonly Behaviour[], then?: Behaviour): void
  planBinds(binds: readonly BindAnswer[]): void
  /** Sends the receipts that were held, the newest first. */
  releaseReceipts(): void
  open(): readonly Connection[]
  /** Resets all connections; the port stays open. */
  drop(): void
  stop(): Promise<void>
}

/** What the handlers share. */
export interface ChaosState extends Chaos {
  readonly signal: AbortSignal
  readonly held: (() => void)[]
  nextBind(): BindAnswer
  behaviour(submission: Submission): Behaviour
  makeIds: ReturnType<typeof idMaker>
  later(ms: number, act: () => void): void
}

export function makeState(options: ChaosOptions, stop: AbortController, sockets: ReadonlySet<Connection>): ChaosState {
  const { signal } = stop
  const binds = [...(options.binds ?? [])]
  const plans = new Map<string, { readonly queue: Behaviour[]; readonly last: Behaviour }>()
  const open = (): readonly Connection[] => [...sockets].filter(({ socket }) => !socket.destroyed)
  const line = (): Connection | undefined => open().findLast(({ bound }) => bound)
  const held: (() => void)[] = []
  return {
    settings: { ...options },
    signal,
    held,
    port: 0,
    submissions: [],
    taken: [],
    binds: [],
    connections: [],
    wire: [],
    receipts: receiptBox({ redeliverMs: options.redeliverMs ?? 0, signal, line }),
    badFrames: [],
    enquiries: { came: 0, answered: 0 },
    nacks: [],
    makeIds: idMaker(),
    plan: (destination, behaviours, then) => {
      plans.set(destination, { queue: [...behaviours], last: then ?? behaviours.at(-1) ?? { answer: 'ok' } })
    },
    planBinds: (more) => void binds.push(...more),
    nextBind: () => binds.shift() ?? 'ok',
    behaviour: ({ destination }) => {
      const plan = plans.get(destination)
      return plan?.queue.shift() ?? plan?.last ?? { answer: 'ok' }
    },
    later: (ms, act) => void pause(ms, undefined, { signal }).then(act, () => undefined),
    releaseReceipts: () =>
      held
        .splice(0)
        .reverse()
        .forEach((send) => send()),
    open,
    drop: () => open().forEach((connection) => connection.reset()),
    stop: async () => undefined,
  }
}
