/**
 * Compares what the daemon has made of a load with what the load should come to.
 *
 * Judges by what was put in, what the neighbours received and what stands in the folders; the ledger is asked for the
 * final records, and whether a message or export that came twice is marked so. Nothing lost; nothing twice that
 * is not marked; every file put away once.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Order } from '../../src/core/order.ts'
import type { Message } from '../../src/core/message.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { booksOf } from '../../src/operator/books.ts'
import type { PlannedOrder } from './load.ts'
import type { Received } from './weather.ts'

export interface Truth {
  readonly orders: readonly PlannedOrder[]
  /** Names of the files that were put in, by import, with the records that they hold. */
  readonly files: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** Files of the same bytes as one before: their names, by import. */
  readonly doubles: ReadonlyMap<string, readonly string[]>
  /** Files that no one can read: their names, by import. */
  readonly broken: ReadonlyMap<string, readonly string[]>
  /** What a person did and was told that it is done: numbers of orders. */
  readonly done: { readonly paid: ReadonlySet<string>; readonly confirmed: ReadonlySet<string> }
  /** Messages that a person sent again: they may arrive twice. */
  readonly sentByHand: ReadonlySet<string>
}

export interface Taken {
  readonly export: string
  readonly name: string
  readonly text: string
}

export interface Verdict {
  /** Empty when all is well. */
  readonly wrong: readonly string[]
  readonly figures: Readonly<Record<string, number>>
}

export const nothingByHand: Truth['done'] = { paid: new Set(), confirmed: new Set() }

/** `taken`: export files as the ERP took them, in that order; those that lie in their folders still are added. */
export async function checkTruth(
  truth: Truth,
  ledger: Ledger,
  folder: string,
  received: Received,
  taken: readonly Taken[] = [],
): Promise<Verdict> {
  const found = new Finder()
  const orders = await checkOrders(found, truth, ledger)
  const messages = await ledger.messages({ limit: 10_000_000 })
  await checkMails(found, truth, ledger, received, messages, orders)
  await checkSms(found, truth, ledger, received, messages)
  await checkExports(found, truth, ledger, orders, [...taken, ...lyingIn(folder)])
  checkFiles(found, truth, folder)
  await checkBooks(found, truth, ledger)
  return { wrong: found.wrong, figures: found.figures }
}

class Finder {
  readonly wrong: string[] = []
  readonly figures: Record<string, number> = {}
  readonly #counts = new Map<string, number>()

  /** Of each kind the first few, and how many there are in all. */
  say(kind: string, detail: string): void {
    const count = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, count)
    if (count <= 5) this.wrong.push(`${kind}: ${detail}`)
    else if (count === 6) this.wrong.push(`${kind}: …`)
  }
}

type Expected = Pick<Order, 'paymentStatus' | 'status'> & { readonly processing: string | undefined }

function expectedOf(plan: PlannedOrder, { done }: Truth): Expected {
  const paid = plan.paid || done.paid.has(plan.number)
  const confirmed = plan.confirmed || done.confirmed.has(plan.number)
  return {
    paymentStatus: paid ? 'paid' : 'unpaid',
    status: paid ? 'processing' : plan.shipped ? 'shipped' : 'received',
    processing: plan.sort === 'collect' ? (confirmed ? 'confirmed' : 'pending') : undefined,
  }
}

