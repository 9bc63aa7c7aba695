/**
 * Persists a delivery receipt and what it means for its message, before the gateway is answered.
 *
 * A receipt that comes before the answer to its submission, or for nobody, is kept unmatched and
 * looked at again when the ids of a message become known (mechanisms 1.6).
 */
import type { Attempt, Receipt } from '../core/message.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { decideReceipt } from '../workflow/record-delivery.ts'
import type { Setup } from '../workflow/setup.ts'
import { deliveryCause } from './dispatcher.ts'

export interface ReceiptTools {
  readonly ledger: Ledger
  readonly setup: Setup
}

/** Rejects when it could not be stored: the gateway is told to send it again. */
export async function takeReceipt(tools: ReceiptTools, receipt: Receipt): Promise<void> {
  const { ledger, setup } = tools
  for (let attempt = 0; attempt < 8; attempt++) {
    const candidates = await ledger.partsBySmscId(receipt.account, [receipt.smscId])
    // Ids are used again by gateways: the destination decides between parts of the same id.
    const part = candidates.find(({ destination }) => sameNumber(destination, receipt.destination)) ?? candidates[0]
    const message = part && (await ledger.message(part.message))
    const parts = part === undefined ? [] : await ledger.parts(part.message)
    const batch = decideReceipt(setup, receipt, message, parts, part?.part, deliveryCause(setup))
    if ((await ledger.commit(batch)).kind !== 'conflict') return
  }
  throw new Error(`receipt ${receipt.smscId}: its message kept changing`)
}

const sameNumber = (a: string, b: string): boolean => a.replace(/\D/g, '') === b.replace(/\D/g, '')

/** Receipts that were here before the gateway's answer was recorded. */
export async function takeEarlyReceipts(tools: ReceiptTools, account: string, attempt: Attempt): Promise<void> {
  const ids = (attempt.parts ?? []).map(({ smscId }) => smscId).filter((id) => id !== undefined && id !== '')
  if (ids.length === 0) return
  for (const { id: _, ...receipt } of await tools.ledger.unmatchedReceipts(account, ids as string[])) {
    await takeReceipt(tools, receipt)
  }
}
