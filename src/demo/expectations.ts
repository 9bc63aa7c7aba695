/**
 * What must have come of the demo's sample files, checked against what did.
 *
 * Pure. Each check says what was expected and what was found; one that fails makes the demo fail, so that it is a
 * proof and not a show. The tables below follow from the sample files and the shipped workflows. Throws nothing.
 */
import { isAlarm, type Message } from '../core/message.ts'
import { canonicalId } from '../dispatch/sms/receipts-text.ts'
import type { DroppedFile, Matter, Resting } from './matter.ts'

export interface Finding {
  readonly what: string
  readonly expected: string
  readonly found: string
  readonly ok: boolean
}

/** Import, where its files come to rest in the order in which they were dropped. */
const resting: readonly (readonly [string, readonly Resting[]])[] = [
  ['customers', ['processed']],
  ['shop-orders', ['processed', 'duplicate', 'rejected', 'processed']],
  ['orders-ubl', ['processed']],
  ['bank', ['processed']],
  ['store-answers', ['processed', 'processed']],
  ['erp-status', ['processed']],
  ['invoice-numbers', ['processed']],
]

/** Order, payment status, status, and how it stands with the collecting store. */
const orders: readonly string[] = [
  '100245 paid processing',
  '100246 unpaid received delivered',
  '100247 paid paid delivered',
  '100248 unpaid received rejected',
  '100249 partiallyPaid received',
  '100250 paid shipped',
  '100251 unpaid accepted',
  '100252 paid processing',
  '100253 unpaid received ready',
  '4500017731 paid processing',
]

/** Bank reference (its last five characters), state, and the order that took it. */
const payments: readonly string[] = [
  'T0001 matched 100245',
  'T0002 matched 100249',
  'T0003 matched 4500017731',
  'T0004 matched 100252',
  'T0005 unmatched',
  'T0006 unmatched',
  'T0007 ignored',
]

/** Template and the orders that it is about; alarms are counted. */
const mails: readonly (readonly [string, readonly string[]])[] = [
  ['desk/new-order', ['100245', '100249', '100250', '100251', '100252']],
  ['store/new-order', ['100246', '100247', '100248', '100253']],
  ['customer/received', ['100246', '100247', '100248', '100253']],
  ['customer/ready', ['100246', '100247', '100253']],
  ['customer/rejected', ['100248']],
  ['customer/collected', ['100246', '100247']],
  ['customer/payment-received', ['100245', '100247', '100250', '100252', '4500017731']],
]
const texts: readonly (readonly [string, readonly string[]])[] = [
  ['store/new-order', ['100246', '100247', '100248', '100253']],
  ['customer/ready', ['100246', '100247', '100253']],
]
/** A rejected file, a bad row, an invoice that the ERP refused. */
const alarms = 3
/** Recorded and not sent, each with its reason. */
const suppressed: readonly string[] = [
  '100250 mail customer/order-shipped',
  '100250 sms customer/order-shipped',
  '100251 mail customer/order-accepted',
]

/** Lines by export, and why so many. */
const exported: Readonly<Record<string, number>> = {
  // 245, 252 and the business order: paid, processing. 246: pending, confirmed, delivered; 247 is set to paid as well.
  // 248: pending, rejected. 249: paid in part. 250: paid. 253: pending, confirmed. The ERP's own words are not told back.
  'status-to-erp': 3 * 2 + 3 + 4 + 2 + 1 + 1 + 2,
  // Rows of 247 and 248, which the other company hands over; 248 is rejected, and its row taken back.
  'orders-to-store': 2 + 1 + 1,
  // 247: goods and the prepayment for them, from either side.
  clearing: 2,
  'clearing-sk': 2,
  // All that is paid: 245, 247, 250, 252 and the business order.
  invoices: 5,
  // The same without 247, which is collected; and 251, to be paid on delivery.
  dispatch: 5,
  // Of the shop's orders: 245 and 252 paid and processing, 247 and 250 set to paid, 250 shipped, 251 accepted; two numbers.
  'shop-updates': 2 * 2 + 2 + 1 + 1 + 2,
  // Two rows each of 245, 251, 252 and the business order, one of 250; two each moved to the own store for 246 and 253.
  stock: 4 * 2 + 1 + 2 * 2,
  // Six payments; T0004 twice: unmatched, then matched. Money that left is no payment of an order.
  payments: 7,
}

export function checkExpectations(matter: Matter): readonly Finding[] {
  return [
    ...files(matter),
    same('orders', orders, matter.orders.map(orderLine)),
    same('payments', payments, matter.payments.map(paymentLine)),
    ...messages(matter),
    ...arrivals(matter),
    ...exports(matter),
    ...balances(matter),
  ]
}

/** Both lists hold the same, in any order; only the differences are told. */
function same(what: string, expected: readonly string[], found: readonly string[]): Finding {
  const lacking = without(expected, found)
  const surplus = without(found, expected)
  const ok = lacking.length === 0 && surplus.length === 0
  return ok
    ? { what, expected: `${expected.length} entries`, found: 'the same', ok }
    : { what, expected: told(lacking), found: told(surplus), ok }
}

