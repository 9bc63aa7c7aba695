/**
 * Runs a workflow on an order as if its occasions came now: those that hold for the order as it is (F38).
 *
 * Each effect still comes once: documents, movements and instructions by their ids, messages by what the
 * order was told before (`draft.told`). What does not hold is no error: the answer says so. Pure.
 */
import type { Order } from '../../core/order.ts'
import type { Rule } from '../compile.ts'
import type { Draft } from '../draft.ts'
import { isSettled } from '../order-state.ts'
import { runInOrder, runRules } from '../run-rules.ts'

export type Applied = { readonly kind: 'done' } | { readonly kind: 'same'; readonly reason: string }

export function applyWorkflow(draft: Draft, order: Order, workflow: string): Applied {
  const rules = [...draft.setup.rules.values()].flat().filter((rule) => rule.workflow === workflow)
  const fitting = rules.filter((rule) => holdsNow(draft, order, rule.trigger))
  if (fitting.length === 0) return { kind: 'same', reason: `no occasion of ${workflow} holds for the order now` }
  const because = draft.happened({
    name: 'order.applied',
    subject: order.id,
    text: `workflow ${workflow}`.slice(0, 250),
  })
  const payment = draft.find('payment', 'order', order.id).findLast(({ state }) => state === 'matched')
  const shipment = draft.find('shipment', 'order', order.id).at(-1)
  const firing = {
    order: order.id,
    occurrence: 'apply',
    because,
    ...(payment && { payment }),
    ...(shipment && { shipment }),
  }
  runInOrder(draft, fitting, ({ trigger }) => ({ ...firing, trigger }))
  runRules(draft)
  return { kind: 'done' }
}

function holdsNow(draft: Draft, order: Order, trigger: Rule['trigger']): boolean {
  const [occasion = '', word] = trigger.split(':', 2)
  switch (occasion) {
    case 'imported':
    case 'collectable':
      return true
    case 'paid':
      return isSettled(order.paymentStatus)
    case 'partlyPaid':
      return order.paymentStatus === 'partiallyPaid'
    case 'overpaid':
      return order.paymentStatus === 'overpaid'
    case 'status':
      return order.status === word
    case 'document': {
      const [state, type] = (word ?? '').split('.')
      const documents = draft.find('invoice', 'order', order.id)
      return documents.some((each) => each.state === state && (type === undefined || each.type === type))
    }
    case 'shipment':
      return draft.find('shipment', 'order', order.id).some(({ state }) => state === word)
    default:
      return false
  }
}
