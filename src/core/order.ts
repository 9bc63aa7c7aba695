/**
 * The order and its collect document, as recorded in the ledger.
 *
 * All amounts are minor units of `currency`; quantities and prices are decimal text. Four axes
 * are kept apart: `status` (a word of the admin's), `paymentStatus` (derived from allocations),
 * `collect` (processing and delivery at the collecting store) and, later, the desk state.
 */
import type { Instant, LocalDate } from './date.ts'
import type { ClearingId, CustomerId, OrderId } from './ids.ts'
import type { DecimalText, Minor } from './money.ts'

export interface Address {
  readonly name?: string
  readonly name2?: string
  readonly street?: string
  readonly street2?: string
  readonly postCode?: string
  readonly city?: string
  readonly county?: string
  /** ISO 3166-1 alpha-2. */
  readonly country?: string
}

/** The customer as the document states it; the master record is a `Customer`. */
export interface Party {
  readonly number?: string
  readonly name?: string
  readonly contact?: string
  readonly email?: string
  readonly phone?: string
  /** BCP 47, e.g. `hu`. */
  readonly language?: string
  readonly vatId?: string
  readonly companyId?: string
  readonly address?: Address
}

export interface OrderLine {
  readonly number: string
  readonly sku?: string
  readonly variant?: string
  readonly ean?: string
  readonly description?: string
  readonly unit?: string
  readonly quantity: DecimalText
  readonly unitPrice?: DecimalText
  readonly vatPercent?: DecimalText
  readonly discount?: Minor
  readonly net?: Minor
  readonly vat?: Minor
  readonly gross?: Minor
  readonly location?: string
  /** Quantity cancelled so far. */
  readonly cancelled?: DecimalText
  readonly fields?: Readonly<Record<string, string>>
}

export type PaymentStatus = 'unpaid' | 'partiallyPaid' | 'paid' | 'overpaid' | 'refunded'
export type ProcessingStatus = 'pending' | 'confirmed' | 'rejected' | 'expired'
export type DeliveryStatus = 'ready' | 'delivered' | 'expired'

/** Settings of the collect workflow that a running document keeps from its start (N05, decision 5). */
export interface CollectSettings {
  readonly workflow: string
  readonly configHash: string
  readonly sendFrom: 'store' | 'origin'
  /** Company whose own Orderly sends the messages about the order, when not this one (N26). */
  readonly sentBy?: string
  /** The company of the store has an Orderly of its own, which says what becomes of the order (N34). */
  readonly elsewhere?: true
  readonly storeStock: boolean
  readonly postOn: 'delivery' | 'processing'
  readonly billVia: 'pos' | 'salesDocument'
  /** Why billVia is not what the workflow says (N40). */
  readonly billViaReason?: string
  /** Fee per order for the collecting company, in minor units. */
  readonly fee?: Minor
  /** What the two companies agreed, where the config says so. */
  readonly agreed?: ClearingTerms
  /** Open days that a ready order is kept (N21). */
  readonly deliveryDays?: number
  /** Codes for the collecting ERP, where the order has none (N19). */
  readonly defaults?: { readonly shippingMethod?: string | undefined; readonly paymentMethod?: string | undefined }
  /** Whether the store may hand it over in parts (N32). */
  readonly partialDelivery?: true
  readonly reminders?: readonly Reminder[]
  /** Template of the slip that is printed in a state (N44). */
  readonly print?: { readonly [state in CollectState]?: string | undefined }
  /** When it is archived, and for how long (in ms) it keeps personal data (N35). */
  readonly archive?: { readonly on: readonly CollectEnd[]; readonly require: 'posted' | 'none'; readonly keep: number }
  /** Templates by state, for the store and for the customer. */
  readonly store?: SideTemplates
  readonly customer?: SideTemplates
}

/** How goods and fee are valued between two companies. */
export interface ClearingTerms {
  readonly basis: 'sales' | 'cost' | 'percent'
  readonly percent?: DecimalText
  /** Own field of the lines with the cost of one, without VAT. */
  readonly costField?: string
  /** `order`, `none`, or a rate in percent. */
  readonly vat: string
  readonly feeVat?: DecimalText
}

export type CollectEnd = 'delivered' | 'rejected' | 'expired'
/** States of which people are told, in their order. */
export const collectStates = [
  'pending',
  'confirmed',
  'rejected',
  'expired',
  'partlyDelivered',
  'delivered',
  'returned',
] as const
export type CollectState = (typeof collectStates)[number]
export interface SideTemplates {
  readonly mail?: { readonly [state in CollectState]?: string | undefined } | undefined
  readonly sms?: { readonly [state in CollectState]?: string | undefined } | undefined
  /** States whose messages wait for a person. */
  readonly review?: readonly CollectState[] | undefined
}

/** A message so many milliseconds before the time of the store (processing) or of the customer (delivery) is over. */
export interface Reminder {
  readonly before: number
  readonly of: 'processing' | 'delivery'
  readonly to: 'store' | 'customer'
  readonly mail?: string
  readonly sms?: string
}

/** A quantity of one line; `line` is its key (line-keys.ts): its number, with `#2` for a second line of that number. */
export interface LineQuantity {
  readonly line: string
  /** Greater than zero. */
  readonly quantity: DecimalText
}

