/**
 * The SQL of the audit: every table once, page by page in the order of its keys, and what belongs to a page.
 *
 * Reads only. Pages are ranges of keys, so that a page costs the same at the end of a large table as at its
 * beginning; what belongs to a page is found through an index. The exceptions count or look for gaps.
 */
import { query } from './sqlite.ts'

const inList = 'in (select value from json_each(?))'

// The history as a whole

interface Extent {
  readonly count: number
  readonly last: number | null
}
export const eventExtent = query<Extent>('select count(*) as count, max(seq) as last from event')
export const messageExtent = query<Extent>('select count(*) as count, max(key) as last from message')
export const lineExtent = query<Extent>('select count(*) as count, max(seq) as last from export_line')
export const fileExtent = query<Extent>('select count(*) as count, max(key) as last from file')
export const lastNumber = query<{ seq: number }>('select seq from sqlite_sequence where name = ?')
export interface GapRow {
  /** The first and the last number that are missing. */
  readonly first: number
  readonly last: number
}
const gapsIn = (table: string, key: string): string => `
  select previous + 1 as first, ${key} - 1 as last from (
    select ${key}, lag(${key}, 1, 0) over (order by ${key}) as previous from ${table})
  where ${key} > previous + 1 order by ${key} limit ?`
export const eventGaps = query<GapRow>(gapsIn('event', 'seq'))
export const messageGaps = query<GapRow>(gapsIn('message', 'key'))
export const lineGaps = query<GapRow>(gapsIn('export_line', 'seq'))
export const fileGaps = query<GapRow>(gapsIn('file', 'key'))
export const eventsBeforeCause = query<{ seq: number; because: number }>(
  'select seq, because from event where because >= seq order by seq limit ?',
)

// Records with their events

export interface AuditRecordRow {
  readonly key: number
  readonly id: string
  readonly kind: string
  readonly state: string
  readonly version: number
  readonly created_at: number
  readonly refs: string
  readonly data: string
}
const record = 'select key, id, kind, state, version, created_at, refs, data from record'
export const recordPage = query<AuditRecordRow>(`${record} where key > ? order by key limit ?`)
export const belongingTo = query<AuditRecordRow & { owner: string }>(`
  select reference.value as owner, record.key, record.id, record.kind, state, version, created_at, refs, data
  from reference join record on record.key = reference.record
  where reference.name = 'order' and reference.value ${inList} order by reference.value, record.key`)
/** Records that belong to an order that is not there. */
export const ownerless = query<{ id: string; kind: string; owner: string }>(`
  select record.id, record.kind, reference.value as owner
  from reference join record on record.key = reference.record
  where reference.name = 'order' and not exists (select 1 from record as owner where owner.id = reference.value)
  limit ?`)
export const namesOfRecord = query<{ kind: string; name: string; value: string }>(
  'select kind, name, value from reference where record = ? order by name limit 5',
)
export const countReferences = query<{ count: number }>('select count(*) as count from reference')
/** Names that a record has and under which it is not found. */
export const lostReferences = query<{ id: string; name: string; value: string }>(`
  select record.id, json_extract(ref.value, '$[0]') as name, json_extract(ref.value, '$[1]') as value
  from record, json_each(record.refs) as ref
  where not exists (select 1 from reference where name = json_extract(ref.value, '$[0]')
    and reference.value = json_extract(ref.value, '$[1]') and kind = record.kind and record = record.key)
  limit ?`)
/** Names under which a record is found that it does not have. */
export const foreignReferences = query<{ id: string | null; name: string; value: string }>(`
  select record.id, reference.name, reference.value from reference left join record on record.key = reference.record
  where not exists (select 1 from json_each(record.refs) as ref
    where json_extract(ref.value, '$[0]') = reference.name and json_extract(ref.value, '$[1]') = reference.value)
  limit ?`)

