/**
 * The config and templates as they ship, in a temporary folder, worked by the command line on real files.
 *
 * What an order led to is read back from the history of the ledger, in the order in which it was decided.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import iconv from 'iconv-lite'
import { runProgram } from '../../src/cli/program.ts'
import type { StoredEvent } from '../../src/core/event.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'

const shipped = new URL('../../', import.meta.url).pathname
const rights = { mode: 0o700, recursive: true } as const

export interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface ShippedShop extends Disposable {
  readonly folder: string
  run(...words: readonly string[]): Promise<Result>
  /** Gives a file to the command `import`, which must take all of it. */
  import(name: string, text: string): Promise<void>
  orders(...rows: readonly OrderRow[]): Promise<void>
  bank(...entries: readonly BankEntry[]): Promise<void>
  status(number: string, letter: 'A' | 'S' | 'X'): Promise<void>
  /** What happened because of the order since the last call, in its order: `status paid`, `invoice issue invoice` …. */
  steps(number: string): Promise<readonly string[]>
  look<T>(read: (ledger: Ledger) => Promise<T>): Promise<T>
  /** A PDF in the folder of documents, written an hour ago. */
  pdf(name: string, text?: string): string
  /** Names of the files under a folder. */
  files(...path: readonly string[]): readonly string[]
  read(...path: readonly string[]): string
}

export interface OrderRow {
  readonly number: string
  readonly payment: 'Átutalás' | 'Bankkártya' | 'Utánvét' | 'Előre'
  readonly delivery?: 'Futár' | 'Átvétel'
  readonly prepaid?: string
}

export interface BankEntry {
  readonly key: string
  readonly amount: string
  readonly text: string
}

