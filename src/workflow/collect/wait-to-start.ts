/**
 * An order that cannot go to its store yet waits, and nothing else does: its customer or an item is not mapped (N16), its
 * customer has no credit (N23), no store has it all (N08).
 *
 * It is told once, with the line and the item. As soon as a row of the mapping table or a customer comes that it waits
 * for, its collect workflow is tried again by itself; `orderly orders apply` tries it by hand. A cancelled one waits no
 * longer. Throws NotLoaded from `known`.
 */
import { digest } from '../../core/ids.ts'
import type { CollectWait, Order } from '../../core/order.ts'
import { raiseAlarm } from '../messages/alarm.ts'
import { askTogether } from '../ask-together.ts'
import type { Because, Draft } from '../draft.ts'
import { isCancelled } from '../order-state.ts'

/** What keeps an order from its store. */
type Lack = 'mapping' | 'store' | 'credit'

/** Records that it waits, and tells; the same wait again is no news. */
export function waitToStart(
  draft: Draft,
  order: Order,
  {
    workflow,
    store,
    reason,
    awaits,
    lacks,
  }: Pick<CollectWait, 'workflow' | 'store' | 'reason'> & { readonly awaits: readonly string[]; readonly lacks: Lack },
  because: Because,
): void {
  const known = order.waits
  const names = [...new Set(awaits)]
  if (known?.reason === reason && known.workflow === workflow && String(known.for) === String(names)) return
  draft.put({
    ...order,
    waits: {
      workflow,
      store,
      reason,
      for: names,
      since: known?.since ?? draft.now,
      ...(draft.muted !== undefined && { muted: draft.muted }),
    },
    updatedAt: draft.now,
  })
  const where = store === '' ? 'it has no store yet' : `it is not at store ${store} yet`
  const text = `order ${order.number} waits, ${where}: ${reason}`.slice(0, 250)
  const event = draft.happened({
    name: 'order.waits',
    subject: order.id,
    text,
    because: because.event,
    ...(because.trace && { trace: because.trace }),
  })
  raiseAlarm(
    draft,
    {
      key: `order-waits/${draft.source?.fileId ?? digest(order.id, reason)}`,
      subject: order.id,
      title: `An order waits for a ${lacks === 'credit' ? 'customer’s credit' : lacks}`,
      what: text,
      where: `workflow ${workflow}`,
      next: `${remedies[lacks]} All of them: orderly orders list --waiting`,
    },
    event,
  )
}

const remedies: Readonly<Record<Lack, string>> = {
  mapping: 'Set it with: orderly mappings set, or by an import of kind mappings; it then goes on by itself.',
  store: 'It goes on by itself when stock comes; or name the store with: orderly orders choose-store.',
  credit: 'It goes on by itself when an import of kind customers says otherwise; or cancel it.',
}

/** What orders wait under for a level of an item. */
export const levelName = (sku: string): string => `stock/${sku}`

/** Tries again what waits under any of the names; `occurrence` tells one try from the next. */
export function releaseWaiting(draft: Draft, names: readonly string[], occurrence: string, because: number): void {
  const found = askTogether(names.map((name) => () => draft.find('order', 'awaits', name)))
  const orders = new Map(found.flat().map((order) => [order.id, order]))
  for (const order of orders.values()) {
    if (order.waits === undefined) continue
    if (isCancelled(order)) forget(draft, order, because)
    else {
      const { muted } = order.waits
      const fired = { trigger: 'collectable', occurrence: `${occurrence}/${draft.now}`, because }
      draft.fire({ order: order.id, ...fired, ...(muted !== undefined && { muted }) })
    }
  }
}

function forget(draft: Draft, order: Order, because: number): void {
  draft.put({ ...withoutWait(order), updatedAt: draft.now })
  draft.happened({ name: 'step.skipped', subject: order.id, text: 'it was cancelled while it waited', because })
}

export function withoutWait(order: Order): Order {
  const { waits: _, ...rest } = order
  return rest
}
