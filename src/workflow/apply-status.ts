/**
 * Applies a status that came from outside to an order: a store's answer or the ERP's word.
 *
 * Words of the collect machine (confirmed, rejected, delivered, returned, expired) move the collect
 * document where there is one; every other word becomes the order's status. What the state
 * forbids is refused with its reason, recorded and alarmed, and changes nothing.
 */
import type { IncomingStatus } from '../core/incoming.ts'
import type { Collect, Order } from '../core/order.ts'
import { raiseAlarm } from './messages/alarm.ts'
import type { Draft } from './draft.ts'
import { hearStatus } from './collect/hear-status.ts'
import { moveCollect } from './collect/move-collect.ts'
import type { CollectMove, MoveCheck } from './order-state.ts'
import { runRules } from './run-rules.ts'
import { setStatus } from './set-status.ts'

export function applyStatus(draft: Draft, id: Order['id'], status: IncomingStatus): MoveCheck {
  const order = draft.get('order', id)
  if (order === undefined) return { kind: 'refused', reason: 'the order is gone' }
  const check = order.collect
    ? applyToCollect(draft, { ...order, collect: order.collect }, status)
    : isAnswerOfStore(draft)
      ? refusedAnswer
      : applyPlain(draft, order, status)
  if (check.kind === 'refused') refused(draft, order, status, check.reason)
  runRules(draft)
  return check
}

const refusedAnswer: MoveCheck = { kind: 'refused', reason: 'the order is not at a collecting store' }

/** Without one, the same row in another file would be a second handover. */
const withoutDocument: MoveCheck = {
  kind: 'refused',
  reason: 'lines are named without a documentNumber, which tells a handover from the same one told again',
}

/** Rows of a `collectStatus` file are a store's answers; they never become a word of the order's own status. */
function isAnswerOfStore(draft: Draft): boolean {
  const { imports } = draft.setup.config
  const name = draft.source?.import ?? ''
  return Object.hasOwn(imports, name) && imports[name]?.kind === 'collectStatus'
}

function applyToCollect(draft: Draft, order: Order & { readonly collect: Collect }, status: IncomingStatus): MoveCheck {
  const { sequence } = status
  if (sequence !== undefined) return hearStatus(draft, order, { ...status, sequence })
  const move = moveOf(order.collect, status.status)
  if (move === undefined) return applyPlain(draft, order, status)
  if (status.lines !== undefined && status.documentNumber === undefined) return withoutDocument
  return moveCollect(draft, order, move, status)
}

function applyPlain(draft: Draft, order: Order, status: IncomingStatus): MoveCheck {
  if (order.status === status.status) return { kind: 'same' }
  const event = draft.happened({
    name: 'order.updated',
    subject: order.id,
    text: `status "${status.status}" reported`.slice(0, 250),
  })
  setStatus(draft, order, status.status, { event }, { reason: status.reason, tellErp: false })
  return { kind: 'allowed' }
}

function moveOf(collect: Collect, word: string): CollectMove | undefined {
  switch (word) {
    case 'confirmed':
    case 'ready':
      return 'confirmed'
    case 'rejected':
      return 'rejected'
    case 'delivered':
    case 'returned':
      return word
    case 'expired':
      return collect.delivery === undefined ? 'processingExpired' : 'deliveryExpired'
    default:
      return undefined
  }
}

function refused(draft: Draft, order: Order, status: IncomingStatus, reason: string): void {
  const text = `"${status.status}" for order ${order.number} was refused: ${reason}`.slice(0, 250)
  const event = draft.happened({ name: 'status.refused', subject: order.id, text })
  raiseAlarm(
    draft,
    {
      key: `status-refused/${draft.source?.fileId ?? order.id}`,
      subject: order.id,
      title: 'A status was refused',
      what: text,
      ...(draft.source?.file !== undefined && { where: draft.source.file }),
      next: `See: orderly orders history ${order.number}`,
    },
    event,
  )
}
