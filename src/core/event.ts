/**
 * What happened, as the append-only history records it, and what caused it.
 *
 * Events are facts for people and for `orderly why`; they are also what the rules of the
 * workflows listen to. They are never replayed to build state: the records are the state.
 */
import type { Instant } from './date.ts'

export const eventNames = [
  'order.imported',
  'order.updated',
  'order.conflict',
  'order.statusChanged',
  'order.paid',
  'order.applied',
  'order.told', // a broadcast
  'order.rolledBack',
  'order.notified', // store or customer told once more, by hand
  'order.resent', // to its store, by hand
  'order.archived',
  'order.erased',
  'payment.received',
  'payment.matched',
  'payment.ambiguous',
  'payment.unmatched',
  'payment.partial',
  'payment.overpaid',
  'payment.reversed',
  'payment.unmatchedByHand',
  'payment.ignored',
  'payment.conflict',
  'payment.seenAgain',
  'payment.inDetail', // a sum whose details count in its place
  'payment.contested', // a detail whose sum settles something already
  'statement.received',
  'statement.replaced', // by one of the same number and day, with other balances
  'statement.gap', // what comes before it is missing
  'statement.linked', // what was missing before it has come
  'status.parked',
  'status.refused',
  'status.missing', // the other side's numbers have a gap
  'collect.pending',
  'collect.confirmed',
  'collect.rejected',
  'collect.processingExpired',
  'collect.partlyDelivered', // some lines or quantities; the rest waits
  'collect.delivered',
  'order.reminded',
  'order.forced', // handed over in a state that forbids it, by a person
  'collect.returned', // brought back, after it was handed over
  'collect.deliveryExpired',
  'clearing.posted',
  'clearing.reversed',
  'clearing.exported', // a file was written
  'clearing.acknowledged',
  'clearing.rejected',
  'clearing.corrected', // what was refused is to be written again
  'invoice.requested',
  'invoice.issued',
  'invoice.failed',
  'invoice.updated',
  'invoice.cancelled',
  'stock.moved',
  'dispatch.created',
  'dispatch.acknowledged',
  'dispatch.cancelled',
  'shipment.reported',
  'shipment.moved',
  'shipment.updated',
  'shipment.late', // a state that the parcel has passed: noted, without effect
  'shipment.refused',
  'customer.created',
  'customer.updated',
  'mapping.set', // by a file or a person
  'mapping.learned', // by a rule, or an answer of the ERP
  'mapping.removed',
  'store.imported',
  'stockLevel.counted',
  'stockLevel.moved',
  'order.storeChosen',
  'order.waits', // not at its store yet: a customer or an item is not mapped
  'optOut.added',
  'optOut.removed',
  'step.skipped',
  'command.waiting', // taken, to be carried out in its turn
  'command.done',
  'command.refused',
  'run.begun',
  'run.done',
  'message.queued',
  'message.held',
  'message.suppressed',
  'message.repeated', // planned once more under the same key: not sent twice
  'message.accepted',
  'message.delivered',
  'message.undelivered',
  'message.deferred',
  'message.refused',
  'message.unknown',
  'message.expired',
  'message.cancelled',
  'message.released',
  'message.attached',
  'message.edited',
  'export.written',
  'export.held',
  'export.unknown',
  'export.repeated',
  'export.acknowledged',
  'import.done',
  'import.rejected',
  'import.duplicate',
  'alarm.raised',
  'config.loaded',
  'config.rejected',
] as const
export type EventName = (typeof eventNames)[number]

/** Who or what stands behind a batch. */
export interface Cause {
  readonly kind: 'file' | 'clock' | 'person' | 'delivery'
  /** `daemon`, `cli:<user>` or `file:<import>`. */
  readonly actor: string
  readonly configHash: string
}

/** One condition of a rule with the value that it saw (C11, F36). */
export interface SeenCondition {
  readonly field: string
  readonly expected: string
  readonly seen: string
}

/** The rule behind an effect. */
export interface RuleTrace {
  readonly workflow: string
  /** Stable name within the workflow, e.g. `steps[2].invoice` or `customer.mail.pending`. */
  readonly rule: string
  readonly conditions: readonly SeenCondition[]
}

export interface NewEvent {
  readonly name: EventName
  /** Id of the record, message, file or export that it happened to. */
  readonly subject: string
  readonly at: Instant
  /** What stands in the file, when a file caused it. */
  readonly source?: { readonly import: string; readonly file?: string; readonly fileId?: string; readonly row?: number }
  readonly trace?: RuleTrace
  /** Changed fields only, as plain JSON values. */
  readonly before?: Readonly<Record<string, unknown>>
  readonly after?: Readonly<Record<string, unknown>>
  /** One sentence for people (≤ 250 characters), or the reason. */
  readonly text?: string
  /** Index in the same batch of the event that led to this one. */
  readonly because?: number
}

/** As stored: with its sequence number and the batch's cause. */
export interface StoredEvent extends Omit<NewEvent, 'because'> {
  readonly seq: number
  readonly actor: string
  readonly cause: Cause['kind']
  readonly configHash: string
  /** Sequence number of the event that led to this one. */
  readonly because?: number
}
