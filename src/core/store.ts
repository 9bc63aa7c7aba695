/**
 * A store as a file brings it, and as it is recorded (N03, N07); those of the config have the same fields and win.
 *
 * Plain data.
 */
import type { Instant } from './date.ts'
import type { StoreId } from './ids.ts'
import type { DecimalText } from './money.ts'
import type { Address, Source } from './order.ts'

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
  /** Degrees as decimal text, north and east positive. */
  readonly latitude?: DecimalText
  readonly longitude?: DecimalText
  readonly address?: Address
  readonly fields?: Readonly<Record<string, string>>
}

/** A store as imported; stores of the config have the same fields and win over imported ones. */
export interface Store extends IncomingStore {
  readonly id: StoreId
  readonly version: number
  readonly contentHash: string
  readonly source: Source
  readonly createdAt: Instant
  readonly updatedAt: Instant
}
