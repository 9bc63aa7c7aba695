/**
 * The last look at leased messages before they leave: age, rehearsal, opt-outs, quiet hours, distances, caps.
 *
 * Says for each that must not leave now what it becomes instead, with the reason; those that may are not in it. One
 * of these is shared by all dispatchers of a channel, since caps and distances count over all accounts. Alarms
 * are stopped by age and rehearsal only. Asks the ledger, changes nothing; throws what the ledger throws.
 */
import { dateIn, durationOf, type Instant, timeIn } from '../core/date.ts'
import { type Channel, isAlarm, mainAddresses } from '../core/message.ts'
import type { DueMessage, Ledger } from '../ledger/ledger.ts'
import { unwantedBecause } from '../workflow/messages/opted-out.ts'
import { awakeAt } from '../workflow/messages/quiet-hours.ts'
import type { Setup } from '../workflow/setup.ts'
import { hourlyCaps } from './hourly-caps.ts'
import { openTurns } from './turns.ts'

export type Stop =
  | { readonly state: 'expired' | 'held' | 'suppressed'; readonly reason: string }
  | { readonly state: 'queued'; readonly reason: string; readonly dueAt: Instant }

export interface LastLook {
  /** Told of each lease, before its messages are looked at. */
  leased(count: number): void
  stops(leased: readonly DueMessage[], now: Instant): Promise<ReadonlyMap<DueMessage, Stop>>
}

export function openLastLook(
  channel: Channel,
  ledger: Pick<Ledger, 'sentSince' | 'sentSinceTo' | 'optedOut'>,
  setup: Setup,
): LastLook {
  const { config } = setup
  const caps = hourlyCaps(channel, ledger, config.safety.maxPerHour)
  const { perRecipient, perSender } = config.sms.rates
  const turns = openTurns({ perRecipient: millis(perRecipient), perSender: millis(perSender) })
  const laterThan = (message: DueMessage, now: Instant): Stop | undefined => {
    const [recipient] = message.recipients
    if (message.sms === undefined || recipient === undefined) return undefined
    if (message.urgent !== true) {
      const awake = awakeAt(config, recipient.address, now)
      if (awake > now) return later(`quiet hours at the recipient until ${place(awake, config.timeZone)}`, awake)
    }
    const who = { id: message.id, recipient: recipient.address, sender: message.sms.sender }
    const turn = turns.turnOf(who, now)
    return turn > now ? later('too soon after another to the same number or under the same sender', turn) : undefined
  }
  return {
    leased: (count) => caps.leased(count),
    stops: async (leased, now) => {
      const stops = new Map<DueMessage, Stop>()
      if (leased.length === 0) return stops
      const optedOut = await ledger.optedOut(channel, [...new Set(leased.flatMap(mainAddresses))])
      const capped = await caps.over(leased, now)
      for (const message of leased) {
        const stop =
          tooOld(message, now) ??
          notInRehearsal(setup, channel, message) ??
          (isAlarm(message) ? undefined : (unwanted(message, optedOut) ?? laterThan(message, now)))
        const cap = capped.get(message)
        if (stop !== undefined) stops.set(message, stop)
        else if (cap !== undefined) stops.set(message, { state: 'held', reason: cap })
      }
      return stops
    },
  }
}

const millis = (text: string | undefined): number | undefined => (text === undefined ? undefined : durationOf(text))
const later = (reason: string, dueAt: Instant): Stop => ({ state: 'queued', reason, dueAt })
const place = (at: Instant, zone: string): string => `${dateIn(at, zone)} ${timeIn(at, zone)}`

function tooOld({ expiresAt, createdAt }: DueMessage, now: Instant): Stop | undefined {
  if (expiresAt === undefined || expiresAt > now) return undefined
  return { state: 'expired', reason: `older than its maximum age (planned ${new Date(createdAt).toISOString()})` }
}

function unwanted(message: DueMessage, optedOut: ReadonlySet<string>): Stop | undefined {
  const reason = unwantedBecause(message, optedOut)
  return reason === undefined ? undefined : { state: 'suppressed', reason }
}

/** A message that was planned before the rehearsal began must not leave for its real recipient. */
function notInRehearsal({ config }: Setup, channel: Channel, message: DueMessage): Stop | undefined {
  if (config.safety.mode === 'live') return undefined
  const target = config.safety.redirectTo?.[channel]
  if (message.recipients.every(({ address }) => address === target)) return undefined
  return { state: 'held', reason: 'rehearsal: planned before it began, for a real recipient' }
}
