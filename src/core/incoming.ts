/**
 * What an import file says, record by record, after it was read and checked.
 *
 * `RawRecord` is what every format yields: canonical field names and text. `Incoming` is what
 * the interpreter of a kind makes of it: typed, with amounts in minor units. A record that
 * cannot be understood becomes problems, never a guess.
 */
import type { CollectiveEntry } from './collective-entry.ts'
import type { LocalDate } from './date.ts'
import type { Channel } from './message.ts'
import type { DecimalText, Minor } from './money.ts'
import type { Address, LineQuantity, OrderLine, Party } from './order.ts'
import type { Problem } from './problem.ts'
import type { IncomingStatement } from './statement.ts'

/** Field values as text, nested by the dotted canonical names (`customer.email`, `lines[].sku`). */
export type RawValue = string | RawFields | readonly RawValue[]
export interface RawFields {
  readonly [name: string]: RawValue | undefined
}

export interface RawRecord {
  /** 1-based number of the record in the file. */
  readonly row: number
  /** 1-based line where it starts, where the format has lines. */
  readonly line?: number
  /** Source text in the file's own layout, for `NAME.rejected.EXT`; kept for line formats only. */
  readonly text?: string
  /** What it tells of, where a file of the kind holds records of two sorts: payments, and the statement they stand in. */
  readonly about?: 'statement'
  /** 1-based lines of the file where `lines[0]`, `lines[1]` … start, where rows make the lines. */
  readonly lineAt?: readonly number[]
  readonly fields: RawFields
}

/** A read error that concerns one record (then reading goes on) or the rest of the file (`fatal`). */
export interface ReadProblem {
  readonly kind: 'problem'
  readonly row: number
  readonly fatal: boolean
  readonly text?: string
  readonly problems: readonly Problem[]
}

export interface ReadRecord {
  readonly kind: 'record'
  readonly record: RawRecord
}

export interface IncomingOrder {
  readonly kind: 'order'
  readonly channel: string
  readonly number: string
  readonly externalNumber?: string
  readonly reference?: string
  readonly type: 'order' | 'return' | 'quote' | 'credit'
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
  readonly gross: Minor
  readonly discount?: Minor
  readonly shipping?: Minor
  readonly prepaid: Minor
  readonly prepaymentAccount?: string
  readonly paymentMethod?: string
  readonly deliveryMethod?: string
  readonly language?: string
  readonly status?: string
  readonly notifyRequested: readonly string[]
  /** Whether the store may hand it over in parts. */
  readonly partialDelivery?: boolean
  readonly sendFrom?: 'store' | 'origin'
  readonly note?: string
  readonly publicUrl?: string
  readonly fields?: Readonly<Record<string, string>>
  readonly lines: readonly OrderLine[]
}

/** What the Orderly of a collecting company tells of an order there, change by change (N34). */
export const collectWords = [
  'pending',
  'confirmed',
  'rejected',
  'expired',
  'partlyDelivered',
  'delivered',
  'deliveryExpired',
  'returned',
] as const
export type CollectWord = (typeof collectWords)[number]

/** A change of an order's status, or a store's answer (confirmed, rejected, delivered, returned). */
export interface IncomingStatus {
  readonly kind: 'status'
  /** The order's number as written. */
  readonly order: string
  /** Only orders of this channel are meant; any when absent. */
  readonly channel?: string
  readonly status: string
  readonly reason?: string
  readonly documentType?: string
  readonly documentNumber?: string
  /** Of delivered and returned: lines and quantities, when not all; a line is named by its number or item. */
  readonly lines?: readonly LineQuantity[]
  /** Number of the change at the Orderly that tells of it: 1, 2, 3 … of each order. */
  readonly sequence?: number
  /** Company that tells of it. */
  readonly sender?: string
  readonly at?: string
}

export interface IncomingPayment {
  readonly kind: 'payment'
  readonly account: string
  readonly bankKey: string
  readonly direction: 'credit' | 'debit'
  readonly amount: Minor
  readonly currency: string
  readonly bookedOn?: LocalDate
  readonly valueOn?: LocalDate
  readonly counterName?: string
  readonly counterAccount?: string
  readonly reference?: string
  readonly endToEndId?: string
  readonly message?: string
  readonly method: string
  readonly channel?: string
  readonly reversal: boolean
  /** Which kind of bank statement it stands in (`camt.053`, `mt940`); absent for other files. */
  readonly origin?: string
  /** The entry of many payments that it is the sum or a detail of. */
  readonly entry?: CollectiveEntry
}

export interface IncomingCustomer {
  readonly kind: 'customer'
  /** Id of the customer that Orderly asked a number for (N18). */
  readonly madeAs?: string
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
}

export interface IncomingStore {
  readonly kind: 'store'
  readonly code: string
  readonly name?: string
  readonly company?: string
  readonly email?: string
  readonly mobile?: string
  readonly phone?: string
  readonly fax?: string
  readonly calendar?: string
  readonly timeZone?: string
  readonly location?: string
  readonly language?: string
  readonly workflow?: string
  readonly salesperson?: string
  readonly billTo?: string
  readonly prepaymentAccount?: string
  readonly url?: string
  readonly latitude?: DecimalText
  readonly longitude?: DecimalText
  readonly address?: Address
  readonly fields?: Readonly<Record<string, string>>
}

