/**
 * What follows from an order's amounts and states: open amount, payment status, legal transitions.
 *
 * Pure arithmetic on one order; the effects of a change are in the files that cause it.
 */
import { assertNever } from '../core/assert-never.ts'
import type { Minor } from '../core/money.ts'
import type { Collect, Order, PaymentStatus } from '../core/order.ts'

/** What is still to pay, in minor units; negative when more was paid. */
export const openAmount = (order: Order): Minor => order.gross - order.prepaid - order.paid - (order.writtenOff ?? 0)

/**
 * Derived from the amounts (features 5.2): unpaid → partiallyPaid → paid → overpaid. An order for nothing (a
 * voucher for all of it) is paid; what has no price (a credit, a quote, an order without lines) is not.
 */
export function paymentStatusOf(order: Order): PaymentStatus {
  const open = openAmount(order)
  const received = order.prepaid + order.paid
  if (received === 0 && order.gross <= 0) return isFree(order) ? 'paid' : 'unpaid'
  if (open < 0) return 'overpaid'
  if (open === 0) return 'paid'
  return received > 0 ? 'partiallyPaid' : 'unpaid'
}

/** Words of the admin's, in both spellings. */
export const isCancelled = ({ status }: Pick<Order, 'status'>): boolean => /^cancell?ed$/i.test(status)

/** An order of goods with nothing to pay. */
export const isFree = ({ type, gross, lines }: Order): boolean => type === 'order' && gross === 0 && lines.length > 0

export const isSettled = (status: PaymentStatus): boolean => status === 'paid' || status === 'overpaid'

export type CollectMove = 'confirmed' | 'rejected' | 'processingExpired' | 'delivered' | 'deliveryExpired' | 'returned'
/** What a move comes to: goods may be handed over in part only (N32). */
export type CollectStep = CollectMove | 'partlyDelivered'

export type MoveCheck =
  | { readonly kind: 'allowed' }
  /** Already there: nothing to do, no event. */
  | { readonly kind: 'same' }
  | { readonly kind: 'refused'; readonly reason: string }

const allowed: MoveCheck = { kind: 'allowed' }
const same: MoveCheck = { kind: 'same' }

/** The processing and delivery machines of features 5.3 (N27–N33). */
export function checkMove(collect: Collect, move: CollectMove): MoveCheck {
  switch (move) {
    case 'confirmed':
    case 'rejected':
      // A store that tells its whole list again says "confirmed" of what it has handed over since: no news.
      if (collect.processing === move) return same
      return collect.processing === 'pending' ? allowed : refuse(collect, move)
    case 'processingExpired':
      if (collect.processing === 'expired') return same
      return collect.processing === 'pending' ? allowed : refuse(collect, move)
    case 'deliveryExpired':
      if (collect.delivery === 'expired') return same
      return collect.delivery === 'ready' ? allowed : refuse(collect, move)
    case 'delivered':
      if (collect.delivery === 'delivered') return same
      return collect.delivery === 'ready' ? allowed : refuse(collect, move)
    case 'returned':
      return collect.handovers?.some(({ kind }) => kind === 'delivered')
        ? allowed
        : { kind: 'refused', reason: 'nothing was handed over that could be brought back' }
    default:
      return assertNever(move, 'collect move')
  }
}

function refuse(collect: Collect, move: CollectMove): MoveCheck {
  const state = collect.delivery === undefined ? collect.processing : `${collect.processing} and ${collect.delivery}`
  const next: Record<string, string> = {
    pending: 'confirm or reject it first',
    ready: 'it can be delivered or expire',
  }
  const hint = next[collect.delivery ?? collect.processing]
  return { kind: 'refused', reason: `the order is ${state} and cannot become ${move}${hint ? `: ${hint}` : ''}` }
}
