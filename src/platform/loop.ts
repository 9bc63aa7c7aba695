/**
 * The one loop that drives intake, each dispatcher and the clock; and `sleep`.
 *
 * Runs at once, then after every pause; a pass never overlaps another; a nudge ends the pause, and a nudge
 * during a pass causes exactly one more pass. Errors go to onError and back off exponentially: a nudge does not
 * shorten that back-off, or new work would hammer a neighbour that is down. Abort or dispose ends the pause,
 * waits for the running pass and leaves no timer. It does not time out a pass that hangs (lastPassAt shows it).
 * Throws nothing; an onError that throws ends the loop and rejects its dispose.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Duration } from '../core/date.ts'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'

/** `again`: there is more to do now; `idle`: nothing more until the next pause is over or somebody nudges. */
export type PassOutcome = 'again' | 'idle'

export interface Backoff {
  /** Pause after the first failure, in milliseconds; doubles with each failure in a row. */
  readonly firstMs: Duration
  /** The longest pause, in milliseconds. */
  readonly maxMs: Duration
}

export interface LoopOptions {
  readonly name: string
  /** Pause between the end of one pass and the start of the next, in milliseconds. */
  readonly everyMs: Duration
  readonly signal: AbortSignal
  /** One pass. The signal says that the loop is being stopped: finish the step at hand and return. */
  readonly run: (signal: AbortSignal) => Promise<PassOutcome>
  /** Told of each failed pass: the error, the loop's name and how many passes failed in a row. */
  readonly onError: (error: unknown, loop: { readonly name: string; readonly failures: number }) => void
  readonly backoff?: Backoff
  readonly clock?: Clock
}

export interface Loop extends AsyncDisposable {
  /** Asks for a pass soon. Never blocks; any number of nudges during one pass make one more pass. */
  nudge(): void
  /** Clock.monotonic() at the end of the last pass that did not fail; undefined before the first. */
  readonly lastPassAt: number | undefined
}

const longestTimerMs = 2 ** 31 - 1 // beyond it setTimeout fires at once
const defaultBackoff: Backoff = { firstMs: 1000, maxMs: 60_000 }

/**
 * Starts a loop. Dispose it from outside of `run` only: dispose waits for the running pass.
 */
export function startLoop(options: LoopOptions): Loop {
  const clock = options.clock ?? systemClock
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const bell = makeBell()
  let lastPassAt: number | undefined

  const ended = turn(options, signal, bell, () => {
    lastPassAt = clock.monotonic()
  })

  return {
    nudge: () => bell.ring(),
    get lastPassAt() {
      return lastPassAt
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await ended
    },
  }
}

async function turn(options: LoopOptions, signal: AbortSignal, bell: Bell, passed: () => void): Promise<void> {
  let failures = 0
  await nextTurn()
  while (!signal.aborted) {
    bell.hush()
    try {
      const outcome = await options.run(signal)
      failures = 0
      passed()
      if (outcome === 'idle') await bell.pause(options.everyMs, signal)
      else await nextTurn()
    } catch (error) {
      failures += 1
      if (!isAbort(error, signal)) options.onError(error, { name: options.name, failures })
      await sleep(backoffMs(options.backoff ?? defaultBackoff, failures), signal)
    }
  }
}

/** An error that says only that the loop is being stopped. */
function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'))
}

/** Waits `ms` milliseconds, or until the signal aborts; never throws: look at the signal afterwards. */
export function sleep(ms: Duration, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(end, Math.min(Math.max(ms, 0), longestTimerMs))
    signal.addEventListener('abort', end, { once: true })
    function end(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
  })
}

/** The pause after the n-th failure in a row (1-based), in milliseconds: firstMs, doubled each time, at most maxMs. */
export function backoffMs({ firstMs, maxMs }: Backoff, failures: number): Duration {
  return Math.min(firstMs * 2 ** Math.min(failures - 1, 40), maxMs)
}

interface Bell {
  ring(): void
  /** Forgets a ring: the pass that starts now takes care of it. */
  hush(): void
  /** Waits, unless it was rung since it was hushed. */
  pause(ms: Duration, signal: AbortSignal): Promise<void>
}

function makeBell(): Bell {
  let rung = false
  let wake: (() => void) | undefined
  return {
    ring: () => {
      rung = true
      wake?.()
    },
    hush: () => {
      rung = false
    },
    pause: async (ms, signal) => {
      if (rung || signal.aborted) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(end, Math.min(ms, longestTimerMs))
        signal.addEventListener('abort', end, { once: true })
        wake = end
        function end(): void {
          clearTimeout(timer)
          signal.removeEventListener('abort', end)
          wake = undefined
          resolve()
        }
      })
    },
  }
}