/** The first list without the second, each entry as often as it stands there. */
function without(list: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others]
  return list.filter((entry) => {
    const at = left.indexOf(entry)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

const told = (list: readonly string[]): string => (list.length === 0 ? 'nothing else' : list.join(', '))

function files({ dropped }: Matter): readonly Finding[] {
  return resting.map(([name, places]) => {
    const found = dropped.filter(({ sample }) => sample.import === name).map(placeOf)
    return {
      what: `files of ${name}`,
      expected: places.join(', '),
      found: found.join(', '),
      ok: places.join() === found.join(),
    }
  })
}

const placeOf = ({ lies }: DroppedFile): string => lies?.in ?? 'nowhere'

const orderLine = ({ number, paymentStatus, status, collect }: Matter['orders'][number]): string =>
  [number, paymentStatus, status, collect?.delivery ?? collect?.processing]
    .filter((word) => word !== undefined)
    .join(' ')

const paymentLine = ({ bankKey, state, allocations }: Matter['payments'][number]): string =>
  [bankKey.slice(-5), state, ...allocations.map(({ number }) => number)].join(' ')

function messages(matter: Matter): readonly Finding[] {
  const { messages, orders } = matter
  const numbers = new Map<string, string>(orders.map(({ id, number }) => [id, number]))
  const line = ({ subject, channel, template }: Message): string =>
    `${numbers.get(subject) ?? subject} ${channel} ${template}`
  const about = messages.filter((message) => !isAlarm(message))
  const of = (state: string): readonly string[] => about.filter((message) => message.state === state).map(line)
  const expand = (table: typeof mails, channel: string): readonly string[] =>
    table.flatMap(([template, list]) => list.map((number) => `${number} ${channel} ${template}`))
  const settled = new Set(['accepted', 'delivered', 'suppressed'])
  return [
    same('mails accepted', expand(mails, 'mail'), of('accepted')),
    same('SMS delivered', expand(texts, 'sms'), of('delivered')),
    same('messages not sent on purpose', suppressed, of('suppressed')),
    same('messages in any other state', [], messages.filter(({ state }) => !settled.has(state)).map(line)),
    same(
      'messages without a reason for not being sent',
      [],
      messages.filter(({ state, reason }) => state === 'suppressed' && !reason).map(line),
    ),
    number('alarms', alarms, messages.length - about.length),
  ]
}

const number = (what: string, expected: number, found: number): Finding => ({
  what,
  expected: String(expected),
  found: String(found),
  ok: expected === found,
})

/** What the servers took is what the ledger says was sent: each once. */
function arrivals({ messages, mails, texts, parts }: Matter): readonly Finding[] {
  const accepted = messages.filter(({ channel, state }) => channel === 'mail' && state === 'accepted')
  const sent = accepted.map(({ mail }) => mail?.messageId ?? '')
  const taken = texts.flatMap(({ ids }) => ids.map((id) => canonicalId(id, 'answer', 'same')))
  return [
    same(
      'mails at the mail server, by Message-ID',
      sent,
      mails.map(({ messageId }) => messageId),
    ),
    same(
      'SMS parts at the gateway, by their ids',
      parts.map(({ smscId }) => smscId),
      taken,
    ),
  ]
}

function exports({ written, exportNames }: Matter): readonly Finding[] {
  const lines = (name: string): number =>
    written.filter(({ file }) => file.export === name).reduce((sum, { file }) => sum + file.lines, 0)
  const open = written.filter(({ file, content }) => file.state !== 'written' || !content)
  return [
    ...exportNames.map((name) => number(`lines of export ${name}`, exported[name] ?? 0, lines(name))),
    same(
      'export files that are not written',
      [],
      open.map(({ path }) => path),
    ),
  ]
}

const sum = (amounts: readonly number[]): number => amounts.reduce((a, b) => a + b, 0)

/** Money and goods: nothing arises and nothing goes. */
function balances({ clearing, orders, payments, parked, invoices }: Matter): readonly Finding[] {
  const allocated = payments.flatMap(({ allocations }) => allocations)
  const wrong = orders.filter(
    ({ id, paid }) => paid !== sum(allocated.filter(({ document }) => document === id).map(({ amount }) => amount)),
  )
  return [
    number('sum of the clearing entries over all companies', 0, sum(clearing.map(({ gross }) => gross))),
    same(
      'orders whose paid amount is not that of their payments',
      [],
      wrong.map(({ number }) => number),
    ),
    same(
      'input that still waits for its order',
      [],
      parked.filter(({ state }) => state === 'waiting').map(({ waitsFor }) => waitsFor),
    ),
    same(
      'invoices',
      ['100245 issued', '100247 issued', '100250 requested', '100252 requested', '4500017731 failed'],
      invoices.map(({ orderNumber, state }) => `${orderNumber} ${state}`),
    ),
  ]
}
