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
  pauseRecipient(recipient: string, until: number): void
  recipientPausedFor(recipient: string, now: number): number
}

const firstPause = 1000
const longestPause = 60_000
/** Beyond this many the oldest is forgotten: the gateway will say it again. */
const mostRecipients = 10_000

export function pace(perSecond: number): Pace {
  const interval = 1000 / perSecond
  const recipients = new Map<string, number>()
  let next = 0
  let wave = 0
  let length = firstPause
  let until = 0

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
      return Math.max(0, until - now)
    },
    accepted: (of) => {
      if (of === wave) length = firstPause
    },
    doubtful: () => length > firstPause,
    pausedFor: (now) => Math.max(0, until - now),
    pauseRecipient: (recipient, end) => {
      recipients.delete(recipient)
      recipients.set(recipient, end)
      for (const oldest of recipients.keys()) {
        if (recipients.size <= mostRecipients) break
        recipients.delete(oldest)
      }
    },
    recipientPausedFor: (recipient, now) => {
      const left = (recipients.get(recipient) ?? 0) - now
      if (left <= 0) recipients.delete(recipient)
      return Math.max(0, left)
    },
  }
}
