/**
 * Caps per hour: how many messages may leave in all, and to one address (safety.maxPerHour).
 *
 * Counts what was sent or is in flight within the last hour; alarms are outside the caps. An upper
 * bound kept in memory spares most questions to the ledger: only where it is over a cap is counted exactly.
 */
import type { Config } from '../config/schema.ts'
import type { Instant } from '../core/date.ts'
import type { Channel } from '../core/message.ts'
import type { DueMessage, Ledger } from '../ledger/ledger.ts'

export interface HourlyCaps {
  /** Told of each lease, before its messages are looked at. */
  leased(count: number): void
  /** Why the message must not leave now; `later` are those leased with it whose turn is after it. */
  over(message: DueMessage, later: readonly DueMessage[], now: Instant): Promise<string | undefined>
}

const hourMs = 3_600_000
/** After so long the upper bound is taken from the ledger anew, in milliseconds. */
const freshMs = 60_000

export function hourlyCaps(
  channel: Channel,
  ledger: Pick<Ledger, 'sentSince'>,
  caps: Config['safety']['maxPerHour'],
): HourlyCaps {
  let bound = Infinity
  let countedAt = -Infinity

  async function sent(now: Instant, cap: number, later: number): Promise<number> {
    if (now - countedAt < freshMs && now >= countedAt && bound - later <= cap) return bound
    bound = await ledger.sentSince(channel, now - hourMs)
    countedAt = now
    return bound
  }
  return {
    leased: (count) => {
      bound += count
    },
    over: async (message, later, now) => {
      if (message.template.startsWith('alarm/')) return undefined
      // The count holds this message too, and those leased with it whose turn is after it.
      const all = (await sent(now, caps[channel], later.length)) - later.length
      if (all > caps[channel]) return `more than ${caps[channel]} ${channel} in an hour (safety.maxPerHour.${channel})`
      if (all <= caps.perRecipient) return undefined
      return await overRecipient(channel, ledger, caps.perRecipient, message, later, now)
    },
  }
}

async function overRecipient(
  channel: Channel,
  ledger: Pick<Ledger, 'sentSince'>,
  cap: number,
  message: DueMessage,
  later: readonly DueMessage[],
  now: Instant,
): Promise<string | undefined> {
  for (const address of mainAddresses(message)) {
    const coming = later.filter((other) => mainAddresses(other).includes(address)).length
    if ((await ledger.sentSince(channel, now - hourMs, address)) - coming > cap) {
      return `more than ${cap} messages an hour to ${address} (safety.maxPerHour.perRecipient)`
    }
  }
  return undefined
}

const mainAddresses = ({ recipients }: DueMessage): readonly string[] =>
  recipients.filter(({ as }) => as === 'to').map(({ address }) => address.toLowerCase())
