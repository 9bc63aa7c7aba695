/**
 * A small company for end-to-end tests: folders, a real SMTP server, a real SMSC, and the daemon as a process.
 *
 * Everything lies in a temporary folder and on loopback; `await using` ends all of it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { SMTPServer } from 'smtp-server'
import { stringify } from 'yaml'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { deliverBody, id, receiptText, type Smsc, startSmsc, type Submitted } from '../neighbours/smsc.ts'

export interface ReceivedMail {
  readonly messageId: string
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly raw: string
}

export interface World extends AsyncDisposable {
  readonly folder: string
  readonly mails: ReceivedMail[]
  readonly smsc: Smsc
  /** Writes the config; exports: when they are written. */
  configure(change?: (config: Config) => void): void
  /** Gives a file to an import folder by a rename, as a good writer does. */
  drop(importName: string, name: string, bytes: Uint8Array | string): void
  /** `wrap`: a command to run the daemon under, such as strace with its options. */
  start(wrap?: readonly string[]): Daemon
  look<T>(read: (ledger: Ledger) => Promise<T>): Promise<T>
  /** Until nothing is left to do: no files waiting, no messages under way, no lines open. */
  quiet(options?: QuietOptions): Promise<void>
  /** Names and contents of all files that an export wrote, in order; done files left out. */
  exported(name: string): readonly { readonly name: string; readonly text: string }[]
  /** Called for each mail before it is answered. */
  onMail: (mail: ReceivedMail) => void
  onSms: (sms: Submitted) => void
}

export interface QuietOptions {
  readonly limitMs?: number
  readonly exports?: boolean
  /** How long nothing must have been left to do, in milliseconds. */
  readonly calmMs?: number
  readonly everyMs?: number
}

export interface WorldOptions {
  /** The command of the daemon, without its config file: what a bundle is run with. Default: the sources. */
  readonly daemon?: readonly string[]
  /** Set for the daemon beside the environment of this process. */
  readonly env?: NodeJS.ProcessEnv
  /** A folder of an earlier world to begin with; it is copied. */
  readonly from?: string
}

export interface Daemon {
  readonly process: ChildProcess
  readonly log: () => string
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null>
  readonly ended: Promise<number | null>
}

export type Config = Record<string, any> // eslint-disable-line typescript/no-explicit-any -- the config as a test edits it

const runner = fileURLToPath(new URL('run-daemon.ts', import.meta.url))
const shipped = fileURLToPath(new URL('../../templates', import.meta.url))

export async function makeWorld(options: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'orderly-e2e-'))
  if (options.from !== undefined) cpSync(options.from, folder, { recursive: true, preserveTimestamps: true })
  const mails: ReceivedMail[] = []
  const smtp = await startSmtp((mail) => {
    world.onMail(mail)
    mails.push(mail)
  })
  let count = 0
  const smsc = await startSmsc({
    onSubmit: (submitted) => {
      world.onSms(submitted)
      count += 1
      const messageId = `s${count}`
      if (submitted.registeredDelivery !== 0) void sendReceipt(() => smsc, messageId, submitted)
      return { messageId }
    },
  })
  const running = new Set<Daemon>()
  const world: World = {
    folder,
    mails,
    smsc,
    onMail: () => undefined,
    onSms: () => undefined,
    configure: (change) => {
      const config = baseConfig(smtp.port, smsc.port)
      change?.(config)
      mkdirSync(join(folder, 'config'), { recursive: true })
      writeFileSync(join(folder, 'config', 'orderly.yaml'), stringify(config))
    },
    drop: (importName, name, bytes) => {
      const target = join(folder, 'in', importName)
      mkdirSync(target, { recursive: true })
      const hidden = join(target, `.${name}.part`)
      writeFileSync(hidden, bytes)
      renameSync(hidden, join(target, name))
    },
    start: (wrap = []) => {
      const daemon = startDaemon(join(folder, 'config', 'orderly.yaml'), wrap, options)
      running.add(daemon)
      return daemon
    },
    look: async (read) => {
      await using ledger = await openLedger(join(folder, 'var', 'ledger.db'), { busyTimeoutMs: 10_000, readOnly: true })
      return await read(ledger)
    },
    quiet: (wanted = {}) => quiet(world, wanted),
    exported: (name) => {
      const out = join(folder, 'out', name)
      if (!existsSync(out)) return []
      return readdirSync(out)
        .filter((file) => !file.startsWith('.') && !file.endsWith('.done'))
        .toSorted()
        .map((file) => ({ name: file, text: readFileSync(join(out, file), 'utf8') }))
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...running].map((daemon) => daemon.kill()))
      await smsc.stop()
      await smtp.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return world
}

