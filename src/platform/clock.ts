/**
 * The clock: the only place in Orderly that reads the time.
 *
 * Everything else is handed a Clock or an instant. The wall clock may jump in either direction (NTP, an
 * administrator, a resumed machine); ages and intervals are therefore reckoned with monotonic().
 * Guarantees that monotonic() never goes back; does not schedule anything. Throws only when a movable
 * clock is moved by a negative or broken amount.
 */
import type { Duration, Instant } from '../core/date.ts'

export interface Clock {
  /** Wall clock: epoch milliseconds, UTC. */
  now(): Instant
  /** Milliseconds from an arbitrary start, never going back (CLOCK_MONOTONIC on Linux). */
  monotonic(): number
}

export interface MovableClock extends Clock {
  /** Sets the wall clock, forwards or back, as an administrator would; monotonic() does not move. */
  set(instant: Instant): void
  /** Lets time pass: both readings move on by `ms` (0 or more). */
  advance(ms: Duration): void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
}

/** A clock that stands still until it is moved: for `plan --date` and wherever a chosen time is needed. */
export function movableClock(start: Instant): MovableClock {
  let now = start
  let passed = 0
  return {
    now: () => now,
    monotonic: () => passed,
    set: (instant) => {
      now = instant
    },
    advance: (ms) => {
      if (!(ms >= 0)) throw new RangeError(`time passes forwards only; found ${ms} ms (use set to move the wall clock)`)
      now += ms
      passed += ms
    },
  }
}
