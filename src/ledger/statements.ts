/**
 * All SQL of the ledger but for the tables themselves (migrations/) and the filter of `records`.
 *
 * Plain SQL rather than kysely: of some eighty statements one is put together at run time, and loading
 * kysely costs each start and each command 0.2 s and 24 MB (`time node --input-type=module -e
 * "await import('kysely')"` against `-e 0`: 0.24 s and 67 MB against 0.03 s and 43 MB). Kept to what
 * PostgreSQL knows too (on conflict, returning, window-free), except for `json_each(?)` where it says `any($1)`.
 */
import type { MessageState } from '../core/message.ts'
import { query } from './sqlite.ts'

/** A list of texts or numbers bound as one JSON value. */
const inList = 'in (select value from json_each(?))'

// Meta and totals

export const bumpMeta = query('update meta set value = value + 1 where name = ?')
/** Changes no row, and fails all the same where nothing may be written. */
export const writeNothing = query("update meta set value = value where name = ''")
export const selectMeta = query<{ value: number }>('select value from meta where name = ?')

export const addTally = query(`
  insert into tally (what, name, state, count) values (?, ?, ?, ?)
  on conflict (what, name, state) do update set count = tally.count + excluded.count`)
export interface TallyRow {
  readonly what: string
  readonly name: string
  readonly state: string
  readonly count: number
}
/** Orders at a store by their state there; those that wait for a mapping before they go to one. */
export const countAtStores = query<{ state: string; count: number }>(
  `select case name when 'awaits' then 'waiting' else value end as state, count(*) as count from reference
   where kind = 'order' and (name = 'atStore' or (name = 'awaits' and value = '*')) group by 1 order by 1`,
)
export const selectTally = query<TallyRow>(
  'select what, name, state, count from tally where count <> 0 order by what, name, state',
)
export const countRecords = query<{ count: number }>(
  "select count from tally where what = 'record' and name = ? and state = ?",
)
/** Counts everything anew; must give the same rows as the tally. Reads whole tables. */
export const recount = query<TallyRow>(`
  select 'record' as what, kind as name, state, count(*) as count from record group by kind, state
  union all select 'message', channel, state, count(*) from message group by channel, state
  union all select 'timer', '', 'live', count(*) from timer where done_at is null having count(*) > 0
  union all select 'receipt', '', 'unmatched', count(*) from receipt where message is null having count(*) > 0
  union all select 'line', export, 'open', count(*) from export_line
    where file is null and voided is null group by export
  union all select 'line', export, 'voided', count(*) from export_line where voided is not null group by export
  union all select 'line', export, 'taken', taken from (
    select export, count(*) - (select count(*) from export_line as open
      where open.export = line.export and open.file is null and open.voided is null)
      - (select count(*) from export_line as gone where gone.export = line.export and gone.voided is not null) as taken
    from export_line as line group by export) where taken > 0
  union all select 'exportFile', export, state, count(*) from export_file group by export, state
  union all select 'file', import, state, count(*) from file group by import, state
  union all select 'file.read', import, state, sum(read) from file group by import, state having sum(read) > 0
  union all select 'file.applied', import, state, sum(applied) from file group by 2, 3 having sum(applied) > 0
  union all select 'file.repeated', import, state, sum(repeated) from file group by 2, 3 having sum(repeated) > 0
  union all select 'file.updated', import, state, sum(updated) from file group by 2, 3 having sum(updated) > 0
  union all select 'file.parked', import, state, sum(parked) from file group by 2, 3 having sum(parked) > 0
  union all select 'file.refused', import, state, sum(refused) from file group by 2, 3 having sum(refused) > 0
  order by 1, 2, 3`)

// Records

export const insertRecord = query(`
  insert into record (id, kind, state, version, created_at, refs, data) values (?, ?, ?, 1, ?, ?, ?)
  on conflict (id) do nothing`)
export const selectForUpdate = query<{ key: number; state: string; refs: string }>(
  'select key, state, refs from record where id = ? and kind = ? and version = ?',
)
export const updateRecord = query('update record set state = ?, version = ?, refs = ?, data = ? where key = ?')
export const deleteReference = query('delete from reference where name = ? and value = ? and kind = ? and record = ?')
export const insertReference = query(
  'insert into reference (name, value, kind, record) values (?, ?, ?, ?) on conflict do nothing',
)

