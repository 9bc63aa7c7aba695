/**
 * What an import file says, record by record, after it was read and checked.
 *
 * `RawRecord` is what every format yields: canonical field names and text. `Incoming` is what
 * the interpreter of a kind makes of it: typed, with amounts in minor units. A record that
 * cannot be understood becomes problems, never a guess.
 */
import type { LocalDate } from './date.ts'
import type { DecimalText, Minor } from './money.ts'
import type { Address, OrderLine, Party } from './order.ts'
import type { Problem } from './problem.ts'

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
  readonly note?: string
  readonly publicUrl?: string
  readonly fields?: Readonly<Record<string, string>>
  readonly lines: readonly OrderLine[]
}

/** A change of an order's status, or a store's answer (confirmed, rejected, delivered). */
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
}

export interface IncomingCustomer {
  readonly kind: 'customer'
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
  readonly calendar?: string
  readonly location?: string
  readonly language?: string
  readonly address?: Address
  readonly fields?: Readonly<Record<string, string>>
}

/** The ERP's answer to an instruction: the number it gave, or why it refused. */
export interface IncomingAcknowledgement {
  readonly kind: 'acknowledgement'
  /** What is answered: an invoice or dispatch instruction, a clearing file. */
  readonly about: 'invoice' | 'dispatch' | 'clearing' | 'stock'
  /** Id of the instruction as exported (`inv_…`), or the order's number. */
  readonly document: string
  readonly accepted: boolean
  /** Number that the ERP gave (invoice number). */
  readonly number?: string
  readonly reason?: string
}

export const commandVerbs = [
  'confirm',
  'reject',
  'deliver',
  'setStatus',
  'markPaid',
  'match',
  'unmatch',
  'ignore',
  'apply',
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
  readonly status?: string
  readonly workflow?: string
  /** Canonical decimal, in the currency of the order or payment. */
  readonly amount?: DecimalText
  readonly method?: string
  readonly date?: LocalDate
  readonly documentType?: string
  readonly documentNumber?: string
  readonly reason?: string
}

export type Incoming =
  | IncomingCommand
  | IncomingInvoice
  | IncomingShipment
  | IncomingOrder
  | IncomingStatus
  | IncomingPayment
  | IncomingCustomer
  | IncomingStore
  | IncomingAcknowledgement
