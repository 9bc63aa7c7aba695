/**
 * What the audit reads of a ledger: every table page by page, and what belongs to each page, in one state.
 *
 * One read transaction on a connection of its own: whatever a daemon writes meanwhile is not seen, and nobody
 * waits for it (the write-ahead log cannot be emptied as long). Memory is bounded by the page. Changes nothing.
 * Throws the errors of `ledger-errors.ts`.
 */
import type { Duration } from '../core/date.ts'
import * as sql from './audit-statements.ts'
import type { AuditEventRow, AuditExportRow, AuditFileRow, AuditLineRow, AuditMessageRow } from './audit-statements.ts'
import type { AuditPartRow, AuditRecordRow, AuditTimerRow, GapRow, MissingRow } from './audit-statements.ts'
import { type Check, integrity, references } from './diagnose.ts'
import { prepare } from './open-ledger.ts'
import { retryWhileBusy, tryMs } from './retry-while-busy.ts'
import { type Query, Sqlite } from './sqlite.ts'
import { recount, selectTally, type TallyRow } from './statements.ts'

export type {
  AuditExportRow,
  AuditFileRow,
  AuditLineRow,
  AuditMessageRow,
  AuditPartRow,
  AuditRecordRow,
} from './audit-statements.ts'
export type { AuditTimerRow, GapRow, MissingRow } from './audit-statements.ts'
export type { TallyRow } from './statements.ts'

/** An event with what it says, as the audit compares it. */
export interface AuditEvent extends Omit<AuditEventRow, 'data' | 'config_hash' | 'file_id'> {
  readonly configHash: string
  /** '' where no file stood behind it. */
  readonly fileId: string
  readonly before?: Readonly<Record<string, unknown>>
  readonly after?: Readonly<Record<string, unknown>>
  readonly text?: string
}

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

/** How many findings of one kind are named; the rest is counted by what names them. */
const mostRows = 100
const pageRows = 500

export async function openAudit(path: string, options: { readonly busyTimeoutMs: Duration }): Promise<AuditReads> {
  const db = new Sqlite(path, { readOnly: true, waitMs: tryMs })
  try {
    await retryWhileBusy(options.busyTimeoutMs, () => prepare(db, true))
    db.execute('begin')
    // The state that is seen is fixed by the first read.
    await retryWhileBusy(options.busyTimeoutMs, () => db.get(sql.countReferences))
  } catch (error) {
    db[Symbol.dispose]()
    throw error
  }
  return new AuditReads(db)
}

export class AuditReads implements Disposable {
  readonly #db: Sqlite
  #tallies: Tallies | undefined

  constructor(db: Sqlite) {
    this.#db = db
  }

