/**
 * The timers of the protocols: the one place in dispatch that holds any.
 * Guarantees: `onLate` is called at most once for each start or restart, never after `clear`,
 * and a deadline never keeps the process alive by itself (unref'd).
 * Does not repeat, and does not catch what `onLate` throws.
 */

export interface Deadline {
  /** Starts the time anew, with the last length or another one (milliseconds). */
  restart(ms?: number): void
  clear(): void
}

/** Longest delay that Node's timers take; a longer one would fire at once. */
const LONGEST = 2_147_483_647

/** Calls `onLate` once after `ms` milliseconds, unless restarted or cleared before. */
export function startDeadline(ms: number, onLate: () => void): Deadline {
  let length = ms
  let timer: NodeJS.Timeout | undefined
  const clear = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  const restart = (newLength = length): void => {
    if (timer !== undefined && newLength === length) return void timer.refresh()
    clear()
    length = newLength
    timer = setTimeout(onLate, Math.min(Math.max(0, length), LONGEST))
    timer.unref()
  }
  restart()
  return { restart, clear }
}
