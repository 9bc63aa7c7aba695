/**
 * A real ledger under the config of tests/workflow/shop.ts: files are imported, commands given, export files taken,
 * orders rolled back, and the books audited.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Batch, emptyBatch } from '../../src/core/batch.ts'
import type { Command } from '../../src/core/command.ts'
import { fileId, orderId } from '../../src/core/ids.ts'
import type { Incoming } from '../../src/core/incoming.ts'
import type { Known } from '../../src/core/known.ts'
import type { EntityKind, EntityOf } from '../../src/core/model.ts'
import type { Order } from '../../src/core/order.ts'
import { openAudit } from '../../src/ledger/audit-reads.ts'
import { decideAndCommit } from '../../src/ledger/decide-and-commit.ts'
import type { Ledger, StoredExportLine } from '../../src/ledger/ledger.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { act, type ActResult } from '../../src/operator/act.ts'
import { audit } from '../../src/operator/audit/audit.ts'
import { rollBack } from '../../src/operator/roll-back.ts'
import { decideFiles, decideTimers } from '../../src/workflow/decide.ts'
import type { RollBackWish } from '../../src/workflow/undo/roll-back.ts'
import type { Setup } from '../../src/workflow/setup.ts'
import { type ConfigInput, monday, setupOf } from '../workflow/shop.ts'

export async function openDesk(config: Partial<ConfigInput>): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), 'orderly-desk-'))
  const ledger = await openLedger(join(folder, 'ledger.db'), { busyTimeoutMs: 1_000 })
  return new Desk(folder, ledger, setupOf(config))
}

export class Desk implements AsyncDisposable {
  readonly ledger: Ledger
  readonly setup: Setup
  now = monday
  readonly #folder: string
  #files = 0

  constructor(folder: string, ledger: Ledger, setup: Setup) {
    this.#folder = folder
    this.ledger = ledger
    this.setup = setup
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ledger[Symbol.asyncDispose]()
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** The records as one file of the import. */
  async take(name: string, ...records: readonly Incoming[]): Promise<Batch> {
    this.now += 1_000
    const file = `${name}-${++this.#files}.csv`
    const head = {
      id: fileId(name, file),
      import: name,
      name: file,
      size: 1,
      sha256: file,
      from: 0,
      to: records.length,
    }
    const items = records.map((incoming, i) => ({ incoming, row: i + 1 }))
    const slice = { file: { ...head, done: 'done' as const }, items, refused: 0 }
    return await this.decide('file', `file:${name}`, (known, cause) =>
      decideFiles(this.setup, [slice], known, cause, this.now),
    )
  }

  async decide(
    kind: 'file' | 'clock',
    actor: string,
    decide: (known: Known, cause: Batch['cause']) => Batch,
  ): Promise<Batch> {
    const cause = { kind, actor, configHash: this.setup.configHash }
    const result = await decideAndCommit(this.ledger, [], (known) => decide(known, cause))
    if (result.kind !== 'committed') throw new Error(`not committed: ${result.kind}`)
    return result.batch
  }

  async wait(ms: number): Promise<void> {
    this.now += ms
    const due = await this.ledger.dueTimers(this.now, 100)
    await this.decide('clock', 'daemon', (known, cause) => decideTimers(this.setup, due, known, cause, this.now))
  }

  async command(command: Command): Promise<ActResult> {
    this.now += 1_000
    return await act(this.ledger, this.setup, command, { actor: 'cli:anna', now: this.now, dryRun: false })
  }

  async rollBack(wish: Partial<RollBackWish> = {}, number = '100', dryRun = false): Promise<ActResult> {
    this.now += 1_000
    const options = { actor: 'cli:anna', now: this.now, dryRun }
    return await rollBack(this.ledger, this.setup, orderId('shop', number), { freePayments: false, ...wish }, options)
  }

  /** Takes what waits into files, and counts them as written. */
  async export(...names: readonly string[]): Promise<void> {
    for (const name of names.length > 0 ? names : Object.keys(this.setup.config.exports)) {
      const file = await this.ledger.takeExport(name, (n) => `${name}-${n}.csv`, this.now, 10_000)
      if (file === undefined) continue
      const events = [{ name: 'export.written' as const, subject: file.id, at: this.now, after: { state: 'written' } }]
      await this.ledger.commit({
        ...emptyBatch({ kind: 'delivery', actor: 'daemon', configHash: this.setup.configHash }, this.now),
        events,
        exportFiles: [{ id: file.id, state: 'written', sha256: 'x'.repeat(64), at: this.now }],
      })
    }
  }

  async order(number = '100'): Promise<Order> {
    const order = await this.ledger.record('order', orderId('shop', number))
    if (order === undefined) throw new Error(`no order ${number}`)
    return order
  }

  async all<K extends EntityKind>(kind: K): Promise<readonly EntityOf<K>[]> {
    return (await this.ledger.records({ kind, limit: 10_000 })) as readonly EntityOf<K>[]
  }

  /** All lines about the order and what belongs to it. */
  async lines(name: string, number = '100'): Promise<readonly StoredExportLine[]> {
    const { id } = await this.order(number)
    const { records, exportLines } = await this.ledger.aboutSubject(id)
    const others = await Promise.all(records.map(async (each) => (await this.ledger.aboutSubject(each.id)).exportLines))
    return [...exportLines, ...others.flat()].filter((line) => line.export === name).toSorted((a, b) => a.seq - b.seq)
  }

  /** What the ERP has been told, or is going to be. */
  async told(name: string, number = '100'): Promise<readonly StoredExportLine['fields'][]> {
    return (await this.lines(name, number)).filter(({ voided }) => voided === undefined).map(({ fields }) => fields)
  }

  async messages(number = '100'): Promise<readonly string[]> {
    const { messages } = await this.ledger.aboutSubject((await this.order(number)).id)
    return messages
      .filter(({ template }) => template !== 'alarm/alarm')
      .map(({ template, state }) => `${template} ${state}`)
  }

  async eventSeq(name: string, number = '100'): Promise<number> {
    const events = await this.ledger.eventsOf((await this.order(number)).id)
    const event = events.findLast((each) => each.name === name)
    if (event === undefined) throw new Error(`no event ${name}`)
    return event.seq
  }

  async findings(): Promise<readonly string[]> {
    const open = () => openAudit(join(this.#folder, 'ledger.db'), { busyTimeoutMs: 1_000 })
    using reads = await open()
    const found: string[] = []
    await audit({
      reads,
      again: open,
      current: { config: this.setup.config, hash: this.setup.configHash },
      now: this.now,
      patienceMs: 60_000,
      deep: true,
      onFinding: (finding) => found.push(JSON.stringify(finding)),
    })
    return found
  }
}
