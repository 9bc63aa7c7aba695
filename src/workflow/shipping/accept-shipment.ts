/**
 * Takes what carriers say about parcels, by file: finds the order, or parks the row until the order comes (F27).
 *
 * The order is named by its number or by the id of the dispatch instruction. A number that several channels use
 * must come with its channel; otherwise the row is refused, never given to a guess.
 */
import type { IncomingShipment } from '../../core/incoming.ts'
import type { Taken } from '../accept-order.ts'
import { ordersCalled } from '../accept-status.ts'
import { applyShipment, refuseShipment } from './apply-shipment.ts'
import type { Draft } from '../draft.ts'
import { parkInput } from '../park-input.ts'

export function acceptShipment(draft: Draft, incoming: IncomingShipment): Taken {
  const instruction = incoming.order.startsWith('dsp_') ? draft.get('dispatch', incoming.order) : undefined
  const dispatched = instruction && draft.get('order', instruction.order)
  const orders = dispatched === undefined ? ordersCalled(draft, incoming.order, incoming.channel) : [dispatched]
  const [order, ...others] = orders
  if (order === undefined) return parkInput(draft, incoming, incoming.order, `shipment "${incoming.state}"`)
  if (others.length === 0) return applyShipment(draft, order, incoming)
  const channels = orders.map(({ channel }) => channel).join(', ')
  return refuseShipment(
    draft,
    order,
    incoming,
    `order number ${incoming.order} is used by several channels (${channels}); the row names none`,
  )
}
