/**
 * The floor: the shortest honest program for the same job, with the usual libraries.
 *
 * Scan → csv-parse or saxes → one SQLite transaction (WAL, FULL) per file, with an outbox → nodemailer's pool or
 * node-smpp with a window → a CSV with one row per order → rename. Durable: loses nothing at kill -9, may send again
 * what was accepted in the last 50 ms. Has no workflows, templates, validation, history or retries with back-off.
 * Run by the rig with the path of a place (place.ts) as JSON. Throws, and ends, on what it does not understand.
 */
import {
  closeSync,
  createReadStream,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  watch,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parse } from 'csv-parse/sync'
import { createTransport } from 'nodemailer'
import { SaxesParser } from 'saxes'
import smpp from 'smpp'
import type { Place } from './place.ts'

type Row = Readonly<Record<string, string>>
interface Recipient {
  readonly no: string
  readonly name: string
  readonly email: string
  readonly phone: string
  readonly currency: string
  readonly total: number
}
interface Due {
  readonly id: number
  readonly no: string
}
interface Payment {
  id?: string
  amount?: string
  date?: string
  iban?: string
  reference?: string
}

const place = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Place
const notifies = place.kind === 'mail' || place.kind === 'sms'
const paymentsPerCommit = 5_000
const rescanMs = 5_000
const forgetMs = 50
const retryMs = 1_000

const db = new DatabaseSync(join(place.state, 'floor.db'))
// autoincrement: the sender goes on from the last id, so ids of an emptied outbox must not come again.
db.exec(`pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536;
create table if not exists orders(no text primary key, date text, customer text, name text, email text, phone text, currency text, total int, status text) without rowid;
create table if not exists lines(no text, line int, sku text, description text, quantity int, price int, primary key (no, line)) without rowid;
create table if not exists payments(id text primary key, no text, cents int, date text, iban text, state text) without rowid;
create table if not exists files(name text primary key, at int) without rowid;
create table if not exists outbox(id integer primary key autoincrement, no text)`)
const insertOrder = db.prepare("insert or ignore into orders values(?,?,?,?,?,?,?,?,'received')")
const insertLine = db.prepare('insert or ignore into lines values(?,?,?,?,?,?)')
const insertFile = db.prepare('insert or ignore into files values(?,?)')
const insertDue = db.prepare('insert into outbox(no) values(?)')
const deleteDue = db.prepare('delete from outbox where id = ?')
const nextDue = db.prepare('select id, no from outbox where id > ? order by id limit 500')
const recipient = db.prepare('select no, name, email, phone, currency, total from orders where no = ?')
const totalOf = db.prepare('select total from orders where no = ?')
const markPaid = db.prepare("update orders set status = 'paid' where no = ?")
const insertPayment = db.prepare('insert or ignore into payments values(?,?,?,?,?,?)')
const begin = db.prepare('begin immediate')
const commit = db.prepare('commit')

/** "12.50" → 1250. */
const cents = (text = ''): number => Number(text.replace('.', ''))

function inOneCommit(work: () => void): void {
  begin.run()
  work()
  commit.run()
}

// ── Import ────────────────────────────────────────────────────────────────────────────────────

/** Gives the order's row for the status file when the row of the CSV is the first of its order. */
function storeRow(row: Row, before: string | undefined): string {
  const no = row['order_no'] ?? ''
  let status = ''
  if (no !== before) {
    const { order_date, customer_no, customer_name, email, phone, currency, order_total } = row as Record<
      string,
      string
    >
    const values = [no, order_date, customer_no, customer_name, email, phone, currency].map((value) => value ?? '')
    if (insertOrder.run(...values, cents(order_total)).changes === 1 && notifies) insertDue.run(no)
    status = `${no};received\n`
  }
  insertLine.run(
    no,
    Number(row['line_no']),
    row['sku'] ?? '',
    row['description'] ?? '',
    Number(row['qty']),
    cents(row['unit_price']),
  )
  return status
}

function importOrders(name: string): void {
  const rows = parse<Row>(readFileSync(join(place.in, name)), { delimiter: ';', columns: true })
  const out = openOut(`status-${name}`, 'order_no;status\n')
  inOneCommit(() => {
    for (const [i, row] of rows.entries()) out.put(storeRow(row, rows[i - 1]?.['order_no']))
    insertFile.run(name, Date.now())
  })
  out.close()
}

/** The row is written again when the payment is known already, so that a killed import ends with the whole file. */
function storePayment({ id = '', amount, date = '', iban = '', reference = '' }: Payment): string {
  const [no = reference] = /O\d{8}/.exec(reference) ?? []
  const total = totalOf.get(no)?.['total']
  const state = total === undefined ? 'unmatched' : total === cents(amount) ? 'paid' : 'difference'
  if (insertPayment.run(id, no, cents(amount), date, iban, state).changes === 1 && state === 'paid') markPaid.run(no)
  return `${id};${no};${cents(amount)};${state}\n`
}

function paymentParser(take: (payment: Payment) => void): SaxesParser {
  const parser = new SaxesParser()
  let text = ''
  let payment: Payment = {}
  let inValueDate = false
  const close: Readonly<Record<string, () => void>> = {
    Amt: () => (payment.amount ??= text),
    Dt: () => inValueDate && (payment.date = text),
    ValDt: () => (inValueDate = false),
    AcctSvcrRef: () => (payment.id = text),
    IBAN: () => (payment.iban = text),
    Ustrd: () => (payment.reference = text),
    Ntry: () => take(payment),
  }
  parser.on('text', (part) => (text += part))
  parser.on('closetag', ({ name }) => close[name]?.())
  parser.on('opentag', ({ name }) => {
    text = ''
    if (name === 'Ntry') payment = {}
    else if (name === 'ValDt') inValueDate = true
  })
  return parser
}

