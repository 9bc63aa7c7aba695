/**
 * What a person orders (command line or command file) becomes a batch, or is refused with a reason.
 *
 * The same functions that files and timers use do the work, so a command has the same effects,
 * the same guards and the same history; only the actor differs.
 */
import { assertNever } from '../../core/assert-never.ts'
import type { Batch } from '../../core/batch.ts'
import type { Command, Refused } from '../../core/command.ts'
import type { Instant } from '../../core/date.ts'
import type { Cause } from '../../core/event.ts'
import { digest, type MappingId, paymentId } from '../../core/ids.ts'
import type { Known } from '../../core/known.ts'
import type { Payment } from '../../core/model.ts'
import type { Order } from '../../core/order.ts'
import { optOutByHand } from '../messages/change-opt-out.ts'
import { Draft } from '../draft.ts'
import { paymentLine } from '../payments/payment-line.ts'
import { removeMapping, setMapping } from '../mapping/change-mapping.ts'
import { archive, endOf, notPosted } from '../collect/archive.ts'
import { storeOf } from '../collect/store-of.ts'
import { nextStep, notifyAgain, sendToStore } from '../collect/by-hand.ts'
import { operateMessage } from './operate-message.ts'
import { moveCollect, type MoveDetails } from '../collect/move-collect.ts'
import { type CollectMove, openAmount } from '../order-state.ts'
import { runRules } from '../run-rules.ts'
import { setStatus } from '../set-status.ts'
import type { Setup } from '../setup.ts'
import { settleContested } from '../payments/settle-details.ts'
import { allocate, free } from '../payments/settle-payment.ts'

export type Decision =
  | { readonly kind: 'batch'; readonly batch: Batch }
  | Refused
  | { readonly kind: 'same'; readonly reason: string }

export function decideCommand(setup: Setup, command: Command, known: Known, cause: Cause, now: Instant): Decision {
  const draft = new Draft(setup, known, cause, now)
  const refused = carryOut(draft, command)
  if (refused !== undefined) return refused
  runRules(draft)
  return { kind: 'batch', batch: draft.toBatch() }
}

type Stop = Refused | { readonly kind: 'same'; readonly reason: string }
const refuse = (reason: string): Refused => ({ kind: 'refused', reason })

/** Does what is ordered, or says why not; the rules that it fired are still to be run. */
export function carryOut(draft: Draft, command: Command): Stop | undefined {
  switch (command.verb) {
    case 'confirm':
      return move(draft, command.order, 'confirmed', {})
    case 'reject':
      return move(draft, command.order, 'rejected', command)
    case 'deliver':
      return move(draft, command.order, 'delivered', command)
    case 'return':
      return move(draft, command.order, 'returned', command)
    case 'next':
    case 'send':
    case 'notify': {
      const order = draft.get('order', command.order)
      return order === undefined ? refuse('no such order') : step(draft, order, command)
    }
    case 'archive':
      return archiveByHand(draft, command)
    case 'setStatus':
      return changeStatus(draft, command)
    case 'markPaid':
      return markPaid(draft, command)
    case 'match':
      return match(draft, command)
    case 'unmatch':
      return unmatch(draft, command)
    case 'ignore':
      return ignore(draft, command)
    case 'chooseStore':
      return placeAtStore(draft, command)
    case 'setMapping':
      return setMapping(draft, command, 'hand') ? undefined : { kind: 'same', reason: 'it is mapped so already' }
    case 'removeMapping':
      return unmap(draft, command.mapping)
    case 'changeOptOut':
      return optOutByHand(draft, command)
    case 'sendMessage':
    case 'cancelMessage':
    case 'retryMessage':
      operateMessage(draft, command)
      return undefined
    default:
      return assertNever(command, 'command')
  }
}

type Of<V extends Command['verb']> = Extract<Command, { verb: V }>

