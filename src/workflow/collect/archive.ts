/**
 * An order that has ended at its store is archived: it leaves the lists, and is kept as long as its workflow says (N35).
 *
 * At once when it ends, or, with `require: posted`, when the ERP has issued the documents that it was asked for. What
 * is archived stays as it is in every book; only the list of orders leaves it out. Throws NotLoaded from `known`.
 */
import { formatDuration } from '../../core/date.ts'
import type { Collect, CollectEnd, Order } from '../../core/order.ts'
import type { Draft } from '../draft.ts'

export const retentionTimer = 'order.retention'

/** How the order ended at its store; undefined while it has not. */
export function endOf({ processing, delivery }: Collect): CollectEnd | undefined {
  if (delivery === 'delivered' || delivery === 'expired') return delivery
  return processing === 'rejected' || processing === 'expired' ? processing : undefined
}

export function archiveIfDone(draft: Draft, id: Order['id'], because: number): void {
  const order = draft.get('order', id)
  const rule = order?.collect?.settings.archive
  if (order?.collect === undefined || rule === undefined || order.archivedAt !== undefined) return
  const end = endOf(order.collect)
  if (end === undefined || !rule.on.includes(end)) return
  if (rule.require === 'posted' && notPosted(draft, order) !== undefined) return
  archive(draft, order, `${end} at the store`, because)
}

/** Why the ERP has not posted it yet (features 5.3): only what is delivered from the store's stock and billed there is. */
export function notPosted(draft: Draft, order: Order): string | undefined {
  const { collect } = order
  if (collect?.delivery !== 'delivered' || !collect.settings.storeStock) return undefined
  if (collect.settings.billVia !== 'salesDocument') return undefined
  const invoices = draft.find('invoice', 'order', order.id).filter(({ state }) => state !== 'cancelled')
  const open = invoices.find(({ state }) => state !== 'issued')
  if (open !== undefined) return `its ${open.type} is ${open.state}`
  return invoices.some(({ type }) => type === 'invoice') ? undefined : 'it has no invoice yet'
}

export function archive(draft: Draft, order: Order, why: string, because?: number): void {
  const keep = order.collect?.settings.archive?.keep
  const keepUntil = keep === undefined ? undefined : draft.now + keep
  draft.put({ ...order, archivedAt: draft.now, ...(keepUntil !== undefined && { keepUntil }), updatedAt: draft.now })
  const kept = keep === undefined ? '' : `; personal data is kept for ${formatDuration(keep)}`
  draft.happened({
    name: 'order.archived',
    subject: order.id,
    text: `${why}${kept}`.slice(0, 250),
    ...(because !== undefined && { because }),
  })
  if (keepUntil !== undefined) draft.timer(order.id, retentionTimer, keepUntil)
}