async function importPayments(name: string): Promise<void> {
  const out = openOut(`payments-${name}.csv`, 'payment;order_no;cents;state\n')
  let batch: Payment[] = []
  const store = (): void => {
    inOneCommit(() => batch.forEach((payment) => out.put(storePayment(payment))))
    batch = []
  }
  const parser = paymentParser((payment) => batch.push(payment))
  for await (const chunk of createReadStream(join(place.bank, name), { highWaterMark: 1 << 18, encoding: 'utf8' })) {
    parser.write(chunk as string)
    if (batch.length >= paymentsPerCommit) store()
  }
  parser.close()
  store()
  insertFile.run(name, Date.now())
  out.close()
}

/** A file that appears complete: hidden name, fsync, rename. */
function openOut(name: string, header: string): { put(text: string): void; close(): void } {
  const hidden = join(place.out, `.${name}`)
  const handle = openSync(hidden, 'w')
  let piece = header
  const flush = (): void => {
    writeSync(handle, piece)
    piece = ''
  }
  return {
    put: (text) => {
      piece += text
      if (piece.length > 1 << 18) flush()
    },
    close: () => {
      flush()
      fsyncSync(handle)
      closeSync(handle)
      renameSync(hidden, join(place.out, name))
    },
  }
}

async function importAll(folder: string, importFile: (name: string) => Promise<void> | void): Promise<void> {
  for (const name of readdirSync(folder).toSorted()) {
    await importFile(name)
    renameSync(join(folder, name), join(place.done, name))
    wake()
    await new Promise(setImmediate)
  }
}

let look = true
let looking = false
async function scan(): Promise<void> {
  if (looking) return
  looking = true
  while (look) {
    look = false
    await importAll(place.in, importOrders)
    await importAll(place.bank, importPayments)
  }
  looking = false
}
function scanSoon(): void {
  look = true
  void scan()
}

// ── Sending ───────────────────────────────────────────────────────────────────────────────────

interface SmsSession {
  bind_transceiver(pdu: object, done: () => void): void
  submit_sm(pdu: object, done: (answer: { readonly command_status: number }) => void): void
}

const pool = createTransport({
  host: '127.0.0.1',
  port: place.mailPort,
  pool: true,
  maxConnections: place.connections,
  maxMessages: Infinity,
  ignoreTLS: true,
  name: 'floor.example.test',
})

async function sendMail({ no, name, email, total, currency }: Recipient): Promise<void> {
  await pool.sendMail({
    from: 'shop@example.test',
    to: email,
    subject: `Order ${no} received`,
    messageId: `<${no}.received@example.test>`,
    text: `Dear ${name},\n\nwe have received your order ${no} of ${total / 100} ${currency}.\n`,
  })
}

async function openSms(): Promise<(to: Recipient) => Promise<void>> {
  // The project's own types of this package hold the codec only.
  const library = smpp as unknown as { connect(options: object): SmsSession }
  const session = library.connect({ host: '127.0.0.1', port: place.smsPort })
  await new Promise<void>((done) => session.bind_transceiver({ system_id: 'bench', password: 'bench' }, done))
  return ({ no, phone }) =>
    new Promise((resolve, reject) => {
      const pdu = { source_addr: 'BENCH', destination_addr: phone, short_message: `Order ${no} received` }
      session.submit_sm(pdu, ({ command_status: status }) =>
        status === 0 ? resolve() : reject(new Error(`command_status ${status}`)),
      )
    })
}

const send = place.kind === 'sms' ? await openSms() : sendMail
const mostInFlight = place.kind === 'sms' ? place.window : place.connections * 2
let inFlight = 0
let lastId = 0
let queue: Due[] = []
let accepted: number[] = []
let woken = false

function wake(): void {
  if (woken) return
  woken = true
  setImmediate(pump)
}

function pump(): void {
  woken = false
  while (inFlight < mostInFlight) {
    if (queue.length === 0) {
      queue = (nextDue.all(lastId) as unknown as Due[]).toReversed()
      lastId = queue[0]?.id ?? lastId
    }
    const due = queue.pop()
    if (due === undefined) return
    inFlight += 1
    void deliver(due)
  }
}

async function deliver(due: Due): Promise<void> {
  try {
    await send(recipient.get(due.no) as unknown as Recipient)
    accepted.push(due.id)
    if (accepted.length === 1) setTimeout(forget, forgetMs)
  } catch (error) {
    console.error(String(error))
    setTimeout(() => {
      queue.push(due)
      wake()
    }, retryMs)
  }
  inFlight -= 1
  wake()
}

/** Takes what was accepted from the outbox, in one commit. */
function forget(): void {
  const ids = accepted
  accepted = []
  inOneCommit(() => ids.forEach((id) => deleteDue.run(id)))
}

process.on('SIGTERM', () => process.exit())
watch(place.in, scanSoon)
watch(place.bank, scanSoon)
setInterval(scanSoon, rescanMs)
wake()
scanSoon()
