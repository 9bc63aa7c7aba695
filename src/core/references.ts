/**
 * The names of a record: its business key, unique by kind, and the secondary names to look it up by.
 *
 * The ledger replaces the stored set of secondary names at each put. References of payments are
 * compared in one form, without separators, case and leading zeros.
 */
import { distinct } from './distinct.ts'
import { assertNever } from './assert-never.ts'
import type { IncomingPayment } from './incoming.ts'
import type { Customer, Entity, Payment } from './model.ts'
import type { Order } from './order.ts'
import { entryNames } from './collective-entry.ts'
import { feedName, yearOf } from './statement.ts'
import { variableSymbols } from './variable-symbols.ts'

/** Names under which `Known.find` and the ledger look records up, besides id and key. */
export type ReferenceName =
  | 'number' // order number as written, over all channels; invoice number; tracking number
  | 'reference' // normalised structured reference or variable symbol of a document, or of a payment
  | 'token' // number, external number and reference of a document, each in compared form, for payments that quote it
  | 'customer' // orders of a customer with something left to pay: `company/number`
  | 'externalNumber'
  | 'email' // lower case
  | 'phone' // E.164
  | 'iban' // no blanks, upper case
  | 'endToEndId'
  | 'sameDay' // payments of one kind of statement, account, day, direction and amount
  | 'batch' // the sum and the details of an entry of many payments
  | 'feed' // statements of one account, kind and year
  | 'waitsFor' // token that a parked record or an open payment waits for
  | 'awaits' // orders that are not at their store yet: `*`, and what each waits for (a customer, an item)
  | 'all' // every store: `*`
  | 'item' // stock levels of an item, by its number
  | 'archived' // orders that are out of the list: `*`
  | 'atStore' // orders at a collecting store by their state there, until they are archived
  | 'order' // records that belong to an order, by its id
export type Reference = readonly [ReferenceName, string]

/** The business key, unique among records of its kind. */
export function keyOf(entity: Entity): string {
  switch (entity.kind) {
    case 'order':
      return `${entity.channel}/${entity.number}`
    case 'payment':
      return `${entity.account}/${entity.bankKey}`
    case 'customer':
      return `${entity.company}/${entity.number}`
    case 'store':
      return entity.code
    case 'mapping':
      return [entity.about, entity.company, entity.from, entity.key].join('/')
    case 'stockLevel':
      return [entity.location, entity.sku, entity.variant ?? ''].join('/')
    case 'optOut':
    case 'invoice':
    case 'clearing':
    case 'clearingFile':
    case 'movement':
    case 'dispatch':
    case 'shipment':
    case 'parked':
    case 'statement':
    case 'run':
    case 'command':
      return entity.id
    default:
      return assertNever(entity, 'entity')
  }
}

/** Compared form of a payment reference: letters and digits only, upper case, no leading zeros. */
export const normaliseReference = (text: string): string =>
  // Most numbers are in this form already.
  /^[1-9A-Z][0-9A-Z]*$/.test(text)
    ? text
    : text
        .replace(/[^\p{L}\p{N}]/gu, '')
        .toUpperCase()
        .replace(/^0+(?=.)/, '')

/** Every secondary name of a record; the ledger replaces the stored set at each put. */
export function referencesOf(entity: Entity): readonly Reference[] {
  const list: Reference[] = []
  const add = (name: ReferenceName, value: string | undefined): void => {
    if (value !== undefined && value !== '') list.push([name, value])
  }
  switch (entity.kind) {
    case 'order':
      nameOrder(entity, add)
      break
    case 'payment':
      namePayment(entity, add)
      break
    case 'statement':
      add('feed', feedName(entity, yearOf(entity)))
      break
    case 'customer':
      nameCustomer(entity, add)
      break
    case 'invoice':
      add('number', entity.number)
      for (const token of tokensOf([entity.number, entity.reference])) add('token', token)
      add('order', entity.order)
      break
    case 'shipment':
      add('number', entity.trackingNumber)
      add('order', entity.order)
      break
    case 'clearing':
    case 'movement':
    case 'dispatch':
      add('order', entity.order)
      break
    case 'clearingFile':
      add('number', entity.name)
      add('number', `${entity.export}/${entity.sequence}`)
      break
    case 'command':
      for (const id of entity.waitsAt ?? []) add('waitsFor', `command/${id}`)
      break
    case 'parked':
      if (entity.state === 'waiting') add('waitsFor', entity.waitsFor)
      break
    case 'stockLevel':
      add('item', entity.sku)
      break
    case 'store':
      add('all', '*')
      break
    case 'optOut':
    case 'mapping':
    case 'run':
      break
    default:
      assertNever(entity, 'entity')
  }
  return list
}

