/**
 * What the Orderly of the store's company tells of an order is taken over: that side decides, this one follows (N34).
 *
 * Numbers of an order only rise: what is older than, or the same as, what was heard has no effect. A gap is noted, and
 * what must have happened in between is made up for: what was handed over must have been confirmed. Throws NotLoaded.
 */
import type { IncomingStatus } from '../../core/incoming.ts'
import type { Collect, Order } from '../../core/order.ts'
import type { Draft } from '../draft.ts'
import type { CollectMove, MoveCheck } from '../order-state.ts'
import { moveCollect } from './move-collect.ts'

type Collected = Order & { readonly collect: Collect }
type Told = IncomingStatus & { readonly sequence: number }

export function hearStatus(draft: Draft, order: Collected, told: Told): MoveCheck {
  const { toCompany, heard = 0 } = order.collect
  if (told.sender !== undefined && told.sender !== toCompany) {
    return { kind: 'refused', reason: `${told.sender} tells of it, and the store belongs to ${toCompany}` }
  }
  if (told.sequence <= heard) return { kind: 'same' }
  if (told.sequence > heard + 1) noteGap(draft, order, told, heard)
  const check = follow(draft, order, told)
  if (check.kind === 'refused') return check
  const now = draft.get('order', order.id)
  if (now?.collect) draft.put({ ...now, collect: { ...now.collect, heard: told.sequence } })
  return { kind: 'allowed' }
}

function noteGap(draft: Draft, order: Order, { sequence }: Told, heard: number): void {
  const missing = sequence === heard + 2 ? `number ${heard + 1} is` : `numbers ${heard + 1} to ${sequence - 1} are`
  draft.happened({
    name: 'status.missing',
    subject: order.id,
    after: { heard, sequence },
    text: `${missing} missing of what the store's company tells of order ${order.number}`.slice(0, 250),
  })
}

function follow(draft: Draft, order: Collected, told: Told): MoveCheck {
  const move = moves[told.status]
  if (move === undefined) return told.status === order.collect.processing ? { kind: 'same' } : unknownWord(order, told)
  const isOverCounter = move === 'delivered' || move === 'returned' || move === 'deliveryExpired'
  const current = isOverCounter && order.collect.processing === 'pending' ? confirmed(draft, order) : order
  return moveCollect(draft, current, move, { ...told, heard: true })
}

function confirmed(draft: Draft, order: Collected): Collected {
  moveCollect(draft, order, 'confirmed', { heard: true })
  const now = draft.get('order', order.id)
  return now?.collect ? { ...now, collect: now.collect } : order
}

const moves: Readonly<Record<string, CollectMove | undefined>> = {
  confirmed: 'confirmed',
  rejected: 'rejected',
  expired: 'processingExpired',
  partlyDelivered: 'delivered',
  delivered: 'delivered',
  deliveryExpired: 'deliveryExpired',
  returned: 'returned',
}

const unknownWord = ({ collect }: Collected, { status }: Told): MoveCheck => ({
  kind: 'refused',
  reason: `the order is ${collect.delivery ?? collect.processing} here and "${status}" there: put one of the two back`,
})