async function checkOrders(found: Finder, truth: Truth, ledger: Ledger): Promise<ReadonlyMap<string, Order>> {
  const stored = new Map<string, Order>()
  for (let after: string | undefined; ;) {
    const page = (await ledger.records({
      kind: 'order',
      limit: 5_000,
      ...(after !== undefined && { after }),
    })) as readonly Order[]
    for (const order of page) stored.set(order.number, order)
    after = page.at(-1)?.id
    if (page.length < 5_000) break
  }
  found.figures['orders'] = stored.size
  for (const plan of truth.orders) {
    const order = stored.get(plan.number)
    if (order === undefined) {
      found.say('an order is lost', plan.number)
      continue
    }
    const { paymentStatus, status } = order
    const is: Expected = { paymentStatus, status, processing: order.collect?.processing }
    const should = expectedOf(plan, truth)
    if (JSON.stringify(is) !== JSON.stringify(should))
      found.say(
        'an order is not as it should be',
        `${plan.number} ${JSON.stringify(is)} instead of ${JSON.stringify(should)}`,
      )
    const paid = should.paymentStatus === 'paid' ? order.gross : 0
    if (order.paid !== paid) found.say('money is counted wrong', `${plan.number}: ${order.paid} instead of ${paid}`)
  }
  if (stored.size !== truth.orders.length) found.say('orders', `${stored.size} instead of ${truth.orders.length}`)
  return stored
}

/** Templates of the mails that an order leads to. */
function mailsOf(plan: PlannedOrder, truth: Truth): readonly string[] {
  const { paymentStatus } = expectedOf(plan, truth)
  return [
    ...(plan.sort === 'collect' ? ['customer/received', 'store/new-order'] : []),
    ...(plan.sort === 'trade' ? ['desk/new-order'] : []),
    ...(paymentStatus === 'paid' ? ['customer/payment-received'] : []),
  ]
}

async function wasUnknown(ledger: Ledger, id: string): Promise<boolean> {
  const events = await ledger.eventsOf(id)
  return events.some(({ name }) => name === 'message.unknown')
}

async function checkMails(
  found: Finder,
  truth: Truth,
  ledger: Ledger,
  { mails }: Received,
  messages: readonly Message[],
  orders: ReadonlyMap<string, Order>,
): Promise<void> {
  const arrived = Map.groupBy(mails, ([id]) => id)
  const stored = messages.filter(({ channel, template }) => channel === 'mail' && !template.startsWith('alarm/'))
  const bySubject = Map.groupBy(stored, ({ subject }) => subject)
  const byRecipient = Map.groupBy(mails, ([, to]) => to)
  found.figures['mails'] = stored.length
  found.figures['mails that came twice'] = [...arrived.values()].filter(({ length }) => length > 1).length
  for (const plan of truth.orders) {
    const has = (bySubject.get(orders.get(plan.number)?.id ?? '') ?? []).map(({ template }) => template).toSorted()
    const should = mailsOf(plan, truth).toSorted()
    if (has.join() !== should.join())
      found.say('mails planned', `${plan.number}: ${has.join()} instead of ${should.join()}`)
    const toCustomer = should.filter((template) => template.startsWith('customer/')).length
    const came = new Set(byRecipient.get(plan.email)?.map(([id]) => id)).size
    if (came !== toCustomer) found.say('mails to a customer', `${plan.email}: ${came} instead of ${toCustomer}`)
  }
  for (const message of stored) {
    const times = arrived.get(message.id)?.length ?? 0
    if (times === 0) found.say('a mail is lost', `${message.id} ${message.template} is ${message.state}`)
    if (message.state !== 'accepted')
      found.say('a mail ended wrong', `${message.id} ${message.state} ${message.reason ?? ''}`)
    if (times > 1 && !truth.sentByHand.has(message.id) && !(await wasUnknown(ledger, message.id)))
      found.say('a mail came twice without being marked', `${message.id} ${message.template}, ${times} times`)
  }
  const known = new Set<string>(messages.map(({ id }) => id))
  for (const id of arrived.keys()) if (!known.has(id)) found.say('a mail that nobody knows', id)
}

