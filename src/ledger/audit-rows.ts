/**
 * The shapes in which the audit reads a ledger: rows, events with what they say, and pages of both.
 *
 * Types only.
 */
import type { AuditEventRow, AuditExportRow, AuditFileRow, AuditMessageRow } from './audit-statements.ts'
import type { AuditPartRow, AuditRecordRow } from './audit-statements.ts'
import type { TallyRow } from './statements.ts'

/** An event with what it says, as the audit compares it. */
export interface AuditEvent extends Omit<AuditEventRow, 'data' | 'cause'> {
  readonly actor: string
  readonly configHash: string
  /** '' where no file stood behind it. */
  readonly file: string
  readonly fileId: string
  readonly before: Values | undefined
  readonly after: Values | undefined
}
type Values = Readonly<Record<string, unknown>>

export interface RecordPage {
  readonly records: readonly AuditRecordRow[]
  /** By the key of the record, oldest first; keys without a record are those of records that are missing. */
  readonly events: ReadonlyMap<number, readonly AuditEvent[]>
}
export interface MessagePage {
  readonly messages: readonly AuditMessageRow[]
  readonly events: ReadonlyMap<string, readonly AuditEvent[]>
  readonly parts: ReadonlyMap<number, readonly AuditPartRow[]>
}
export interface FilePage {
  readonly files: readonly AuditFileRow[]
  readonly events: ReadonlyMap<string, readonly AuditEvent[]>
}
export interface ExportPage {
  readonly files: readonly AuditExportRow[]
  readonly events: ReadonlyMap<string, readonly AuditEvent[]>
}
export interface Tallies {
  readonly kept: readonly TallyRow[]
  readonly counted: readonly TallyRow[]
}
export type Numbered = 'event' | 'message' | 'export_line' | 'file'