function move(draft: Draft, id: Order['id'], to: CollectMove, details: MoveDetails): Stop | undefined {
  const order = draft.get('order', id)
  if (order?.collect === undefined)
    return refuse(order ? `order ${order.number} is not at a collecting store` : 'no such order')
  const check = moveCollect(draft, { ...order, collect: order.collect }, to, details)
  if (check.kind === 'refused') return check
  if (check.kind === 'allowed') return undefined
  return {
    kind: 'same',
    reason: details.lines === undefined ? `order ${order.number} is ${to} already` : 'that document said so before',
  }
}

/** An order that has no store, or an unknown one, goes to this. */
function placeAtStore(draft: Draft, { order: id, store }: Of<'chooseStore'>): Stop | undefined {
  const order = draft.get('order', id)
  if (order === undefined) return refuse('no such order')
  if (order.collect !== undefined) return refuse(`order ${order.number} is at store ${order.collect.store} already`)
  if (storeOf(draft, store) === undefined) return refuse(`there is no store "${store}"`)
  draft.put({ ...order, store, updatedAt: draft.now })
  const because = draft.happened({
    name: 'order.storeChosen',
    subject: id,
    ...(order.store !== undefined && { before: { store: order.store } }),
    after: { store },
    text: 'by hand',
  })
  draft.fire({ order: id, trigger: 'collectable', occurrence: `store/${store}/${draft.now}`, because })
  return undefined
}

function unmap(draft: Draft, id: MappingId): Stop | undefined {
  const mapping = draft.get('mapping', id)
  if (mapping === undefined) return refuse('no such mapping')
  return removeMapping(draft, mapping) ? undefined : { kind: 'same', reason: 'it was taken away already' }
}

/** N37. */
export function step(draft: Draft, order: Order, command: Step): Stop | undefined {
  switch (command.verb) {
    case 'next':
      return nextStep(draft, order)
    case 'send':
      return sendToStore(draft, order)
    case 'notify':
      return notifyAgain(draft, order, command.whom, command.state)
    default:
      return assertNever(command, 'step')
  }
}

type Step = Pick<Of<'next'>, 'verb'> | Pick<Of<'send'>, 'verb'> | Omit<Of<'notify'>, 'order'>

/** N35: what has ended; `force`: also what the ERP has not posted. */
export function archiveByHand(draft: Draft, { order: id, force }: Of<'archive'>): Stop | undefined {
  const order = draft.get('order', id)
  if (order === undefined) return refuse('no such order')
  if (order.archivedAt !== undefined) return { kind: 'same', reason: `order ${order.number} is archived already` }
  if (order.collect && endOf(order.collect) === undefined)
    return refuse(`order ${order.number} is still at its store: ${order.collect.delivery ?? order.collect.processing}`)
  const open = force === true ? undefined : notPosted(draft, order)
  if (open !== undefined) return refuse(`it is not posted: ${open}; --force archives it all the same`)
  archive(draft, order, force === true ? 'by hand, by force' : 'by hand')
  return undefined
}

/** F42: a status by hand. */
export function changeStatus(draft: Draft, command: Of<'setStatus'>): Stop | undefined {
  const order = draft.get('order', command.order)
  if (order === undefined) return refuse('no such order')
  if (order.status === command.status)
    return { kind: 'same', reason: `order ${order.number} is ${command.status} already` }
  const event = draft.happened({
    name: 'order.updated',
    subject: order.id,
    text: `status set to "${command.status}" by hand`.slice(0, 250),
  })
  setStatus(draft, order, command.status, { event }, { reason: command.reason })
  return undefined
}

