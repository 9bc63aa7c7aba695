/**
 * Takes a status row of a file: finds its order, or parks the row until the order comes.
 *
 * A number that several channels use must come with its channel; otherwise the row is refused,
 * never applied to a guess.
 */
import type { IncomingStatus } from '../core/incoming.ts'
import type { Order } from '../core/order.ts'
import type { Taken } from './accept-order.ts'
import { raiseAlarm } from './messages/alarm.ts'
import { applyStatus } from './apply-status.ts'
import type { Draft } from './draft.ts'
import { parkInput } from './park-input.ts'

export function acceptStatus(draft: Draft, status: IncomingStatus): Taken {
  const orders = ordersCalled(draft, status.order, status.channel)
  const [order, ...others] = orders
  if (order === undefined) return parkInput(draft, status, status.order, `"${status.status}"`)
  if (others.length > 0) return severalOrders(draft, status, orders)
  const check = applyStatus(draft, order.id, status)
  return check.kind === 'allowed' ? 'applied' : check.kind === 'same' ? 'repeated' : 'refused'
}

/** Orders of that number (or number at the source), of the channel where one is named. */
export function ordersCalled(draft: Draft, number: string, channel: string | undefined): readonly Order[] {
  const found = new Map<string, Order>()
  for (const name of ['number', 'externalNumber'] as const) {
    for (const order of draft.find('order', name, number)) {
      if (channel === undefined || order.channel === channel) found.set(order.id, order)
    }
    if (found.size > 0) break
  }
  return [...found.values()]
}

function severalOrders(draft: Draft, status: IncomingStatus, orders: readonly Order[]): Taken {
  const channels = orders.map(({ channel }) => channel).join(', ')
  const text = `order number ${status.order} is used by several channels (${channels}); the row names none`.slice(
    0,
    250,
  )
  const event = draft.happened({ name: 'status.refused', subject: orders[0]?.id ?? status.order, text })
  raiseAlarm(
    draft,
    {
      key: `status-refused/${draft.source?.fileId ?? status.order}`,
      subject: orders[0]?.id ?? status.order,
      title: 'A status row fits several orders',
      what: text,
      ...(draft.source?.file !== undefined && { where: draft.source.file }),
      next: 'Name the channel in the import or in the file.',
    },
    event,
  )
  return 'refused'
}
