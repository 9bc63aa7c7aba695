/**
 * Messages by a filter of a person, newest first.
 *
 * By subject through its index; by state through one short query for each state and channel, merged,
 * so that a page of refused messages is quick among a million accepted ones.
 */
import { channels as allChannels, type Message, messageStates } from '../core/message.ts'
import type { MessageFilter } from './ledger.ts'
import { messageOf } from './rows.ts'
import { selectMessagesInState, selectNewestAbout, selectNewestMessages } from './statements.ts'
import type { Sqlite } from './sqlite.ts'

export function findMessages(db: Sqlite, { channel, states, subject, limit }: MessageFilter): readonly Message[] {
  const channels = channel === undefined ? allChannels : [channel]
  if (subject !== undefined) {
    const inStates = JSON.stringify(states ?? messageStates)
    return db.all(selectNewestAbout, subject, JSON.stringify(channels), inStates, limit).map(messageOf)
  }
  if (states === undefined) return db.all(selectNewestMessages, JSON.stringify(channels), limit).map(messageOf)
  const pages = [...new Set(states)].flatMap((state) =>
    channels.flatMap((one) => db.all(selectMessagesInState, state, one, limit)),
  )
  pages.sort((a, b) => b.created_at - a.created_at || b.key - a.key)
  return pages.slice(0, limit).map(messageOf)
}