export interface RecordRow {
  readonly id: string
  readonly kind: string
  readonly version: number
  readonly data: string
}
export const selectRecord = query<RecordRow>('select id, kind, version, data from record where id = ? and kind = ?')
export const selectRecords = query<RecordRow>(`select id, kind, version, data from record where id ${inList}`)
export const selectVersions = query<{ id: string; version: number }>(
  `select id, version from record where id ${inList}`,
)
const found = `from reference join record on record.key = reference.record
  where reference.name = ? and reference.value ${inList} and reference.kind = ?
  order by record.created_at, record.key`
export const selectOptedOut = query<{ id: string }>(
  `select id from record where id ${inList} and kind = 'optOut' and state = 'active'`,
)
export const selectByReference = query<RecordRow & { value: string }>(
  `select reference.value, record.id, record.kind, record.version, record.data ${found}`,
)
export const selectIdsByReference = query<{ value: string; id: string }>(`select reference.value, record.id ${found}`)
export const selectBelonging = query<RecordRow>(`
  select distinct record.key, record.id, record.kind, record.version, record.data
  from reference join record on record.key = reference.record
  where reference.name = 'order' and reference.value = ? order by record.key`)

// Events

export const insertCause = query(`
  insert into cause (kind, actor, config_hash, import, file, file_id) values (?, ?, ?, ?, ?, ?)`)
export const selectCause = query<{ key: number }>(`select key from cause
  where kind = ? and actor = ? and config_hash = ? and import = ? and file = ? and file_id = ?`)
export const insertEvent = query(
  'insert into event (about, subject, name, at, cause, row, because, data) values (?, ?, ?, ?, ?, ?, ?, ?)',
)
/** The event that plans a message which is there already says just that. */
export const renamePlanning = query("update event set name = 'message.repeated' where seq = ? and subject = ?")
export interface EventRow {
  readonly seq: number
  readonly subject: string
  readonly name: string
  readonly at: number
  readonly cause: string
  readonly actor: string
  readonly config_hash: string
  readonly import: string
  readonly file: string
  readonly file_id: string
  readonly row: number | null
  readonly because: number | null
  readonly data: string | null
}
const events = `select seq, coalesce(record.id, subject) as subject, name, at,
    cause.kind as cause, actor, config_hash, import, file, file_id, row, because, event.data
  from event join cause on cause.key = event.cause left join record on record.key = event.about`
/** Both values are the subject: only events that came with the record itself name it by key. */
export const selectEvents = query<EventRow>(`${events} where seq in (
    select seq from event where about = (select key from record where id = ?)
    union all select seq from event where subject = ?)
  order by seq`)
export const selectEvent = query<EventRow>(`${events} where seq = ?`)

// Messages

export const insertMessage = query(`
  insert into message
    (id, dedupe_key, channel, state, reason, subject, created_at, due_at, expires_at, destination, because)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`)
export const insertContent = query('insert into message_content (message, data) values (?, ?)')
export const selectContent = query<{ data: string }>('select data from message_content where message = ?')
/** What the events of an order say of its customer, before and after. */
export const erasePerson = query(
  `update event set data = json_remove(data, ${['customer', 'shipTo', 'note', 'publicUrl', 'fields', 'lines']
    .flatMap((field) => [`'$.before.${field}'`, `'$.after.${field}'`])
    .join(', ')}) where about = ? and data is not null`,
)
/** Personal data of an order whose time is over. */
export const eraseSettled = query("update message set settled = '[]' where key = ?")
export const eraseParts = query("update part set destination = '' where message = ?")
export const updateContent = query('update message_content set data = ? where message = ?')

export interface MessageHead {
  readonly key: number
  readonly channel: string
  readonly state: MessageState
  readonly due_at: number
  readonly created_at: number
  readonly taken_at: number | null
  readonly finished_at: number | null
  readonly response: string | null
  readonly settled: string
}
const head = 'key, channel, state, due_at, created_at, taken_at, finished_at, response, settled'
export const selectHead = query<MessageHead>(`select ${head} from message where id = ?`)
export const selectHeads = query<MessageHead & { id: string }>(`select id, ${head} from message where id ${inList}`)
export const updateMessage = query(`
  update message set state = ?, reason = ?, response = ?, due_at = ?, attempts = attempts + ?, finished_at = ?, settled = ?,
    expires_at = expires_at + ?
  where key = ?`)

