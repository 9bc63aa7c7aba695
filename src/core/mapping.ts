/**
 * The table that says what a collecting company calls the customers and items of another one (N16): a row as recorded,
 * and as a file brings it.
 *
 * Plain data; rows change by workflow/collect/change-mapping.ts and choose-customer.ts only.
 */
import type { Instant } from './date.ts'
import type { MappingId } from './ids.ts'
import type { Source } from './order.ts'

/** How a mapping came about; a rule never changes what a file or a person has said. */
export type MappedBy = 'rule' | 'file' | 'hand' | 'answer'

/** What the collecting company calls a customer or an item of another company (N16). */
export interface Mapping {
  readonly kind: 'mapping'
  readonly id: MappingId
  readonly version: number
  readonly about: 'customer' | 'item'
  /** The collecting company. */
  readonly company: string
  /** Store or company whose orders are meant; `*` for all. */
  readonly from: string
  /** The customer's or item's number as those orders state it; of an item with a variant `sku/variant`. */
  readonly key: string
  /** The number at the collecting company. */
  readonly target: string
  /** Of an item: its variant there. */
  readonly targetVariant?: string
  readonly description?: string
  readonly by: MappedBy
  readonly state: 'active' | 'removed'
  readonly actor: string
  readonly source: Source
  readonly createdAt: Instant
  readonly updatedAt: Instant
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
