/**
 * The history of one order as plain data, as a person's command needs it: events, records, messages, export lines.
 *
 * Loaded by the operator, since a decision can look up records only. Nothing is decided here; throws nothing.
 */
import type { StoredEvent } from '../../core/event.ts'
import type { ExportFields } from '../../core/batch.ts'
import type { ExportFileId, ExportLineId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'
import type { Entity } from '../../core/model.ts'
import type { Order } from '../../core/order.ts'

/** An export line as the ledger has it. */
export interface WrittenLine {
  readonly id: ExportLineId
  readonly export: string
  readonly fields: ExportFields
  readonly file?: ExportFileId
  readonly because?: number
  readonly voided?: { readonly reason: string }
}

export interface RecordHistory {
  readonly record: Entity
  /** Oldest first; the first one made it. */
  readonly events: readonly StoredEvent[]
  readonly lines: readonly WrittenLine[]
}

export interface OrderHistory {
  readonly order: Order
  readonly events: readonly StoredEvent[]
  /** What led to each of the events, nearest first. */
  readonly chains: ReadonlyMap<number, readonly StoredEvent[]>
  /** Everything that belongs to it. */
  readonly records: readonly RecordHistory[]
  readonly messages: readonly Message[]
  readonly lines: readonly WrittenLine[]
  /** Numbers of all events: those of the order, and those of what belongs to it. */
  readonly numbers: ReadonlySet<number>
}

/** Those records of one kind, with their history. */
export const ofKind = <K extends Entity['kind']>(
  history: OrderHistory,
  kind: K,
): readonly (RecordHistory & { readonly record: Extract<Entity, { kind: K }> })[] =>
  history.records.flatMap((each) =>
    each.record.kind === kind ? [{ ...each, record: each.record as Extract<Entity, { kind: K }> }] : [],
  )

/** When it came to be: the number of its first event. */
export const bornAt = ({ events }: RecordHistory): number => events[0]?.seq ?? 0
