/**
 * Finds what came of an order since an event: what is undone, what stays and is named, what refuses the whole.
 *
 * Left alone: alarms, what was undone before, and what the ERP did unasked. Pure; throws nothing.
 */
import { isAlarm, type Message } from '../../core/message.ts'
import type { Clearing } from '../../core/clearing.ts'
import type { Dispatch, Invoice, Movement, Payment } from '../../core/model.ts'
import { fromMinor } from '../../core/money.ts'
import type { Order } from '../../core/order.ts'
import { restsOf } from '../clearing/reversal.ts'
import { takenBack } from '../instruct.ts'
import type { Standing } from './order-history.ts'
import { bornAt, ofKind, type OrderHistory, type WrittenLine } from './order-records.ts'

interface Of<R> {
  readonly record: R
  /** Its export lines; of a clearing entry to be posted again those of its reversal. */
  readonly lines: readonly WrittenLine[]
}

export interface RollBackPlan {
  readonly messages: readonly Message[]
  /** Lines about the order itself that wait for a file. */
  readonly lines: readonly WrittenLine[]
  readonly movements: readonly Of<Movement>[]
  readonly invoices: readonly Of<Invoice>[]
  readonly dispatches: readonly Of<Dispatch>[]
  /** To be reversed, and to be posted again. */
  readonly posted: readonly Of<Clearing>[]
  readonly reversed: readonly Of<Clearing>[]
  readonly payments: readonly Payment[]
  /** Whether anything but lines about the order itself is to be undone. */
  readonly isEmpty: boolean
  /** Ids of all that is undone. */
  readonly undone: readonly string[]
  readonly stays: readonly string[]
  readonly refused: readonly string[]
}

export function findEffects(
  history: OrderHistory,
  target: number,
  standing: Standing,
  freePayments: boolean,
): RollBackPlan {
  const { order } = history
  const messages = messagesSince(history, target)
  const lines = history.lines.filter((line) => (line.because ?? 0) > target && line.voided === undefined)
  const open = lines.filter((line) => line.file === undefined && !isFact(line))
  const movements = movementsSince(history, target)
  const invoices = invoicesSince(history, target)
  const dispatches = ofKind(history, 'dispatch').filter(
    (each) => each.record.state !== 'cancelled' && bornAt(each) > target,
  )
  const clearing = clearingSince(history, target)
  const payments = paymentsSince(history, target)
  const all = [...movements, ...invoices, ...dispatches, ...clearing.posted, ...clearing.reversed]
  const freed = freePayments ? payments : []
  const waiting = messages.filter(({ state }) => state === 'queued' || state === 'held')
  const effects = [...waiting, ...all.map(({ record }) => record), ...freed]
  return {
    messages: waiting,
    lines: open,
    movements,
    invoices,
    dispatches,
    ...clearing,
    payments: freed,
    isEmpty: effects.length === 0,
    undone: [...effects, ...open].map(({ id }) => id),
    stays: [
      ...messages.flatMap(leftAlready),
      ...dispatches.flatMap(onItsWay),
      ...(dispatches.length > 0 ? parcels(history) : []),
      ...unfreed(payments, freePayments),
    ],
    refused: [
      ...collectRefusals(order, standing, lines),
      ...clearing.posted.flatMap(({ record }) => acknowledged(record)),
      ...invoices.flatMap(issuedNote),
      ...freed.flatMap((payment) => otherOrders(order, payment)),
    ],
  }
}

/** What payments, documents and parcels told stays true: it is written all the same. */
const isFact = ({ fields }: WrittenLine): boolean =>
  fields['trackingNumber'] !== undefined || (fields['event'] !== undefined && fields['event'] !== 'status')

/** Parcels that are on their way while their order goes back. */
const parcels = (history: OrderHistory): readonly string[] =>
  ofKind(history, 'shipment').map(
    ({ record: { trackingNumber, state } }) => `parcel ${trackingNumber ?? 'without a number'} is ${state}`,
  )

function messagesSince({ messages }: OrderHistory, target: number): readonly Message[] {
  return messages.filter((message) => (message.because ?? 0) > target && !isAlarm(message))
}

function leftAlready({ state, channel, template, recipients }: Message): readonly string[] {
  const to = recipients.map(({ address }) => address).join(', ')
  if (state === 'sending') return [`${channel} ${template} to ${to} is being sent at this moment`]
  const isGone = state === 'accepted' || state === 'delivered' || state === 'undelivered' || state === 'unknown'
  return isGone ? [`${channel} ${template} to ${to} was sent`] : []
}

const onItsWay = ({ record: { state, to } }: Of<Dispatch>): readonly string[] =>
  state === 'accepted' ? [`${to} has accepted the dispatch: the goods may be on their way`] : []

function unfreed(payments: readonly Payment[], freePayments: boolean): readonly string[] {
  if (freePayments) return []
  return payments.map(
    ({ bankKey, amount, currency }) =>
      `payment ${bankKey} of ${fromMinor(amount, currency)} ${currency} stays allocated; --free-payments frees it`,
  )
}

