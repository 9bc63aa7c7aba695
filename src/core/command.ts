/**
 * What a person may order, from the command line or a command file: one verb, one target.
 *
 * A command names the target by id or by its number as people write it; `operator` resolves it.
 */
import type { Instant } from './date.ts'
import type { InvoiceId, MappingId, MessageId, OrderId, PaymentId } from './ids.ts'
import type { IncomingMapping } from './mapping.ts'
import type { Minor } from './money.ts'
import type { IncomingOptOut } from './opt-out.ts'
import type { CollectState, LineQuantity } from './order.ts'

export type Command =
  | { readonly verb: 'confirm'; readonly order: OrderId }
  | { readonly verb: 'reject'; readonly order: OrderId; readonly reason?: string }
  | {
      readonly verb: 'deliver'
      readonly order: OrderId
      readonly documentType?: string
      readonly documentNumber?: string
      /** What is handed over; all that is left when absent. */
      readonly lines?: readonly LineQuantity[]
      /** Whatever the state at the store. */
      readonly force?: boolean
    }
  | {
      readonly verb: 'return'
      readonly order: OrderId
      readonly documentType?: string
      readonly documentNumber?: string
      /** What is brought back; all that was handed over when absent. */
      readonly lines?: readonly LineQuantity[]
      readonly reason?: string
    }
  | { readonly verb: 'next'; readonly order: OrderId }
  | { readonly verb: 'send'; readonly order: OrderId }
  | {
      readonly verb: 'notify'
      readonly order: OrderId
      readonly whom: 'store' | 'customer' | 'both'
      readonly state?: CollectState
    }
  | { readonly verb: 'archive'; readonly order: OrderId; readonly force?: boolean }
  | { readonly verb: 'setStatus'; readonly order: OrderId; readonly status: string; readonly reason?: string }
  | {
      readonly verb: 'markPaid'
      readonly order: OrderId
      readonly amount?: Minor
      readonly method?: string
      readonly date?: string
    }
  | {
      readonly verb: 'match'
      readonly payment: PaymentId
      readonly document: OrderId | InvoiceId
      readonly amount?: Minor
    }
  | { readonly verb: 'unmatch'; readonly payment: PaymentId; readonly reason?: string }
  | { readonly verb: 'ignore'; readonly payment: PaymentId; readonly reason: string }
  | { readonly verb: 'chooseStore'; readonly order: OrderId; readonly store: string }
  | ({ readonly verb: 'setMapping' } & Omit<IncomingMapping, 'kind' | 'action'>)
  | { readonly verb: 'removeMapping'; readonly mapping: MappingId }
  | ({ readonly verb: 'changeOptOut' } & Omit<IncomingOptOut, 'kind'>)
  | {
      readonly verb: 'sendMessage'
      readonly message: MessageId
      /** At once when absent. */
      readonly notBefore?: Instant
    }
  | { readonly verb: 'cancelMessage'; readonly message: MessageId; readonly reason?: string }
  | { readonly verb: 'retryMessage'; readonly message: MessageId }

/** A command that cannot be carried out: why, in one sentence. */
export interface Refused {
  readonly kind: 'refused'
  readonly reason: string
}
