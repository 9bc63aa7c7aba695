/**
 * Caps per hour: how many messages may leave in all, and to one address (safety.maxPerHour).
 *
 * Counts what was sent or is in flight within the last hour; alarms are outside the caps. An upper
 * bound kept in memory spares most questions to the ledger: only where it is over a cap is counted exactly.
 */
import type { Config } from '../config/schema.ts'
import type { Instant } from '../core/date.ts'
import { type Channel, isAlarm, mainAddresses } from '../core/message.ts'
import type { DueMessage, Ledger } from '../ledger/ledger.ts'

export interface HourlyCaps {
  /** Told of each lease, before its messages are looked at. */
  leased(count: number): void
  /** Why messages of one lease must not leave now; those that may are not in it. */
  over(leased: readonly DueMessage[], now: Instant): Promise<ReadonlyMap<DueMessage, string>>
}

type Counts = Pick<Ledger, 'sentSince' | 'sentSinceTo'>

const hourMs = 3_600_000
/** After so long the upper bound is taken from the ledger anew, in milliseconds. */
const freshMs = 60_000

export function hourlyCaps(channel: Channel, ledger: Counts, caps: Config['safety']['maxPerHour']): HourlyCaps {
  const { [channel]: most, perRecipient } = caps
  let bound = Infinity
  let countedAt = -Infinity

  /** What was sent in the last hour, this lease included; at least exact enough to tell whether it is over the cap. */
  async function sent(now: Instant): Promise<number> {
    const fresh = now - countedAt < freshMs && now >= countedAt
    if (fresh && bound <= most) return bound
    bound = await ledger.sentSince(channel, now - hourMs)
    countedAt = now
    return bound
  }
  return {
    leased: (count) => {
      bound += count
    },
    over: async (leased, now) => {
      const reasons = new Map<DueMessage, string>()
      if (leased.length === 0) return reasons
      const all = await sent(now)
      // Those leased together whose turn is later are in the count and do not stand in the way.
      const asked = leased.filter((message, i) => !isAlarm(message) && all - (leased.length - 1 - i) > perRecipient)
      const to = asked.length === 0 ? noCounts : await countsTo(channel, ledger, leased, now)
      for (const [i, message] of leased.entries()) {
        if (isAlarm(message)) continue
        const address = asked.includes(message)
          ? overAddress(to, perRecipient, message, leased.slice(i + 1))
          : undefined
        if (all - (leased.length - 1 - i) > most) {
          reasons.set(message, `more than ${most} ${channel} in an hour (safety.maxPerHour.${channel})`)
        } else if (address !== undefined) {
          reasons.set(
            message,
            `more than ${perRecipient} messages an hour to ${address} (safety.maxPerHour.perRecipient)`,
          )
        }
      }
      return reasons
    },
  }
}

const noCounts: ReadonlyMap<string, number> = new Map()

const countsTo = (
  channel: Channel,
  ledger: Counts,
  leased: readonly DueMessage[],
  now: Instant,
): Promise<ReadonlyMap<string, number>> =>
  ledger.sentSinceTo(channel, now - hourMs, [...new Set(leased.flatMap(mainAddresses))])

function overAddress(
  counts: ReadonlyMap<string, number>,
  cap: number,
  message: DueMessage,
  later: readonly DueMessage[],
): string | undefined {
  return mainAddresses(message).find((address) => {
    const count = counts.get(address) ?? 0
    return count > cap && count - later.filter((other) => mainAddresses(other).includes(address)).length > cap
  })
}
