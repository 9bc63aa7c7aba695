/**
 * A batch: everything that one cause changes, as a plain value.
 *
 * Pure functions make it, `ledger.commit` writes it in one transaction, `--dry-run` and `plan`
 * print it. Order matters only in `events` (others refer to them by index) and `exports`
 * (lines keep their order in the file).
 */
import type { Instant } from './date.ts'
import type { Cause, NewEvent, RuleTrace } from './event.ts'
import type { ExportFileId, ExportLineId, FileId, MessageId, TimerId } from './ids.ts'
import type { Message, MessageState, NewMessage, PartResult, Receipt, SettledRecipient } from './message.ts'
import type { Entity } from './model.ts'

/** A row for an export file, frozen when it is decided. Values are text, in canonical form. */
export interface NewExportLine {
  readonly id: ExportLineId
  readonly export: string
  /** Unique per export: the same effect decided twice is one line. */
  readonly dedupeKey: string
  readonly subject: string
  /** Canonical fields (decimals with a point, ISO dates); lists for documents with lines. */
  readonly fields: ExportFields
  /** Lines of different parts are in different files; '' when absent (core/file-part.ts). */
  readonly part?: string
  readonly trace?: RuleTrace
  readonly because?: number
}
export type ExportValue = string | ExportFields | readonly ExportValue[]
export interface ExportFields {
  readonly [name: string]: ExportValue | undefined
}

export interface NewTimer {
  readonly id: TimerId
  /** e.g. `collect.processing`. One live timer per subject and name: a new one replaces it. */
  readonly name: string
  readonly subject: string
  readonly dueAt: Instant
}

/** Progress of an import file: committed with the records of the slice, so that a slice counts once. */
export interface FileProgress {
  readonly id: FileId
  readonly import: string
  readonly name: string
  readonly size: number
  readonly sha256: string
  /** Records of the file that were committed before this slice; another value stored means `already`. */
  readonly from: number
  readonly to: number
  /** Set with the last slice. */
  readonly done?: 'done' | 'rejected' | 'partial'
  /** Added to the stored counts. */
  readonly counts: FileCounts
}
export interface FileCounts {
  readonly read: number
  readonly applied: number
  /** Same key, same content: ignored. */
  readonly repeated: number
  readonly updated: number
  readonly parked: number
  readonly refused: number
}

/** A change of a stored message by a delivery result, a receipt or a person. */
export interface MessageUpdate {
  readonly id: MessageId
  /** Only applied when the message is in one of these states; otherwise the batch is a conflict. */
  readonly from: readonly MessageState[]
  readonly state: MessageState
  readonly reason?: string
  readonly response?: string
  readonly dueAt?: Instant
  /** Tried again by a person: its maximum age counts anew from `dueAt`. */
  readonly renewed?: true
  /** True when this attempt counts against the limit. */
  readonly attempted?: boolean
  readonly finishedAt?: Instant
  readonly settled?: readonly SettledRecipient[]
  readonly parts?: readonly PartResult[]
  /** The account (system id) that took the parts; receipts are looked up by it. */
  readonly account?: string
  /** The number that the parts went to; that of the message's first recipient when absent. */
  readonly destination?: string
  /** Its recipients are forgotten: results and parts lose their addresses, too. */
  readonly erase?: true
  /** New frozen content, after a person edited a held message. */
  readonly content?: Pick<Message, 'mail' | 'sms' | 'recipients'>
}

export interface ExportFileUpdate {
  readonly id: ExportFileId
  readonly state: 'written' | 'held' | 'writing'
  readonly sha256?: string
  /** The stored hash is forgotten, so that the file counts as never placed and is written anew. */
  readonly forgetHash?: true
  readonly reason?: string
  readonly at: Instant
}

/** An export line that is not to be written any more; only while it is in no file, otherwise the batch is a conflict. */
export interface VoidedLine {
  readonly id: ExportLineId
  readonly reason: string
  /** Index in the batch of the event that led to it. */
  readonly because?: number
}

/** A receipt with the part that it was matched to; unmatched ones are kept and tried again. */
export interface ReceiptUpdate {
  readonly receipt: Receipt
  readonly message?: MessageId
  readonly part?: number
}

export interface SlotRun {
  readonly schedule: string
  readonly dueAt: Instant
  readonly ranAt: Instant
}

export interface Batch {
  readonly cause: Cause
  readonly at: Instant
  readonly put: readonly Entity[]
  readonly events: readonly NewEvent[]
  readonly messages: readonly NewMessage[]
  readonly exports: readonly NewExportLine[]
  readonly voidLines: readonly VoidedLine[]
  readonly timers: readonly NewTimer[]
  readonly cancelTimers: readonly { readonly subject: string; readonly name: string }[]
  /** Timers that fired and are done with this batch. */
  readonly firedTimers: readonly TimerId[]
  readonly files: readonly FileProgress[]
  readonly messageUpdates: readonly MessageUpdate[]
  readonly receipts: readonly ReceiptUpdate[]
  readonly exportFiles: readonly ExportFileUpdate[]
  readonly slots: readonly SlotRun[]
}

export type CommitResult =
  | { readonly kind: 'committed' }
  /** The file slice was committed before: nothing was written. */
  | { readonly kind: 'already' }
  /** Records of the file before the slice are not committed: nothing was written. */
  | { readonly kind: 'early'; readonly gap: string }
  /** Something that was read has changed since: nothing was written; decide again. */
  | { readonly kind: 'conflict'; readonly ids: readonly string[] }

/** A batch with nothing in it, to spread the parts over. */
export const emptyBatch = (cause: Cause, at: Instant): Batch => ({
  cause,
  at,
  put: [],
  events: [],
  messages: [],
  exports: [],
  voidLines: [],
  timers: [],
  cancelTimers: [],
  firedTimers: [],
  files: [],
  messageUpdates: [],
  receipts: [],
  exportFiles: [],
  slots: [],
})
