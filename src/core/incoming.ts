/**
 * What an import file says, record by record, after it was read and checked.
 *
 * `RawRecord` is what every format yields: canonical field names and text. `Incoming` is what the interpreter of a kind
 * makes of it: typed, with amounts in minor units. A record that cannot be understood becomes problems, never a guess.
 */
import type { CollectiveEntry } from './collective-entry.ts'
import type { LocalDate } from './date.ts'
import type { IncomingCommand } from './incoming-command.ts'
import type { IncomingMapping } from './mapping.ts'
import type { DecimalText, Minor } from './money.ts'
import type { IncomingOptOut } from './opt-out.ts'
import type { Address, LineQuantity, OrderLine, Party } from './order.ts'
import type { Problem } from './problem.ts'
import type { IncomingStock } from './stock-level.ts'
import type { IncomingStatement } from './statement.ts'
import type { IncomingStore } from './store.ts'

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

/** The ERP's answer to an instruction: the number it gave, or why it refused. */
export interface IncomingAcknowledgement {
  readonly kind: 'acknowledgement'
  readonly about: 'invoice' | 'dispatch' | 'clearing' | 'stock' | 'customer'
  /** Id of the instruction (`inv_…`), or the order's number; of clearing an entry (`clr_…`) or the name of a file. */
  readonly document: string
  readonly accepted: boolean
  readonly number?: string
  readonly reason?: string
  /** Of a clearing file: how many entries it booked, and their sum with VAT. */
  readonly count?: DecimalText
  readonly amount?: DecimalText
  readonly currency?: string
}

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
