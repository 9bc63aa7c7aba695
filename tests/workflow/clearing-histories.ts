/**
 * Random histories of collected orders over three companies, up to the files that their ERPs book.
 *
 * Each history is one order: confirmed, rejected, expired, handed over in parts, brought back, reversed, paid, every
 * file sent again, clearing files written, booked, refused and corrected. `playHistory` gives what became of it, and
 * throws with the first thing that does not add up. Repeated by its seed.
 */
import type { z } from 'zod'
import { Config } from '../../src/config/schema.ts'
import type { Batch, NewExportLine } from '../../src/core/batch.ts'
import { controlFigures } from '../../src/core/clearing-control.ts'
import type { Command } from '../../src/core/command.ts'
import type { Instant } from '../../src/core/date.ts'
import type { Cause } from '../../src/core/event.ts'
import { exportFileId, fileId, orderId } from '../../src/core/ids.ts'
import type { Incoming, IncomingOrder } from '../../src/core/incoming.ts'
import type { Clearing } from '../../src/core/clearing.ts'
import { toMinor } from '../../src/core/money.ts'
import type { LineQuantity, Order } from '../../src/core/order.ts'
import { clearingFileFindings, reversalFindings } from '../../src/operator/audit/clearing.ts'
import { type ClearingWish, decideClearing } from '../../src/workflow/clearing/correct.ts'
import { decideClearingWritten } from '../../src/workflow/clearing/written.ts'
import { quantitiesOf } from '../../src/workflow/collect/hand-over.ts'
import { decideFiles, decideTimers } from '../../src/workflow/decide.ts'
import { decideCommand } from '../../src/workflow/commands/operate.ts'
import { makeSetup, type Setup } from '../../src/workflow/setup.ts'
import { MemoryStore } from './memory-store.ts'
import { randomOf } from './sample-records.ts'
import { base, monday } from './shop.ts'

const csv = { format: { type: 'csv' as const } }
const companies = ['HU01', 'HU02', 'SK03'] as const
const exported = (company: string) => ({ kind: 'clearing' as const, company, folder: `out/${company}`, ...csv })
const collecting = (store: string, clearing: object, more: object = {}) => ({
  kind: 'collect' as const,
  for: { store },
  partialDelivery: true,
  expiry: { processing: '4h', delivery: 2, countedIn: 'clock' as const },
  clearing,
  ...more,
})

const config: z.input<typeof Config> = {
  ...base,
  companies: { HU02: { name: 'Other Kft.' }, SK03: { name: 'Third s.r.o.' } },
  channels: { shop: { company: 'HU01' }, b2b: { company: 'HU02' } },
  stores: {
    S1: { name: 'One', company: 'HU01' },
    S2: { name: 'Two', company: 'HU02' },
    S3: { name: 'Three', company: 'SK03' },
    S4: { name: 'Four', company: 'SK03' },
    S5: { name: 'Five', company: 'HU02' },
    S6: { name: 'Six', company: 'SK03' },
  },
  exports: {
    HU01: exported('HU01'),
    HU02: exported('HU02'),
    SK03: exported('SK03'),
    all: { kind: 'clearing', folder: 'out/all', audience: 'human', ...csv },
  },
  clearing: {
    pairs: [
      { from: 'HU02', to: 'SK03', basis: 'percent', percent: '80', vat: 'none', feeVat: '27' },
      { from: 'HU02', to: 'HU01', basis: 'cost', vat: '20' },
    ],
  },
  workflows: {
    S1: collecting('S1', { fee: '1.50' }),
    S2: collecting('S2', {}),
    S3: collecting('S3', { fee: '2.00' }),
    S4: collecting('S4', { postOn: 'processing', fee: '0.70' }),
    S5: collecting('S5', { billVia: 'pos', fee: '0.30' }),
    S6: collecting('S6', {}, { storeStock: false }),
  },
}

/** No words are needed: nobody is told. */
const setup: Setup = makeSetup(
  Config.parse(config),
  'hash-1',
  () => ({ kind: 'missing', reason: 'no template' }) as never,
)

type Pick = (below: number) => number
const oneOf = <T>(next: Pick, list: readonly T[]): T => list[next(list.length)] as T

