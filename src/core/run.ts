/**
 * A run over many orders, as the ledger keeps it: what is done, with which orders, and how far it is.
 *
 * Plain data, a versioned record as those of model.ts; committed with each slice by workflow/decide-bulk.ts.
 */
import type { Instant, LocalDate } from './date.ts'
import type { OrderId, RunId } from './ids.ts'
import type { Channel } from './message.ts'
import type { CollectState } from './order.ts'

/** What a person wants done with many orders at once. */
export type BulkVerb =
  | { readonly verb: 'apply'; readonly workflow: string }
  | { readonly verb: 'setStatus'; readonly status: string; readonly reason?: string }
  | { readonly verb: 'markPaid'; readonly method?: string; readonly date?: LocalDate }
  | { readonly verb: 'next' }
  | { readonly verb: 'send' }
  | { readonly verb: 'archive'; readonly force?: boolean }
  | { readonly verb: 'notify'; readonly whom: 'store' | 'customer' | 'both'; readonly state?: CollectState }
  | ({ readonly verb: 'tell' } & Broadcast)
  | ({ readonly verb: 'tellGroup'; readonly group: string } & Broadcast)

/** One text for many people; under one name nobody gets it twice. */
interface Broadcast {
  readonly name: string
  readonly template: string
  readonly channel: Channel
  readonly notBefore?: Instant
}

/** Work over many orders by one word of a person: how far it is, so that it goes on after a kill (F38). */
export interface Run {
  readonly kind: 'run'
  readonly id: RunId
  readonly version: number
  readonly state: 'running' | 'done'
  readonly bulk: BulkVerb
  /** Fields that the orders must have, as of `orders list --filter`. */
  readonly where: Readonly<Record<string, string>>
  readonly since?: Instant
  /** Orders that came after the run was begun are not of it. */
  readonly until: Instant
  /** Most orders to look at. */
  readonly limit?: number
  /** Messages are recorded as suppressed, and none is sent. */
  readonly noSend: boolean
  /** The last order that was looked at, in order of arrival. */
  readonly position?: OrderId
  readonly done: number
  readonly same: number
  readonly refused: number
  readonly createdAt: Instant
  readonly updatedAt: Instant
}
