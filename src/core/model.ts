/**
 * Everything else that the ledger keeps as a versioned record: payments, customers, stores,
 * invoices, clearing entries, stock movements, dispatch instructions, shipments, parked input, runs over many orders.
 *
 * Plain data; state changes only by the functions of `workflow/`. Under which names a record can
 * be found is in references.ts.
 */
import type { CollectiveEntry } from './collective-entry.ts'
import type { Clearing, ClearingFile } from './clearing.ts'
import type { Instant, LocalDate } from './date.ts'
import type {
  CommandId,
  CustomerId,
  DispatchId,
  InvoiceId,
  MovementId,
  OrderId,
  ParkedId,
  PaymentId,
  ShipmentId,
} from './ids.ts'
import type { IncomingCommand } from './incoming-command.ts'
import type { Incoming, ShipmentState } from './incoming.ts'
import type { Mapping } from './mapping.ts'
import type { DecimalText, Minor } from './money.ts'
import type { OptOut } from './opt-out.ts'
import type { Address, Order, Source } from './order.ts'
import type { Run } from './run.ts'
import type { StockLevel } from './stock-level.ts'
import type { Statement } from './statement.ts'
import type { Store } from './store.ts'

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

/** Where a line of the bank was seen: kind of statement (else the import), and the key that it has there. */
export interface SeenAs {
  readonly origin: string
  readonly key: string
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
  /** Which kind of bank statement it was first seen in (`camt.053`, `mt940`); absent for other files. */
  readonly origin?: string
  /** The same line as other statements of the bank have it: kind of statement or import, and its key there. */
  readonly alsoAs?: readonly SeenAs[]
  readonly state: PaymentState
  readonly allocations: readonly Allocation[]
  /** Matched rule and what it saw, or why nothing matched. */
  readonly evidence: readonly string[]
  /** Ids of candidates when ambiguous. */
  readonly candidates: readonly (OrderId | InvoiceId)[]
  readonly ignoredReason?: string
  /** The entry of many payments that it is the sum or a detail of. */
  readonly entry?: CollectiveEntry
  /** Of a sum: key of the entry whose details count in its place. */
  readonly inDetail?: string
  /** Of a detail: its sum settles something, so a person must say which of the two counts. */
  readonly contested?: PaymentId
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
  /** A customer that Orderly made from an order (N18): `new` until its company's ERP has given it a number. */
  readonly made?: 'new' | 'numbered' | 'refused'
  /** Of one that is `numbered`: the customer that it became. */
  readonly became?: CustomerId
  /** Of one that was made from an order: who calls it by which number there, for the mapping. */
  readonly knownAs?: { readonly from: string; readonly key: string }
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
  /** Of the whole document; positive, also of a credit note. */
  readonly amount: Minor
  readonly currency: string
  readonly date?: LocalDate
  readonly dueDate?: LocalDate
  /** Structured payment reference or variable symbol that stands on it. */
  readonly reference?: string
  /** Name of its PDF file, without a folder. */
  readonly pdf?: string
  /** The proforma of an invoice, the invoice of a credit note. */
  readonly refersTo?: InvoiceId
  readonly reason?: string
  /** Where it came from, when the ERP issued it unasked. */
  readonly source?: Source
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
  /** The movement that this one takes back. */
  readonly reverses?: MovementId
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export interface Carriage {
  readonly carrier: string
  readonly profile?: string
  readonly package?: string
  /** In kg. */
  readonly weight?: DecimalText
  readonly services: readonly string[]
}

export interface Dispatch {
  readonly kind: 'dispatch'
  readonly id: DispatchId
  readonly version: number
  readonly order: OrderId
  readonly orderNumber: string
  readonly to: string
  readonly state: 'created' | 'accepted' | 'refused' | 'cancelled'
  /** What the carrier is to collect, rounded as it rounds. */
  readonly cashOnDelivery?: Minor
  /** What the config said of the carrier when it was chosen. */
  readonly carriage?: Carriage
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** A parcel of an order, as its carrier tells of it (F27). Its state only goes forward. */
export interface Shipment {
  readonly kind: 'shipment'
  readonly id: ShipmentId
  readonly version: number
  readonly order: OrderId
  readonly orderNumber: string
  readonly state: ShipmentState
  readonly carrier?: string
  readonly trackingNumber?: string
  readonly trackingUrl?: string
  /** Why it was returned or not handed over. */
  readonly reason?: string
  /** Every state that was reported, in the order in which the reports came, with the time that they name. */
  readonly reported: readonly { readonly state: ShipmentState; readonly at?: string }[]
  readonly source: Source
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

/** A command that came by a file, and what became of it: each is carried out once. */
export interface CommandRecord {
  readonly kind: 'command'
  readonly id: CommandId
  readonly version: number
  /** The sender's id, else file and row. */
  readonly key: string
  /** `waiting`: to be carried out by what can look at more than records, in its turn. */
  readonly state: 'waiting' | 'done' | 'same' | 'refused'
  readonly command: IncomingCommand
  /** Ids of what it is about, while it waits: later commands about the same wait behind it. */
  readonly waitsAt?: readonly string[]
  readonly reason?: string
  readonly contentHash: string
  readonly source: Source
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export type Entity =
  | Order
  | Payment
  | Statement
  | Customer
  | Store
  | Invoice
  | Clearing
  | ClearingFile
  | Movement
  | Dispatch
  | Shipment
  | Mapping
  | OptOut
  | StockLevel
  | Parked
  | Run
  | CommandRecord
export type EntityKind = Entity['kind']
export type EntityOf<K extends EntityKind> = Extract<Entity, { kind: K }>