export const ordersCalled = query<{ id: string; channel: string }>(`
  select id, data ->> '$.channel' as channel from record where key in (
    select record from reference where name in ('number', 'externalNumber') and value = ? and kind = 'order')`)

export interface AuditEventRow {
  readonly seq: number
  readonly about: number | null
  readonly subject: string | null
  readonly name: string
  readonly cause: number
  readonly row: number | null
  readonly because: number | null
  readonly data: string | null
}
/** Most events change nothing: what they say besides, such as their rule, is not read. */
const event = `select seq, about, subject, name, cause, row, because,
  iif(instr(data, '"after":') + instr(data, '"before":') > 0, data, null) as data from event`
export const eventsAbout = query<AuditEventRow>(`${event} where about > ? and about <= ? order by about, seq`)
export const eventsOfSubjects = query<AuditEventRow>(`${event} where subject ${inList} order by subject, seq`)
export interface AuditCauseRow {
  readonly actor: string
  readonly config_hash: string
  readonly file: string
  readonly file_id: string
}
export const causeByKey = query<AuditCauseRow>('select actor, config_hash, file, file_id from cause where key = ?')

/** Events of messages, import files and export files that are not there. */
const missing = (prefix: string, table: string, names: string): string => `
  select subject, min(seq) as seq, group_concat(name, ', ') as names from event
  where subject in (
      select told.subject from event as told where told.subject > '${prefix}_' and told.subject < '${prefix}_~'
        and not exists (select 1 from ${table} where ${table}.id = told.subject)) and ${names}
  group by subject order by min(seq) limit ?`
export interface MissingRow {
  readonly subject: string
  readonly seq: number
  readonly names: string
}
export const missingMessages = query<MissingRow>(missing('msg', 'message', "name like 'message.%'"))
export const missingFiles = query<MissingRow>(missing('fil', 'file', "name like 'import.%'"))
export const missingExportFiles = query<MissingRow>(
  missing('xfl', 'export_file', "name in ('export.written', 'export.held', 'export.repeated')"),
)

// Timers

export interface AuditTimerRow {
  readonly id: string
  readonly name: string
  readonly subject: string
  readonly due_at: number
}
export const liveTimersOf = query<AuditTimerRow>(
  `select id, name, subject, due_at from timer where done_at is null and subject ${inList}`,
)
/** Live timers of records and messages that are not there. */
export const strayTimers = query<AuditTimerRow>(`
  select id, name, subject, due_at from timer
  where done_at is null and not exists (select 1 from record where id = timer.subject)
  and not exists (select 1 from message where id = timer.subject) order by key limit ?`)
export const countDueTimers = query<{ count: number; oldest: number | null }>(
  'select count(*) as count, min(due_at) as oldest from timer where done_at is null and due_at <= ?',
)

// Messages

export interface AuditMessageRow {
  readonly key: number
  readonly id: string
  readonly dedupe_key: string
  readonly channel: string
  readonly state: string
  readonly reason: string | null
  readonly subject: string
  readonly created_at: number
  readonly due_at: number
  readonly taken_at: number | null
  readonly finished_at: number | null
  readonly attempts: number
  readonly because: number | null
  readonly template: string | null
  readonly content: 'mail' | 'sms' | null
  readonly recipients: number | null
  /** Parts that an SMS has. */
  readonly parts: number | null
  /** 1: the record that it is about is there. */
  readonly about: number
}
/** Looks into the content without reading it: attachments may be large. */
export const messagePage = query<AuditMessageRow>(`
  select key, id, dedupe_key, channel, state, reason, subject, created_at, due_at, taken_at, finished_at, attempts, because,
    data ->> '$.template' as template, json_array_length(data, '$.recipients') as recipients, data ->> '$.sms.parts' as parts,
    iif(json_type(data, '$.mail') = 'object', 'mail', iif(json_type(data, '$.sms') = 'object', 'sms', null)) as content,
    exists (select 1 from record where id = message.subject) as about
  from message left join message_content on message_content.message = message.key
  where key > ? order by key limit ?`)

