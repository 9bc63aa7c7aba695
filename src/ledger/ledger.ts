/**
 * The ledger: what Orderly knows, and the only way to change it.
 *
 * `commit` writes a batch in one transaction; `take` and `takeExport` lease due work; the rest
 * reads. The interface is asynchronous so that another database can stand behind it. No callback
 * runs inside a transaction. Errors of the database are thrown with their cause.
 */
import type { Batch, CommitResult, ExportFields, FileCounts } from '../core/batch.ts'
import type { Instant } from '../core/date.ts'
import type { StoredEvent } from '../core/event.ts'
import type { ExportFileId, ExportLineId, FileId, MessageId, TimerId } from '../core/ids.ts'
import type { Lookup, Snapshot } from '../core/known.ts'
import type { Channel, Message, MessageState, Receipt } from '../core/message.ts'
import type { Entity, EntityKind, EntityOf } from '../core/model.ts'
import type { ReferenceName } from '../core/references.ts'

export interface StoredFile {
  readonly id: FileId
  readonly import: string
  readonly name: string
  readonly size: number
  readonly sha256: string
  readonly state: 'importing' | 'done' | 'partial' | 'rejected'
  /** Records committed so far. */
  readonly position: number
  readonly counts: FileCounts
  readonly firstAt: Instant
  readonly lastAt: Instant
}

/** A message leased for sending, with the parts that were accepted before (SMS). */
export interface DueMessage extends Message {
  readonly acceptedParts: readonly { readonly part: number; readonly smscId: string }[]
}

/** Which of the due SMS an account takes: those that it has parts of, and those whose number it is the way to. */
export interface Lane {
  readonly account: string
  /** All that there are: what is bound to another one is free. */
  readonly accounts: readonly string[]
  /** The first whose prefix the number begins with decides; '' fits all. */
  readonly routes: readonly { readonly prefix: string; readonly mine: boolean }[]
}

/** Of all that is due: those of a lane, or those that are too old to be sent. */
export type Choice = Lane | 'overdue'

export interface DueTimer {
  readonly id: TimerId
  readonly name: string
  readonly subject: string
  readonly dueAt: Instant
}

export interface StoredExportLine {
  readonly id: ExportLineId
  /** Ever growing number over all exports: the order of lines in files. */
  readonly seq: number
  readonly export: string
  readonly subject: string
  readonly fields: ExportFields
  readonly file?: ExportFileId
  /** Sequence number of the event that led to it. */
  readonly because?: number
  /** It is never written: why, and the event that says so. */
  readonly voided?: { readonly reason: string; readonly because?: number }
}

/** A file that is to be written: sequence and name are fixed when it is taken. */
export interface ExportFile {
  readonly id: ExportFileId
  readonly export: string
  /** 1, 2, 3 … without a gap. */
  readonly sequence: number
  readonly name: string
  readonly state: 'writing' | 'written' | 'held'
  readonly takenAt: Instant
  readonly finishedAt?: Instant
  readonly sha256?: string
  readonly lines: number
  readonly reason?: string
}

/** Which open lines a file is made of. */
export interface LinesToTake {
  /** Only of parts from this text on, and before the other; any when absent. */
  readonly from?: string
  readonly before?: string
  /** Lines of one cause are not torn apart where `maxLines` ends, unless they alone are more. */
  readonly whole?: boolean
}

export interface RecordFilter {
  readonly kind: EntityKind
  /** Exact values of top-level or dotted fields, e.g. `status`, `collect.processing`. */
  readonly where?: Readonly<Record<string, string>>
  /** Least and largest value of text fields, both included: dates as `yyyy-MM-dd`. */
  readonly between?: Readonly<Record<string, { readonly from?: string | undefined; readonly to?: string | undefined }>>
  /** Secondary names that the record has, each with any of the values (references.ts). */
  readonly named?: readonly {
    readonly names: readonly ReferenceName[]
    readonly values: readonly string[]
    /** Or a text field of the record holds the first of the values, in any case of letters. */
    readonly orIn?: string
  }[]
  readonly number?: string
  readonly since?: Instant
  readonly until?: Instant
  readonly after?: string
  /** Secondary names that the record must not have. */
  readonly notNamed?: readonly { readonly name: ReferenceName; readonly value: string }[]
  /** Fields to sort by in place of the order of arrival: the first that is set counts, none comes last. Not with `after`. */
  readonly sortBy?: readonly string[]
  readonly limit: number
}

export interface MessageFilter {
  readonly channel?: Channel
  readonly states?: readonly MessageState[]
  readonly subject?: string
  readonly limit: number
}

export interface QueueDepth {
  readonly channel: Channel
  readonly state: MessageState
  readonly count: number
  readonly oldest: Instant
}

export interface Totals {
  /** Orders at collecting stores by their state there, archived ones left out; `waiting`: not there yet (N56). */
  readonly atStores: readonly { readonly state: string; readonly count: number }[]
  readonly records: readonly { readonly kind: EntityKind; readonly state: string; readonly count: number }[]
  readonly messages: readonly QueueDepth[]
  readonly files: readonly {
    readonly import: string
    readonly state: StoredFile['state']
    readonly count: number
    readonly counts: FileCounts
  }[]
  readonly exports: readonly {
    readonly export: string
    readonly open: number
    readonly writing: number
    readonly held: number
    readonly written: number
    readonly lines: number
    /** Lines that are never written. */
    readonly voided: number
    readonly lastSequence: number
  }[]
  readonly timers: number
  readonly receiptsUnmatched: number
}