/** Sends the receipt until it is answered well, also over a later connection, as gateways do. */
async function sendReceipt(smsc: () => Smsc, messageId: string, { source, destination }: Submitted): Promise<void> {
  const body = deliverBody({ source: destination, destination: source, text: receiptText(messageId, 'DELIVRD') })
  for (let attempt = 0; attempt < 50; attempt++) {
    await pause(attempt === 0 ? 50 : 300)
    const peer = smsc().peers.findLast(({ socket }) => !socket.destroyed)
    const status = await Promise.race([peer?.ask(id.deliver, body).catch(() => -1) ?? -1, pause(2_000, -1)])
    if (status === 0) return
  }
}

async function startSmtp(onMail: (mail: ReceivedMail) => void): Promise<{ port: number; close(): Promise<void> }> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8')
        const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ')
        const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1] ?? ''
        onMail({
          messageId: field('Message-ID'),
          from: field('From'),
          to: session.envelope.rcptTo.map(({ address }) => address),
          subject: field('Subject'),
          raw,
        })
        done(null, 'queued')
      })
    },
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as { port: number }
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) }
}

function startDaemon(config: string, wrap: readonly string[], options: WorldOptions): Daemon {
  const words = [...wrap, ...(options.daemon ?? [process.execPath, runner]), config]
  const env = { ...process.env, ...options.env }
  const child = spawn(words[0] ?? process.execPath, words.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], env })
  let log = ''
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)))
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    return ended
  }
  return {
    process: child,
    log: () => log,
    ended,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  }
}

async function quiet(
  world: World,
  { limitMs = 30_000, exports = true, calmMs = 600, everyMs = 100 }: QuietOptions,
): Promise<void> {
  const until = Date.now() + limitMs
  let since: number | undefined
  let why = ''
  while (Date.now() < until) {
    const busy = await stillBusy(world, exports)
    if (busy === undefined) {
      since ??= Date.now()
      if (Date.now() - since >= calmMs) return
    } else {
      since = undefined
      why = busy
    }
    await pause(everyMs)
  }
  throw new Error(`not quiet after ${limitMs} ms: ${why}`)
}

async function stillBusy(world: World, exports: boolean): Promise<string | undefined> {
  const folder = join(world.folder, 'in')
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const files = readdirSync(join(folder, name), { withFileTypes: true }).filter((entry) => entry.isFile())
    if (files.length > 0) return `files wait in ${name}: ${files.map((file) => file.name).join(', ')}`
    const claimed = join(folder, name, '.orderly')
    if (existsSync(claimed) && readdirSync(claimed).length > 0) return `files are claimed in ${name}`
  }
  if (!existsSync(join(world.folder, 'var', 'ledger.db'))) return 'there is no ledger yet'
  return await world.look(async (ledger) => {
    const totals = await ledger.totals()
    const under = totals.messages.filter(({ state }) => state === 'queued' || state === 'sending')
    if (under.length > 0)
      return `messages: ${under.map(({ channel, state, count }) => `${count} ${channel} ${state}`).join(', ')}`
    const open = totals.exports.filter((each) => each.open > 0 || each.writing > 0)
    return exports && open.length > 0 ? `exports: ${open.map((each) => each.export).join(', ')}` : undefined
  })
}

const csv = (columns: Record<string, string>): Config => ({ type: 'csv', delimiter: ';', columns })

