/** A small shop in a temporary folder, with a config of its own, and ways to run the command line on it. */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runProgram } from '../../src/cli/program.ts'

const mainFile = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

const config = `version: 1
company: { code: HU01, name: Example Kft., email: shop@example.com, phone: "+36 1 234 5678" }
companies: { SK01: { name: Example s.r.o. } }
languages: [en]
timeZone: Europe/Budapest
currency: EUR
country: HU
templates: ../templates
data: ../var
mail: { transport: files, folder: ../var/mail, from: { address: shop@example.com } }
sms: { transport: files, folder: ../var/sms, sender: [EXAMPLE] }
alarms: { to: [it@example.com] }
matching: { patterns: ['WEB-\\d+'] }
imports:
  orders:
    kind: orders
    folder: ../in/orders
    files: "ORD*.csv"
    channel: web
    format:
      type: csv
      delimiter: ";"
      fields: { number: No, gross: Total, paymentMethod: Pay, deliveryMethod: Ship, store: Store, customer.name: Name, customer.email: Email, lines.sku: Sku, lines.quantity: Qty }
  bank:
    kind: payments
    folder: ../in/bank
    files: "BANK*.csv"
    account: HU42
    format: { type: csv, delimiter: ";", fields: { bankKey: Key, amount: Amount, message: Text, counterName: Payer } }
exports:
  status: { kind: orderStatus, folder: ../out/status, file: "STATUS_{seq:6}.{ext}", when: "0 18 * * *", format: { type: csv } }
  clearing: { kind: clearing, company: HU01, folder: ../out/clearing, format: { type: csv } }
calendars: { standard: { rules: [ { open: "09:00-18:00", on: weekly, days: [mon, tue, wed, thu, fri] }, { closed: true, on: date, date: "2026-12-25" } ] } }
stores: { BUD01: { name: Budapest, email: bud@example.com, calendar: standard }, KOS01: { name: Košice, company: SK01, email: kos@example.com, calendar: standard, timeZone: Europe/Bratislava } }
channels: { web: { language: en } }
workflows:
  collect:
    kind: collect
    for: { delivery: collect }
    store: { mail: { pending: store/new-order } }
    customer: { mail: { confirmed: customer/ready, rejected: customer/rejected, expired: customer/expired } }
    expiry: { processing: 4h, countedIn: clock }
  transfer:
    kind: payment
    for: { method: transfer }
    steps:
      - send: { to: customer, mail: customer/payment-received }
        if: { order.gross: { gte: 10 } }
      - setStatus: processing
  desk:
    kind: notification
    for: { delivery: courier }
    on: { accepted: { to: customer, mail: customer/order-accepted, review: true } }
`

export const orders = `No;Total;Pay;Ship;Store;Name;Email;Sku;Qty
WEB-1;50.00;transfer;collect;KOS01;Anna;anna@example.com;A1;2
WEB-2;20.00;transfer;courier;;Béla;;B2;1
WEB-3;5.00;transfer;courier;;Cili;cili@example.com;C3;1
`
export const payments = `Key;Amount;Text;Payer
B-1;50.00;order WEB-1;Anna
B-2;7.77;no idea;Nobody
`

const given = (words: readonly string[]): readonly string[] => (words.length === 0 ? [] : ['--actor', 'anna', ...words])

export interface Result {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Shop extends AsyncDisposable {
  readonly folder: string
  path(name: string): string
  write(name: string, text: string): Promise<string>
  /** In this process: quick. */
  run(words: readonly string[], options?: RunOptions): Promise<Result>
  /** The real program in a process of its own. */
  spawn(words: readonly string[], options?: RunOptions): Promise<Result>
}

interface RunOptions {
  readonly input?: string
  readonly now?: number
}

/** `more`: further lines of the config; `change`: its text as a test wants it. */
export async function openShop(more = '', change: (text: string) => string = (text) => text): Promise<Shop> {
  const folder = await mkdtemp(join(tmpdir(), 'orderly-cli-'))
  const path = (name: string): string => join(folder, name)
  const write = async (name: string, text: string): Promise<string> => {
    await mkdir(dirname(path(name)), { recursive: true })
    await writeFile(path(name), text)
    return path(name)
  }
  await write('config/orderly.yaml', change(config + more))
  return {
    folder,
    path,
    write,
    run: (words, options = {}) => runHere(folder, given(words), options),
    spawn: (words, options = {}) => runThere(folder, given(words), options),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

async function runHere(folder: string, words: readonly string[], { input = '', now }: RunOptions): Promise<Result> {
  const [out, err]: [string[], string[]] = [[], []]
  const code = await runProgram(words, {
    out: { write: (text) => out.push(text) },
    err: { write: (text) => err.push(text) },
    input: bytesOf(input),
    env: {},
    folder,
    ...(now !== undefined && { clock: { now: () => now, monotonic: () => 0 } }),
  })
  return { code, out: out.join(''), err: err.join('') }
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

export function startProgram(folder: string, words: readonly string[]) {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'orderly-test-compile-cache'), NO_COLOR: '1' }
  return spawn(process.execPath, [mainFile, ...words], { cwd: folder, env })
}

async function runThere(folder: string, words: readonly string[], { input = '' }: RunOptions): Promise<Result> {
  const child = startProgram(folder, words)
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  child.stdin.on('error', () => undefined) // a program that reads no input may be gone already
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }
}

/** Each line of a JSON output. */
export const lines = <T = Record<string, unknown>>(text: string): T[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
