/**
 * Leases due messages and reads what was left in flight.
 *
 * A lease is a committed change of state: after a crash the messages are found `sending` and are
 * recorded as unknown by the normal path. Only `queued` messages are leased, oldest due first; those of a lane are
 * bound to its account with it.
 */
import type { Instant } from '../core/date.ts'
import type { Channel } from '../core/message.ts'
import type { Verdict } from './group-commit.ts'
import type { DueMessage, Lane } from './ledger.ts'
import { messageOf } from './rows.ts'
import { rememberLease, rememberSent } from './sent.ts'
import {
  hasDue,
  hasDueInLane,
  leaseMessage,
  selectDue,
  selectDueInLane,
  selectPartsOf,
  selectSending,
} from './statements.ts'
import type { MessageRow } from './statements.ts'
import type { Sqlite } from './sqlite.ts'
import { startTally } from './tally.ts'

export function takeMessages(
  db: Sqlite,
  channel: Channel,
  limit: number,
  now: Instant,
  lane?: Lane,
): Verdict<readonly DueMessage[]> {
  const rows =
    lane === undefined
      ? db.all(selectDue, channel, now, limit)
      : db.all(selectDueInLane, channel, now, ...laneBinds(lane), limit)
  const account = lane && { account: lane.account }
  const taken = withParts(db, rows).map((message): DueMessage => ({
    ...message,
    state: 'sending',
    takenAt: now,
    ...account,
  }))
  rememberLease(db, channel, taken.length, now)
  for (const [i, { recipients }] of taken.entries()) {
    const key = rows[i]?.key
    if (key === undefined) continue
    db.run(leaseMessage, now, lane?.account ?? null, key)
    rememberSent(db, { key, channel }, recipients, now)
  }
  const tally = startTally()
  tally.add('message', channel, 'queued', -taken.length)
  tally.add('message', channel, 'sending', taken.length)
  tally.write(db)
  return { keep: true, value: taken }
}

/** Whether one is due, which costs no lock. */
export const isDue = (db: Sqlite, channel: Channel, now: Instant, lane: Lane | undefined): boolean =>
  (lane === undefined ? db.get(hasDue, channel, now) : db.get(hasDueInLane, channel, now, ...laneBinds(lane))) !==
  undefined

const laneBinds = ({ account, accounts, routes }: Lane): readonly [string, string, string] => [
  account,
  JSON.stringify(accounts),
  JSON.stringify(routes),
]

export const interruptedMessages = (db: Sqlite, channel: Channel): readonly DueMessage[] =>
  withParts(db, db.all(selectSending, channel))

function withParts(db: Sqlite, rows: readonly MessageRow[]): readonly DueMessage[] {
  // Only what was leased before can have parts.
  const again = rows.filter(({ taken_at: at }) => at !== null).map(({ key }) => key)
  const parts = again.length === 0 ? [] : db.all(selectPartsOf, JSON.stringify(again))
  const byMessage = Map.groupBy(parts, ({ message }) => message)
  return rows.map((row) => ({
    ...messageOf(row),
    acceptedParts: (byMessage.get(row.key) ?? []).map(({ part, smsc_id: smscId }) => ({ part, smscId })),
  }))
}
