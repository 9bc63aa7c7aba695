/**
 * What went out when, in all and to each main recipient: the base of the caps per hour.
 *
 * Counted from the lease on; taken back when the attempt came to nothing (deferred, refused). Only
 * `to` recipients count: an archive in Cc gets a copy of everything and must not block it.
 */
import type { Channel, MessageState, Recipient } from '../core/message.ts'
import type { MessageContent } from './rows.ts'
import { addSentTotal, deleteSent, insertSent } from './statements.ts'
import type { MessageHead, MessageRow } from './statements.ts'
import type { Sqlite } from './sqlite.ts'

const counted: ReadonlySet<MessageState> = new Set(['sending', 'accepted', 'delivered', 'undelivered', 'unknown'])

export const countsAsSent = (state: MessageState): boolean => counted.has(state)

/** Of messages leased together: one row for all of them, and one for each main recipient. */
export function rememberLease(db: Sqlite, channel: Channel, leased: readonly MessageRow[], at: number): void {
  db.run(addSentTotal, channel, at, leased.length)
  const to = leased.flatMap(({ key, data }) => {
    const { recipients } = JSON.parse(data) as MessageContent
    return [...addressesOf(recipients)].map((address) => [address, key])
  })
  db.run(insertSent, channel, at, JSON.stringify(to))
}

export function forgetSent(
  db: Sqlite,
  { key, channel, taken_at: at }: Pick<MessageHead, 'key' | 'channel' | 'taken_at'>,
  recipients: readonly Recipient[],
): void {
  if (at === null) return
  db.run(addSentTotal, channel, at, -1)
  for (const address of addressesOf(recipients)) db.run(deleteSent, channel, address, at, key)
}

/** The form in which addresses are compared: lower case. */
export const sentAddress = (address: string): string => address.toLowerCase()

const addressesOf = (recipients: readonly Recipient[]): ReadonlySet<string> =>
  new Set(recipients.filter(({ as }) => as === 'to').map(({ address }) => sentAddress(address)))