/** One SMS for each confirmed order: it arrived once, or is held since nobody knows; or a person sent it once more. */
async function checkSms(
  found: Finder,
  truth: Truth,
  ledger: Ledger,
  { sms }: Received,
  messages: readonly Message[],
): Promise<void> {
  const arrived = Map.groupBy(sms, (number) => number)
  const stored = messages.filter(({ channel }) => channel === 'sms')
  const byNumber = Map.groupBy(stored, ({ recipients }) => recipients[0]?.address.replace('+', '') ?? '')
  found.figures['SMS'] = stored.length
  found.figures['SMS held as unknown'] = stored.filter(({ state }) => state === 'held').length
  for (const plan of truth.orders) {
    const number = plan.phone.dialled
    const [message, ...more] = byNumber.get(number) ?? []
    const should = expectedOf(plan, truth).processing === 'confirmed' ? 1 : 0
    if ((message === undefined ? 0 : 1 + more.length) !== should)
      found.say('SMS planned', `${plan.number}: ${more.length + 1} instead of ${should}`)
    if (message === undefined) continue
    const times = arrived.get(number)?.length ?? 0
    if (times > 1 && !truth.sentByHand.has(message.id)) found.say('an SMS came twice', `${number}, ${times} times`)
    const isHeld = message.state === 'held' && (await wasUnknown(ledger, message.id))
    if (times === 0 && !isHeld) found.say('an SMS is lost', `${number} ${message.id} is ${message.state}`)
    if (!isHeld && message.state !== 'delivered')
      found.say('an SMS ended wrong', `${message.id} ${message.state} ${message.reason ?? ''}`)
  }
}

/** All export files that lie in their folders, done files left out. */
function lyingIn(folder: string): readonly Taken[] {
  const out = join(folder, 'out')
  if (!existsSync(out)) return []
  return readdirSync(out).flatMap((name) =>
    readdirSync(join(out, name))
      .filter((file) => !file.startsWith('.') && !file.endsWith('.done'))
      .map((file) => ({ export: name, name: file, text: readFileSync(join(out, name, file), 'utf8') })),
  )
}

async function checkExports(
  found: Finder,
  truth: Truth,
  ledger: Ledger,
  orders: ReadonlyMap<string, Order>,
  files: readonly Taken[],
): Promise<void> {
  const whole = new Map<string, Taken>()
  let twice = 0
  for (const file of files) {
    const key = `${file.export}/${file.name}`
    const before = whole.get(key)
    whole.set(key, file)
    if (before === undefined) continue
    twice += 1
    if (before.text !== file.text) found.say('an export file came twice with other content', key)
    const stored = await ledger.exportFiles(file.export, 1_000_000)
    const events = await ledger.eventsOf(stored.find(({ name }) => name === file.name)?.id ?? '')
    if (!events.some(({ name }) => name === 'export.repeated'))
      found.say('an export file came twice without being marked', key)
  }
  found.figures['export files'] = whole.size
  found.figures['export files that came twice'] = twice
  for (const [name, some] of Map.groupBy(whole.values(), (file) => file.export)) {
    const numbers = some.map((file) => Number(/\d+/.exec(file.name)?.[0])).toSorted((a, b) => a - b)
    const gap = numbers.findIndex((number, i) => number !== i + 1)
    if (gap >= 0) found.say('a number of an export is missing', `${name}: ${gap + 1}`)
  }
  checkStatusLines(found, truth, orders, rowsOf(whole, 'status'))
  checkInvoices(found, truth, rowsOf(whole, 'invoices'))
}

const rowsOf = (files: ReadonlyMap<string, Taken>, name: string): readonly (readonly string[])[] =>
  [...files.values()]
    .filter((file) => file.export === name)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ text }) => text.trim().split('\n').slice(1))
    .map((row) => row.split(';'))