function movementsSince(history: OrderHistory, target: number): readonly Of<Movement>[] {
  const movements = ofKind(history, 'movement')
  const there: ReadonlySet<string> = new Set(movements.map(({ record }) => record.id))
  return movements.filter(
    (each) => bornAt(each) > target && each.record.reverses === undefined && !there.has(takenBack(each.record.id)),
  )
}

/** What the ERP issued unasked is its own affair; a note that credits what was rolled back before is no effect. */
function invoicesSince(history: OrderHistory, target: number): readonly Of<Invoice>[] {
  const all = ofKind(history, 'invoice')
  const cancelled = new Set(all.flatMap(({ record }) => (record.state === 'cancelled' ? [record.id] : [])))
  return all.filter((each) => {
    const { id, refersTo, source, type } = each.record
    const isCounter = type === 'creditNote' && refersTo !== undefined && cancelled.has(refersTo)
    return bornAt(each) > target && !cancelled.has(id) && source === undefined && !isCounter
  })
}

const issuedNote = ({ record: { type, state, number } }: Of<Invoice>): readonly string[] =>
  type === 'creditNote' && state === 'issued' ? [`credit note ${number ?? ''} was issued: undo it in the ERP`] : []

/** Those of the first that say what none of the others says. */
function missing(from: readonly Of<Clearing>[], others: readonly Of<Clearing>[]): readonly Of<Clearing>[] {
  const sides = new Set(others.map(({ record }) => sideOf(record)))
  return from.filter(({ record }) => !sides.has(sideOf(record)))
}

/** Compares which entries stood then with those that stand now, by what they say. */
function clearingSince(history: OrderHistory, target: number): Pick<RollBackPlan, 'posted' | 'reversed'> {
  const all = ofKind(history, 'clearing')
  const born = new Map(
    history.events.flatMap(({ seq, after }) =>
      Array.isArray(after?.['ids']) ? after['ids'].map((id) => [String(id), seq] as const) : [],
    ),
  )
  const isThen = ({ id }: Clearing): boolean => (born.get(id) ?? 0) <= target
  const standing = (fits: (entry: Clearing) => boolean): readonly Of<Clearing>[] => {
    const rests = restsOf(all.map(({ record }) => record).filter(fits))
    return rests.map(({ entry, gross, vat }) => ({
      record: { ...entry, gross, vat, net: gross - vat },
      lines: all.find(({ record }) => record.id === entry.id)?.lines ?? [],
    }))
  }
  const then = standing(isThen)
  const now = standing(() => true)
  const linesOfReversal = ({ record }: Of<Clearing>): Of<Clearing> => ({
    record,
    lines: all.find((other) => other.record.reverses === record.id)?.lines ?? [],
  })
  return { posted: missing(now, then), reversed: missing(then, now).map(linesOfReversal) }
}

const sideOf = ({ type, company, event, gross, net }: Clearing): string => [type, company, event, gross, net].join('/')

const acknowledged = ({ id, type, company, state }: Clearing): readonly string[] =>
  state === 'acknowledged'
    ? [`clearing entry ${id} (${type}, ${company}) was acknowledged: reverse it by a new entry`]
    : []

function collectRefusals(order: Order, standing: Standing, lines: readonly WrittenLine[]): readonly string[] {
  const { collect } = order
  if (collect === undefined) return []
  if (collect.delivery === 'delivered' && standing.delivery !== 'delivered') {
    return ['the goods were handed over: delivered is final; take them back with orderly orders return']
  }
  if ((collect.handovers?.length ?? 0) > (standing.handovers ?? 0)) {
    return ['goods went over the counter since: that is final; take them back with orderly orders return']
  }
  if (standing.processing !== undefined) return []
  const isTold = lines.some(({ file, fields }) => file !== undefined && fields['fromCompany'] !== undefined)
  return [
    ...(isTold ? [`the ERP of store ${collect.store} has the order already: reject it instead`] : []),
    ...(collect.clearing.length > 0
      ? ['its clearing was posted: go back to an event after the order went to the store']
      : []),
  ]
}

/** Payments that settled the order since, and still do. */
function paymentsSince(history: OrderHistory, target: number): readonly Payment[] {
  const since = new Set(
    history.events.flatMap(({ seq, after }) =>
      seq > target && typeof after?.['payment'] === 'string' ? [after['payment']] : [],
    ),
  )
  return ofKind(history, 'payment')
    .map(({ record }) => record)
    .filter(
      ({ id, allocations }) =>
        since.has(id) &&
        allocations.some(({ document, reversedAt }) => document === history.order.id && reversedAt === undefined),
    )
}

function otherOrders(order: Order, { bankKey, allocations }: Payment): readonly string[] {
  const others = allocations.filter(({ document, reversedAt }) => document !== order.id && reversedAt === undefined)
  if (others.length === 0) return []
  const numbers = others.map(({ number }) => number).join(', ')
  return [`payment ${bankKey} settles ${numbers}, too: take it back with orderly payments unmatch`]
}