export interface AuditPartRow {
  readonly message: number
  readonly part: number
  readonly state: string
}
export const partsBetween = query<AuditPartRow>(
  'select message, part, state from part where message > ? and message <= ? order by message, part',
)
/** Receipts that were matched to a part that is not there, or whose final word did not reach it. */
export const strayReceipts = query<{
  key: number
  message: string
  part: number
  state: string
  found: string | null
}>(`
  select receipt.key, receipt.message, receipt.part, receipt.state, part.state as found
  from receipt left join message on message.id = receipt.message
    left join part on part.message = message.key and part.part = receipt.part
  where receipt.message is not null and (part.state is null or (receipt.state = 'delivered' and part.state <> 'delivered'))
  order by receipt.key limit ?`)

// Import files

export interface AuditFileRow {
  readonly key: number
  readonly id: string
  readonly import: string
  readonly name: string
  readonly size: number
  readonly sha256: string
  readonly state: string
  readonly position: number
  readonly read: number
  readonly applied: number
  readonly repeated: number
  readonly updated: number
  readonly parked: number
  readonly refused: number
  readonly first_at: number
  readonly last_at: number
}
export const filePage = query<AuditFileRow>('select * from file where key > ? order by key limit ?')
export const fileKey = query<{ key: number }>('select key from file where id = ?')
export const filesByHash = query<{ sha256: string }>(`select sha256 from file where sha256 ${inList}`)
export const filesById = query<{ id: string }>(`select id from file where id ${inList}`)

// Exports

export interface AuditLineRow {
  readonly seq: number
  readonly id: string
  readonly export: string
  readonly dedupe_key: string
}
export const linePage = query<AuditLineRow>(
  'select seq, id, export, dedupe_key from export_line where seq > ? order by seq limit ?',
)
/** Lines whose cause is missing. */
export const causelessLines = query<{ id: string; because: number | null }>(`
  select id, because from export_line
  where because is null or not exists (select 1 from event where event.seq = export_line.because) order by seq limit ?`)
/** Voided lines that are in a file all the same, or whose voiding has no event. */
export const wrongVoids = query<{ id: string; file: number | null; because: number | null }>(`
  select id, file, voided_because as because from export_line
  where voided is not null and (file is not null
    or not exists (select 1 from event where event.seq = export_line.voided_because)) order by seq limit ?`)
/** Records that lines are about and that are not there, with the number of lines. */
export const missingSubjects = query<{ subject: string; count: number }>(`
  select subject, count(*) as count from export_line
  where not exists (select 1 from record where record.id = export_line.subject) group by subject limit ?`)
export type LineHead = Pick<AuditLineRow, 'export' | 'dedupe_key'> & { readonly subject: string }
export const linesAbout = query<LineHead>(`select export, dedupe_key, subject from export_line where subject ${inList}`)
export const fieldsOfFile = query<{ fields: string }>('select fields from export_line where file = ? order by seq')
export interface AuditExportRow {
  readonly key: number
  readonly id: string
  readonly export: string
  readonly sequence: number
  readonly name: string
  readonly state: string
  readonly taken_at: number
  readonly finished_at: number | null
  readonly sha256: string | null
  readonly lines: number
  readonly reason: string | null
  /** Lines that say they are in it, and those of them that are another export's. */
  readonly held: number
  readonly foreign_lines: number
}
export const exportPage = query<AuditExportRow>(`
  select export_file.*,
    (select count(*) from export_line where file = export_file.key) as held,
    (select count(*) from export_line where file = export_file.key and export <> export_file.export) as foreign_lines
  from export_file where (export, sequence) > (?, ?) order by export, sequence limit ?`)
export const exportNames = query<{ name: string }>(`select distinct name from export_file where name ${inList}`)
export const isWriting = query<{ key: number }>("select key from export_file where id = ? and state = 'writing'")
