/**
 * Rows of the ledger to the values of `core`: plain objects with only the fields that are set.
 *
 * Rows of node:sqlite have no prototype and say null; nothing of them is handed out. What was written
 * by this program is trusted to have its shape; JSON that cannot be read throws SyntaxError.
 */
import type { FileCounts } from '../core/batch.ts'
import type { StoredEvent } from '../core/event.ts'
import type { ExportFileId, ExportLineId, FileId, MessageId, TimerId } from '../core/ids.ts'
import type { Message, NewMessage, Receipt } from '../core/message.ts'
import type { Entity } from '../core/model.ts'
import type { DueTimer, ExportFile, StoredExportLine, StoredFile, StoredPart } from './ledger.ts'
import type {
  EventRow,
  ExportFileRow,
  FileRow,
  LineRow,
  MessageRow,
  PartRow,
  ReceiptRow,
  RecordRow,
  TimerRow,
} from './statements.ts'

/** The frozen part of a message, stored apart from its state. */
export type MessageContent = Pick<
  NewMessage,
  | 'template'
  | 'templateHash'
  | 'language'
  | 'recipients'
  | 'droppedRecipients'
  | 'mail'
  | 'sms'
  | 'trace'
  | 'urgent'
  | 'transactional'
>

/** What an event holds besides its columns. */
export type EventDetail = Pick<StoredEvent, 'trace' | 'before' | 'after' | 'text'>

/** `{ name: value }`, or nothing where the database says null. */
const set = <K extends string, V>(name: K, value: V | null): { readonly [P in K]?: V } =>
  value === null ? {} : ({ [name]: value } as { readonly [P in K]?: V })

export const entityOf = (row: RecordRow): Entity => JSON.parse(row.data) as Entity

export function eventOf(row: EventRow): StoredEvent {
  return {
    seq: row.seq,
    subject: row.subject,
    name: row.name as StoredEvent['name'],
    at: row.at,
    cause: row.cause as StoredEvent['cause'],
    actor: row.actor,
    configHash: row.config_hash,
    ...set('because', row.because),
    ...(row.import !== '' && { source: sourceOf(row) }),
    ...(row.data === null ? {} : (JSON.parse(row.data) as EventDetail)),
  }
}

const sourceOf = (row: EventRow): NonNullable<StoredEvent['source']> => ({
  import: row.import,
  ...(row.file !== '' && { file: row.file }),
  ...(row.file_id !== '' && { fileId: row.file_id }),
  ...set('row', row.row),
})

export function messageOf(row: MessageRow): Message {
  return {
    id: row.id as MessageId,
    dedupeKey: row.dedupe_key,
    channel: row.channel as Message['channel'],
    state: row.state,
    ...set('reason', row.reason),
    subject: row.subject,
    createdAt: row.created_at,
    dueAt: row.due_at,
    ...set('expiresAt', row.expires_at),
    ...set('takenAt', row.taken_at),
    ...set('finishedAt', row.finished_at),
    attempts: row.attempts,
    ...set('account', row.account),
    ...set('response', row.response),
    settled: JSON.parse(row.settled) as Message['settled'],
    ...set('because', row.because),
    ...(JSON.parse(row.data) as MessageContent),
  }
}

export const partOf = (row: PartRow): StoredPart => ({
  message: row.message as MessageId,
  account: row.account,
  part: row.part,
  smscId: row.smsc_id,
  state: row.state,
  destination: row.destination,
})

export const receiptOf = (row: ReceiptRow): Receipt & { readonly id: number } => ({
  id: row.key,
  account: row.account,
  smscId: row.smsc_id,
  state: row.state as Receipt['state'],
  destination: row.destination,
  ...set('error', row.error),
  text: row.text,
  at: row.at,
})

export const timerOf = (row: TimerRow): DueTimer => ({
  id: row.id as TimerId,
  name: row.name,
  subject: row.subject,
  dueAt: row.due_at,
})

export const countsOf = (row: FileRow): FileCounts => ({
  read: row.read,
  applied: row.applied,
  repeated: row.repeated,
  updated: row.updated,
  parked: row.parked,
  refused: row.refused,
})

export const fileOf = (row: FileRow): StoredFile => ({
  id: row.id as FileId,
  import: row.import,
  name: row.name,
  size: row.size,
  sha256: row.sha256,
  state: row.state,
  position: row.position,
  counts: countsOf(row),
  firstAt: row.first_at,
  lastAt: row.last_at,
})

export const lineOf = (row: LineRow): StoredExportLine => ({
  id: row.id as ExportLineId,
  seq: row.seq,
  export: row.export,
  subject: row.subject,
  fields: JSON.parse(row.fields) as StoredExportLine['fields'],
  ...set('file', row.file as ExportFileId | null),
  ...set('because', row.because),
  ...(row.voided !== null && { voided: { reason: row.voided, ...set('because', row.voided_because) } }),
})

export const exportFileOf = (row: ExportFileRow): ExportFile => ({
  id: row.id as ExportFileId,
  export: row.export,
  sequence: row.sequence,
  name: row.name,
  state: row.state,
  takenAt: row.taken_at,
  ...set('finishedAt', row.finished_at),
  ...set('sha256', row.sha256),
  lines: row.lines,
  ...set('reason', row.reason),
})
