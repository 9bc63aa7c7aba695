/**
 * The order and its collect document, as recorded in the ledger.
 *
 * All amounts are minor units of `currency`; quantities and prices are decimal text. Four axes
 * are kept apart: `status` (a word of the admin's), `paymentStatus` (derived from allocations),
 * `collect` (processing and delivery at the collecting store) and, later, the desk state.
 */
import type { Instant, LocalDate } from './date.ts'
import type { ClearingId, OrderId } from './ids.ts'
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
  /** Quantity handed over so far. */
  readonly delivered?: DecimalText
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
  readonly storeStock: boolean
  readonly postOn: 'delivery' | 'processing'
  readonly billVia: 'pos' | 'salesDocument'
  /** Why billVia is not what the workflow says (N40). */
  readonly billViaReason?: string
  /** Fee per order for the collecting company, in minor units. */
  readonly fee?: Minor
  /** Open days that a ready order is kept (N21). */
  readonly deliveryDays?: number
  /** Templates by state, for the store and for the customer. */
  readonly store?: SideTemplates
  readonly customer?: SideTemplates
}

export type CollectState = 'pending' | 'confirmed' | 'rejected' | 'expired' | 'delivered'
export interface SideTemplates {
  readonly mail?: { readonly [state in CollectState]?: string | undefined } | undefined
  readonly sms?: { readonly [state in CollectState]?: string | undefined } | undefined
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
  readonly documentType?: string
  readonly documentNumber?: string
  readonly reason?: string
  /** The customer number at the collecting company, once mapped (N15). */
  readonly customerNumber?: string
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