/** Goods that went over the counter: handed over, or brought back after that (N32). */
export interface Handover {
  readonly kind: 'delivered' | 'returned'
  readonly lines: readonly LineQuantity[]
  /** The store's document, e.g. a receipt: it tells the same handover told again from another one. */
  readonly documentType?: string
  readonly documentNumber?: string
  readonly at: Instant
  readonly by: string
}

/** What a line is called at the collecting company; `line` is its key (line-keys.ts). */
export interface MappedItem {
  readonly line: string
  readonly sku: string
  readonly variant?: string
  readonly by: ItemRule
}
export type ItemRule = 'map' | 'skuVariant' | 'sku' | 'barcode' | 'pass'

/** Why an order is not at its store yet: it is sent by itself when what it waits for comes (N16). */
export interface CollectWait {
  readonly workflow: string
  readonly store: string
  /** Names of what is awaited: customers and items of a company. */
  readonly for: readonly string[]
  /** One sentence for people: customer, or lines and items. */
  readonly reason: string
  /** Why nobody is told when it goes on: its file was taken over in silence. */
  readonly muted?: string
  readonly since: Instant
}

/** An order sent to a collecting store (features 5.3). Delivered is final. */
export interface Collect {
  readonly store: string
  readonly fromStore?: string
  /** Codes of the companies: who took the order, who hands it over. */
  readonly fromCompany: string
  readonly toCompany: string
  readonly settings: CollectSettings
  readonly processing: ProcessingStatus
  readonly processingAt: Instant
  readonly processingBy: string
  readonly processingExpiresAt?: Instant
  readonly delivery?: DeliveryStatus
  readonly deliveryAt?: Instant
  readonly deliveryBy?: string
  readonly deliveryExpiresAt?: Instant
  /** Document of the last handover. */
  readonly documentType?: string
  readonly documentNumber?: string
  /** Every handover, oldest first: what was delivered and returned of each line is their sum (quantitiesOf). */
  readonly handovers?: readonly Handover[]
  /** Number of changes of this document so far, its start included: what the other side tells them apart by. */
  readonly sequence: number
  /** Number of the last change that the Orderly of the store's company told of, of one that is `elsewhere`. */
  readonly heard?: number
  readonly reason?: string
  /** The customer number at the collecting company, once mapped (N15). */
  readonly customerNumber?: string
  /** The customer that was made for the collecting company, which has no number there yet (N18). */
  readonly newCustomer?: CustomerId
  /** Items as the collecting company calls them (N17). */
  readonly items?: readonly MappedItem[]
  readonly clearing: readonly ClearingId[]
}

export interface Order {
  readonly kind: 'order'
  readonly id: OrderId
  /** 0 for a record not yet stored; raised by one with each commit. */
  readonly version: number
  readonly channel: string
  readonly number: string
  readonly externalNumber?: string
  /** Structured payment reference or variable symbol that the customer was told to use. */
  readonly reference?: string
  readonly type: 'order' | 'return' | 'quote' | 'credit'
  /** Company that took the order. */
  readonly company: string
  readonly store?: string
  readonly fromStore?: string
  readonly customer: Party
  readonly shipTo?: Address
  readonly date?: LocalDate
  readonly dueDate?: LocalDate
  readonly currency: string
  readonly pricesIncludeVat: boolean
  readonly net?: Minor
  readonly vat?: Minor
  /** The amount to pay. */
  readonly gross: Minor
  readonly discount?: Minor
  readonly shipping?: Minor
  /** Paid before Orderly saw the order (prepayment at the origin). */
  readonly prepaid: Minor
  readonly prepaymentAccount?: string
  readonly paymentMethod?: string
  readonly deliveryMethod?: string
  readonly language?: string
  /** States that the customer asked to be told about (P18). */
  readonly notifyRequested: readonly string[]
  /** Whether the store may hand it over in parts; as its workflow says when absent (N32). */
  readonly partialDelivery?: boolean
  /** Which side sends the messages about it, as the origin says (N26); as its workflow says when absent. */
  readonly sendFrom?: 'store' | 'origin'
  readonly note?: string
  readonly publicUrl?: string
  readonly fields?: Readonly<Record<string, string>>
  readonly lines: readonly OrderLine[]

  readonly status: string
  /** Status that the last file named: only another one is news, since workflows move the status on. */
  readonly statusInFile?: string
  readonly paymentStatus: PaymentStatus
  /** Sum of the allocations that stand, without `prepaid`. */
  readonly paid: Minor
  /** Small rests taken as paid within the tolerance. */
  readonly writtenOff?: Minor
  readonly collect?: Collect
  /** Of an order that is not at its store yet, and why. */
  readonly waits?: CollectWait
  /** It has ended and is left out of the list of orders (N35). */
  readonly archivedAt?: Instant
  /** When its personal data is removed; when it was. */
  readonly keepUntil?: Instant
  readonly erasedAt?: Instant
  /** Number of changes of status, payment or collect state so far: the key of status events (A→B→A→B is two). */
  readonly transition: number
  /** Number of roll backs so far: what runs again after one is not what ran before it. */
  readonly round?: number
  /** SHA-256 (hex) of the imported content, to tell a repetition from a change. */
  readonly contentHash: string
  readonly source: Source
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** Where a record came from. */
export interface Source {
  /** Name of the import, or `cli`. */
  readonly import: string
  readonly file?: string
  readonly fileId?: string
  /** 1-based record number in the file. */
  readonly row?: number
}
