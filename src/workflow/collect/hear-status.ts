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
  const gap = told.sequence > heard + 1 ? noteGap(draft, order, told, heard) : undefined
  const check = follow(draft, order, told, gap)
  if (check.kind === 'refused') return check
  const now = draft.get('order', order.id)
  if (now?.collect) draft.put({ ...now, collect: { ...now.collect, heard: told.sequence } })
  return check
}

function noteGap(draft: Draft, order: Order, { sequence }: Told, heard: number): number {
  const missing = sequence === heard + 2 ? `number ${heard + 1} is` : `numbers ${heard + 1} to ${sequence - 1} are`
  return draft.happened({
    name: 'status.missing',
    subject: order.id,
    after: { heard, sequence },
    text: `${missing} missing of what the store's company tells of order ${order.number}`.slice(0, 250),
  })
}

function follow(draft: Draft, order: Collected, told: Told, gap: number | undefined): MoveCheck {
  const move = moves[told.status]
  if (move === undefined) return told.status === order.collect.processing ? { kind: 'same' } : unknownWord(order, told)
  const wasReady = move === 'delivered' || move === 'returned' || move === 'deliveryExpired'
  const isBehind = gap !== undefined && wasReady && order.collect.processing === 'pending'
  const current = isBehind ? confirmed(draft, order, gap) : order
  return moveCollect(draft, current, move, { ...told, heard: true })
}

/** No row said so: it follows from the gap. */
function confirmed(draft: Draft, order: Collected, gap: number): Collected {
  const { source } = draft
  draft.source = undefined
  moveCollect(draft, order, 'confirmed', { heard: true }, { event: gap })
  draft.source = source
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