export interface MessageRow extends MessageHead {
  readonly id: string
  readonly dedupe_key: string
  readonly reason: string | null
  readonly subject: string
  readonly expires_at: number | null
  readonly account: string | null
  readonly attempts: number
  readonly because: number | null
  readonly data: string
}
const messages = `select message.*, message_content.data
  from message join message_content on message_content.message = message.key`
export const selectMessage = query<MessageRow>(`${messages} where id = ?`)
export const selectMessagesAbout = query<MessageRow>(`${messages} where subject = ? order by key`)
export const selectMessagesInState = query<MessageRow>(
  `${messages} where state = ? and channel = ? order by created_at desc, key desc limit ?`,
)
export const selectNewestMessages = query<MessageRow>(`${messages} where channel ${inList} order by key desc limit ?`)
/** `+subject` would hide it: the index on the subject is the right one here. */
export const selectNewestAbout = query<MessageRow>(
  `${messages} where subject = ? and channel ${inList} and state ${inList} order by key desc limit ?`,
)
export const selectDue = query<MessageRow>(
  `${messages} where channel = ? and state = 'queued' and due_at <= ? order by due_at, key limit ?`,
)
/** Binds of a lane: its account, all accounts and the routes as JSON. The first route that fits the number decides. */
const inLane = `(account = ? or ((account is null or account not ${inList})
    and (select value ->> '$.mine' from json_each(?)
      where substr(destination, 1, length(value ->> '$.prefix')) = value ->> '$.prefix' order by key limit 1) = 1))`
export const selectDueInLane = query<MessageRow>(`${messages}
  where channel = ? and state = 'queued' and due_at <= ? and ${inLane} order by due_at, message.key limit ?`)
export const hasDueInLane = query<{ key: number }>(
  `select message.key from message where channel = ? and state = 'queued' and due_at <= ? and ${inLane} limit 1`,
)
/** Also such as wait for a later try. */
export const selectOverdue = query<MessageRow>(
  `${messages} where channel = ? and state = 'queued' and expires_at <= ? order by due_at, key limit ?`,
)
export const hasOverdue = query<{ key: number }>(
  "select key from message where channel = ? and state = 'queued' and expires_at <= ? limit 1",
)
export const selectSending = query<MessageRow>(`${messages} where state = 'sending' and channel = ? order by key`)
export const hasDue = query<{ key: number }>(
  "select key from message where channel = ? and state = 'queued' and due_at <= ? limit 1",
)
export const leaseMessages = query(
  `update message set state = 'sending', taken_at = ?, account = coalesce(?, account) where key ${inList}`,
)
/** Nothing of it is at its gateway: it may go another way. */
export const freeAccount = query(`update message set account = null where key = ?
  and not exists (select 1 from part where part.message = message.key and part.state <> 'again')`)
export const updateDestination = query('update message set destination = ? where key = ?')
export const minDue = query<{ due: number | null }>(
  "select min(due_at) as due from message where channel = ? and state = 'queued'",
)
export const minCreated = query<{ at: number | null }>(
  'select min(created_at) as at from message where state = ? and channel = ?',
)

/** The last value: pairs of an address and the key of its message. */
export const insertSent = query(`
  insert into sent (channel, address, at, message)
  select ?, value ->> 0, ?, value ->> 1 from json_each(?) where true on conflict do nothing`)
export const deleteSent = query('delete from sent where channel = ? and address = ? and at = ? and message = ?')
export const countSent = query<{ n: number }>(
  'select count(*) as n from sent where channel = ? and address = ? and at >= ?',
)
export const countSentTo = query<{ address: string; n: number }>(
  `select address, count(*) as n from sent where channel = ? and address ${inList} and at >= ? group by address`,
)
export const addSentTotal = query(`
  insert into sent_total (channel, at, count) values (?, ?, ?)
  on conflict (channel, at) do update set count = count + excluded.count`)
export const countSentTotal = query<{ n: number | null }>(
  'select sum(count) as n from sent_total where channel = ? and at >= ?',
)

// Parts and receipts

