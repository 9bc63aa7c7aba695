/**
 * Settles a payment: matches it by the rules, allocates it to orders, or parks it (F02–F07, F11–F13).
 *
 * Each allocation moves the order's payment status; an order that becomes paid fires `paid`.
 * A reversal frees what it reverses. Ambiguous is never guessed: the candidates are kept for a
 * person, and an open payment is tried again when a document comes.
 */
import type { EventName } from '../../core/event.ts'
import type { Allocation, Payment } from '../../core/model.ts'
import type { Minor } from '../../core/money.ts'
import type { Order, PaymentStatus } from '../../core/order.ts'
import { raiseAlarm } from '../messages/alarm.ts'
import type { Because, Draft } from '../draft.ts'
import { orderStatusLine } from '../export-lines.ts'
import { paymentLine } from './payment-line.ts'
import { matchingOf } from './matching-of.ts'
import { matchPayment, type MatchResult } from './match-payment.ts'
import { isSettled, paymentStatusOf } from '../order-state.ts'
import { runRules } from '../run-rules.ts'
import { writeBackPaid } from '../write-back.ts'

export interface Share {
  readonly document: Order['id']
  readonly amount: Minor
  readonly writtenOff?: Minor
}

/** Matches the payment as it stands now; one that stays open, or whose sum settles something, is left as it was. */
export function settlePayment(draft: Draft, payment: Payment, because?: Because): void {
  if (payment.contested !== undefined) return
  const result = matchPayment(payment, draft, matchingOf(draft.setup.config, payment))
  switch (result.kind) {
    case 'matched': {
      const shares = sharesOf(result)
      const freed = freedFrom(payment, shares)
      if (freed === undefined) return allocate(draft, payment, shares, `rule:${result.rule}`, result.evidence, because)
      const evidence = [
        ...result.evidence,
        `order ${freed.number} was taken from this payment by hand: a person must match it`,
      ]
      return stayOpen(draft, payment, { kind: 'unmatched', evidence }, because)
    }
    case 'reversal':
      return reverse(draft, payment, result.of, result.evidence, because)
    case 'ambiguous':
    case 'unmatched':
      return stayOpen(draft, payment, result, because)
  }
}

/** Money that left may be a payment given back, also where the bank does not flag it; else it is left ignored. */
export function settleOutgoing(draft: Draft, payment: Payment, because: Because): void {
  const result = matchPayment(payment, draft, matchingOf(draft.setup.config, payment))
  if (result.kind === 'reversal') reverse(draft, payment, result.of, result.evidence, because)
}

/** A document that a person took the payment from: no rule gives it back. */
const freedFrom = (payment: Payment, shares: readonly Share[]): Allocation | undefined =>
  payment.allocations.find(({ document }) => shares.some((share) => share.document === document))

function sharesOf(result: Extract<MatchResult, { kind: 'matched' }>): readonly Share[] {
  const [only] = result.allocations
  return result.allocations.map(({ document, amount }) => ({
    document: document as Order['id'],
    // The whole of a payment for one document is the document's: it is then overpaid, and says so.
    amount: result.allocations.length === 1 && only?.document === document ? amount + result.rest : amount,
    ...(result.writtenOff?.document === document && { writtenOff: result.writtenOff.amount }),
  }))
}

/** Allocates the payment to orders, by rule or by hand. */
export function allocate(
  draft: Draft,
  payment: Payment,
  shares: readonly Share[],
  by: string,
  evidence: readonly string[],
  because?: Because,
): void {
  const orders = shares.map((share) => ({ share, order: draft.get('order', share.document) }))
  const allocations: Allocation[] = orders.map(({ share, order }) => ({
    document: share.document,
    number: order?.number ?? '',
    amount: share.amount,
    by,
    at: draft.now,
  }))
  const { ignoredReason: _, ...rest } = payment
  const matched = draft.put({
    ...rest,
    state: 'matched' as const,
    allocations: [...payment.allocations, ...allocations],
    evidence,
    candidates: [],
    updatedAt: draft.now,
  })
  const event = draft.happened({
    name: 'payment.matched',
    subject: payment.id,
    before: { state: payment.state },
    after: { state: 'matched', orders: allocations.map(({ number }) => number).join(', '), by },
    text: (evidence.at(-1) ?? by).slice(0, 250),
    ...(because && { because: because.event }),
  })
  for (const { share, order } of orders) {
    if (order === undefined) continue
    take(draft, order, matched, share, event)
    paymentLine(draft, matched, { event }, order, share.amount)
  }
  runRules(draft)
}

function take(draft: Draft, order: Order, payment: Payment, share: Share, because: number): void {
  const writtenOff = (order.writtenOff ?? 0) + (share.writtenOff ?? 0)
  const paid = { ...order, paid: order.paid + share.amount, ...(writtenOff !== 0 && { writtenOff }) }
  const after = paymentStatusOf(paid)
  const event = changePaymentStatus(draft, order, paid, payment, { name: takenAs[after], because })
  if (!isSettled(order.paymentStatus) && isSettled(after)) {
    draft.fire({ order: order.id, trigger: 'paid', occurrence: payment.id, because: event, payment })
  }
  if (after === 'overpaid' || after === 'partiallyPaid') {
    const trigger = after === 'overpaid' ? after : 'partlyPaid'
    draft.fire({ order: order.id, trigger, occurrence: payment.id, because: event, payment })
  }
}