/** The ERP's answer to an instruction: the number it gave, or why it refused. */
export interface IncomingAcknowledgement {
  readonly kind: 'acknowledgement'
  /** What is answered: an invoice or dispatch instruction, a clearing file. */
  readonly about: 'invoice' | 'dispatch' | 'clearing' | 'stock' | 'customer'
  /** Id of the instruction as exported (`inv_…`), or the order's number; of clearing an entry (`clr_…`) or the name of a file. */
  readonly document: string
  readonly accepted: boolean
  /** Number that the ERP gave (invoice number). */
  readonly number?: string
  readonly reason?: string
}

/** A row of a mapping table: what the collecting company calls a customer or an item of another one (N16). */
export interface IncomingMapping {
  readonly kind: 'mapping'
  readonly action: 'set' | 'remove'
  readonly about: 'customer' | 'item'
  readonly company: string
  /** Store or company whose orders are meant; `*` for all. */
  readonly from: string
  readonly key: string
  /** '' where the row is taken away. */
  readonly target: string
  readonly targetVariant?: string
  readonly description?: string
}

/** How much of an item lies at a location (N09). */
export interface IncomingStock {
  readonly kind: 'stock'
  /** Stock location; that of the store where the file names a store. */
  readonly location?: string
  readonly store?: string
  readonly sku: string
  readonly variant?: string
  readonly quantity: DecimalText
  /** Date, or ISO 8601 instant. */
  readonly at?: string
}

export const commandVerbs = [
  'confirm',
  'reject',
  'deliver',
  'return',
  'setStatus',
  'markPaid',
  'match',
  'unmatch',
  'ignore',
  'apply',
  'rollBack',
  'sendMessage',
  'cancelMessage',
  'retryMessage',
] as const

/** States of a parcel, in the order in which it comes to them; it never goes back. */
export const shipmentStates = [
  'dispatched',
  'inTransit',
  'failedAttempt',
  'readyForPickup',
  'delivered',
  'returned',
] as const
export type ShipmentState = (typeof shipmentStates)[number]

/** What a carrier says about a parcel (F27). */
export interface IncomingShipment {
  readonly kind: 'shipment'
  /** The order's number as written, or the id of the dispatch instruction (`dsp_…`). */
  readonly order: string
  /** Only orders of this channel are meant; any when absent. */
  readonly channel?: string
  readonly state: ShipmentState
  readonly carrier?: string
  readonly trackingNumber?: string
  /** An http or https address. */
  readonly trackingUrl?: string
  readonly reason?: string
  /** Date, or ISO 8601 instant. */
  readonly at?: string
}

/** A document that the ERP issued: asked for or not. */
export interface IncomingInvoice {
  readonly kind: 'invoice'
  readonly type: 'invoice' | 'proforma' | 'creditNote'
  readonly number: string
  /** The order's number as written. */
  readonly order: string
  /** Only orders of this channel are meant; any when absent. */
  readonly channel?: string
  readonly state?: 'issued' | 'cancelled'
  readonly date?: LocalDate
  readonly dueDate?: LocalDate
  /** Total; that of the order when absent. */
  readonly amount?: Minor
  readonly currency?: string
  readonly reference?: string
  /** Name of the PDF file, without a folder. */
  readonly pdf?: string
  /** Number of the document that it follows or credits. */
  readonly refersTo?: string
}

/** What a person would type on the command line, as a row of a file. */
export interface IncomingCommand {
  readonly kind: 'command'
  readonly verb: (typeof commandVerbs)[number]
  /** The sender's own id: the same one again is the same command. */
  readonly key?: string
  /** The order's number as written. */
  readonly order?: string
  readonly channel?: string
  /** Id of a payment, or the bank's reference together with `account`. */
  readonly payment?: string
  readonly account?: string
  /** Id of a message (`msg_…`). */
  readonly message?: string
  readonly status?: string
  readonly workflow?: string
  /** Number of the event after which an order is to stand (rollBack); before its last change when absent. */
  readonly to?: number
  /** Whether a roll back frees the order's payments, too. */
  readonly freePayments?: boolean
  /** Canonical decimal, in the currency of the order or payment. */
  readonly amount?: DecimalText
  readonly method?: string
  readonly date?: LocalDate
  readonly documentType?: string
  readonly documentNumber?: string
  /** Of deliver and return: lines and quantities, when not all. */
  readonly lines?: readonly LineQuantity[]
  readonly reason?: string
}

/** A number or address that wants no messages, or wants them again. */
export interface IncomingOptOut {
  readonly kind: 'optOut'
  readonly action: 'add' | 'remove'
  readonly channel: Channel
  /** E.164, or a mail address in lower case. */
  readonly address: string
  readonly reason?: string
}

export type Incoming =
  | IncomingCommand
  | IncomingInvoice
  | IncomingShipment
  | IncomingOrder
  | IncomingStatus
  | IncomingPayment
  | IncomingStatement
  | IncomingCustomer
  | IncomingStore
  | IncomingAcknowledgement
  | IncomingMapping
  | IncomingOptOut
  | IncomingStock
