/**
 * How much of an item lies where (N09): as recorded, and as a file brings it.
 *
 * Plain data; levels change by the files of workflow/stock only.
 */
import type { Instant } from './date.ts'
import type { StockLevelId } from './ids.ts'
import type { DecimalText } from './money.ts'
import type { Source } from './order.ts'

/** How much of an item lies at a location (N09): as the last file said, and moved on by what Orderly moves. */
export interface StockLevel {
  readonly kind: 'stockLevel'
  readonly id: StockLevelId
  readonly version: number
  /** Stock location, as stores name it. */
  readonly location: string
  readonly sku: string
  readonly variant?: string
  readonly quantity: DecimalText
  /** Reserved by Orderly since, and not to be promised again. */
  readonly reserved: DecimalText
  /** When it was counted, as the file says, else when the file came. */
  readonly at: Instant
  readonly source: Source
  readonly createdAt: Instant
  readonly updatedAt: Instant
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
