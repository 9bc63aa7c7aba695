/**
 * Takes a status row of a file: finds its order, or parks the row until the order comes.
 *
 * A number that several channels use must come with its channel; otherwise the row is refused,
 * never applied to a guess.
 */
import { type ParkedId, parkedId } from '../core/ids.ts'
import type { IncomingStatus } from '../core/incoming.ts'
import type { Order } from '../core/order.ts'
import type { Taken } from './accept-order.ts'
import { raiseAlarm } from './alarm.ts'
import { applyStatus } from './apply-status.ts'
import type { Draft } from './draft.ts'

export function acceptStatus(draft: Draft, status: IncomingStatus): Taken {
  const orders = ordersCalled(draft, status.order, status.channel)
  const [order, ...others] = orders
  if (order === undefined) return park(draft, status)
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

/** Rows wait in their order; the last of them once more is no news, an earlier one again is (A, B, A are three). */
function park(draft: Draft, status: IncomingStatus): Taken {
  const key = JSON.stringify(status)
  const waiting = draft
    .find('parked', 'waitsFor', status.order)
    .filter(({ input }) => input.kind === 'status' && input.channel === status.channel)
  const last = waiting.at(-1)
  if (last !== undefined && JSON.stringify(last.input) === key) return 'repeated'
  const { id } = draft.put({
    kind: 'parked',
    id: newId(draft, key),
    version: 0,
    state: 'waiting',
    waitsFor: status.order,
    input: status,
    source: draft.source ?? { import: draft.cause.actor },
    createdAt: draft.now,
    updatedAt: draft.now,
  })
  draft.happened({
    name: 'status.parked',
    subject: id,
    text: `"${status.status}" waits for order ${status.order}`.slice(0, 250),
  })
  return 'parked'
}

function newId(draft: Draft, key: string): ParkedId {
  for (let time = 1; ; time++) {
    const id = parkedId(time === 1 ? key : `${key}/${time}`)
    if (draft.get('parked', id) === undefined) return id
  }
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