/** The lines of an order are numbered without a gap, and the last one says how it stands. */
function checkStatusLines(
  found: Finder,
  truth: Truth,
  orders: ReadonlyMap<string, Order>,
  rows: readonly (readonly string[])[],
): void {
  const byOrder = Map.groupBy(rows, ([number]) => number ?? '')
  found.figures['status lines'] = rows.length
  for (const plan of truth.orders) {
    const lines = byOrder.get(plan.number) ?? []
    const numbers = lines.map(([, sequence]) => Number(sequence)).toSorted((a, b) => a - b)
    const { paymentStatus, processing } = expectedOf(plan, truth)
    // The ERP is told what a collect or payment workflow made of an order, not what it has said itself.
    const none = paymentStatus === 'unpaid' && processing === undefined
    if (none !== (numbers.length === 0) || numbers.some((number, i) => number !== i + 1))
      found.say('status lines', `${plan.number}: ${numbers.join()} instead of 1, 2, 3 …`)
    const last = lines.find(([, sequence]) => Number(sequence) === numbers.at(-1))
    if (last !== undefined && (last[3] !== paymentStatus || last[5] !== (processing ?? '')))
      found.say(
        'the last status line',
        `${plan.number}: ${last.join(';')}, the order is ${paymentStatus} ${processing ?? ''}`,
      )
  }
  for (const number of byOrder.keys()) if (!orders.has(number)) found.say('a status line of no order', number)
}

function checkInvoices(found: Finder, truth: Truth, rows: readonly (readonly string[])[]): void {
  const byOrder = Map.groupBy(rows, ([, number]) => number ?? '')
  found.figures['invoice lines'] = rows.length
  for (const plan of truth.orders) {
    const should = expectedOf(plan, truth).paymentStatus === 'paid' ? 1 : 0
    const lines = byOrder.get(plan.number)?.length ?? 0
    if (lines !== should) found.say('invoice lines', `${plan.number}: ${lines} instead of ${should}`)
  }
}

/** Each file that was put in stands in one place, and nothing else does. */
function checkFiles(found: Finder, truth: Truth, folder: string): void {
  for (const [name, files] of truth.files) {
    const placed = placesIn(join(folder, 'in', name))
    const doubles = truth.doubles.get(name) ?? []
    const broken = truth.broken.get(name) ?? []
    for (const file of files.keys()) {
      const second = doubles.find((double) => double === `zz-${file}`)
      // Of two files with the same bytes that of the first name counts, unless only the other was ready yet.
      const [first, other] =
        second !== undefined && placed.get(second)?.join() === 'processed' ? [second, file] : [file, second]
      expectIn(found, placed, name, first, 'processed')
      if (other !== undefined) expectIn(found, placed, name, other, 'duplicate')
    }
    for (const file of broken) expectIn(found, placed, name, file, 'rejected')
    const known = new Set([...files.keys(), ...broken, ...doubles])
    for (const file of placed.keys()) if (!known.has(file)) found.say('a file that nobody put in', `${name}/${file}`)
  }
}

function expectIn(
  found: Finder,
  placed: ReadonlyMap<string, readonly string[]>,
  name: string,
  file: string,
  where: string,
): void {
  const places = placed.get(file) ?? []
  if (places.join() !== where)
    found.say('a file is not where it belongs', `${name}/${file}: [${places.join()}], not ${where}`)
}

/** The kinds of places where a file of a name stands. */
function placesIn(folder: string): ReadonlyMap<string, readonly string[]> {
  const placed = new Map<string, string[]>()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith('.') || /\.problems\.(txt|json)$/.test(entry.name)) continue
    const [place = ''] = entry.parentPath.slice(folder.length + 1).split('/')
    placed.set(entry.name, [...(placed.get(entry.name) ?? []), place])
  }
  return placed
}

/** Counts of the ledger itself. */
async function checkBooks(found: Finder, truth: Truth, ledger: Ledger): Promise<void> {
  const totals = await ledger.totals()
  const books = booksOf(totals)
  if (!books.balanced) found.say('the books do not balance', JSON.stringify(books))
  for (const [name, files] of truth.files) {
    const should = [...files.values()].reduce((sum, records) => sum + records, 0)
    const whole = totals.files.filter((each) => each.import === name && each.state !== 'rejected')
    const read = whole.reduce((sum, { counts }) => sum + counts.read, 0)
    if (read !== should) found.say('records read', `${name}: ${read} instead of ${should}`)
  }
  const bad = (await ledger.diagnose()).filter(({ ok }) => !ok)
  for (const { check, detail } of bad) found.say('the ledger is not sound', `${check}: ${detail}`)
}
