/**
 * Orders that an open payment may be for, by amount and name: suggestions for a person, who decides.
 *
 * Reads every order of the amount; nothing is settled by it, and the payment stays as it is. The most alike first,
 * at most five. Throws what the ledger throws.
 */
import type { Payment } from '../core/model.ts'
import type { Order } from '../core/order.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { notPayable, openDocumentOf } from '../workflow/payments/open-document.ts'
import { similarity } from '../workflow/payments/similar-name.ts'

export interface Suggestion {
  readonly order: Order
  /** From 0 to 1. */
  readonly likeness: number
  readonly why: string
}

const mostOrders = 500
const mostSuggestions = 5
const leastLikeness = 0.5

export async function suggestOrders(ledger: Ledger, payment: Payment): Promise<readonly Suggestion[]> {
  const { amount, currency, counterName, direction } = payment
  if (counterName === undefined || direction === 'debit') return []
  const where = { gross: String(amount), currency }
  const orders = (await ledger.records({ kind: 'order', where, limit: mostOrders })) as readonly Order[]
  return orders
    .filter((order) => {
      const document = openDocumentOf(order)
      return document.open === amount && notPayable(document, payment) === undefined
    })
    .map((order) => suggestion(order, counterName))
    .filter(({ likeness }) => likeness >= leastLikeness)
    .toSorted((a, b) => b.likeness - a.likeness)
    .slice(0, mostSuggestions)
}

function suggestion(order: Order, payer: string): Suggestion {
  const names = [order.customer.name, order.customer.contact, order.customer.address?.name]
  const likeness = Math.max(...names.map((name) => (name === undefined ? 0 : similarity(name, payer))))
  const why = `the whole amount is open, and the names are alike (${Math.round(likeness * 100)} %)`
  return { order, likeness, why }
}
