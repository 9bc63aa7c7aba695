/**
 * Why a payment is matched to what it is, or to nothing: the rules are tried again on what is known now (F10).
 *
 * Changes nothing. What was found when it was matched stands in the payment itself (`evidence`).
 */
import type { InvoiceId, OrderId } from '../core/ids.ts'
import type { Payment } from '../core/model.ts'
import type { Order } from '../core/order.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { matchingOf } from '../workflow/payments/matching-of.ts'
import { matchPayment, type MatchResult } from '../workflow/payments/match-payment.ts'
import type { Setup } from '../workflow/setup.ts'
import { ask } from './ask.ts'
import { suggestOrders, type Suggestion } from './suggest-orders.ts'

export interface PaymentExplanation {
  readonly payment: Payment
  /** What was seen when its state was last decided. */
  readonly recorded: readonly string[]
  /** What matching would come to now, were the payment new. */
  readonly now: MatchResult
  readonly candidates: readonly Order[]
  /** Of an open payment: orders that it may be for, by amount and name. */
  readonly suggestions: readonly Suggestion[]
  /** When it may be asked again by itself: open payments are tried at each new document. */
  readonly triedAgain: boolean
}

export async function explainPayment(ledger: Ledger, setup: Setup, payment: Payment): Promise<PaymentExplanation> {
  const matching = matchingOf(setup.config, payment)
  const now = await ask(ledger, (known) => matchPayment(payment, known, matching))
  const documents = [...(now.kind === 'ambiguous' ? now.candidates : []), ...payment.candidates]
  const isOpen = payment.state === 'unmatched' || payment.state === 'ambiguous'
  return {
    payment,
    recorded: payment.evidence,
    now,
    candidates: await ordersOf(ledger, documents),
    suggestions: isOpen ? await suggestOrders(ledger, payment) : [],
    triedAgain: isOpen,
  }
}

async function ordersOf(ledger: Ledger, ids: readonly (OrderId | InvoiceId)[]): Promise<readonly Order[]> {
  const orders = await Promise.all([...new Set(ids)].map((id) => ledger.record('order', id)))
  return orders.filter((order) => order !== undefined)
}
