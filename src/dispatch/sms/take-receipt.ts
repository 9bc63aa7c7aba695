/**
 * Persists a delivery receipt and what it means for its message, before the gateway is answered.
 *
 * A receipt that comes before the answer to its submission, or for nobody, is kept unmatched and
 * looked at again when the ids of a message become known (mechanisms 1.6).
 */
import type { Attempt, Message, Receipt } from '../../core/message.ts'
import type { Ledger, StoredPart } from '../../ledger/ledger.ts'
import { decideByParts, decideReceipt } from '../../workflow/messages/record-receipt.ts'
import type { Setup } from '../../workflow/setup.ts'
import { deliveryCause } from '../dispatcher.ts'

export interface ReceiptTools {
  readonly ledger: Ledger
  readonly setup: Setup
  /** Ids of receipts that nothing was known of when they came: only for these is looked when an answer is recorded. */
  readonly early?: EarlyIds
}

export interface EarlyIds {
  add(smscId: string): void
  has(smscId: string): boolean
}

/** Beyond this many the oldest is forgotten: what comes for nobody must not fill the memory. */
const mostEarly = 10_000

/** Remembers ids, in the form of `canonicalId`, for as long as the daemon runs; `takeLeftReceipts` does the rest at a start. */
export function earlyIds(): EarlyIds {
  const ids = new Set<string>()
  return {
    add: (id) => {
      ids.delete(id)
      ids.add(id)
      for (const oldest of ids) {
        if (ids.size <= mostEarly) break
        ids.delete(oldest)
      }
    },
    has: (id) => ids.has(id),
  }
}

/** Rejects when it could not be stored: the gateway is told to send it again. */
export async function takeReceipt(tools: ReceiptTools, receipt: Receipt): Promise<void> {
  const { ledger, setup } = tools
  for (let attempt = 0; attempt < 8; attempt++) {
    const part = await partOf(ledger, receipt)
    const message = part && (await ledger.message(part.message))
    const parts = part === undefined ? [] : await ledger.parts(part.message)
    const batch = decideReceipt(setup, receipt, message, parts, part?.part, deliveryCause(setup))
    const result = await ledger.commit(batch)
    if (result.kind === 'conflict') continue
    if (part === undefined) tools.early?.add(receipt.smscId)
    // The answer, or receipts of other parts, may have been recorded between the look and the commit: then look again.
    if (part === undefined ? (await partOf(ledger, receipt)) === undefined : await isWhole(ledger, part, parts)) return
  }
  throw new Error(`receipt ${receipt.smscId}: its message kept changing`)
}

/** Whether the other parts are as they were when the decision was taken: else none of the receipts saw the last one. */
async function isWhole(ledger: Ledger, { message, part }: StoredPart, seen: readonly StoredPart[]): Promise<boolean> {
  const others = seen.filter((each) => each.part !== part)
  if (others.length === 0) return true
  const now = new Map((await ledger.parts(message)).map((each) => [each.part, each.state]))
  return others.every((each) => now.get(each.part) === each.state)
}

/** Ids are used again by gateways: the destination decides between parts of the same id, else the newest is meant. */
async function partOf(ledger: Ledger, receipt: Receipt): Promise<StoredPart | undefined> {
  const candidates = await ledger.partsBySmscId(receipt.account, [receipt.smscId])
  const wanted = digitsOf(receipt.destination)
  return (
    candidates.find(({ destination }) => digitsOf(destination) === wanted) ??
    candidates.find(({ destination }) => digitsOf(destination).endsWith(wanted.slice(-nationalDigits))) ??
    candidates[0]
  )
}

/** Digits at the end of a number that stay the same with and without country and trunk prefix. */
const nationalDigits = 8
const digitsOf = (number: string): string => number.replace(/\D/g, '')

/** Receipts that were here before the gateway's answer was recorded. */
export async function takeEarlyReceipts(
  tools: ReceiptTools,
  account: string,
  message: Pick<Message, 'id' | 'sms'>,
  attempt: Attempt,
): Promise<void> {
  const { early } = tools
  const given = (attempt.parts ?? []).map(({ smscId }) => smscId).filter((id) => id !== undefined)
  const ids = early === undefined ? given : given.filter((id) => early.has(id))
  await takeUnmatched(tools, account, ids)
  if (attempt.outcome.kind === 'accepted') await settleParts(tools, message)
}

/** One final state for a message of several parts, also where a receipt came before the last of them had left. */
async function settleParts({ ledger, setup }: ReceiptTools, { id, sms }: Pick<Message, 'id' | 'sms'>): Promise<void> {
  if ((sms?.parts ?? 1) < 2) return
  for (let attempt = 0; attempt < 8; attempt++) {
    const message = await ledger.message(id)
    const now = message?.finishedAt
    if (message === undefined || now === undefined) return
    const batch = decideByParts(setup, message, await ledger.parts(id), deliveryCause(setup), now)
    if (batch === undefined || (await ledger.commit(batch)).kind !== 'conflict') return
  }
}

/** Of the newest messages that wait for one: receipts that came before an answer which an earlier run recorded. */
export async function takeLeftReceipts(tools: ReceiptTools, account: string): Promise<void> {
  const { ledger } = tools
  const isUnmatched = (await ledger.totals()).receiptsUnmatched > 0
  for (const message of await ledger.messages({ channel: 'sms', states: ['accepted'], limit: 1_000 })) {
    if (isUnmatched) {
      const ids = (await ledger.parts(message.id)).map(({ smscId }) => smscId)
      await takeUnmatched(tools, account, ids)
    }
    await settleParts(tools, message)
  }
}

async function takeUnmatched(tools: ReceiptTools, account: string, ids: readonly string[]): Promise<void> {
  const given = ids.filter((id) => id !== '')
  if (given.length === 0) return
  for (const { id: _, ...receipt } of await tools.ledger.unmatchedReceipts(account, given))
    await takeReceipt(tools, receipt)
}
