/**
 * Finds the payment that a return, reversal or refund undoes (F13; mechanisms 1.8, rule 0).
 *
 * The original moved the same amount in the same currency on the same account the other way, not later,
 * is not undone yet, and is found by its end-to-end id, else by its reference where the counter account
 * does not contradict. Anything but one such payment is left to a person. Throws NotLoaded from `known`.
 */
import type { PaymentId } from '../../core/ids.ts'
import type { Payment } from '../../core/model.ts'
import { normaliseReference } from '../../core/references.ts'
import { given, type Payable, quoted, type Search } from './match-search.ts'
import { money } from './open-document.ts'

/** The id of the payment to undo, or undefined; what was found is noted in the search. */
export function reversedBy(search: Search): PaymentId | undefined {
  const { payment } = search
  const ways = [
    { by: 'end-to-end id', text: payment.endToEndId, found: byEndToEndId(search) },
    { by: 'reference', text: payment.reference, found: byReference(search) },
  ]
  for (const { by, text, found } of ways) {
    if (!given(text)) {
      search.note('reversal', `the payment has no ${by}`)
      continue
    }
    const [original, ...others] = found
    const amount = money(payment.amount, payment.currency)
    if (original === undefined) {
      search.note('reversal', `no payment of ${amount} the other way has the ${by} ${quoted(text)}`)
    } else if (others.length > 0) {
      const keys = found.slice(0, 5).map(({ bankKey }) => quoted(bankKey))
      search.note(
        'reversal',
        `${found.length} payments of ${amount} have the ${by} ${quoted(text)}: ${keys.join(', ')}`,
      )
      return undefined
    } else {
      search.note('reversal', `undoes payment ${quoted(original.bankKey)} of ${amount}, found by its ${by}`)
      return original.id
    }
  }
  return undefined
}

function byEndToEndId({ payment, known }: Search): readonly Payment[] {
  const { endToEndId } = payment
  if (!given(endToEndId)) return []
  return known.find('payment', 'endToEndId', endToEndId).filter((other) => isOriginal(payment, other))
}

function byReference({ payment, known }: Search): readonly Payment[] {
  const key = given(payment.reference) ? normaliseReference(payment.reference) : ''
  if (key === '') return []
  return known
    .find('payment', 'reference', key)
    .filter((other) => isOriginal(payment, other) && !otherParty(payment, other))
}

function isOriginal(payment: Payable, other: Payment): boolean {
  return (
    other.account === payment.account &&
    other.direction !== payment.direction &&
    other.amount === payment.amount &&
    other.currency === payment.currency &&
    other.state !== 'reversed' &&
    !(other.bookedOn !== undefined && payment.bookedOn !== undefined && other.bookedOn > payment.bookedOn)
  )
}

function otherParty(payment: Payable, other: Payment): boolean {
  const [a, b] = [payment, other].map(({ counterAccount }) => counterAccount?.replace(/\s/g, '').toUpperCase())
  return a !== undefined && b !== undefined && a !== b
}
