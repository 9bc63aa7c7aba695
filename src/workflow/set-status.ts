/**
 * Changes an order's status: event, status line for the ERP, and the firing of its rules.
 *
 * The same status again is no change. Circles of rules (A sets B, B sets A) end after a fixed
 * number of changes within one decision, with an alarm instead of an endless loop.
 */
import type { Shipment } from '../core/model.ts'
import type { Order } from '../core/order.ts'
import { raiseAlarm } from './messages/alarm.ts'
import type { Because, Draft } from './draft.ts'
import { orderStatusLine } from './export-lines.ts'
import { writeBackStatus } from './write-back.ts'

/** Most changes of one order until the rules come to rest. */
const mostChanges = 20

export interface StatusOptions {
  readonly reason?: string | undefined
  /** False when the ERP itself told us: it is not told its own words again. */
  readonly tellErp?: boolean
  /** The parcel that it came of: for messages, and for the line to the ERP. */
  readonly shipment?: Shipment
}

export function setStatus(
  draft: Draft,
  order: Order,
  status: string,
  because: Because,
  options: StatusOptions = {},
): Order {
  if (order.status === status) return order
  if (draft.countChange(order.id) > mostChanges) {
    draft.outcome.failed.push('the status went in a circle')
    raiseAlarm(draft, {
      key: `circle/${because.trace?.workflow ?? order.id}/${draft.source?.fileId ?? order.id}`,
      subject: order.id,
      title: 'Workflows change an order in a circle',
      what: `order ${order.number} changed its status ${mostChanges} times at once; stopped before "${status}"`,
      ...(because.trace && { where: `${because.trace.workflow} ${because.trace.rule}` }),
      next: 'Look for rules that set each other’s status.',
    })
    return order
  }
  const changed = draft.put({ ...order, status, transition: order.transition + 1, updatedAt: draft.now })
  const event = draft.happened({
    name: 'order.statusChanged',
    subject: order.id,
    before: { status: order.status },
    after: { status },
    because: because.event,
    ...(options.reason !== undefined && { text: options.reason.slice(0, 250) }),
    ...(because.trace && { trace: because.trace }),
  })
  const { shipment } = options
  if (options.tellErp !== false) orderStatusLine(draft, changed, order.status, { ...because, event }, shipment)
  writeBackStatus(draft, changed, { ...because, event })
  draft.fire({
    order: order.id,
    trigger: `status:${status}`,
    occurrence: String(changed.transition),
    because: event,
    ...(shipment && { shipment }),
  })
  return changed
}