/** What a payment that was taken made of the order. */
const takenAs: Record<PaymentStatus, EventName> = {
  unpaid: 'payment.partial',
  partiallyPaid: 'payment.partial',
  paid: 'order.paid',
  overpaid: 'payment.overpaid',
  refunded: 'payment.partial',
}

function changePaymentStatus(
  draft: Draft,
  before: Order,
  after: Order,
  payment: Payment,
  cause: { readonly name: EventName; readonly because: number },
): number {
  const paymentStatus = paymentStatusOf(after)
  const order = draft.put({ ...after, paymentStatus, transition: before.transition + 1, updatedAt: draft.now })
  const event = draft.happened({
    ...cause,
    subject: order.id,
    before: { paymentStatus: before.paymentStatus, paid: before.paid },
    after: { paymentStatus, paid: after.paid, payment: payment.id },
  })
  orderStatusLine(draft, order, before.status, { event })
  writeBackPaid(draft, before, order, { event })
  return event
}

/** Takes the payment's allocations back: the orders owe again. The payment gets the new state. Gives the event. */
export function free(
  draft: Draft,
  payment: Payment,
  state: 'reversed' | 'unmatched',
  text: string,
  because?: Because,
): number {
  const freed = draft.put({
    ...payment,
    state,
    allocations: payment.allocations.map((allocation) => ({
      ...allocation,
      reversedAt: allocation.reversedAt ?? draft.now,
    })),
    updatedAt: draft.now,
  })
  const name = state === 'reversed' ? 'payment.reversed' : 'payment.unmatchedByHand'
  const event = draft.happened({
    name,
    subject: payment.id,
    before: { state: payment.state },
    after: { state },
    text: text.slice(0, 250),
    ...(because && { because: because.event }),
  })
  const standing = payment.allocations.filter(({ reversedAt }) => reversedAt === undefined)
  if (standing.length === 0) paymentLine(draft, freed, { event })
  for (const { document, amount } of standing) {
    const order = draft.get('order', document)
    if (order === undefined) continue
    const { writtenOff: _, ...owing } = order
    const paid = order.paid - amount
    const undone = changePaymentStatus(draft, order, { ...owing, paid }, freed, { name, because: event })
    paymentLine(draft, freed, { event }, order, -amount)
    if (state === 'reversed') {
      const fired = { order: order.id, trigger: 'paymentReversed', occurrence: payment.id }
      draft.fire({ ...fired, because: undone, payment: freed })
    }
  }
  return event
}

function reverse(
  draft: Draft,
  payment: Payment,
  of: Payment['id'],
  evidence: readonly string[],
  because?: Because,
): void {
  const original = draft.get('payment', of)
  const { ignoredReason: _, ...rest } = payment
  const undoing = draft.put({
    ...rest,
    state: 'matched' as const,
    evidence: [...evidence, `reverses ${of}`],
    candidates: [],
    updatedAt: draft.now,
  })
  const event = draft.happened({
    name: 'payment.matched',
    subject: payment.id,
    after: { reverses: of },
    ...(because && { because: because.event }),
  })
  paymentLine(draft, undoing, { event })
  if (original !== undefined && original.state !== 'reversed') {
    free(draft, original, 'reversed', `reversed by ${payment.id}`, { event })
    runRules(draft)
  }
}

type Open = Extract<MatchResult, { kind: 'ambiguous' | 'unmatched' }>

function stayOpen(draft: Draft, payment: Payment, result: Open, because?: Because): void {
  const candidates = result.kind === 'ambiguous' ? result.candidates : []
  const known = payment.version > 0 || payment.evidence.length > 0
  if (known && payment.state === result.kind && candidates.join() === payment.candidates.join()) return
  const open = draft.put({
    ...payment,
    state: result.kind,
    candidates,
    evidence: result.evidence,
    updatedAt: draft.now,
  })
  const event = draft.happened({
    name: result.kind === 'ambiguous' ? 'payment.ambiguous' : 'payment.unmatched',
    subject: payment.id,
    text: (result.evidence.at(-1) ?? result.kind).slice(0, 250),
    ...(because && { because: because.event }),
  })
  paymentLine(draft, open, { event })
  if (result.kind === 'ambiguous') {
    raiseAlarm(
      draft,
      {
        key: `ambiguous/${payment.source.fileId ?? payment.id}`,
        subject: payment.id,
        title: 'A payment fits several documents',
        what: `payment ${payment.bankKey} fits ${candidates.length} documents and waits for a person`.slice(0, 250),
        ...(payment.source.file !== undefined && { where: payment.source.file }),
        next: 'List them with: orderly payments list --state ambiguous; decide with: orderly payments match',
      },
      event,
    )
  }
}
