/**
 * Goes over all records page by page, each with its events and all that belongs to it; gives what does not agree.
 *
 * Memory is bounded by the page, but for a few bytes for each import file. Reads only.
 */
import type { Entity, Payment } from '../../core/model.ts'
import type { Order } from '../../core/order.ts'
import type { AuditReads } from '../../ledger/audit-reads.ts'
import type { AuditEvent, RecordPage } from '../../ledger/audit-rows.ts'
import { type Finding, finding } from './finding.ts'
import { FileHistories } from './file-history.ts'
import { type AuditConfig, orderLineFindings, paymentLineFindings } from './lines.ts'
import type { MissingRecords } from './missing.ts'
import { orderFindings, paymentFindings } from './order.ts'
import { entityIn, recordFindings } from './record.ts'

type Found = Generator<Finding, void>

export class RecordAudit {
  readonly histories: FileHistories
  /** Records and events gone over. */
  records = 0
  events = 0
  readonly #reads: AuditReads
  readonly #current: AuditConfig
  readonly #missing: MissingRecords
  readonly #deep: boolean
  readonly #withoutFile = new Set<string>()
  #names = 0

  /** `deep`: compares also what costs a hash, and each name. */
  constructor(reads: AuditReads, current: AuditConfig, missing: MissingRecords, deep: boolean) {
    this.#deep = deep
    this.#reads = reads
    this.#missing = missing
    this.#current = current
    this.histories = new FileHistories((id) => reads.fileKey(id))
  }

  /** `onPage` is told of the records of each page. */
  *run(onPage: (rows: number) => void): Found {
    for (const page of this.#reads.records()) {
      yield* this.#page(page)
      onPage(page.records.length)
    }
    for (const { owner } of this.#reads.ownerless()) this.#missing.add(owner, 'records')
    yield* this.#timers()
  }

  /** The names under which records are found; each is compared when they are not as many. */
  *names(): Found {
    if (!this.#deep && this.#reads.countReferences() === this.#names) return
    for (const { id, name, value, lost } of this.#reads.referenceDifferences()) {
      if (id === null) continue // the record itself is missing, which is told already
      const [found, expected] = lost ? ['not found', 'found'] : ['found', 'not found']
      yield finding('A005', id, { found: `${found} by ${name} ${value}`, expected: `${expected} by it` })
    }
  }

  *#page({ records, events }: RecordPage): Found {
    const there = new Set(records.map(({ key }) => key))
    for (const [key, about] of events) {
      if (there.has(key)) continue
      yield this.#lost(key, about)
      yield* this.#hear(about)
    }
    const orders: Order[] = []
    const payments: Payment[] = []
    const eventsOf = new Map<string, readonly AuditEvent[]>()
    for (const row of records) {
      const about = events.get(row.key) ?? []
      const entity = entityIn(row)
      const findings = recordFindings(row, entity, about, this.#deep)
      yield* findings
      yield* this.#hear(about)
      this.records += 1
      this.#names += namesIn(row.refs)
      // What contradicts itself is not compared with others: one fault is one finding.
      if (entity === undefined || findings.some(({ code }) => code === 'A021')) continue
      if (entity.kind === 'order') orders.push(entity)
      if (entity.kind === 'payment') payments.push(entity)
      if (entity.kind === 'parked') yield* this.#parked(entity)
      eventsOf.set(row.id, about)
    }
    yield* this.#orders(orders, eventsOf)
    yield* this.#payments(payments, eventsOf)
  }

  *#orders(orders: readonly Order[], eventsOf: ReadonlyMap<string, readonly AuditEvent[]>): Found {
    if (orders.length === 0) return
    const ids = orders.map(({ id }) => id)
    const rows = this.#reads.belongingTo(ids)
    const timers = this.#reads.timersOf(ids)
    const documents = [...rows.values()].flat().filter(({ kind }) => kind !== 'payment')
    const lines = this.#reads.linesAbout([...ids, ...documents.map(({ id }) => id)])
    for (const order of orders) {
      const belongings = (rows.get(order.id) ?? []).map(entityIn).filter((each) => each !== undefined)
      yield* orderFindings(order, belongings, timers.get(order.id) ?? [])
      const own = [order.id, ...belongings.map(({ id }) => id)].flatMap((id) => lines.get(id) ?? [])
      yield* orderLineFindings(order, eventsOf.get(order.id) ?? [], belongings, own, this.#current)
    }
  }

  *#payments(payments: readonly Payment[], eventsOf: ReadonlyMap<string, readonly AuditEvent[]>): Found {
    for (const payment of payments) yield* paymentFindings(payment)
    const isTold = Object.values(this.#current.config.exports).some(({ kind }) => kind === 'payments')
    if (!isTold || payments.length === 0) return
    const lines = this.#reads.linesAbout(payments.map(({ id }) => id))
    for (const payment of payments) {
      const events = eventsOf.get(payment.id) ?? []
      yield* paymentLineFindings(payment, events, lines.get(payment.id) ?? [], this.#current)
    }
  }

  *#parked(parked: Extract<Entity, { kind: 'parked' }>): Found {
    const { fileId } = parked.source
    if (parked.state === 'applied' && fileId !== undefined) this.histories.hearApplied(fileId)
    if (parked.state !== 'waiting' || parked.input.kind !== 'status') return
    const { channel } = parked.input
    const [order] = this.#reads.ordersCalled(parked.waitsFor, channel)
    if (order === undefined) return
    yield finding('A025', parked.id, { found: `waiting for order ${parked.waitsFor}`, expected: `applied to ${order}` })
  }

  *#hear(events: readonly AuditEvent[]): Found {
    for (const event of events) {
      this.events += 1
      if (this.histories.hear(event) || this.#withoutFile.has(event.fileId)) continue
      this.#withoutFile.add(event.fileId)
      const found = `event ${event.seq} (${event.name}) of ${event.file} row ${event.row ?? 'unknown'}`
      yield finding('A019', event.fileId, { found, expected: `the import file ${event.file}` })
    }
  }

  #lost(key: number, events: readonly AuditEvent[]): Finding {
    const names = this.#reads.namesOf(key).map(({ kind, name, value }) => `${kind} ${name} ${value}`)
    const first = events[0]
    const source = first === undefined || first.file === '' ? '' : `, ${first.file} row ${first.row ?? 'unknown'}`
    const found = `${events.length} events from ${first?.name ?? 'none'} (${first?.seq ?? 0}) on${source}`
    return finding('A020', names[0] ?? `record ${key}`, { found, expected: `record number ${key}` })
  }

  *#timers(): Found {
    for (const { id, name, subject } of this.#reads.strayTimers()) {
      yield finding('A028', id, { found: `${name} for ${subject}`, expected: 'that record' })
    }
  }
}

const namesIn = (refs: string): number =>
  new Set((JSON.parse(refs) as readonly (readonly string[])[]).map((reference) => JSON.stringify(reference))).size
