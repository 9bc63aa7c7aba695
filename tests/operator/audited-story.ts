/**
 * A company whose daemon has lived through a day: orders, payments, store answers, rejected and repeated files, mail,
 * SMS and all kinds of exports. Made once, copied for each test, so that one thing can be made wrong in each copy.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { runProgram } from '../../src/cli/program.ts'
import { runDaemon } from '../../src/daemon/daemon.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'

export interface Told {
  readonly code: number
  /** `A020 ord_…`, sorted. */
  readonly findings: readonly string[]
  readonly summary: Readonly<Record<string, unknown>> | undefined
  readonly text: string
}

export interface Story extends Disposable {
  readonly folder: string
  path(...names: readonly string[]): string
  drop(importName: string, name: string, bytes: string): void
  /** Runs the daemon until nothing is left to do, with the steps one after the other. */
  live(...steps: readonly (() => void)[]): Promise<void>
  /** The same company in another folder, as it is now. */
  copy(): Story
  /** The ledger as a plain database, foreign keys off. */
  change<T>(work: (db: DatabaseSync) => T): T
  audit(...words: readonly string[]): Promise<Told>
  /** Any command; gives the exit code. */
  run(...words: readonly string[]): Promise<number>
}

export const openStory = (): Story => {
  const story = storyIn(mkdtempSync(join(tmpdir(), 'orderly-audit-')))
  mkdirSync(story.path('config'))
  writeFileSync(story.path('config', 'orderly.yaml'), stringify(config))
  return story
}