function anOrder(next: Pick): IncomingOrder {
  const channel = oneOf(next, ['shop', 'b2b'])
  const lines = Array.from({ length: 1 + next(3) }, (_, i) => {
    const quantity = 1 + next(4)
    const price = 1 + next(5_000)
    const gross = price * quantity
    const fields = { cost: `${next(30)}.${next(10)}0` }
    return {
      number: String(i + 1),
      sku: `A${i}`,
      quantity: String(quantity),
      gross,
      vatPercent: oneOf(next, ['27', '5', '0']),
      ...(next(8) > 0 && { fields }),
    }
  })
  const gross = lines.reduce((sum, line) => sum + line.gross, 0)
  return {
    kind: 'order',
    channel,
    number: '1',
    type: 'order',
    store: oneOf(next, ['S1', 'S2', 'S3', 'S3', 'S4', 'S4', 'S5', 'S6']),
    customer: { name: 'Anna' },
    currency: 'EUR',
    pricesIncludeVat: true,
    gross,
    prepaid: oneOf(next, [0, 0, Math.floor(gross / 3), gross, gross + 500]),
    notifyRequested: [],
    lines,
  }
}

interface File {
  readonly company: string
  readonly name: string
  readonly lines: readonly NewExportLine[]
}

export interface Played {
  readonly order: Order
  readonly entries: readonly Clearing[]
  /** Sums of what the ERPs have booked, by company and position. */
  readonly booked: ReadonlyMap<string, number>
  readonly steps: readonly string[]
}

class History {
  readonly store = new MemoryStore()
  readonly steps: string[] = []
  readonly files: File[] = []
  now: Instant = monday
  reversed = false
  #count = 0
  readonly #sent: { readonly name: string; readonly records: readonly Incoming[] }[] = []
  readonly #taken = new Set<string>()
  readonly #voided = new Set<string>()
  readonly #sequences = new Map<string, number>()

  cause = (kind: Cause['kind']): Cause => ({ kind, actor: kind, configHash: setup.configHash })

