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
import type { Choice, DueMessage, Lane } from './ledger.ts'
import { messageOf } from './rows.ts'
import { rememberLease, rememberSent } from './sent.ts'
import {
  hasDue,
  hasDueInLane,
  hasOverdue,
  leaseMessage,
  selectDue,
  selectDueInLane,
  selectOverdue,
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
  of?: Choice,
): Verdict<readonly DueMessage[]> {
  const rows = dueRows(db, channel, limit, now, of)
  const account = typeof of === 'object' ? { account: of.account } : undefined
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
    db.run(leaseMessage, now, account?.account ?? null, key)
    rememberSent(db, { key, channel }, recipients, now)
  }
  const tally = startTally()
  tally.add('message', channel, 'queued', -taken.length)
  tally.add('message', channel, 'sending', taken.length)
  tally.write(db)
  return { keep: true, value: taken }
}

/** Whether one is due, which costs no lock. */
export function isDue(db: Sqlite, channel: Channel, now: Instant, of: Choice | undefined): boolean {
  if (of === undefined) return db.get(hasDue, channel, now) !== undefined
  if (of === 'overdue') return db.get(hasOverdue, channel, now) !== undefined
  return db.get(hasDueInLane, channel, now, ...laneBinds(of)) !== undefined
}

function dueRows(
  db: Sqlite,
  channel: Channel,
  limit: number,
  now: Instant,
  of: Choice | undefined,
): readonly MessageRow[] {
  if (of === undefined) return db.all(selectDue, channel, now, limit)
  if (of === 'overdue') return db.all(selectOverdue, channel, now, limit)
  return db.all(selectDueInLane, channel, now, ...laneBinds(of), limit)
}

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
