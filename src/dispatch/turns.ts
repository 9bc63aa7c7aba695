/**
 * Whose turn it is, where messages to one number or under one sender must keep a distance (`sms.rates`).
 *
 * Each message gets its time once and keeps it: what is too early is told when to come again, and finds its turn
 * waiting. Pure bookkeeping in instants that are passed in; remembers nothing over a restart. Throws nothing.
 */
import type { Duration, Instant } from '../core/date.ts'

export interface Distances {
  readonly perRecipient?: Duration | undefined
  readonly perSender?: Duration | undefined
}

export interface Turns {
  /** When the message may go: now or later. */
  turnOf(message: { readonly id: string; readonly recipient: string; readonly sender: string }, now: Instant): Instant
}

/** Beyond this many the oldest is forgotten: it is at most a turn taken anew. */
const mostKept = 20_000

export function openTurns({ perRecipient, perSender }: Distances): Turns {
  const given = new Map<string, Instant>()
  const next = new Map<string, Instant>()
  const distances = (message: { recipient: string; sender: string }): readonly (readonly [string, Duration])[] => [
    ...(perRecipient === undefined ? [] : [[`to ${message.recipient}`, perRecipient] as const]),
    ...(perSender === undefined ? [] : [[`from ${message.sender}`, perSender] as const]),
  ]
  return {
    turnOf: (message, now) => {
      const wanted = distances(message)
      if (wanted.length === 0) return now
      const own = given.get(message.id)
      // Who comes much later than his turn (a pause of the gateway between) takes a new one.
      if (own !== undefined && now < own + Math.max(...wanted.map(([, ms]) => ms))) return Math.max(own, now)
      const turn = Math.max(now, ...wanted.map(([key]) => next.get(key) ?? now))
      for (const [key, ms] of wanted) keep(next, key, turn + ms)
      keep(given, message.id, turn)
      return turn
    },
  }
}

function keep(map: Map<string, Instant>, key: string, value: Instant): void {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= mostKept) break
    map.delete(oldest)
  }
}