export interface Ledger extends AsyncDisposable {
  /** Loads everything asked for; ids and references that do not exist are remembered as absent. */
  load(lookups: readonly Lookup[]): Promise<Snapshot>
  /**
   * Writes the batch or nothing. With a snapshot, records that it held must be unchanged and its
   * references must find the same ids, else `conflict`. A file slice already counted: `already`; one that
   * comes before what stands before it in the file: `early`.
   */
  commit(batch: Batch, basis?: Snapshot): Promise<CommitResult>

  /** Leases due messages: `queued` and due → `sending`. Oldest due first. */
  take(channel: Channel, limit: number, now: Instant, of?: Choice): Promise<readonly DueMessage[]>
  /** Messages found `sending` at start, by channel: to be recorded as unknown. */
  interrupted(channel: Channel): Promise<readonly DueMessage[]>
  /** When the next queued message of the channel is due. */
  nextDue(channel: Channel): Promise<Instant | undefined>
  /** Messages accepted or in flight since the instant, in all and to one address (caps). */
  sentSince(channel: Channel, since: Instant, address?: string): Promise<number>
  /** The same to each of these addresses, by their lower-case form; an address that got nothing is left out. */
  sentSinceTo(channel: Channel, since: Instant, addresses: readonly string[]): Promise<ReadonlyMap<string, number>>

  /** Which of these addresses, in compared form, want no messages. */
  optedOut(channel: Channel, addresses: readonly string[]): Promise<ReadonlySet<string>>
  /** Parts of SMS that were accepted since then, by the first of the prefixes that their numbers begin with ('' fits all). */
  partsSince(since: Instant, prefixes: readonly string[]): Promise<ReadonlyMap<string, number>>

  dueTimers(now: Instant, limit: number): Promise<readonly DueTimer[]>
  nextTimer(): Promise<Instant | undefined>
  /** Timers that will fall due until then, oldest first (`plan`). */
  timersUntil(until: Instant, limit: number): Promise<readonly DueTimer[]>

  /**
   * Takes all open lines of one part of the export for one new file, with the next sequence number and the
   * name made from both; undefined when no line is open. The lease and the numbering are one transaction.
   */
  takeExport(
    exportName: string,
    nameOf: (sequence: number, part: string) => string,
    now: Instant,
    maxLines: number,
    lines?: LinesToTake,
  ): Promise<ExportFile | undefined>
  /** Files in state `writing`: to be written, or looked for after a crash. */
  writingExports(exportName: string): Promise<readonly ExportFile[]>
  exportLines(file: ExportFileId): Promise<readonly StoredExportLine[]>
  openExportLines(exportName: string, limit: number): Promise<readonly StoredExportLine[]>
  exportFiles(exportName: string | undefined, limit: number): Promise<readonly ExportFile[]>
  lastSlot(schedule: string): Promise<Instant | undefined>

  file(id: FileId): Promise<StoredFile | undefined>
  files(importName: string | undefined, limit: number): Promise<readonly StoredFile[]>
  /** When the last file of the import was committed (missing-file alarm). */
  lastFileAt(importName: string): Promise<Instant | undefined>

  record<K extends EntityKind>(kind: K, id: string): Promise<EntityOf<K> | undefined>
  records(filter: RecordFilter): Promise<readonly Entity[]>
  message(id: MessageId): Promise<Message | undefined>
  messages(filter: MessageFilter): Promise<readonly Message[]>
  /** Stored parts of an SMS with the SMSC's ids and their state. */
  parts(id: MessageId): Promise<readonly StoredPart[]>
  /** Parts whose SMSC id is one of the candidates, newest first (receipts). */
  partsBySmscId(account: string, candidates: readonly string[]): Promise<readonly StoredPart[]>
  /** Receipts kept without a part, for ids that became known later. */
  unmatchedReceipts(
    account: string,
    candidates: readonly string[],
  ): Promise<readonly (Receipt & { readonly id: number })[]>

  /** History of a record, message or file, oldest first. */
  eventsOf(subject: string): Promise<readonly StoredEvent[]>
  event(seq: number): Promise<StoredEvent | undefined>
  /** Everything that points at the subject: messages, export lines, timers, records that refer to it. */
  aboutSubject(subject: string): Promise<{
    readonly messages: readonly Message[]
    readonly exportLines: readonly StoredExportLine[]
    readonly timers: readonly DueTimer[]
    readonly records: readonly Entity[]
  }>
  exportLine(id: ExportLineId): Promise<StoredExportLine | undefined>

  totals(): Promise<Totals>
  /** A number that grows with each commit by any process: a cheap hint that something may be due. */
  changeStamp(): Promise<number>
  /** Copies the ledger while it is in use; the copy is complete and checked. */
  backup(to: string): Promise<void>
  /** Checks of `doctor`: integrity, pragmas read back, schema version, SQLite version. */
  diagnose(): Promise<readonly { readonly check: string; readonly ok: boolean; readonly detail: string }[]>
  /** Merges the write-ahead log when nothing else is to be done. */
  checkpoint(): Promise<void>
}

export interface StoredPart {
  readonly message: MessageId
  readonly account: string
  readonly part: number
  readonly smscId: string
  /** `again`: it did not arrive, and is to be sent once more. */
  readonly state: 'accepted' | 'delivered' | 'undelivered' | 'again'
  readonly destination: string
}
