/**
 * Whether the credit of its customer lets an order go to a store (N23): what the record of the customer says, at the
 * company that took the order.
 *
 * Only a plain no counts: a customer who is not known, or of whom nothing is said, passes. Decides nothing else.
 * Throws NotLoaded from `known`.
 */
import type { CollectWorkflow } from '../../config/schema.ts'
import { customerId } from '../../core/ids.ts'
import type { Order } from '../../core/order.ts'
import type { Draft } from '../draft.ts'

/** What an order waits under for the credit of a customer. */
export const creditName = (customer: string): string => `credit/${customer}`

const no: ReadonlySet<string> = new Set(['false', 'no', '0'])

/** Why the order must wait, and under which name; undefined when it may go. */
export function lacksCredit(
  draft: Draft,
  order: Order,
  { creditCheck: field }: CollectWorkflow,
): { readonly reason: string; readonly awaits: readonly string[] } | undefined {
  const { number } = order.customer ?? {}
  if (field === undefined || number === undefined) return undefined
  const id = customerId(order.company, number)
  const value = draft.get('customer', id)?.fields?.[field]
  if (value === undefined || !no.has(value.trim().toLowerCase())) return undefined
  return { reason: `customer ${number} has no credit (${field}: ${value})`.slice(0, 200), awaits: [creditName(id)] }
}
