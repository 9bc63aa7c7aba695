/**
 * How fast an SMS account may go: its agreed rate, the gateway's throttling, and recipients whose queue is full.
 *
 * Pure bookkeeping on a monotonic time that is passed in, in milliseconds. Guarantees: parts are spread evenly at
 * the agreed rate; throttling doubles the pause from 1 s to 60 s once per wave, however many answers of a wave say
 * so, and an accepted part after the pause resets it. Holds no timers, remembers nothing over a restart. Throws nothing.
 */

export interface Pace {
  /** Books room for `weight` parts and says how long to wait before sending them. */
  book(weight: number, now: number): number
  /** What the next submission is sent under; given back with its answer. */
  wave(): number
  /** A throttling answer, or none at all, to a submission of that wave: how long everything waits from now. */
  trouble(wave: number, now: number): number
  accepted(wave: number): void
  /** Since the last trouble nothing was accepted: one message at a time is enough to find out. */
  doubtful(): boolean
  /** Remaining pause of the account; 0 when it may go on. */
  pausedFor(now: number): number
  /** This recipient's queue is full: it waits. True when several in a row were, and it is the gateway that is full. */
  queueFull(recipient: string, until: number): boolean
  recipientPausedFor(recipient: string, now: number): number
}

const firstPause = 1000
const longestPause = 60_000
/** So many recipients in a row with a full queue are no coincidence. */
const manyFull = 3
/** Beyond this many the oldest is forgotten: the gateway will say it again. */
const mostRecipients = 10_000

export function pace(perSecond: number): Pace {
  const interval = 1000 / perSecond
  const recipients = new Map<string, number>()
  let next = 0
  let wave = 0
  let length = firstPause
  let until = 0
  let fullInRow = 0

  return {
    book: (weight, now) => {
      const start = Math.max(next, now)
      next = start + weight * interval
      return start - now
    },
    wave: () => wave,
    trouble: (of, now) => {
      if (of === wave) {
        until = now + length
        length = Math.min(length * 2, longestPause)
        wave += 1
      }
      return left(until, now)
    },
    accepted: (of) => {
      if (of === wave) length = firstPause
      fullInRow = 0
    },
    doubtful: () => length > firstPause,
    pausedFor: (now) => left(until, now),
    queueFull: (recipient, end) => {
      recipients.delete(recipient)
      recipients.set(recipient, end)
      for (const oldest of recipients.keys()) {
        if (recipients.size <= mostRecipients) break
        recipients.delete(oldest)
      }
      fullInRow += 1
      return fullInRow >= manyFull
    },
    recipientPausedFor: (recipient, now) => {
      const pause = left(recipients.get(recipient) ?? 0, now)
      if (pause === 0) recipients.delete(recipient)
      return pause
    },
  }
}

/** Whole milliseconds, since instants are whole. */
const left = (until: number, now: number): number => Math.max(0, Math.ceil(until - now))