function storyIn(folder: string): Story {
  const path = (...names: readonly string[]): string => join(folder, ...names)
  return {
    folder,
    path,
    drop: (importName, name, bytes) => {
      mkdirSync(path('in', importName), { recursive: true })
      writeFileSync(path('in', importName, `.${name}.part`), bytes)
      renameSync(path('in', importName, `.${name}.part`), path('in', importName, name))
    },
    live: (...steps) => live(folder, steps),
    copy: () => {
      const target = mkdtempSync(join(tmpdir(), 'orderly-audit-'))
      cpSync(folder, target, { recursive: true })
      return storyIn(target)
    },
    change: (work) => {
      const db = new DatabaseSync(path('var', 'ledger.db'), { enableForeignKeyConstraints: false })
      try {
        return work(db)
      } finally {
        db.close()
      }
    },
    audit: (...words) => audit(folder, words),
    run: async (...words) => (await command(folder, words)).code,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function command(
  folder: string,
  words: readonly string[],
): Promise<{ readonly code: number; readonly text: string }> {
  let text = ''
  const code = await runProgram(words, {
    out: { write: (part) => (text += part) },
    err: { write: (part) => (text += part) },
    input: (async function* () {})(),
    env: {},
    folder,
  })
  return { code, text }
}

async function audit(folder: string, words: readonly string[]): Promise<Told> {
  const { code, text } = await command(folder, ['audit', '--json', ...words])
  const values = text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const findings = values.filter(({ type }) => type === 'finding')
  return {
    code,
    findings: findings.map(({ code: each, id }) => `${String(each)} ${String(id).replace(folder, '')}`).toSorted(),
    summary: values.find(({ type }) => type === 'summary'),
    text,
  }
}

async function live(folder: string, steps: readonly (() => void)[]): Promise<void> {
  const stop = new AbortController()
  let log = ''
  const ended = runDaemon({
    configFile: join(folder, 'config', 'orderly.yaml'),
    env: {},
    signal: stop.signal,
    logTo: { write: (line) => (log += line) },
  })
  try {
    for (const step of steps) {
      step()
      await quiet(folder)
    }
  } catch (error) {
    throw new Error(`${String(error)}\n${log}`, { cause: error })
  } finally {
    stop.abort()
    await ended
  }
}

async function quiet(folder: string): Promise<void> {
  for (let tries = 0, still = 0; tries < 400; tries++) {
    still = (await isQuiet(folder)) ? still + 1 : 0
    if (still === 4) return
    await pause(50)
  }
  throw new Error('the daemon does not come to rest')
}

async function isQuiet(folder: string): Promise<boolean> {
  if (!existsSync(join(folder, 'var', 'ledger.db'))) return false
  for (const name of existsSync(join(folder, 'in')) ? readdirSync(join(folder, 'in')) : []) {
    const own = readdirSync(join(folder, 'in', name), { withFileTypes: true })
    if (own.some((entry) => entry.isFile())) return false
    const claimed = join(folder, 'in', name, '.orderly')
    if (existsSync(claimed) && readdirSync(claimed).length > 0) return false
  }
  try {
    await using ledger = await openLedger(join(folder, 'var', 'ledger.db'), { busyTimeoutMs: 1_000, readOnly: true })
    const { messages, exports } = await ledger.totals()
    return (
      messages.every(({ state }) => state !== 'queued' && state !== 'sending') &&
      exports.every(({ open, writing }) => open === 0 && writing === 0)
    )
  } catch {
    return false // the daemon is making it
  }
}

const csv = (fields: Record<string, string>) => ({ type: 'csv', delimiter: ';', fields })
const watched = (kind: string, name: string, more: object) => ({
  kind,
  folder: `../in/${name}`,
  files: '*.csv',
  ready: 'renamed',
  watch: 'poll',
  every: '100ms',
  ...more,
})
const written = (kind: string) => ({
  kind,
  folder: `../out/${kind}`,
  file: `${kind}-{seq:4}.csv`,
  format: { type: 'csv' },
})
const orders = {
  channel: 'web',
  format: csv({
    number: 'No',
    gross: 'Total',
    paymentMethod: 'Pay',
    deliveryMethod: 'Ship',
    store: 'Store',
    'customer.name': 'Name',
    'customer.email': 'Email',
    'customer.phone': 'Phone',
    'lines.sku': 'Sku',
    'lines.quantity': 'Qty',
  }),
}

const config = {
  version: 1,
  company: { code: 'HU01', name: 'Example Kft.', email: 'shop@example.com', phone: '+36 1 234 5678' },
  companies: { SK01: { name: 'Example s.r.o.' } },
  languages: ['en'],
  timeZone: 'Europe/Budapest',
  currency: 'EUR',
  country: 'HU',
  templates: fileURLToPath(new URL('../../templates', import.meta.url)),
  data: '../var',
  mail: { transport: 'files', folder: '../var/mail', from: { address: 'shop@example.com' } },
  sms: { transport: 'files', folder: '../var/sms', sender: ['EXAMPLE'] },
  alarms: { to: ['it@example.com'] },
  imports: {
    orders: watched('orders', 'orders', orders),
    bank: watched('payments', 'bank', {
      account: 'HU42',
      format: csv({ bankKey: 'Key', amount: 'Amount', message: 'Text' }),
    }),
    answers: watched('collectStatus', 'answers', {
      onBadRecord: 'rejectRecord',
      format: csv({ order: 'No', status: 'Status', documentNumber: 'Doc' }),
    }),
    status: watched('orderStatus', 'status', { format: csv({ order: 'No', status: 'Status' }) }),
    customers: watched('customers', 'customers', {
      company: 'HU01',
      format: csv({ number: 'No', name: 'Name', email: 'Email' }),
    }),
  },
  exports: {
    status: { ...written('orderStatus'), doneFile: '{name}.done' },
    clearing: written('clearing'),
    invoices: written('invoice'),
    stock: written('stock'),
    dispatch: written('dispatch'),
    stores: written('orderToStore'),
    payments: written('payments'),
  },
  stores: { KOS01: { name: 'Košice', company: 'SK01', email: 'kos@example.com' } },
  channels: { web: { language: 'en' } },
  workflows: {
    collect: {
      kind: 'collect',
      for: { delivery: 'collect' },
      store: { mail: { pending: 'store/new-order' } },
      customer: { mail: { confirmed: 'customer/ready' }, sms: { confirmed: 'customer/ready' } },
      expiry: { processing: '4h', countedIn: 'clock' },
    },
    paid: {
      kind: 'payment',
      for: { method: 'transfer' },
      steps: [
        { send: { to: 'customer', mail: 'customer/payment-received' } },
        { invoice: { action: 'issue' } },
        { setStatus: 'processing' },
        { stock: 'issue' },
        { dispatch: 'warehouse' },
      ],
    },
    desk: {
      kind: 'notification',
      for: { delivery: 'courier' },
      on: { received: { to: 'customer', mail: 'customer/order-accepted', review: true } },
    },
  },
}

const head = 'No;Total;Pay;Ship;Store;Name;Email;Phone;Sku;Qty'
export const orderRow = (number: string, total: string, ship = 'courier', store = ''): string =>
  `${number};${total};transfer;${ship};${store};Anna;anna@example.com;+36301234567;A1;2`
export const table = (heading: string, ...rows: readonly string[]): string => [heading, ...rows, ''].join('\n')
export const orderTable = (...rows: readonly string[]): string => table(head, ...rows)

/** The day: everything that an audit goes over happens at least once. */
export async function liveThroughADay(story: Story): Promise<void> {
  const drop: Story['drop'] = (...file) => story.drop(...file)
  await story.live(
    () => drop('customers', 'C1.csv', table('No;Name;Email', '7;Anna;anna@example.com', '8;Bea;bea@example.com')),
    () =>
      drop(
        'orders',
        'O1.csv',
        orderTable(
          orderRow('1001', '50.00', 'collect', 'KOS01'),
          orderRow('1002', '20.00'),
          orderRow('1003', '30.00', 'collect', 'KOS01'),
          orderRow('1004', '40.00'),
        ),
      ),
    () => drop('bank', 'B1.csv', table('Key;Amount;Text', 'K1;20.00;order 1002', 'K2;30.00;1001', 'K3;7.77;no idea')),
    () => drop('answers', 'A1.csv', table('No;Status;Doc', '1001;confirmed;', '1009;confirmed;', ';confirmed;')),
    () => {
      drop('answers', 'A2.csv', table('No;Status;Doc', '1001;delivered;S-1'))
      drop('orders', 'O2.csv', orderTable(orderRow('1005', 'fifty')))
    },
    () => {
      drop('orders', 'O3.csv', orderTable(orderRow('1002', '20.00'), orderRow('1004', '45.00')))
      drop('status', 'S1.csv', table('No;Status', '1004;packed'))
      drop('customers', 'C2.csv', table('No;Name;Email', '8;Beata;bea@example.com'))
    },
    () => drop('orders', 'again.csv', orderTable(orderRow('1002', '20.00'), orderRow('1004', '45.00'))),
  )
}
