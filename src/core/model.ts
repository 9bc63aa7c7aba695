/**
 * Everything else that the ledger keeps as a versioned record: payments, customers, stores,
 * invoices, clearing entries, stock movements, dispatch instructions, parked input.
 *
 * Plain data; state changes only by the functions of `workflow/`. `referencesOf` says under
 * which secondary names a record can be found; `keyOf` is its business key, unique by kind.
 */
import { assertNever } from './assert-never.ts'
import type { Instant, LocalDate } from './date.ts'
import type {
  ClearingId,
  CustomerId,
  DispatchId,
  InvoiceId,
  MovementId,
  OrderId,
  ParkedId,
  PaymentId,
  StoreId,
} from './ids.ts'
import type { Incoming } from './incoming.ts'
import type { DecimalText, Minor } from './money.ts'
import type { Address, Order, Source } from './order.ts'

export interface Allocation {
  readonly document: OrderId | InvoiceId
  /** Number of the document, for people. */
  readonly number: string
  readonly amount: Minor
  /** `rule:<name>` or the actor who matched by hand. */
  readonly by: string
  readonly at: Instant
  readonly reversedAt?: Instant
}

export type PaymentState = 'matched' | 'ambiguous' | 'unmatched' | 'ignored' | 'reversed'

/** One movement on an account (features 5.5). `amount` is positive; `direction` says which way. */
export interface Payment {
  readonly kind: 'payment'
  readonly id: PaymentId
  readonly version: number
  readonly account: string
  /** Unique within the account: the bank's reference, or made from the content (mechanisms 1.8). */
  readonly bankKey: string
  readonly direction: 'credit' | 'debit'
  readonly amount: Minor
  readonly currency: string
  readonly bookedOn?: LocalDate
  readonly valueOn?: LocalDate
  readonly counterName?: string
  readonly counterAccount?: string
  /** Structured creditor reference (RF…, QRR, variable symbol). */
  readonly reference?: string
  readonly endToEndId?: string
  readonly message?: string
  readonly method: string
  readonly channel?: string
  readonly reversal: boolean
  readonly state: PaymentState
  readonly allocations: readonly Allocation[]
  /** Matched rule and what it saw, or why nothing matched. */
  readonly evidence: readonly string[]
  /** Ids of candidates when ambiguous. */
  readonly candidates: readonly (OrderId | InvoiceId)[]
  readonly ignoredReason?: string
  readonly contentHash: string
  readonly source: Source
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export interface Customer {
  readonly kind: 'customer'
  readonly id: CustomerId
  readonly version: number
  readonly company: string
  readonly number: string
  readonly name?: string
  readonly name2?: string
  readonly group?: string
  readonly email?: string
  readonly phone?: string
  readonly language?: string
  readonly vatId?: string
  readonly companyId?: string
  readonly iban?: string
  readonly address?: Address
  readonly fields?: Readonly<Record<string, string>>
  readonly contentHash: string
  readonly source: Source
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** A store as imported; stores of the config have the same fields and win over imported ones. */
export interface Store {
  readonly kind: 'store'
  readonly id: StoreId
  readonly version: number
  readonly code: string
  readonly name?: string
  readonly company?: string
  readonly email?: string
  readonly mobile?: string
  readonly phone?: string
  readonly calendar?: string
  readonly location?: string
  readonly language?: string
  readonly address?: Address
  readonly fields?: Readonly<Record<string, string>>
  readonly contentHash: string
  readonly source: Source
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** A document that the ERP issues on our instruction (decision 1). */
export interface Invoice {
  readonly kind: 'invoice'
  readonly id: InvoiceId
  readonly version: number
  readonly type: 'invoice' | 'proforma' | 'creditNote'
  readonly order: OrderId
  readonly orderNumber: string
  readonly state: 'requested' | 'issued' | 'failed' | 'cancelled'
  /** The ERP's number, from the acknowledgement. */
  readonly number?: string
  readonly amount: Minor
  readonly currency: string
  readonly reason?: string
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export type ClearingType = 'goods' | 'prepaymentTransfer' | 'storeReceipt' | 'fee' | 'reversal'

/**
 * One side of a settlement between two companies (features 5.9). `net + vat = gross`; gross is
 * signed from the point of view of `company`: positive = claim. The entries of an order sum to zero.
 */
export interface Clearing {
  readonly kind: 'clearing'
  readonly id: ClearingId
  readonly version: number
  readonly type: ClearingType
  readonly order: OrderId
  readonly orderNumber: string
  readonly company: string
  readonly counterCompany: string
  readonly net: Minor
  readonly vat: Minor
  readonly gross: Minor
  readonly currency: string
  readonly event: 'delivery' | 'processing' | 'reversal'
  readonly reverses?: ClearingId
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export interface Movement {
  readonly kind: 'movement'
  readonly id: MovementId
  readonly version: number
  readonly order: OrderId
  readonly orderNumber: string
  readonly line: string
  readonly move: 'reserve' | 'release' | 'issue' | 'transfer' | 'return'
  readonly sku: string
  readonly quantity: DecimalText
  readonly from?: string
  readonly to?: string
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export interface Dispatch {
  readonly kind: 'dispatch'
  readonly id: DispatchId
  readonly version: number
  readonly order: OrderId
  readonly orderNumber: string
  readonly to: string
  readonly state: 'created' | 'accepted' | 'refused'
  readonly cashOnDelivery?: Minor
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** Input that came before what it is about: a status before its order. */
export interface Parked {
  readonly kind: 'parked'
  readonly id: ParkedId
  readonly version: number
  readonly state: 'waiting' | 'applied' | 'refused'
  /** What it waits for, e.g. `order` and the number as written. */
  readonly waitsFor: string
  readonly input: Incoming
  readonly reason?: string
  readonly source: Source
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export type Entity = Order | Payment | Customer | Store | Invoice | Clearing | Movement | Dispatch | Parked
export type EntityKind = Entity['kind']
export type EntityOf<K extends EntityKind> = Extract<Entity, { kind: K }>

/** Names under which `Known.find` and the ledger look records up, besides id and key. */
export type ReferenceName =
  | 'number' // order number as written, over all channels; invoice number
  | 'reference' // normalised structured reference or variable symbol of a document, or of a payment
  | 'token' // number, external number and reference of a document, each in compared form, for payments that quote it
  | 'customer' // orders of a customer with something left to pay: `company/number`
  | 'externalNumber'
  | 'email' // lower case
  | 'phone' // E.164
  | 'iban' // no blanks, upper case
  | 'endToEndId'
  | 'waitsFor' // token that a parked record or an open payment waits for
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
    case 'invoice':
    case 'clearing':
    case 'movement':
    case 'dispatch':
    case 'parked':
      return entity.id
    default:
      return assertNever(entity, 'entity')
  }
}

/** Compared form of a payment reference: letters and digits only, upper case, no leading zeros. */
export const normaliseReference = (text: string): string =>
  text
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
      add('number', entity.number)
      if (entity.externalNumber !== entity.number) add('externalNumber', entity.externalNumber)
      if (entity.reference !== undefined) add('reference', normaliseReference(entity.reference))
      for (const token of orderTokens(entity)) add('token', token)
      if (entity.customer.number && entity.gross - entity.prepaid - entity.paid - (entity.writtenOff ?? 0) > 0) {
        add('customer', `${entity.company}/${entity.customer.number}`)
      }
      break
    case 'payment':
      if (entity.reference !== undefined) add('reference', normaliseReference(entity.reference))
      if (entity.endToEndId !== undefined) add('endToEndId', entity.endToEndId)
      for (const token of waitTokens(entity)) add('waitsFor', token)
      for (const { document } of entity.allocations) add('order', document)
      break
    case 'customer':
      add('email', entity.email?.toLowerCase())
      add('phone', entity.phone)
      add('iban', entity.iban)
      add('number', entity.number)
      break
    case 'invoice':
      add('number', entity.number)
      if (entity.number !== undefined) add('token', normaliseReference(entity.number))
      add('order', entity.order)
      break
    case 'clearing':
    case 'movement':
    case 'dispatch':
      add('order', entity.order)
      break
    case 'parked':
      if (entity.state === 'waiting') add('waitsFor', entity.waitsFor)
      break
    case 'store':
      break
    default:
      assertNever(entity, 'entity')
  }
  return list
}

/** The names by which a payment may quote an order. */
function orderTokens(order: Order): ReadonlySet<string> {
  const names = [order.number, order.externalNumber, order.reference].filter((name) => name !== undefined)
  return new Set(names.map(normaliseReference))
}

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
  return tokens
}