export const upsertPart = query(`
  insert into part (message, part, account, smsc_id, smsc_norm, state, destination, at)
  values (?, ?, ?, ?, ?, 'accepted', ?, ?)
  on conflict (message, part) do update set account = excluded.account, smsc_id = excluded.smsc_id,
    smsc_norm = excluded.smsc_norm, state = excluded.state, at = excluded.at`)
/** What was delivered stays delivered, whatever a late receipt says; a part that is sent once more waits for its own. */
export const updatePart = query(`
  update part set state = ? where message = (select key from message where id = ?) and part = ?
    and state <> 'delivered' and (state <> 'again' or ? = 'delivered')`)
/** A message that did not arrive is sent again by hand: its parts that did arrive are not. */
export const sendPartsAgain = query("update part set state = 'again' where message = ? and state = 'undelivered'")
export interface PartRow {
  readonly message: string
  readonly account: string
  readonly part: number
  readonly smsc_id: string
  readonly state: 'accepted' | 'delivered' | 'undelivered' | 'again'
  readonly destination: string
}
const parts = `select message.id as message, part.account, part, smsc_id, part.state, part.destination
  from part join message on message.key = part.message`
export const selectParts = query<PartRow>(`${parts} where message.id = ? order by part`)
export interface LeasedPart {
  readonly message: number
  readonly part: number
  readonly smsc_id: string
}
export const selectPartsOf = query<LeasedPart>(
  `select message, part, smsc_id from part where message ${inList} and state <> 'again' order by message, part`,
)
/** A part whose account was not told ('') may be of any. */
export const selectPartsBySmscId = query<PartRow>(
  `${parts} where smsc_norm ${inList} and smsc_norm <> '' and part.account in (?, '') order by part.at desc, message.key desc, part`,
)

export const countPartsSince = query<{ prefix: string | null; n: number }>(`
  select (select value from json_each(?) where substr(destination, 1, length(value)) = value order by key limit 1)
    as prefix, count(*) as n
  from part where at >= ? group by 1`)

