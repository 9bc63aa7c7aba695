/**
 * The part of the audit that looks into the folders: import files against their copies and claims, export files
 * against what was placed.
 *
 * The ledger was read before, so a file that came meanwhile is asked for in the ledger as it is now before it counts
 * as unknown. Reads only. A folder that is away leaves its files unproved, which is told as a warning.
 */
import type { Config, Export, Import } from '../../config/schema.ts'
import { dateIn, type Instant } from '../../core/date.ts'
import type { AuditReads } from '../../ledger/audit-reads.ts'
import type { AuditEvent } from '../../ledger/audit-rows.ts'
import type { AuditFileRow } from '../../ledger/audit-statements.ts'
import { type Finding, finding } from './finding.ts'
import { type FolderView, viewFolder } from './folders.ts'
import type { OnTheWay } from './on-the-way.ts'
import { leftOvers, namesLikeOurs, outFolders, placedFindings } from './placed.ts'

export interface FolderRules {
  readonly config: Pick<Config, 'imports' | 'exports' | 'timeZone'>
  readonly configHash: string
  /** Absolute path of the folder of an import or export. */
  readonly folderOf: (one: Import | Export) => string
  readonly now: Instant
  readonly patienceMs: number
  /** A daemon is at work on this ledger. */
  readonly running: boolean
  /** Nobody takes export files away: each must be there. */
  readonly kept: boolean
}

type Found = AsyncGenerator<Finding, void>

export class FolderAudit {
  readonly onTheWay: OnTheWay[] = []
  read = 0
  readonly #reads: AuditReads
  readonly #rules: FolderRules

  constructor(reads: AuditReads, rules: FolderRules) {
    this.#reads = reads
    this.#rules = rules
  }

  async *run(again: () => Promise<AuditReads>): Found {
    const views = await this.#views()
    yield* this.#claims(views)
    yield* this.#copies(views)
    yield* this.#placed()
    using fresh = await again()
    yield* this.#strangers(views, fresh)
    yield* this.#unknownExports(fresh)
  }

  async #views(): Promise<ReadonlyMap<string, FolderView>> {
    const views = new Map<string, FolderView>()
    const byFolder = Map.groupBy(Object.entries(this.#rules.config.imports), ([, each]) => this.#rules.folderOf(each))
    for (const [folder, imports] of byFolder) {
      const names = imports.map(([name]) => name)
      const view = await viewFolder(folder, names, (ids) => this.#reads.knownFiles(ids))
      this.read += view.read
      for (const name of names) views.set(name, view)
    }
    return views
  }

  *#claims(views: ReadonlyMap<string, FolderView>): Generator<Finding, void> {
    const { now, patienceMs, running } = this.#rules
    for (const view of new Set(views.values())) {
      this.#waits(`files in ${view.folder}`, view.waiting.length, 'their writer, or the daemon')
      this.#waits(
        `files claimed in ${view.folder}`,
        view.claims.length,
        running ? 'the daemon' : 'a start of the daemon',
      )
      for (const { path, since } of running ? view.claims : []) {
        if (now - since <= patienceMs) continue
        const found = `claimed ${Math.round((now - since) / 1000)} s ago`
        yield finding('A015', path, {
          found,
          expected: `put away within ${Math.round(patienceMs / 1000)} s`,
          file: path,
        })
      }
    }
  }

  /** Every file of the ledger that came through a folder lies there, or was taken away with its day. */
  *#copies(views: ReadonlyMap<string, FolderView>): Generator<Finding, void> {
    let [archived, away] = [0, 0]
    for (const { files, events } of this.#reads.files()) {
      for (const row of files) {
        const view = views.get(row.import)
        if (view?.away !== undefined) away += 1
        if (view === undefined || view.away !== undefined) continue
        const result = this.#copyOf(row, events.get(row.id) ?? [], view)
        if (result === 'archived') archived += 1
        else if (result !== undefined) yield result
      }
    }
    this.#waits('copies of import files taken away with their day', archived, 'nothing')
    this.#waits('import files whose folder is away', away, 'the folder: nothing was proved about them')
  }

  #copyOf(row: AuditFileRow, events: readonly AuditEvent[], view: FolderView): Finding | 'archived' | undefined {
    const { config, now, patienceMs } = this.#rules
    if (view.ids.has(row.id)) return undefined
    if (row.state === 'importing') {
      if (now - row.last_at <= patienceMs) return undefined
      const found = `${row.position} records imported, and no file`
      return finding('A014', row.id, { found, expected: `${row.name} among the claims of ${view.folder}` })
    }
    const end = events.findLast(({ name }) => name === 'import.done')
    // By hand the file stays where it was; deleted ones leave no copy, but for those that were refused in part.
    const isDeleted = config.imports[row.import]?.after === 'delete' && row.state === 'done'
    if (end === undefined || end.actor !== `file:${row.import}` || isDeleted) return undefined
    const day = dateIn(row.last_at, config.timeZone)
    if (!view.days.has(day)) return 'archived'
    return finding('A016', row.id, { found: 'no copy', expected: `${row.name} in ${view.folder}/processed/${day}` })
  }

  async *#placed(): Found {
    const { config, configHash, folderOf, kept } = this.#rules
    let gone = 0
    for (const { files, events } of this.#reads.exportFiles()) {
      for (const row of files) {
        const placed = { row, events: events.get(row.id) ?? [] }
        const result = await placedFindings(placed, { reads: this.#reads, config, configHash, folderOf, kept })
        yield* result.findings
        if (result.state === 'there') this.read += 1
        if (result.state === 'gone') gone += 1
      }
    }
    if (!kept) this.#waits('export files taken from their folder', gone, 'nothing')
  }

  /** Files that came meanwhile, or by an import that has another name now, are known by their hash. */
  *#strangers(views: ReadonlyMap<string, FolderView>, fresh: AuditReads): Generator<Finding, void> {
    const strangers = [...new Set(views.values())].flatMap((view) => view.strangers)
    if (strangers.length === 0) return
    const known = fresh.knownHashes(strangers.map(({ sha256 }) => sha256))
    for (const { path, place, sha256 } of strangers) {
      if (known.has(sha256)) continue
      const found = 'bytes that no import file has'
      const expected = 'those of a file that was imported'
      yield finding(place === 'processed' ? 'A017' : 'A018', path, { found, expected, file: path })
    }
  }

  async *#unknownExports(fresh: AuditReads): Found {
    const { config, folderOf, now, patienceMs } = this.#rules
    for (const out of outFolders(config, folderOf)) {
      const names = await namesLikeOurs(out)
      const known = fresh.exportNames(names)
      for (const name of names) {
        if (known.has(name)) continue
        yield finding('A057', name, { found: 'a file', expected: 'none of that name', file: `${out.folder}/${name}` })
      }
      for (const { id, path } of await leftOvers(out.folder, now - patienceMs)) {
        if (fresh.isBeingWritten(id)) continue
        yield finding('A060', id, { found: 'a temporary file', expected: 'none', file: path, severity: 'warning' })
      }
    }
  }

  #waits(what: string, count: number, waitsFor: string): void {
    this.onTheWay.push({ what, count, waitsFor })
  }
}
