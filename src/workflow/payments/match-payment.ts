/**
 * Decides which documents a payment settles, or which payment it undoes (F02–F06, F11–F13).
 *
 * Rule 0 first: money that goes out, or is marked as a reversal, settles nothing and can only undo a
 * known payment. Then the configured rules in their order; the first decision stands. Every rule that was
 * tried leaves a line of evidence. Changes nothing; needs nothing but lookups in `known`, whose NotLoaded
 * passes through.
 */
import type { Matching } from '../../config/schema.ts'
import type { PaymentId } from '../../core/ids.ts'
import type { Known } from '../../core/known.ts'
import { reversedBy } from './match-reversal.ts'
import { type Ambiguous, type Matched, rules } from './match-rules.ts'
import { type Payable, Search } from './match-search.ts'

/** Σ allocations + rest + surplus is the amount of the payment; no allocation is above what was open. */
export type MatchResult = (
  | Matched
  | Ambiguous
  | { readonly kind: 'unmatched' }
  | { readonly kind: 'reversal'; readonly of: PaymentId }
) & {
  /** `rule: what it saw`, in the order of the rules, for `payments explain` (F10). */
  readonly evidence: readonly string[]
}

export function matchPayment(payment: Payable, known: Known, matching: Matching): MatchResult {
  const search = new Search(payment, known, matching)
  if (payment.direction === 'debit' || payment.reversal) {
    const of = reversedBy(search)
    if (of !== undefined) return { kind: 'reversal', of, evidence: search.evidence }
    search.note('reversal', 'money that goes out or comes back settles no document: a person must look at it')
    return { kind: 'unmatched', evidence: search.evidence }
  }
  for (const rule of payment.amount > 0 ? matching.rules : []) {
    const decision = rules[rule](search, rule)
    if (decision !== undefined) return { ...decision, evidence: search.evidence }
  }
  if (payment.amount <= 0) search.note('amount', 'a payment without an amount settles nothing')
  return { kind: 'unmatched', evidence: search.evidence }
}