/** Exports without times in their rows, so that two runs can be compared byte for byte. */
export function baseConfig(smtpPort: number, smppPort: number): Config {
  return {
    version: 1,
    company: { code: 'HU01', name: 'Example Retail Kft.', email: 'shop@example.com', phone: '+36 1 234 5678' },
    companies: { SK01: { name: 'Example Retail s.r.o.' } },
    languages: ['en', 'hu'],
    timeZone: 'Europe/Budapest',
    currency: 'HUF',
    country: 'HU',
    data: '../var',
    templates: shipped,
    mail: {
      transport: 'smtp',
      host: '127.0.0.1',
      port: smtpPort,
      security: 'none',
      from: { name: 'Example', address: 'shop@example.com' },
      perMinute: 100_000,
      retry: { first: '200ms', max: '1s', giveUpAfter: '1h' },
    },
    sms: {
      transport: 'smpp',
      host: '127.0.0.1',
      port: smppPort,
      systemId: 'orderly',
      password: 'secret',
      sender: ['store.mobile', 'EXAMPLE'],
      perSecond: 500,
      retry: { first: '200ms', max: '1s' },
    },
    safety: { maxPerHour: { mail: 100_000, sms: 100_000, perRecipient: 100_000 } },
    alarms: { to: ['it@example.com'] },
    operators: 'desk@example.com',
    imports: {
      orders: {
        kind: 'orders',
        folder: '../in/orders',
        files: '*.csv',
        ready: 'renamed',
        every: '500ms',
        channel: 'shop',
        format: {
          type: 'csv',
          encoding: 'windows-1250',
          delimiter: ';',
          decimal: ',',
          dates: 'dd.MM.yyyy',
          groupBy: 'No',
          fields: {
            number: 'No',
            date: 'Date',
            gross: 'Total',
            paymentMethod: 'Pay',
            deliveryMethod: 'Deliver',
            store: 'Store',
            'customer.name': 'Name',
            'customer.email': 'Email',
            'customer.phone': 'Phone',
            'lines.sku': 'Item',
            'lines.quantity': 'Qty',
            'lines.unitPrice': 'Price',
            'lines.vatPercent': 'Vat',
          },
        },
      },
      ubl: {
        kind: 'orders',
        folder: '../in/ubl',
        files: '*.xml',
        ready: 'renamed',
        every: '500ms',
        channel: 'b2b',
        format: { type: 'ubl' },
      },
      bank: {
        kind: 'payments',
        folder: '../in/bank',
        files: '*.xml',
        ready: 'renamed',
        every: '500ms',
        format: { type: 'camt' },
      },
      answers: {
        kind: 'collectStatus',
        folder: '../in/answers',
        files: '*.csv',
        ready: 'renamed',
        every: '500ms',
        onBadRecord: 'rejectRecord',
        format: { type: 'csv', delimiter: ';', fields: { order: 'No', status: 'Status', documentNumber: 'Doc' } },
      },
    },
    exports: {
      status: {
        kind: 'orderStatus',
        folder: '../out/status',
        file: 'S{seq:6}.csv',
        doneFile: '{name}.done',
        format: csv({
          No: 'order',
          Seq: 'sequence',
          Status: 'status',
          Pay: 'paymentStatus',
          Paid: 'paid',
          Processing: 'processing',
          Delivery: 'delivery',
        }),
      },
      clearing: {
        kind: 'clearing',
        folder: '../out/clearing',
        file: 'C{seq:6}.csv',
        onUnknown: 'repeat',
        format: csv({
          Id: 'id',
          No: 'order',
          Type: 'type',
          Company: 'company',
          Net: 'net',
          Vat: 'vat',
          Gross: 'gross',
        }),
      },
      invoices: {
        kind: 'invoice',
        folder: '../out/invoices',
        file: 'I{seq:6}.csv',
        onUnknown: 'repeat',
        format: csv({ Id: 'id', No: 'order', Action: 'action', Type: 'type', Gross: 'gross' }),
      },
    },
    workflows: {
      collect: {
        kind: 'collect',
        for: { delivery: 'collect' },
        store: { mail: { pending: 'store/new-order' } },
        customer: {
          mail: { pending: 'customer/received', delivered: 'customer/collected' },
          sms: { confirmed: 'customer/ready' },
        },
        expiry: { processing: '4h', countedIn: 'clock' },
      },
      paid: {
        kind: 'payment',
        steps: [
          { send: { to: 'customer', mail: 'customer/payment-received' } },
          { invoice: { action: 'issue' } },
          { setStatus: 'processing' },
        ],
      },
      desk: {
        kind: 'notification',
        for: { channel: 'b2b' },
        on: { received: { to: 'operators', mail: 'desk/new-order' } },
      },
    },
    stores: {
      KOS01: { name: 'Example Košice', company: 'SK01', email: 'kosice@example.com', mobile: '+421905123401' },
    },
    channels: { shop: { language: 'hu' }, b2b: {} },
  }
}