export function openShippedShop(): ShippedShop {
  const folder = mkdtempSync(join(tmpdir(), 'orderly-examples-'))
  const path = (...names: readonly string[]): string => join(folder, ...names)
  cpSync(join(shipped, 'config'), path('config'), { recursive: true })
  cpSync(join(shipped, 'templates'), path('templates'), { recursive: true })
  for (const name of ['var', 'var/mail', 'var/sms', 'given', 'exchange/in/documents']) mkdirSync(path(name), rights)
  let files = 0
  const seen = new Set<number>()
  const shop: ShippedShop = {
    folder,
    run: async (...words) => {
      const [out, err]: [string[], string[]] = [[], []]
      const code = await runProgram(['-c', path('config', 'orderly.yaml'), '--actor', 'anna', ...words], {
        out: { write: (text) => out.push(text) },
        err: { write: (text) => err.push(text) },
        input: (async function* () {})(),
        env: {},
        folder,
      })
      return { code, out: out.join(''), err: err.join('') }
    },
    import: async (name, text) => {
      files += 1
      const [to, ...start] = name.split(':')
      const file = path('given', `${start.join(':')}${files}.${to === 'bank' ? 'xml' : 'csv'}`)
      writeFileSync(file, iconv.encode(text, to === 'shop-orders' ? 'windows-1250' : 'utf-8'))
      const { code, out, err } = await shop.run('import', file, '--import', to ?? '')
      if (code !== 0) throw new Error(`${out}${err}`)
    },
    orders: async (...rows) => await shop.import('shop-orders:ORD', orderFile(rows)),
    bank: async (...entries) => await shop.import('bank:S', camt(entries, files)),
    status: async (number, letter) =>
      await shop.import('erp-status:STAT', `OrderNo;Status;Note\n${number};${letter};\n`),
    steps: async (number) => {
      const events = await shop.look(async (ledger) => await eventsAbout(ledger, number))
      const fresh = events.filter(({ seq }) => !seen.has(seq))
      for (const { seq } of fresh) seen.add(seq)
      return fresh.flatMap(step)
    },
    look: async (read) => {
      await using ledger = await openLedger(path('var', 'ledger.db'), { busyTimeoutMs: 10_000, readOnly: true })
      return await read(ledger)
    },
    pdf: (name, text = '%PDF-1.7\nthe document\n%%EOF\n') => {
      const file = path('exchange/in/documents', name)
      writeFileSync(file, text)
      const hourAgo = new Date(Date.now() - 3_600_000)
      utimesSync(file, hourAgo, hourAgo)
      return file
    },
    files: (...names) => readdirSync(path(...names)).toSorted(),
    read: (...names) => readFileSync(path(...names), 'utf8'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
  return shop
}

type Told = StoredEvent & { readonly about: string }

/** Events of the order and of all that belongs to it, as they happened. */
async function eventsAbout(ledger: Ledger, number: string): Promise<readonly Told[]> {
  const [order] = await ledger.records({ kind: 'order', number, limit: 1 })
  if (order === undefined) throw new Error(`no order ${number}`)
  const { records, messages } = await ledger.aboutSubject(order.id)
  const subjects = new Map([
    [order.id as string, ''],
    ...records.map(({ id }): [string, string] => [id, '']),
    ...messages.map(({ id, template }): [string, string] => [id, template]),
  ])
  const events = await Promise.all([...subjects].map(async ([id, about]) => told(await ledger.eventsOf(id), about)))
  return events.flat().toSorted((a, b) => a.seq - b.seq)
}

const told = (events: readonly StoredEvent[], about: string): readonly Told[] =>
  events.map((event) => ({ ...event, about }))

const changed = ({ after }: Told, field: string): string => after?.[field] as string

/** Events that are steps of the field, and how they are said here. */
const words: { readonly [name in StoredEvent['name']]?: (event: Told, text: string) => string } = {
  'order.statusChanged': (event) => `status ${changed(event, 'status')}`,
  'order.paid': () => 'payment',
  'invoice.requested': (_, text) => text.split(' of ')[0] ?? '',
  'message.queued': ({ about }) => `message ${about}`,
  'message.held': ({ about }, text) => `message ${about} ${text}`,
  'message.attached': (_, text) => `attached ${text}`,
  'stock.moved': (_, text) => `stock ${text.split(' for ')[0] ?? ''}`,
  'dispatch.created': (_, text) => text.replace(/ order \S+/, ''),
  'invoice.issued': (event) => `issued ${changed(event, 'number')}`,
  'step.skipped': (_, text) => `skipped: ${text}`,
}

/** What else happened is left out, and what the order desk is told. */
function step(event: Told): readonly string[] {
  const say = words[event.name]
  return say === undefined || event.about.startsWith('desk/') ? [] : [say(event, event.text ?? '')]
}

function orderFile(rows: readonly OrderRow[]): string {
  const head =
    'OrderNo;OrderDate;Currency;Total;Prepaid;PaymentRef;Payment;Delivery;Store;Language;CustomerNo;Name;Email;Phone;ItemNo;Item;Qty;Price;Vat'
  const lines = rows.map(
    ({ number, payment, delivery = 'Futár', prepaid = '0' }) =>
      `${number};02.03.2026;HUF;24990,00;${prepaid};;${payment};${delivery};${delivery === 'Átvétel' ? 'BUD01' : ''};hu;5001;Kovács Győző;kovacs@example.com;+36305550101;KD-210;Kávédaráló;1;24990,00;27`,
  )
  return `${[head, ...lines].join('\r\n')}\r\n`
}

function camt(entries: readonly BankEntry[], n: number): string {
  const total = entries
    .map(
      ({ key, amount, text }) => `<Ntry><Amt Ccy="HUF">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><Dt>2026-03-02</Dt></BookgDt><AcctSvcrRef>${key}</AcctSvcrRef><NtryDtls><TxDtls><Refs><AcctSvcrRef>${key}</AcctSvcrRef></Refs>
<RmtInf><Ustrd>${text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`,
    )
    .join('')
  return `<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
<GrpHdr><MsgId>M${n}</MsgId><CreDtTm>2026-03-02T08:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S${n}</Id><CreDtTm>2026-03-02T08:00:00</CreDtTm><Acct><Id><IBAN>HU42117730161111101800000000</IBAN></Id></Acct>${total}</Stmt>
</BkToCstmrStmt></Document>`
}
