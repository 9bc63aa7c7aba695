/**
 * What the audit reads of a ledger: every table page by page, and what belongs to each page, in one state.
 *
 * One read transaction on a connection of its own: whatever a daemon writes meanwhile is not seen, and nobody
 * waits for it (the write-ahead log cannot be emptied as long). Memory is bounded by the page. Changes nothing.
 * Throws the errors of `ledger-errors.ts`.
 */
import type { Duration } from '../core/date.ts'
import type { AuditEvent, ExportPage, FilePage, MessagePage, Numbered, RecordPage, Tallies } from './audit-rows.ts'
import * as sql from './audit-statements.ts'
import type { AuditCauseRow, AuditEventRow, AuditLineRow, AuditRecordRow, AuditTimerRow } from './audit-statements.ts'
import type { GapRow, LineHead, MissingRow } from './audit-statements.ts'
import { type Check, integrity, references } from './diagnose.ts'
import { prepare } from './open-ledger.ts'
import { retryWhileBusy, tryMs } from './retry-while-busy.ts'
import { type Query, Sqlite } from './sqlite.ts'
import { recount, selectTally } from './statements.ts'

/** How many findings of one kind are named; the rest is counted by what names them. */
const mostRows = 100
const pageRows = 200
/** Causes that are kept at hand. */
const mostCauses = 4096

export async function openAudit(path: string, options: { readonly busyTimeoutMs: Duration }): Promise<AuditReads> {
  const db = new Sqlite(path, { readOnly: true, waitMs: tryMs })
  try {
    await retryWhileBusy(options.busyTimeoutMs, () => prepare(db, true))
    // Pages of the file in the address space would count as memory of the audit.
    db.execute('pragma mmap_size = 0')
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
  readonly #causes = new Map<number, AuditCauseRow>()
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
    const { count, last } = this.#extent(table)
    const given = this.#db.get(sql.lastNumber, table)?.seq ?? 0
    if (count === given) return []
    const gaps = count === last ? [] : this.#db.all(gapQueries[table], mostRows)
    return given > last ? [...gaps, { first: last + 1, last: given }] : gaps
  }

  eventCount(): number {
    return this.#extent('event').count
  }

  #extent(table: Numbered): { readonly count: number; readonly last: number } {
    const { count = 0, last } = this.#db.get(extentQueries[table]) ?? {}
    return { count, last: last ?? 0 }
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
      const found = this.#db.all(sql.eventsAbout, after, until).map((row) => this.#eventOf(row))
      yield { records, events: Map.groupBy(found, ({ about }) => about ?? 0) }
      if (records.length < pageRows) return
      after = until
    }
  }

  belongingTo(owners: readonly string[]): ReadonlyMap<string, readonly AuditRecordRow[]> {
    return Map.groupBy(this.#db.all(sql.belongingTo, JSON.stringify(owners)), ({ owner }) => owner)
  }

  linesAbout(subjects: readonly string[]): ReadonlyMap<string, readonly LineHead[]> {
    return Map.groupBy(this.#db.all(sql.linesAbout, JSON.stringify(subjects)), ({ subject }) => subject)
  }

  timersOf(subjects: readonly string[]): ReadonlyMap<string, readonly AuditTimerRow[]> {
    return Map.groupBy(this.#db.all(sql.liveTimersOf, JSON.stringify(subjects)), ({ subject }) => subject)
  }

  /** Those of the hashes that import files have; reads all files. */
  knownHashes(hashes: readonly string[]): ReadonlySet<string> {
    return new Set(this.#db.all(sql.filesByHash, JSON.stringify(hashes)).map(({ sha256 }) => sha256))
  }

  /** Those of the ids that import files have. */
  knownFiles(ids: readonly string[]): ReadonlySet<string> {
    return new Set(this.#db.all(sql.filesById, JSON.stringify(ids)).map(({ id }) => id))
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

  causelessLines(): readonly { readonly id: string; readonly because: number | null }[] {
    return this.#db.all(sql.causelessLines, mostRows)
  }

  wrongVoids(): readonly { readonly id: string; readonly file: number | null; readonly because: number | null }[] {
    return this.#db.all(sql.wrongVoids, mostRows)
  }

  missingSubjects(): readonly { readonly subject: string; readonly count: number }[] {
    return this.#db.all(sql.missingSubjects, mostRows)
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
      const files = this.#db.all(sql.exportPage, name, sequence, pageRows)
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

  #eventOf({ data, cause, ...row }: AuditEventRow): AuditEvent {
    const { actor, config_hash: configHash, file, file_id: fileId } = this.#cause(cause)
    const detail = data === null ? undefined : (JSON.parse(data) as Pick<AuditEvent, 'before' | 'after'>)
    return { ...row, actor, configHash, file, fileId, before: detail?.before, after: detail?.after }
  }

  /** Events of one file come together and share their cause. */
  #cause(key: number): AuditCauseRow {
    const known = this.#causes.get(key)
    if (known !== undefined) return known
    if (this.#causes.size >= mostCauses) this.#causes.clear()
    const cause = this.#db.get(sql.causeByKey, key) ?? { actor: '', config_hash: '', file: '', file_id: '' }
    this.#causes.set(key, cause)
    return cause
  }

  #eventsOf(rows: readonly { readonly id: string }[]): ReadonlyMap<string, readonly AuditEvent[]> {
    const events = this.#db
      .all(sql.eventsOfSubjects, JSON.stringify(rows.map(({ id }) => id)))
      .map((row) => this.#eventOf(row))
    return Map.groupBy(events, ({ subject }) => subject ?? '')
  }
}

const gapQueries = {
  event: sql.eventGaps,
  message: sql.messageGaps,
  export_line: sql.lineGaps,
  file: sql.fileGaps,
} as const
const extentQueries = {
  event: sql.eventExtent,
  message: sql.messageExtent,
  export_line: sql.lineExtent,
  file: sql.fileExtent,
} as const
const missingQueries = {
  message: sql.missingMessages,
  file: sql.missingFiles,
  exportFile: sql.missingExportFiles,
} as const
