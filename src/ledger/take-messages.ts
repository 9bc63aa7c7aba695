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
import { rememberLease } from './sent.ts'
import {
  hasDue,
  hasDueInLane,
  hasOverdue,
  leaseMessages,
  selectDue,
  selectDueInLane,
  selectOverdue,
  selectPartsOf,
  selectSending,
} from './statements.ts'
import type { LeasedPart, MessageRow } from './statements.ts'
import type { Sqlite } from './sqlite.ts'
import { startTally } from './tally.ts'

/** What was leased, as it lay in the ledger before: made into messages where they are needed (`leasedMessages`). */
export interface Leased {
  readonly rows: readonly MessageRow[]
  readonly parts: readonly LeasedPart[]
}

export function takeMessages(db: Sqlite, channel: Channel, limit: number, now: Instant, of?: Choice): Verdict<Leased> {
  const rows = dueRows(db, channel, limit, now, of)
  if (rows.length === 0) return { keep: true, value: { rows, parts: [] } }
  const parts = partsOf(db, rows)
  rememberLease(db, channel, rows, now)
  db.run(leaseMessages, now, accountOf(of) ?? null, JSON.stringify(rows.map(({ key }) => key)))
  const tally = startTally()
  tally.add('message', channel, 'queued', -rows.length)
  tally.add('message', channel, 'sending', rows.length)
  tally.write(db)
  return { keep: true, value: { rows, parts } }
}

/** The messages of a lease, as they are from now on. */
export function leasedMessages({ rows, parts }: Leased, now: Instant, of: Choice | undefined): readonly DueMessage[] {
  const account = accountOf(of)
  const bound = account === undefined ? {} : { account }
  return withParts(rows, parts).map((message) => ({ ...message, state: 'sending', takenAt: now, ...bound }))
}

const accountOf = (of: Choice | undefined): string | undefined => (typeof of === 'object' ? of.account : undefined)

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

export function interruptedMessages(db: Sqlite, channel: Channel): readonly DueMessage[] {
  const rows = db.all(selectSending, channel)
  return withParts(rows, partsOf(db, rows))
}

function partsOf(db: Sqlite, rows: readonly MessageRow[]): readonly LeasedPart[] {
  // Only what was leased before can have parts.
  const again = rows.filter(({ taken_at: at }) => at !== null).map(({ key }) => key)
  return again.length === 0 ? [] : db.all(selectPartsOf, JSON.stringify(again))
}

function withParts(rows: readonly MessageRow[], parts: readonly LeasedPart[]): readonly DueMessage[] {
  const byMessage = Map.groupBy(parts, ({ message }) => message)
  return rows.map((row) => ({
    ...messageOf(row),
    acceptedParts: (byMessage.get(row.key) ?? []).map(({ part, smsc_id: smscId }) => ({ part, smscId })),
  }))
}
