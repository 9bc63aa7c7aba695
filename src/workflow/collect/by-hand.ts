/**
 * Steps that a person runs again or runs now (N37): tell store or customer once more, send the order to its store, the
 * next step.
 *
 * What is told again is a new message with a key of its own, in the name of the person; it is the text of the state
 * that the order is in, from the settings that it keeps. Throws NotLoaded from `known`.
 */
import type { Refused } from '../../core/command.ts'
import type { Collect, CollectState, Order } from '../../core/order.ts'
import { collectRules } from '../compile.ts'
import type { Draft } from '../draft.ts'
import { orderToStoreLines } from '../export-lines.ts'
import { runRules } from '../run-rules.ts'
import { send } from '../messages/send.ts'
import { archive, endOf, notPosted } from './archive.ts'

export type NotifyWhom = 'store' | 'customer' | 'both'
type Stop = Refused | { readonly kind: 'same'; readonly reason: string }

const refuse = (reason: string): Refused => ({ kind: 'refused', reason })
const notAtStore = ({ number }: Order): Refused => refuse(`order ${number} is not at a collecting store`)

/** The notices of the state that the order is in, or of `state`, anew. */
export function notifyAgain(
  draft: Draft,
  order: Order,
  whom: NotifyWhom,
  state: CollectState | undefined,
): Stop | undefined {
  const { collect } = order
  if (collect === undefined) return notAtStore(order)
  const of = state ?? stateNow(collect)
  const rules = collectRules(collect.settings, of).filter(
    ({ action }) => action.do === 'send' && (whom === 'both' || action.notice.to === whom),
  )
  const who = whom === 'both' ? 'store or customer' : `the ${whom}`
  if (rules.length === 0) return refuse(`workflow ${collect.settings.workflow} tells ${who} nothing of "${of}"`)
  const event = draft.happened({
    name: 'order.notified',
    subject: order.id,
    text: `${whom === 'both' ? 'store and customer' : whom} told again of "${of}" by hand`,
  })
  for (const { workflow, name, action } of rules) {
    if (action.do !== 'send') continue
    const trace = { workflow, rule: name, conditions: [] }
    send(draft, order, {
      notice: action.notice,
      sendFrom: action.sendFrom,
      sentBy: action.sentBy,
      occurrence: `by hand ${draft.now}`,
      because: { event, trace },
    })
  }
  return undefined
}

function stateNow({ processing, delivery, handovers }: Collect): CollectState {
  if (delivery === undefined || delivery === 'expired') return delivery ?? processing
  if (delivery === 'delivered') return 'delivered'
  return handovers?.some(({ kind }) => kind === 'delivered') ? 'partlyDelivered' : 'confirmed'
}

/** To a store that it is not at yet; to the ERP of one that has it already: all its rows once more. */
export function sendToStore(draft: Draft, order: Order): Stop | undefined {
  const { collect } = order
  if (collect !== undefined) {
    if (endOf(collect) !== undefined) return refuse(`order ${order.number} has ended at its store`)
    if (collect.fromCompany === collect.toCompany)
      return { kind: 'same', reason: `order ${order.number} is at store ${collect.store} of this company` }
    const again = draft.happened({ name: 'order.resent', subject: order.id, text: `to store ${collect.store} by hand` })
    orderToStoreLines(draft, order, { event: again }, { action: 'new', again: String(draft.now) })
    return undefined
  }
  const because = draft.happened({ name: 'order.resent', subject: order.id, text: 'to its store, by hand' })
  draft.fire({ order: order.id, trigger: 'collectable', occurrence: `by hand ${draft.now}`, because })
  runRules(draft)
  const now = draft.get('order', order.id)
  return now?.collect === undefined
    ? refuse(`no collect workflow took order ${order.number}: see its history`)
    : undefined
}

/** The step that the order waits for, where a hand can do it: to its store, or into the archive. */
export function nextStep(draft: Draft, order: Order): Stop | undefined {
  const { collect } = order
  if (collect === undefined) return sendToStore(draft, order)
  const waits = { pending: 'the store to confirm or reject it', ready: 'the customer to collect it' } as const
  if (collect.processing === 'pending') return { kind: 'same', reason: `it waits for ${waits.pending}` }
  if (collect.delivery === 'ready') return { kind: 'same', reason: `it waits for ${waits.ready}` }
  if (order.archivedAt !== undefined) return { kind: 'same', reason: 'it has no step left: it is archived' }
  const open = notPosted(draft, order)
  if (open !== undefined && collect.settings.archive?.require === 'posted') {
    return { kind: 'same', reason: `it waits for the ERP: ${open}` }
  }
  archive(draft, order, 'by hand, as the next step')
  return undefined
}