export interface ReceiptRow {
  readonly key: number
  readonly account: string
  readonly smsc_id: string
  readonly state: string
  readonly destination: string
  readonly error: string | null
  readonly text: string
  readonly at: number
  readonly message: string | null
}
export const insertReceipt = query(`
  insert into receipt (account, smsc_id, smsc_norm, state, destination, error, text, at, message, part)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
export const selectSameReceipt = query<{ key: number; message: string | null }>(`
  select key, message from receipt
  where smsc_norm = ? and account = ? and smsc_id = ? and state = ? and destination = ? and at = ?`)
export const matchReceipt = query('update receipt set message = ?, part = ? where key = ?')
export const selectUnmatched = query<ReceiptRow>(`
  select key, account, smsc_id, state, destination, error, text, at, message from receipt
  where smsc_norm ${inList} and account = ? and message is null order by key`)

// Timers

export const finishLiveTimer = query(`
  update timer set done_at = ?, outcome = ? where subject = ? and name = ? and done_at is null`)
export const fireTimer = query("update timer set done_at = ?, outcome = 'fired' where id = ? and done_at is null")
/** A timer set again for the same instant has the same id: it lives again. */
export const insertTimer = query(`
  insert into timer (id, name, subject, due_at) values (?, ?, ?, ?)
  on conflict (id) do update set done_at = null, outcome = null`)
export interface TimerRow {
  readonly id: string
  readonly name: string
  readonly subject: string
  readonly due_at: number
}
const timers = 'select id, name, subject, due_at from timer where done_at is null'
export const selectTimersUntil = query<TimerRow>(`${timers} and due_at <= ? order by due_at, key limit ?`)
export const selectTimersOf = query<TimerRow>(`${timers} and subject = ? order by due_at, key`)
export const minTimer = query<{ due: number | null }>('select min(due_at) as due from timer where done_at is null')

// Import files

export interface FileRow {
  readonly key: number
  readonly id: string
  readonly import: string
  readonly name: string
  readonly size: number
  readonly sha256: string
  readonly state: 'importing' | 'done' | 'partial' | 'rejected'
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
export const selectFile = query<FileRow>('select * from file where id = ?')
export const selectFiles = query<FileRow>('select * from file order by last_at desc, key desc limit ?')
export const selectFilesOf = query<FileRow>(
  'select * from file where import = ? order by last_at desc, key desc limit ?',
)
export const maxFileAt = query<{ at: number | null }>('select max(last_at) as at from file where import = ?')
export const insertFile = query(`
  insert into file (id, import, name, size, sha256, state, position,
    read, applied, repeated, updated, parked, refused, first_at, last_at)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
export const updateFile = query(`
  update file set state = ?, position = ?, read = read + ?, applied = applied + ?, repeated = repeated + ?,
    updated = updated + ?, parked = parked + ?, refused = refused + ?, last_at = ?
  where key = ?`)

// Exports

export const insertLine = query(`
  insert into export_line (id, export, dedupe_key, subject, part, because, fields, trace)
  values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`)
export interface LineRow {
  readonly id: string
  readonly seq: number
  readonly export: string
  readonly subject: string
  readonly fields: string
  readonly file: string | null
  readonly because: number | null
  readonly voided: string | null
  readonly voided_because: number | null
}
const lines = `select line.id, line.seq, line.export, subject, fields, export_file.id as file, because, voided,
    voided_because
  from export_line as line left join export_file on export_file.key = line.file`
export const selectLine = query<LineRow>(`${lines} where line.id = ?`)
export const selectLinesAbout = query<LineRow>(`${lines} where subject = ? order by line.seq`)
export const selectOpenLines = query<LineRow>(
  `${lines} where line.export = ? and line.file is null and voided is null order by line.seq limit ?`,
)
export const selectLinesOfFile = query<LineRow>(
  `${lines} where line.file = (select key from export_file where id = ?) order by line.seq`,
)
/** Parts from the first text on and before the second. */
export const firstOpenLine = query<{ part: string }>(`
  select part from export_line
  where export = ? and file is null and voided is null and part >= ? and part < ? order by seq limit 1`)
export const assignLines = query(`
  update export_line set file = ? where seq in (select seq from export_line
    where export = ? and file is null and voided is null and part = ? order by seq limit ?)`)
/** What led to the first line that found no room in a file. */
export const leftOutCause = query<{ because: number | null }>(`
  select because from export_line
  where export = ? and file is null and voided is null and part = ? order by seq limit 1`)
export const countOfCause = query<{ own: number; other: number }>(`
  select count(*) filter (where because = ?) as own, count(*) filter (where because is not ?) as other
  from export_line where file = ?`)
export const unassignCause = query('update export_line set file = null where file = ? and because = ?')
/** Only while it is in no file, and once. */
export const voidLine = query(`
  update export_line set voided = ?, voided_because = ? where id = ? and file is null and voided is null`)
export const exportOfLine = query<{ export: string }>('select export from export_line where id = ?')

export interface ExportFileRow {
  readonly key: number
  readonly id: string
  readonly export: string
  readonly sequence: number
  readonly name: string
  readonly state: 'writing' | 'written' | 'held'
  readonly taken_at: number
  readonly finished_at: number | null
  readonly sha256: string | null
  readonly lines: number
  readonly reason: string | null
}
export const maxSequence = query<{ sequence: number | null }>(
  'select max(sequence) as sequence from export_file where export = ?',
)
export const insertExportFile = query(`
  insert into export_file (id, export, sequence, name, state, taken_at, lines) values (?, ?, ?, ?, 'writing', ?, 0)`)
export const setLines = query('update export_file set lines = ? where key = ?')
export const updateExportFile = query(
  'update export_file set state = ?, finished_at = ?, sha256 = ?, reason = ? where key = ?',
)
export const selectExportFile = query<ExportFileRow>('select * from export_file where id = ?')
export const selectWriting = query<ExportFileRow>(
  "select * from export_file where export = ? and state = 'writing' order by sequence",
)
export const selectExportFiles = query<ExportFileRow>('select * from export_file order by key desc limit ?')
export const selectExportFilesOf = query<ExportFileRow>(
  'select * from export_file where export = ? order by sequence desc limit ?',
)

// Schedule

export const insertSlot = query(
  'insert into slot (schedule, due_at, ran_at) values (?, ?, ?) on conflict (schedule, due_at) do nothing',
)
export const maxSlot = query<{ due: number | null }>('select max(due_at) as due from slot where schedule = ?')

// Care

export const sqliteVersion = query<{ version: string }>('select sqlite_version() as version')
export const integrityCheck = query<{ integrity_check: string }>('pragma integrity_check(10)')
export const foreignKeyCheck = query<{ table: string }>('pragma foreign_key_check')
