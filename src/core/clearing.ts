/**
 * Clearing as the ledger keeps it: entries between two companies, and the files that their ERPs got.
 *
 * Plain data; what arises and changes is decided in `workflow/collect` and `workflow/clearing`.
 */
import type { Instant, LocalDate } from './date.ts'
import type { ClearingFileId, ClearingId, OrderId } from './ids.ts'
import type { Minor } from './money.ts'

export type ClearingType = 'goods' | 'prepaymentTransfer' | 'storeReceipt' | 'fee' | 'reversal'

/**
 * `open`: in no file yet, or to be written again after a refusal. `void`: it never counts, together with
 * its counter-entry: it was taken back before it left, or after the ERP had refused it.
 */
export type ClearingState = 'open' | 'exported' | 'acknowledged' | 'rejected' | 'void'

/**
 * One side of a settlement between two companies (features 5.9). `net + vat = gross`; gross is
 * signed from the point of view of `company`: positive = claim. The entries of an order sum to zero.
 */
export interface Clearing {
  readonly kind: 'clearing'
  readonly id: ClearingId
  readonly version: number
  readonly type: ClearingType
  /** What it is about: its type, or that of the entry that it reverses. */
  readonly position: Exclude<ClearingType, 'reversal'>
  readonly state: ClearingState
  readonly order: OrderId
  readonly orderNumber: string
  readonly company: string
  readonly counterCompany: string
  readonly net: Minor
  readonly vat: Minor
  readonly gross: Minor
  readonly currency: string
  readonly event: 'delivery' | 'processing' | 'reversal'
  /** What all entries of one posting come to for the company; positive = the other company owes it. */
  readonly netDue: Minor
  /** How the goods are valued, when not at the sales price. */
  readonly basis?: 'cost' | 'percent'
  /** Lines and quantities that it is about, when not all: `1:2, 3:0.5`. */
  readonly lines?: string
  readonly reverses?: ClearingId
  /** Why it was reversed, or why the goods are not valued as the config says. */
  readonly reason?: string
  /** The last file that it was written to; `open` with a file: a corrected copy is to be written. */
  readonly file?: ClearingFileId
  /** How often it was written again after a refusal. */
  readonly copies?: number
  /** The number under which the ERP booked it. */
  readonly postedNumber?: string
  /** Why the ERP refused it, the last time. */
  readonly refusal?: string
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** Sums of one kind of entry in a clearing file, by which its reader checks it; without `type` the sum of all kinds. */
export interface ControlSum {
  readonly company: string
  readonly counterCompany: string
  readonly type?: ClearingType
  readonly currency: string
  readonly count: number
  readonly net: Minor
  readonly vat: Minor
  readonly gross: Minor
}

/** A clearing file as the ERP of a company got it, and what it said to it. */
export interface ClearingFile {
  readonly kind: 'clearingFile'
  readonly id: ClearingFileId
  readonly version: number
  readonly export: string
  /** 1, 2, 3 … of the export, without a gap. */
  readonly sequence: number
  readonly name: string
  /** `2026-11`, `2026-W47` or `2026-11-22`, where the export has a period. */
  readonly period?: string
  /** Days of the first and the last entry, or of the period. */
  readonly from: LocalDate
  readonly to: LocalDate
  readonly entries: readonly ClearingId[]
  readonly sums: readonly ControlSum[]
  /** `exported` until every entry is answered; `rejected` while a refused entry is not written again. */
  readonly state: 'exported' | 'acknowledged' | 'rejected' | 'corrected'
  /** Entries that the ERP accepted, and refused, by now. */
  readonly accepted: number
  readonly refused: number
  /** The file whose refused entries it holds once more. */
  readonly replaces?: ClearingFileId
  /** The number under which the ERP booked it. */
  readonly number?: string
  readonly reason?: string
  /** When the ERP must have answered. */
  readonly answerBy?: Instant
  readonly createdAt: Instant
  readonly updatedAt: Instant
}
