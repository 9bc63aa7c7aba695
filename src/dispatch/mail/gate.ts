/**
 * Whether the mail server may be asked just now: up, down (circuit open), paused (it wants fewer of us) or refused (login).
 * Guarantees: a server that is away is asked by one message at a time, after pauses that double, with jitter;
 * a pace signal stops the account for a pause that doubles from one signal to the next; signals that come
 * together count once. Holds no timer and sends nothing. Throws nothing.
 */
import type { Duration, Instant } from '../../core/date.ts'
import type { Clock } from '../../platform/clock.ts'
import type { SessionFailure } from './failures.ts'
import type { Pauses } from './settings.ts'

export interface GateState {
  readonly state: 'up' | 'down' | 'paused' | 'refused'
  readonly since: Instant
  readonly reason?: string
  /** It does not mend itself: a certificate that is not trusted. */
  readonly needsPerson?: boolean
  /** The next try, where the state is not `up`. */
  readonly until?: Instant
}

export interface Gate {
  state(): GateState
  /** How many messages may be on their way: 0 while closed, 1 for the try after it, else no limit. */
  most(): number
  /** Milliseconds until the next try, for those that were put off. */
  retryAfterMs(): Duration
  /** The server was there and took part, whatever it thought of the message. */
  worked(): void
  /** No session came about. */
  failed(failure: SessionFailure): void
  /** A session broke in mid-message; several in a row are taken for a server that is down. */
  broke(reason: string): void
  /** The server asked for fewer (421, 4.3.2, quota). */
  paced(reason: string): void
}

const defaults = {
  down: { firstMs: 1_000, maxMs: 300_000 },
  login: { firstMs: 300_000, maxMs: 3_600_000 }, // a wrong password tried often locks the account
  paused: { firstMs: 30_000, maxMs: 900_000 },
}

/** Breaks in a row that make a server "down". */
const BREAKS = 5

export interface GateOptions {
  readonly clock: Clock
  readonly backOff?: Pauses | undefined
  readonly pause?: Pauses | undefined
  /** 0 up to 1, for the jitter of ± 20 %. */
  readonly random: () => number
  readonly onChange: (state: GateState) => void
}

export function openGate({ clock, backOff, pause, random, onChange }: GateOptions): Gate {
  let current: GateState = { state: 'up', since: clock.now() }
  let openAt = 0 // monotonic
  const inARow = { down: 0, paused: 0, refused: 0 } // closings without quiet between
  let quietAt = 0 // monotonic; no signal up to here means that the last pause was long enough
  let breaks = 0

  const close = (state: 'down' | 'paused' | 'refused', reason: string, pauses: Pauses, needsPerson = false): void => {
    if (current.state !== 'up' && clock.monotonic() < openAt) return
    if (current.state === 'up' && clock.monotonic() >= quietAt)
      Object.assign(inARow, { down: 0, paused: 0, refused: 0 })
    const plain = Math.min(pauses.firstMs * 2 ** Math.min(inARow[state], 30), pauses.maxMs)
    const ms = Math.round(plain * (0.8 + random() * 0.4))
    inARow[state] += 1
    openAt = clock.monotonic() + ms
    quietAt = openAt + 2 * ms
    const since = current.state === state ? current.since : clock.now()
    current = { state, since, reason, until: clock.now() + ms, ...(needsPerson && { needsPerson }) }
    onChange(current)
  }

  return {
    state: () => current,
    most: () => (current.state === 'up' ? Infinity : clock.monotonic() < openAt ? 0 : 1),
    retryAfterMs: () => Math.max(0, Math.ceil(openAt - clock.monotonic())),
    worked: () => {
      breaks = 0
      // What was on its way when the gate closed says nothing about the time after it.
      if (current.state === 'up' || clock.monotonic() < openAt) return
      current = { state: 'up', since: clock.now() }
      onChange(current)
    },
    failed: ({ kind, reason, needsPerson }) => {
      if (kind === 'pace') close('paused', reason, pause ?? defaults.paused)
      else if (kind === 'login') close('refused', reason, defaults.login)
      else close('down', reason, backOff ?? defaults.down, needsPerson)
    },
    broke: (reason) => {
      breaks += 1
      if (breaks >= BREAKS || current.state !== 'up') close('down', reason, backOff ?? defaults.down)
    },
    paced: (reason) => close('paused', reason, pause ?? defaults.paused),
  }
}
