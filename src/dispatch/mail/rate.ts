/**
 * Spreads messages evenly over the minute (a token bucket of one second, on the monotonic clock).
 * Guarantees: never more than `perMinute` a minute beyond one second's worth, and no drift when asked late.
 * Does not wait: it says how long to wait. Throws nothing.
 */

export interface Rate {
  /** How many more may start within the next `ms` milliseconds. */
  within(ms: number): number
  /** Takes the next place; milliseconds until it comes, 0 = at once. */
  reserve(): number
}

/** Time that unused places stay good: as long as a dispatcher may need to come round, in milliseconds. */
const SLACK = 1_000

/** `monotonic`: milliseconds that never go back. No limit when `perMinute` is undefined. */
export function evenRate(perMinute: number | undefined, monotonic: () => number): Rate {
  if (perMinute === undefined) return { within: () => Infinity, reserve: () => 0 }
  const interval = 60_000 / perMinute
  let next = monotonic()
  const place = (): number => Math.max(next, monotonic() - SLACK)
  return {
    within: (ms) => Math.max(0, Math.floor((monotonic() + ms - place()) / interval) + 1),
    reserve: () => {
      const at = place()
      next = at + interval
      return Math.max(0, at - monotonic())
    },
  }
}
