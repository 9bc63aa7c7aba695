/**
 * What is not at its end and why: counts with the cause that each waits for. None of it is a finding.
 * Pure; throws nothing.
 */
import type { TallyRow } from '../../ledger/statements.ts'

export interface OnTheWay {
  readonly what: string
  readonly count: number
  readonly waitsFor: string
}

/** By `what state` of the totals; `NAME` is the channel, import or export. */
const waits: Readonly<Record<string, readonly [what: string, waitsFor: string]>> = {
  'message queued': ['NAME messages queued', 'their due time, or the server'],
  'message sending': ['NAME messages in flight', 'the answer of the server; without a daemon, its next start'],
  'message held': ['NAME messages held', 'a person: orderly messages list --state held'],
  'file importing': ['files of NAME in the middle', 'the daemon'],
  'line open': ['lines of NAME open', 'the next file of the export'],
  'exportFile writing': ['files of NAME being written', 'the folder, or the daemon'],
  'exportFile held': ['files of NAME held', 'a person: orderly exports list --state held'],
  'record unmatched': ['payments unmatched', 'a document, or a person: orderly payments list --state unmatched'],
  'record ambiguous': ['payments ambiguous', 'a person: orderly payments list --state ambiguous'],
  'record waiting': ['status rows parked', 'their order'],
  'timer live': ['timers', 'their time'],
  'receipt unmatched': ['receipts without a message', 'the answer that they belong to'],
}

export function onTheWayBy(rows: readonly TallyRow[], more: readonly OnTheWay[]): readonly OnTheWay[] {
  const found = rows.flatMap(({ what, name, state, count }) => {
    const wait = waits[`${what} ${state}`]
    const isOther = what === 'record' && name !== 'payment' && name !== 'parked'
    if (wait === undefined || isOther || count === 0) return []
    return [{ what: wait[0].replace('NAME', () => name), count, waitsFor: wait[1] }]
  })
  return [...found, ...more.filter(({ count }) => count > 0)]
}