type Add = (name: ReferenceName, value: string | undefined) => void

function nameOrder(order: Order, add: Add): void {
  add('number', order.number)
  if (order.externalNumber !== order.number) add('externalNumber', order.externalNumber)
  if (order.reference !== undefined) add('reference', normaliseReference(order.reference))
  for (const token of orderTokens(order)) add('token', token)
  if (order.customer.number && order.gross - order.prepaid - order.paid - (order.writtenOff ?? 0) > 0) {
    add('customer', `${order.company}/${order.customer.number}`)
  }
  for (const name of awaitedBy(order)) add('awaits', name)
  if (order.archivedAt !== undefined) add('archived', '*')
  else add('atStore', order.collect?.delivery ?? order.collect?.processing)
}

/** One that has become another is found by that one's names. */
function nameCustomer({ made, email, phone, iban, number }: Customer, add: Add): void {
  if (made === 'numbered' || made === 'refused') return
  add('email', email?.toLowerCase())
  add('phone', phone)
  add('iban', iban)
  add('number', number)
}

function namePayment(payment: Payment, add: Add): void {
  if (payment.reference !== undefined) add('reference', normaliseReference(payment.reference))
  if (payment.endToEndId !== undefined) add('endToEndId', payment.endToEndId)
  for (const value of sameDayNames(payment, originOf(payment, payment.source.import))) add('sameDay', value)
  for (const token of waitTokens(payment)) add('waitsFor', token)
  for (const name of payment.entry ? entryNames(payment, payment.entry) : []) add('batch', name)
  for (const { document } of payment.allocations) add('order', document)
}

/**
 * What a line of the bank has in common with itself in another kind of statement, by booking day and by value day.
 * `origin` is the kind of statement, else the import (originOf).
 */
export function sameDayNames(payment: IncomingPayment | Payment, origin: string): readonly string[] {
  const { account, bookedOn, valueOn, direction, amount, currency } = payment
  const first = bookedOn ?? valueOn
  if (first === undefined) return []
  const days = valueOn === undefined || valueOn === first ? [first] : [first, valueOn]
  return days.map((day) => `${origin}/${account}/${day}/${direction}/${amount}/${currency}`)
}

/** The kind of statement that a payment stands in, else the import that brought it. */
export const originOf = (payment: { readonly origin?: string }, importName: string): string =>
  payment.origin ?? `import:${importName}`

/** What an order that is not at its store yet waits for; of one that is there, the customer without a number. */
const awaitedBy = ({ waits, collect }: Order): readonly string[] => [
  ...(waits ? ['*', ...waits.for] : []),
  ...(collect?.newCustomer !== undefined && collect.customerNumber === undefined ? [collect.newCustomer] : []),
]

/** The names by which a payment may quote an order. */
const orderTokens = (order: Order): readonly string[] => tokensOf([order.number, order.externalNumber, order.reference])

const tokensOf = (names: readonly (string | undefined)[]): readonly string[] =>
  distinct(distinct(names).map(normaliseReference))

/** Whole tokens of a payment that is still open: a document that comes later is looked up by them. */
function waitTokens(payment: Payment): ReadonlySet<string> {
  const tokens = new Set<string>()
  if (payment.state !== 'unmatched' && payment.state !== 'ambiguous') return tokens
  for (const text of [payment.reference, payment.endToEndId, payment.message]) {
    for (const token of text?.split(/[^\p{L}\p{N}_/-]+/u) ?? []) {
      if (token.length >= 3 && tokens.size < 40) tokens.add(normaliseReference(token))
    }
  }
  if (payment.reference !== undefined) tokens.add(normaliseReference(payment.reference))
  for (const symbol of variableSymbols([payment.endToEndId, payment.message])) tokens.add(symbol)
  return tokens
}
