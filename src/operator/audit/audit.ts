/**
 * The audit: proves that the books balance. Every record, event, message, file and line is in one end state or on its
 * way with a cause, and what must agree agrees; what does not is a finding.
 *
 * Reads one state of the ledger, with a daemon at work or without; page by page, so that memory does not grow with
 * the ledger. Looks into the folders after that, and once more at what seemed wrong there. Changes nothing.
 */
import { type Instant } from '../../core/date.ts'
import type { AuditReads } from '../../ledger/audit-reads.ts'
import { type OnTheWay, onTheWayBy } from './on-the-way.ts'
import type { Finding } from './finding.ts'
import { FolderAudit } from './disk.ts'
import { MissingRecords } from './missing.ts'
import type { AuditConfig } from './lines.ts'
import { RecordAudit } from './records.ts'
import { allExportFiles, allFiles, allLines, allMessages, historyFindings } from './rest.ts'
import { soundnessFindings, tallyFindings } from './rest.ts'
import type { FolderRules } from './disk.ts'

export interface AuditOptions {
  readonly reads: AuditReads
  /** Opens the ledger anew, as it is then. */
  readonly again: () => Promise<AuditReads>
  readonly current: AuditConfig & Pick<FolderRules, 'config'>
  /** Undefined: the ledger only, e.g. of a backup. */
  readonly folders?: Omit<FolderRules, 'config' | 'configHash' | 'now' | 'patienceMs'>
  readonly now: Instant
  /** How long something may be on its way before it counts as stuck, in milliseconds. */
  readonly patienceMs: number
  /** Also every page and reference of the database file, and what costs a hash for each row. */
  readonly deep: boolean
  readonly onFinding: (finding: Finding) => void
  /** Rows gone over since the last time. */
  readonly onProgress?: (rows: number) => void
}

export interface AuditSummary {
  readonly balanced: boolean
  readonly findings: number
  readonly warnings: number
  readonly records: number
  readonly events: number
  readonly messages: number
  readonly importFiles: number
  readonly exportFiles: number
  readonly exportLines: number
  /** Import and export files that were read on disk. */
  readonly filesOnDisk: number
  readonly onTheWay: readonly OnTheWay[]
}

export async function audit(options: AuditOptions): Promise<AuditSummary> {
  const run = new Run(options)
  run.ledger()
  await run.disk()
  return run.summary()
}

const mostRemembered = 100_000

class Run {
  readonly #options: AuditOptions
  readonly #records: RecordAudit
  readonly #folders: FolderAudit | undefined
  readonly #missing = new MissingRecords()
  /** What was told: two looks may find the same. */
  readonly #told = new Set<string>()
  readonly #counts = { findings: 0, warnings: 0, messages: 0, importFiles: 0, exportFiles: 0 }

  constructor(options: AuditOptions) {
    const { reads, current, folders, now, patienceMs, deep } = options
    this.#options = options
    this.#records = new RecordAudit(reads, current, this.#missing, deep)
    this.#folders =
      folders &&
      new FolderAudit(reads, { ...folders, config: current.config, configHash: current.hash, now, patienceMs })
  }

  ledger(): void {
    const { reads, deep, now, patienceMs } = this.#options
    if (deep) this.#tell(soundnessFindings(reads))
    this.#tell(tallyFindings(reads))
    this.#tell(historyFindings(reads))
    this.#tell(this.#records.run((rows) => this.#progress(rows)))
    this.#tell(this.#records.names())
    const onPage = (rows: number): void => this.#progress(rows, 'messages')
    this.#tell(allMessages(reads, { missing: this.#missing, deep, now, patienceMs, onPage }))
    this.#files()
    this.#tell(allLines(reads, this.#missing, deep))
    this.#tell(this.#missing.findings())
  }

  #files(): void {
    const { reads, current } = this.#options
    const { imports } = current.config
    const kindOf = (name: string): string | undefined =>
      Object.hasOwn(imports, name) ? imports[name]?.kind : undefined
    this.#tell(
      allFiles(reads, this.#records.histories, {
        kindOf,
        onFile: () => this.#progress(1, 'importFiles'),
      }),
    )
    this.#tell(allExportFiles(reads, () => this.#progress(1, 'exportFiles')))
  }

  async disk(): Promise<void> {
    if (this.#folders === undefined) return
    for await (const each of this.#folders.run(this.#options.again)) this.#tell([each])
  }

  summary(): AuditSummary {
    const { findings, ...counts } = this.#counts
    return {
      balanced: findings === 0,
      findings,
      ...counts,
      records: this.#records.records,
      events: this.#options.reads.eventCount(),
      exportLines: countOf(this.#options.reads, 'line'),
      filesOnDisk: this.#folders?.read ?? 0,
      onTheWay: onTheWayBy(this.#options.reads.tally().counted, this.#folders?.onTheWay ?? []),
    }
  }

  #tell(findings: Iterable<Finding>): void {
    for (const each of findings) {
      const key = `${each.code} ${each.id}`
      if (this.#told.has(key)) continue
      if (this.#told.size < mostRemembered) this.#told.add(key)
      if (each.severity === 'error') this.#counts.findings += 1
      else this.#counts.warnings += 1
      this.#options.onFinding(each)
    }
  }

  #progress(rows: number, counted?: 'messages' | 'importFiles' | 'exportFiles'): void {
    if (counted !== undefined) this.#counts[counted] += rows
    this.#options.onProgress?.(rows)
  }
}

const countOf = (reads: AuditReads, what: string): number =>
  reads.tally().counted.reduce((sum, row) => sum + (row.what === what ? row.count : 0), 0)