  [Symbol.dispose](): void {
    if (this.#db.isTransaction) this.#db.execute('commit')
    this.#db[Symbol.dispose]()
  }

  /** Pages, indexes and references of the database file itself; reads all of it. */
  soundness(): readonly Check[] {
    return [integrity(this.#db), references(this.#db)]
  }

  /** Counted once: what is seen does not change. */
  tally(): Tallies {
    this.#tallies ??= { kept: this.#db.all(selectTally), counted: this.#db.all(recount) }
    return this.#tallies
  }

  /** Numbers that were given and have no row. Ranges, oldest first. */
  gaps(table: Numbered): readonly GapRow[] {
    const gaps = this.#db.all(gapQueries[table], mostRows)
    const { last = 0 } = this.#db.get(lastQueries[table]) ?? {}
    const given = this.#db.get(sql.lastNumber, table)?.seq ?? 0
    return given > (last ?? 0) ? [...gaps, { first: (last ?? 0) + 1, last: given }] : gaps
  }

  eventCount(): number {
    return this.#db.get(sql.countEvents)?.count ?? 0
  }

  eventsBeforeCause(): readonly { readonly seq: number; readonly because: number }[] {
    return this.#db.all(sql.eventsBeforeCause, mostRows)
  }

  *records(): Generator<RecordPage> {
    let after = 0
    for (;;) {
      const records = this.#db.all(sql.recordPage, after, pageRows)
      // Behind the last record there may be events of one that is missing.
      const until = records.length < pageRows ? Number.MAX_SAFE_INTEGER : (records.at(-1)?.key ?? after)
      const found = this.#db.all(sql.eventsAbout, after, until).map(eventOf)
      yield { records, events: Map.groupBy(found, ({ about }) => about ?? 0) }
      if (records.length < pageRows) return
      after = until
    }
  }

  belongingTo(owners: readonly string[]): ReadonlyMap<string, readonly AuditRecordRow[]> {
    return Map.groupBy(this.#db.all(sql.belongingTo, JSON.stringify(owners)), ({ owner }) => owner)
  }

  linesAbout(subjects: readonly string[]): ReadonlyMap<string, readonly AuditLineRow[]> {
    return Map.groupBy(this.#db.all(sql.linesAbout, JSON.stringify(subjects)), ({ subject }) => subject)
  }

  timersOf(subjects: readonly string[]): ReadonlyMap<string, readonly AuditTimerRow[]> {
    return Map.groupBy(this.#db.all(sql.liveTimersOf, JSON.stringify(subjects)), ({ subject }) => subject)
  }

  /** Those of the ids that have a row. */
  present(what: 'record' | 'message' | 'file', ids: readonly string[]): ReadonlySet<string> {
    return new Set(this.#db.all(presenceQueries[what], JSON.stringify(ids)).map(({ id }) => id))
  }

  fileKey(id: string): number | undefined {
    return this.#db.get(sql.fileKey, id)?.key
  }

  /** The names under which a record is found that is not there itself. */
  namesOf(key: number): readonly { readonly kind: string; readonly name: string; readonly value: string }[] {
    return this.#db.all(sql.namesOfRecord, key)
  }

  /** Ids of the orders of that number, of the channel where one is named. */
  ordersCalled(number: string, channel: string | undefined): readonly string[] {
    const found = this.#db.all(sql.ordersCalled, number)
    return found.filter((order) => channel === undefined || order.channel === channel).map(({ id }) => id)
  }

  ownerless(): readonly { readonly id: string; readonly kind: string; readonly owner: string }[] {
    return this.#db.all(sql.ownerless, mostRows)
  }

  countReferences(): number {
    return this.#db.get(sql.countReferences)?.count ?? 0
  }

  /** Reads all records and all names: only when the counts differ, or when asked for. */
  referenceDifferences(): readonly {
    readonly id: string | null
    readonly name: string
    readonly value: string
    readonly lost: boolean
  }[] {
    return [
      ...this.#db.all(sql.lostReferences, mostRows).map((row) => ({ ...row, lost: true })),
      ...this.#db.all(sql.foreignReferences, mostRows).map((row) => ({ ...row, lost: false })),
    ]
  }

  missing(what: 'message' | 'file' | 'exportFile'): readonly MissingRow[] {
    return this.#db.all(missingQueries[what], mostRows)
  }

  strayTimers(): readonly AuditTimerRow[] {
    return this.#db.all(sql.strayTimers, mostRows)
  }

  dueTimers(now: number): { readonly count: number; readonly oldest: number | null } {
    return this.#db.get(sql.countDueTimers, now) ?? { count: 0, oldest: null }
  }

  *messages(): Generator<MessagePage> {
    for (const messages of this.#pages(sql.messagePage)) {
      const first = messages[0]?.key ?? 0
      const parts = this.#db.all(sql.partsBetween, first - 1, messages.at(-1)?.key ?? first)
      yield {
        messages,
        events: this.#eventsOf(messages),
        parts: Map.groupBy(parts, ({ message }) => message),
      }
    }
  }

  strayReceipts(): readonly {
    readonly key: number
    readonly message: string
    readonly part: number
    readonly state: string
    readonly found: string | null
  }[] {
    return this.#db.all(sql.strayReceipts, mostRows)
  }

  *files(): Generator<FilePage> {
    for (const files of this.#pages(sql.filePage)) yield { files, events: this.#eventsOf(files) }
  }

  *lines(): Generator<readonly AuditLineRow[]> {
    let after = 0
    for (;;) {
      const lines = this.#db.all(sql.linePage, after, pageRows)
      if (lines.length === 0) return
      yield lines
      after = lines.at(-1)?.seq ?? after
    }
  }

  /** Export by export, in the order of the sequence. */
  *exportFiles(): Generator<ExportPage> {
    let [name, sequence] = ['', 0]
    for (;;) {
      const files = this.#db.all(sql.exportPage, name, name, sequence, pageRows)
      if (files.length === 0) return
      yield { files, events: this.#eventsOf(files) }
      const last = files.at(-1)
      ;[name, sequence] = [last?.export ?? name, last?.sequence ?? sequence]
    }
  }

  /** Those of the names that export files have. */
  exportNames(names: readonly string[]): ReadonlySet<string> {
    return new Set(this.#db.all(sql.exportNames, JSON.stringify(names)).map(({ name }) => name))
  }

  isBeingWritten(exportFileId: string): boolean {
    return this.#db.get(sql.isWriting, exportFileId) !== undefined
  }

  /** What the lines of an export file say, in their order. */
  fieldsOf(exportFileKey: number): readonly unknown[] {
    return this.#db.all(sql.fieldsOfFile, exportFileKey).map(({ fields }): unknown => JSON.parse(fields))
  }

  *#pages<Row extends { readonly key: number }>(page: Query<Row>): Generator<readonly Row[]> {
    for (let after = 0; ;) {
      const rows = this.#db.all(page, after, pageRows)
      if (rows.length === 0) return
      yield rows
      after = rows.at(-1)?.key ?? after
    }
  }

  #eventsOf(rows: readonly { readonly id: string }[]): ReadonlyMap<string, readonly AuditEvent[]> {
    const events = this.#db.all(sql.eventsOfSubjects, JSON.stringify(rows.map(({ id }) => id))).map(eventOf)
    return Map.groupBy(events, ({ subject }) => subject ?? '')
  }
}

const gapQueries = {
  event: sql.eventGaps,
  message: sql.messageGaps,
  export_line: sql.lineGaps,
  file: sql.fileGaps,
} as const
const lastQueries = {
  event: sql.lastEvent,
  message: sql.lastMessage,
  export_line: sql.lastLine,
  file: sql.lastFile,
} as const
const presenceQueries = { record: sql.recordsById, message: sql.messagesById, file: sql.filesById } as const
const missingQueries = {
  message: sql.missingMessages,
  file: sql.missingFiles,
  exportFile: sql.missingExportFiles,
} as const

function eventOf({ data, config_hash: configHash, file_id: fileId, ...row }: AuditEventRow): AuditEvent {
  const detail = data === null ? undefined : (JSON.parse(data) as Pick<AuditEvent, 'before' | 'after' | 'text'>)
  const { before, after, text } = detail ?? {}
  return {
    ...row,
    configHash,
    fileId,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    ...(text !== undefined && { text }),
  }
}
