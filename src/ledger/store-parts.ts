/**
 * Stores the SMSC's ids of accepted SMS parts, and the receipts that come back for them.
 *
 * An id is kept as it was answered and in a compared form (lower case, no leading zeros), since
 * gateways write it differently in receipts (mechanisms 1.6). A receipt is stored whether or not it
 * was matched; the same one told again is one row. Which message it belongs to is decided elsewhere.
 */
import { assertNever } from '../core/assert-never.ts'
import type { ReceiptUpdate } from '../core/batch.ts'
import type { PartResult, Receipt } from '../core/message.ts'
import { insertReceipt, matchReceipt, selectSameReceipt, updatePart, upsertPart } from './statements.ts'
import type { Sqlite } from './sqlite.ts'
import type { Tally } from './tally.ts'

/** The compared form of an SMSC id; '' (the gateway gave none) matches nothing. */
export const normaliseSmscId = (id: string): string => id.toLowerCase().replace(/^0+(?=.)/, '')

export function storeParts(
  db: Sqlite,
  message: number,
  parts: readonly PartResult[],
  { account, destination, at }: { readonly account: string; readonly destination: string; readonly at: number },
): void {
  for (const { part, outcome, smscId = '' } of parts) {
    if (outcome.kind !== 'accepted') continue
    db.run(upsertPart, message, part, account, smscId, normaliseSmscId(smscId), destination, at)
  }
}

export function storeReceipts(db: Sqlite, tally: Tally, updates: readonly ReceiptUpdate[]): void {
  for (const update of updates) {
    storeReceipt(db, tally, update)
    const state = partState(update.receipt.state)
    if (update.message === undefined || update.part === undefined || state === undefined) continue
    db.run(updatePart, state, update.message, update.part, state)
  }
}

function storeReceipt(db: Sqlite, tally: Tally, { receipt, ...match }: ReceiptUpdate): void {
  const message = match.message ?? null
  const part = match.part ?? null
  const { account, smscId, state, destination, error = null, text, at } = receipt
  const compared = normaliseSmscId(smscId)
  const same = db.get(selectSameReceipt, compared, account, smscId, state, destination, at)
  if (same === undefined) {
    db.run(insertReceipt, account, smscId, compared, state, destination, error, text, at, message, part)
    if (message === null) tally.add('receipt', '', 'unmatched', 1)
  } else if (same.message === null && message !== null) {
    db.run(matchReceipt, message, part, same.key)
    tally.add('receipt', '', 'unmatched', -1)
  }
}

/** What a receipt says about its part; undefined where it says nothing final. */
function partState(state: Receipt['state']): 'delivered' | 'undelivered' | undefined {
  switch (state) {
    case 'delivered':
      return 'delivered'
    case 'undelivered':
    case 'expired':
    case 'deleted':
    case 'rejected':
      return 'undelivered'
    case 'unknown':
    case 'intermediate':
      return undefined
    default:
      return assertNever(state, 'state of a receipt')
  }
}