  commit(batch: Batch): void {
    this.store.commit(batch)
    for (const { id } of batch.voidLines) {
      must(!this.#taken.has(id), `line ${id} is voided, and in a file`)
      this.#voided.add(id)
    }
  }

  send(name: string, ...records: readonly Incoming[]): void {
    this.#sent.push({ name, records })
    this.#take(name, records)
  }

  sendAgain(next: Pick): void {
    const { name, records } = oneOf(next, this.#sent)
    this.steps.push(`again ${name}`)
    this.#take(name, records)
  }

  #take(name: string, records: readonly Incoming[]): void {
    const file = `${name}-${++this.#count}.csv`
    const items = records.map((incoming, i) => ({ incoming, row: i + 1 }))
    const head = { id: fileId(name, file), import: name, name: file, size: 1, sha256: file, from: 0, to: items.length }
    const slice = { file: { ...head, done: 'done' as const }, items, refused: 0 }
    this.commit(decideFiles(setup, [slice], this.store, this.cause('file'), this.now))
  }

  command(command: Command): void {
    const decision = decideCommand(setup, command, this.store, this.cause('person'), this.now)
    this.steps.push(`${command.verb} ${JSON.stringify('lines' in command ? command.lines : '')} ${decision.kind}`)
    if (decision.kind === 'batch') this.commit(decision.batch)
  }

  wish(wish: ClearingWish): string {
    const decision = decideClearing(setup, wish, this.store, this.cause('person'), this.now)
    this.steps.push(`${wish.verb} ${'document' in wish ? wish.document : ''} ${decision.kind}`)
    if (decision.kind === 'batch') this.commit(decision.batch)
    return decision.kind
  }

  wait(ms: number): void {
    this.now += ms
    const due = [...this.store.timers.values()].filter(({ dueAt }) => dueAt <= this.now)
    this.steps.push(`wait, ${due.length} due`)
    this.commit(decideTimers(setup, due, this.store, this.cause('clock'), this.now))
  }

  /** As the ledger takes lines: one part a file, whole postings. */
  write(company: string, maxLines: number): File | undefined {
    const open = [...this.store.lines.values()].filter(
      (line) => line.export === company && !this.#taken.has(line.id) && !this.#voided.has(line.id),
    )
    const lines = open.filter(({ part = '' }) => part === (open[0]?.part ?? '')).slice(0, maxLines)
    if (lines.length === 0) return undefined
    const sequence = (this.#sequences.get(company) ?? 0) + 1
    this.#sequences.set(company, sequence)
    const name = `${company}-${sequence}`
    for (const { id } of lines) this.#taken.add(id)
    const head = { id: exportFileId(company, sequence), export: company, sequence, name }
    if (company !== 'all') {
      this.commit(decideClearingWritten(setup, head, lines, this.store, this.cause('delivery'), this.now))
    }
    const file = { company, name, lines }
    this.files.push(file)
    this.steps.push(`write ${name}, ${lines.length}`)
    return file
  }

  /** Lines that are in no file and never will be. */
  get voidedLines(): readonly NewExportLine[] {
    return [...this.store.lines.values()].filter(({ id }) => this.#voided.has(id))
  }

  get order(): Order {
    const order = this.store.all('order')[0]
    if (order === undefined) throw new Error('no order')
    return order
  }
}

export function playHistory(seed: number): Played {
  const next = randomOf(seed)
  const history = new History()
  const order = anOrder(next)
  history.steps.push(
    `order ${JSON.stringify({ store: order.store, channel: order.channel, gross: order.gross, prepaid: order.prepaid })}`,
  )
  history.send('orders', order)
  const count = 4 + next(12)
  try {
    for (let i = 0; i < count; i++) step(history, next, order)
    settleAll(history)
    return check(history)
  } catch (error) {
    throw new Error(`seed ${seed}: ${String(error)}\n${[...history.steps, ...tellEntries(history)].join('\n')}`, {
      cause: error,
    })
  }
}

const tellEntries = ({ store }: History): readonly string[] =>
  store
    .all('clearing')
    .map(({ id, type, position, company, gross, vat, state, lines = '', reverses = '' }) =>
      [id, type, position, company, gross, vat, state, lines, reverses].join(' '),
    )

const status = (word: string, more: object = {}): Incoming => ({ kind: 'status', order: '1', status: word, ...more })

function step(history: History, next: Pick, { channel }: IncomingOrder): void {
  const order = orderId(channel, '1')
  switch (next(14)) {
    case 0:
    case 1:
    case 2:
      return history.send('answers', status('confirmed'))
    case 3:
      return next(3) === 0 ? history.send('answers', status('rejected')) : history.command({ verb: 'confirm', order })
    case 4:
    case 5: {
      const lines = someLines(next, history.order, 'open')
      const documentNumber = `R${next(6)}`
      return next(2) === 0
        ? history.send('answers', status('delivered', { lines, documentNumber }))
        : history.command({ verb: 'deliver', order, lines, documentNumber })
    }
    case 6:
      return history.send('answers', status('delivered'))
    case 7: {
      const lines = someLines(next, history.order, 'delivered')
      return history.command({ verb: 'return', order, ...(next(3) > 0 && { lines }), documentNumber: `B${next(6)}` })
    }
    case 8:
      return history.sendAgain(next)
    case 9:
      return history.wait(oneOf(next, [3_600_000, 5 * 3_600_000, 3 * 86_400_000]))
    case 10:
      history.now += 1
      return history.command({ verb: 'markPaid', order, ...(next(2) === 0 && { amount: 1 + next(3_000) }) })
    case 11:
      return void history.write(oneOf(next, [...companies, 'all']), 10_000)
    case 12:
      return answerSome(history, next)
    default: {
      if (next(4) > 0) return history.sendAgain(next)
      if (history.wish({ verb: 'reverse', order, reason: 'by hand' }) === 'batch') history.reversed = true
      return
    }
  }
}

function someLines(next: Pick, order: Order, which: 'open' | 'delivered'): readonly LineQuantity[] {
  return quantitiesOf(order)
    .map(({ key, [which]: most }) => ({
      line: key,
      quantity: String(Math.min(Number(most), 1 + next(3)) + (next(15) === 0 ? 1 : 0)),
    }))
    .filter(({ quantity }) => Number(quantity) > 0 && next(4) > 0)
}

/** An answer to a file, or to one of its entries; what was refused is corrected now and then. */
function answerSome(history: History, next: Pick): void {
  const file = history.files.filter(({ company }) => company !== 'all').at(-1 - next(3))
  if (file === undefined) return
  const document = next(3) === 0 ? (oneOf(next, file.lines).subject ?? '') : file.name
  const accepted = next(2) === 0
  const isLate = history.store.find('clearingFile', 'number', file.name).some(({ state }) => state === 'corrected')
  // Which copy an ERP books that changes its mind is for people to find out: see the alarm.
  if (accepted && isLate) return
  history.steps.push(`${accepted ? 'booked' : 'refused'} ${document}`)
  history.send('answersBack', { kind: 'acknowledgement', about: 'clearing', document, accepted, reason: 'x' })
  if (!accepted && next(2) === 0) history.wish({ verb: 'correct', document })
}

/** Every open line is written, everything refused is corrected, everything booked. */
function settleAll(history: History): void {
  for (let round = 0; round < 3; round++) {
    for (const company of [...companies, 'all']) while (history.write(company, 10_000) !== undefined);
    for (const { name, company } of history.files) {
      if (company !== 'all') history.wish({ verb: 'correct', document: name })
    }
  }
  for (const { name, company } of history.files) {
    if (company !== 'all') history.wish({ verb: 'accept', document: name })
  }
}

// ── What must be true ─────────────────────────────────────────────────────────────────────────

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

function minorOf({ fields }: NewExportLine, name: string): number {
  const value = fields[name]
  return toMinor(typeof value === 'string' ? value : '', 'EUR')
}

function check(history: History): Played {
  const { order } = history
  const entries = history.store.all('clearing')
  checkEntries(order, entries)
  checkFiles(history, entries)
  if (!history.reversed) checkAgainstGoods(order, entries)
  return { order, entries, booked: bookedIn(history), steps: history.steps }
}

const sum = (list: readonly Clearing[], key: 'net' | 'vat' | 'gross'): number =>
  list.reduce((total, entry) => total + entry[key], 0)

function checkEntries({ collect }: Order, entries: readonly Clearing[]): void {
  for (const key of ['net', 'vat', 'gross'] as const)
    must(sum(entries, key) === 0, `${key} of the entries sums to ${sum(entries, key)}`)
  for (const { id, net, vat, gross } of entries) must(net + vat === gross, `${id}: ${net} + ${vat} is not ${gross}`)
  must(entries.length === (collect?.clearing.length ?? 0), 'the order names all its entries')
  must(collect !== undefined || entries.length === 0, 'entries without a store')
  must(reversalFindings(entries).length === 0, JSON.stringify(reversalFindings(entries)))
  if (collect && collect.fromCompany === collect.toCompany) must(entries.length === 0, 'one company clears with itself')
}

/** Every file adds up; every entry is booked once; files of both sides sum to zero. */
function checkFiles({ files, store, voidedLines }: History, entries: readonly Clearing[]): void {
  for (const { name, lines, company } of files) {
    const { sums, totals, count } = controlFigures(
      lines.map(({ fields }) => fields),
      undefined,
    )
    must(count === lines.length, `${name}: count`)
    const gross = lines.reduce((sum, line) => sum + minorOf(line, 'gross'), 0)
    must(totals.reduce((sum, total) => sum + total.gross, 0) === gross, `${name}: control sums`)
    must(
      sums.every(({ net, vat, gross: all }) => net + vat === all),
      `${name}: net and VAT`,
    )
    if (company === 'all') must(gross === 0, `${name}: both sides sum to ${gross}`)
  }
  for (const entry of entries) {
    const own = files.filter(
      ({ company, lines }) => company !== 'all' && lines.some(({ subject }) => subject === entry.id),
    )
    const copies = own.length
    // A copy that was asked for, and not written since the first one was booked after all.
    const voided = voidedLines.filter(
      ({ subject, export: company }) => subject === entry.id && company !== 'all',
    ).length
    must(
      entry.state === 'void' ? copies <= 2 + (entry.copies ?? 0) : copies === 1 + (entry.copies ?? 0) - voided,
      `${entry.id} (${entry.state}) is in ${copies} files, ${entry.copies ?? 0} copies, ${voided} voided`,
    )
    must(
      own.every(({ company }) => company === entry.company),
      `${entry.id} is in a file of another company`,
    )
    must(['acknowledged', 'void'].includes(entry.state), `${entry.id} is ${entry.state} in the end`)
    const replaced = own.slice(0, -1).map(({ name }) => name)
    const named = own.slice(1).map(({ lines }) => lines.find(({ subject }) => subject === entry.id)?.fields['replaces'])
    must(JSON.stringify(replaced) === JSON.stringify(named), `${entry.id}: each copy names the one before`)
  }
  for (const file of store.all('clearingFile')) must(clearingFileFindings(file).length === 0, JSON.stringify(file))
  must(
    store.all('clearingFile').every(({ state }) => state !== 'exported' && state !== 'rejected'),
    'a file without an answer',
  )
}

/** What stands is what the customer has: reckoned from the quantities, line by line. */
function checkAgainstGoods(order: Order, entries: readonly Clearing[]): void {
  const { collect } = order
  if (collect === undefined || collect.fromCompany === collect.toCompany) return
  const { settings, processing, delivery, toCompany } = collect
  const standing = (position: Clearing['position'], key: 'gross' | 'net' = 'gross'): number =>
    entries
      .filter((entry) => entry.company === toCompany && entry.position === position)
      .reduce((sum, entry) => sum + entry[key], 0)
  const quantities = quantitiesOf(order)
  const isAll = settings.postOn === 'processing' && processing === 'confirmed' && delivery !== 'expired'
  const kept = quantities.map(
    ({ ordered, delivered, returned }) => Number(isAll ? ordered : delivered) - Number(returned),
  )
  const worth = quantities.reduce(
    (sum, { line }, i) => sum + ((line.gross ?? 0) / Number(line.quantity)) * (kept[i] ?? 0),
    0,
  )
  const wasHandedOver = (collect.handovers ?? []).length > 0
  const isPosted = wasHandedOver || isAll
  must(standing('fee', 'net') === (isPosted ? (settings.fee ?? 0) : 0), `fee ${standing('fee')}`)
  const atTill = settings.billVia === 'pos' && order.prepaid + order.paid === 0
  if (settings.storeStock && settings.billVia !== 'pos' && settings.agreed === undefined) {
    must(standing('goods') === worth, `goods ${standing('goods')}, worth ${worth}`)
  }
  const costs = quantities.map(({ line }) => line.fields?.['cost'])
  if (settings.agreed?.basis === 'cost' && costs.every((cost) => cost !== undefined)) {
    const cost = quantities.reduce((sum, _, i) => sum + toMinor(costs[i] ?? '0', 'EUR') * (kept[i] ?? 0), 0)
    must(standing('goods', 'net') === cost, `goods at cost ${standing('goods', 'net')}, cost ${cost}`)
  }
  if (settings.agreed?.basis === 'percent') {
    must(standing('goods') === standing('goods', 'net'), 'no VAT was agreed')
    must(standing('goods') <= Math.ceil(worth * 0.8) + 1, `goods ${standing('goods')} of at most 80 % of ${worth}`)
  }
  must(standing('prepaymentTransfer') <= 0 && standing('storeReceipt') <= 0, 'money has the wrong sign')
  must(-standing('prepaymentTransfer') <= standing('goods'), 'more was passed on than the goods are worth')
  must(-standing('storeReceipt') <= worth, `${-standing('storeReceipt')} taken at the till for goods of ${worth}`)
  if (kept.every((quantity) => quantity === 0)) {
    const rest = standing('goods') + standing('prepaymentTransfer') + standing('storeReceipt')
    must(rest === 0 && standing('goods') === 0, 'something stands for nothing')
  }
  if (atTill && settings.storeStock) must(standing('storeReceipt') === 0, 'the till sells its own goods')
}

/** What stands in the last copy of each entry, as the ERPs have it. */
function bookedIn({ files, store }: History): ReadonlyMap<string, number> {
  const last = new Map<string, NewExportLine>()
  for (const { company, lines } of files) if (company !== 'all') for (const line of lines) last.set(line.subject, line)
  const booked = new Map<string, number>()
  for (const [id, line] of last) {
    const entry = store.get('clearing', id)
    if (entry === undefined || entry.state === 'void') continue
    must(
      minorOf(line, 'gross') === entry.gross,
      `${id}: the file says ${minorOf(line, 'gross')}, the entry ${entry.gross}`,
    )
    const key = `${entry.company} ${entry.position}`
    booked.set(key, (booked.get(key) ?? 0) + entry.gross)
  }
  return booked
}