/** F09: a manual payment, which runs the same automation as one from the bank. */
export function markPaid(draft: Draft, command: Of<'markPaid'>): Stop | undefined {
  const order = draft.get('order', command.order)
  if (order === undefined) return refuse('no such order')
  const open = openAmount(order)
  if (open <= 0) return { kind: 'same', reason: `nothing is open on order ${order.number}` }
  const amount = command.amount ?? open
  if (amount <= 0) return refuse('the amount must be greater than zero')
  const bankKey = `manual-${digest(order.id, String(order.transition), String(amount))}`
  const payment = draft.put<Payment>({
    kind: 'payment',
    id: paymentId('manual', bankKey),
    version: 0,
    account: 'manual',
    bankKey,
    direction: 'credit',
    amount,
    currency: order.currency,
    ...(command.date !== undefined && { bookedOn: command.date }),
    method: command.method ?? 'manual',
    channel: order.channel,
    reversal: false,
    state: 'unmatched',
    allocations: [],
    evidence: [],
    candidates: [],
    contentHash: digest(bankKey),
    source: { import: draft.cause.actor },
    createdAt: draft.now,
    updatedAt: draft.now,
  })
  const event = draft.happened({ name: 'payment.received', subject: payment.id, text: 'entered by hand' })
  allocate(draft, payment, [{ document: order.id, amount }], draft.cause.actor, ['entered by hand'], { event })
  return undefined
}

function match(draft: Draft, command: Of<'match'>): Stop | undefined {
  const payment = draft.get('payment', command.payment)
  const order = command.document.startsWith('ord_') ? draft.get('order', command.document) : undefined
  if (payment === undefined || order === undefined) return refuse(payment ? 'no such order' : 'no such payment')
  const allocated = payment.allocations
    .filter(({ reversedAt }) => reversedAt === undefined)
    .reduce((sum, { amount }) => sum + amount, 0)
  const left = payment.amount - allocated
  if (payment.state === 'reversed') return refuse(`payment ${payment.bankKey} was reversed`)
  if (payment.inDetail !== undefined) return refuse(`payment ${payment.bankKey} is counted by its details`)
  if (payment.contested !== undefined)
    return refuse(`its sum is allocated: unmatch ${payment.contested} first, or ignore this one`)
  if (payment.direction === 'debit') return refuse('money that left the account settles nothing')
  if (left <= 0) return { kind: 'same', reason: 'the whole payment is allocated already' }
  if (payment.currency !== order.currency)
    return refuse(`the payment is in ${payment.currency}, order ${order.number} in ${order.currency}`)
  const amount = command.amount ?? left
  if (amount <= 0 || amount > left) return refuse(`the amount must be between 1 and ${left} minor units`)
  allocate(draft, payment, [{ document: order.id, amount }], draft.cause.actor, [`matched by ${draft.cause.actor}`])
  return undefined
}

function unmatch(draft: Draft, command: Of<'unmatch'>): Stop | undefined {
  const payment = draft.get('payment', command.payment)
  if (payment === undefined) return refuse('no such payment')
  if (payment.state !== 'matched') return { kind: 'same', reason: `payment ${payment.bankKey} is ${payment.state}` }
  if (payment.allocations.length === 0)
    return refuse(`payment ${payment.bankKey} gives another one back: nothing to unmatch`)
  const event = free(draft, payment, 'unmatched', command.reason ?? 'unmatched by hand')
  settleContested(draft, payment.id, { event })
  return undefined
}

function ignore(draft: Draft, command: Of<'ignore'>): Stop | undefined {
  const payment = draft.get('payment', command.payment)
  if (payment === undefined) return refuse('no such payment')
  if (payment.state === 'ignored') return { kind: 'same', reason: 'it is ignored already' }
  if (payment.state === 'matched') return refuse('it is matched: unmatch it first')
  if (payment.state === 'reversed') return refuse(`payment ${payment.bankKey} was reversed`)
  const ignored = draft.put({
    ...payment,
    state: 'ignored' as const,
    ignoredReason: command.reason,
    candidates: [],
    updatedAt: draft.now,
  })
  const event = draft.happened({
    name: 'payment.ignored',
    subject: payment.id,
    before: { state: payment.state },
    after: { state: 'ignored' },
    text: command.reason.slice(0, 250),
  })
  paymentLine(draft, ignored, { event })
  return undefined
}
