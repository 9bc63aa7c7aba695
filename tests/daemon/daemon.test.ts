import { spawn } from 'node:child_process'
import {
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
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { SMTPServer } from 'smtp-server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { runDaemon, type DaemonEnd } from '../../src/daemon/daemon.ts'
import { ownerOf } from '../../src/daemon/data-files.ts'
import { readStatus, type StatusDocument } from '../../src/daemon/status-document.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { orderFile, orderRow } from '../neighbours/company.ts'
import { startSmsc } from '../neighbours/smsc.ts'

type Config = Record<string, any> // eslint-disable-line typescript/no-explicit-any -- the config as a test edits it

let folder: string
const closing: (() => Promise<unknown>)[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-daemon-'))
})
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
  rmSync(folder, { recursive: true, force: true })
})

const templates = fileURLToPath(new URL('../../templates', import.meta.url))
function configure(change?: (config: Config) => void): void {
  const orders = {
    kind: 'orders',
    folder: '../in/orders',
    files: '*.csv',
    ready: 'renamed',
    watch: 'poll',
    every: '100ms',
    channel: 'web',
    format: {
      type: 'csv',
      delimiter: ';',
      fields: {
        number: 'No',
        gross: 'Total',
        paymentMethod: 'Pay',
        deliveryMethod: 'Ship',
        store: 'Store',
        'customer.name': 'Name',
        'customer.email': 'Email',
        'lines.sku': 'Sku',
        'lines.quantity': 'Qty',
      },
    },
  }
  const config: Config = {
    version: 1,
    company: { code: 'HU01', name: 'Example Kft.', email: 'shop@example.com', phone: '+36 1 234 5678' },
    languages: ['en'],
    timeZone: 'Europe/Budapest',
    currency: 'EUR',
    country: 'HU',
    templates,
    data: '../var',
    mail: { transport: 'files', folder: '../var/mail', from: { address: 'shop@example.com' } },
    sms: { transport: 'files', folder: '../var/sms', sender: ['EXAMPLE'] },
    alarms: { to: ['it@example.com'] },
    imports: { orders },
    exports: {
      status: { kind: 'orderStatus', folder: '../out/status', file: 'S{seq:6}.{ext}', format: { type: 'csv' } },
    },
    stores: { KOS01: { name: 'Košice', email: 'kos@example.com' } },
    channels: { web: {} },
    workflows: {
      collect: {
        kind: 'collect',
        for: { delivery: 'collect' },
        store: { mail: { pending: 'store/new-order' } },
        expiry: { processing: '4h', countedIn: 'clock' },
      },
      desk: {
        kind: 'notification',
        for: { delivery: 'courier' },
        on: { received: { to: 'customer', mail: 'customer/order-accepted' } },
      },
    },
  }
  change?.(config)
  mkdirSync(join(folder, 'config'), { recursive: true })
  writeFileSync(join(folder, 'config', 'orderly.yaml'), stringify(config))
}

async function start(env: Record<string, string> = {}) {
  const stop = new AbortController()
  let log = ''
  let ready = false
  let ended = false
  const options = {
    configFile: join(folder, 'config', 'orderly.yaml'),
    env,
    signal: stop.signal,
    onReady: () => void (ready = true),
  }
  const end: Promise<DaemonEnd> = runDaemon({ ...options, logTo: { write: (line) => void (log += line) } }).finally(
    () => (ended = true),
  )
  end.catch(() => undefined)
  closing.push(async () => {
    stop.abort()
    await end.catch(() => undefined)
  })
  await expect.poll(() => ready || ended, { interval: 5, timeout: 10_000 }).toBe(true)
  const reload = async (word: string): Promise<void> => {
    const before = log.length
    process.emit('SIGHUP', 'SIGHUP')
    await expect.poll(() => log.slice(before), { timeout: 10_000 }).toContain(word)
  }
  return { stop: () => (stop.abort(), end), end, log: () => log, reload }
}

const drop = (name: string, text: string, target = 'in/orders'): void => {
  mkdirSync(join(folder, target), { recursive: true })
  writeFileSync(join(folder, `${name}.part`), text)
  renameSync(join(folder, `${name}.part`), join(folder, target, name))
}
async function look<T>(read: (ledger: Ledger) => Promise<T>): Promise<T> {
  await using ledger = await openLedger(join(folder, 'var', 'ledger.db'), { busyTimeoutMs: 5_000, readOnly: true })
  return await read(ledger)
}
const orders = () =>
  look(async (ledger) =>
    (await ledger.records({ kind: 'order', limit: 100 }))
      .map((order) => (order.kind === 'order' ? order.number : ''))
      .toSorted(),
  )
const status = async (): Promise<StatusDocument> => {
  const found = await readStatus(join(folder, 'var'))
  if (found === undefined) throw new Error('no status document')
  return found
}
const exported = () =>
  existsSync(join(folder, 'out', 'status'))
    ? readdirSync(join(folder, 'out', 'status')).filter((name) => !name.startsWith('.'))
    : []

async function answer(hold: Promise<void>, done: (error: null, text: string) => void): Promise<void> {
  await hold
  done(null, 'queued')
}
/** Mails are kept in `got`; each is answered when `hold` lets it. */
async function startSmtp(hold: Promise<void> = Promise.resolve()) {
  const got: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData: (stream, session, done) => {
      stream.resume()
      stream.on('end', () => {
        got.push(session.envelope.rcptTo.map(({ address }) => address).join())
        void answer(hold, done)
      })
    },
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return { got, port: (server.server.address() as { port: number }).port }
}

test('makes the folders of imports, exports and data at the first start, and says how it is', async () => {
  configure()
  const daemon = await start()
  await expect
    .poll(() => existsSync(join(folder, 'in', 'orders')) && existsSync(join(folder, 'out', 'status')))
    .toBe(true)
  drop('a.csv', orderFile(orderRow('1').replace('courier;', 'collect;KOS01')))
  await expect.poll(orders, { timeout: 15_000 }).toEqual(['1'])
  await expect.poll(exported, { timeout: 15_000 }).toEqual(['S000001.csv'])
  await expect
    .poll(async () => (await status()).queue, { timeout: 15_000 })
    .toMatchObject([{ channel: 'mail', state: 'accepted', count: 1 }])
  expect(await status()).toMatchObject({
    state: 'running',
    pid: process.pid,
    imports: { orders: { online: true, waiting: 0 } },
    exports: { status: { ok: true } },
    transports: { mail: { inFlight: 0 } },
    errors: [],
  })
  expect(await daemon.stop()).toEqual({ kind: 'stopped' })
  expect((await status()).state).toBe('stopped')
})

test('a folder that cannot be made is told and does not keep the daemon from its other work', async () => {
  configure((config) =>
    Object.assign(config['imports'], { blocked: { ...config['imports'].orders, folder: '../in-the-way/orders' } }),
  )
  writeFileSync(join(folder, 'in-the-way'), 'a file')
  await start()
  drop('a.csv', orderFile(orderRow('1')))
  await expect.poll(orders, { timeout: 15_000 }).toEqual(['1'])
  await expect.poll(async () => (await status()).imports['blocked']?.online, { timeout: 15_000 }).toBe(false)
})

test('a broken config does not start; a running daemon keeps the second one out', async () => {
  configure((config) => (config['unknownKey'] = 1))
  expect((await (await start()).end).kind).toBe('badConfig')
  configure()
  await start()
  const other = await start()
  expect((await other.end).kind).toBe('alreadyRunning')
})

test('the name of a data folder’s daemon is made once', () => {
  const name = ownerOf(folder)
  expect(name).toMatch(/^[0-9a-f]{8}$/)
  expect(ownerOf(folder)).toBe(name)
  writeFileSync(join(folder, 'owner'), '')
  expect(ownerOf(folder)).toMatch(/^[0-9a-f]{8}$/)
})

const collect = (number: string) => orderRow(number).replace('courier;', 'collect;KOS01')

const mail = (port: number) => (config: Config) =>
  (config['mail'] = {
    transport: 'smtp',
    host: '127.0.0.1',
    port,
    security: 'none',
    from: { address: 'shop@example.com' },
  })

describe('a reload', () => {
  test('takes new imports in and forgets old ones, also in what is told', async () => {
    configure()
    const daemon = await start()
    drop('a.csv', orderFile(orderRow('1')))
    await expect.poll(orders, { timeout: 15_000 }).toEqual(['1'])
    configure((config) => (config['imports'] = { second: { ...config['imports'].orders, folder: '../in/second' } }))
    await daemon.reload('config reloaded')
    drop('b.csv', orderFile(orderRow('2')), 'in/second')
    drop('c.csv', orderFile(orderRow('3')))
    await expect.poll(orders, { timeout: 15_000 }).toEqual(['1', '2'])
    await expect.poll(async () => Object.keys((await status()).imports), { timeout: 15_000 }).toEqual(['second'])
    expect(existsSync(join(folder, 'in', 'orders', 'c.csv'))).toBe(true)
  })
  test('a changed workflow counts for new orders; running ones keep the settings that they began with', async () => {
    configure()
    const daemon = await start()
    drop('a.csv', orderFile(collect('1')))
    await expect.poll(orders, { timeout: 15_000 }).toEqual(['1'])
    configure((config) => (config['workflows'].collect.expiry.processing = '8h'))
    await daemon.reload('config reloaded')
    drop('b.csv', orderFile(collect('2')))
    await expect.poll(orders, { timeout: 15_000 }).toEqual(['1', '2'])
    const hours = await look(async (ledger) => {
      const found = await ledger.records({ kind: 'order', limit: 5 })
      return found.map((order) =>
        order.kind === 'order'
          ? [order.number, Math.round(((order.collect?.processingExpiresAt ?? 0) - order.createdAt) / 3_600_000)]
          : [],
      )
    })
    expect(Object.fromEntries(hours)).toEqual({ 1: 4, 2: 8 })
  })
  test('opens the transports anew', async () => {
    const [one, other] = [await startSmtp(), await startSmtp()]
    configure(mail(one.port))
    const daemon = await start()
    drop('a.csv', orderFile(orderRow('1', '10.00', 'a@example.com')))
    await expect.poll(() => one.got, { timeout: 15_000 }).toEqual(['a@example.com'])
    configure(mail(other.port))
    await daemon.reload('config reloaded')
    drop('b.csv', orderFile(orderRow('2', '10.00', 'b@example.com')))
    await expect.poll(() => other.got, { timeout: 15_000 }).toEqual(['b@example.com'])
    expect(one.got).toHaveLength(1)
  })
  test('a broken config changes nothing, is told, and is forgotten with the next good one', async () => {
    configure()
    const daemon = await start()
    writeFileSync(join(folder, 'config', 'orderly.yaml'), 'version: [')
    await daemon.reload('config rejected')
    drop('a.csv', orderFile(orderRow('1')))
    await expect.poll(orders, { timeout: 15_000 }).toEqual(['1'])
    await expect.poll(async () => (await status()).config.rejected, { timeout: 15_000 }).toBeDefined()
    expect(
      await look(async (ledger) => (await ledger.messages({ limit: 9 })).map(({ template }) => template)),
    ).toContain('alarm/alarm')
    configure((config) => (config['data'] = '../elsewhere'))
    await daemon.reload('only change with a restart')
    configure()
    await daemon.reload('config reloaded')
    await expect.poll(async () => (await status()).config.rejected, { timeout: 15_000 }).toBeUndefined()
  })
  test('a config that is right and cannot be opened leaves the old one running', async () => {
    configure()
    const daemon = await start()
    writeFileSync(join(folder, 'in-the-way'), 'a file')
    configure((config) => (config['mail'].folder = '../in-the-way/mail'))
    await daemon.reload('could not be opened')
    drop('a.csv', orderFile(orderRow('1')))
    await expect.poll(orders, { timeout: 15_000 }).toEqual(['1'])
    await expect
      .poll(async () => (await status()).queue, { timeout: 15_000 })
      .toContainEqual(expect.objectContaining({ channel: 'mail', state: 'accepted' }))
  })
  test('keeps the secrets of the old and the new config out of the log', async () => {
    const smsc = await startSmsc()
    closing.push(() => Promise.resolve(smsc.stop()))
    const sms = (config: Config, systemId: string) =>
      (config['sms'] = {
        transport: 'smpp',
        host: '127.0.0.1',
        port: smsc.port,
        systemId,
        password: '${SMPP}',
        sender: ['EXAMPLE'],
      })
    configure((config) => sms(config, 'one'))
    const env: Record<string, string> = { SMPP: 'hunter2' }
    const daemon = await start(env)
    env['SMPP'] = 'swordfis'
    configure((config) => sms(config, 'two'))
    await daemon.reload('config reloaded')
    await expect
      .poll(() => smsc.binds.map(({ password }) => password), { timeout: 15_000 })
      .toEqual(['hunter2', 'swordfis'])
    drop('hunter2 swordfis.csv', 'not;an;order\n')
    await expect.poll(() => daemon.log(), { timeout: 15_000 }).toContain('file rejected')
    expect(daemon.log()).toContain('[secret] [secret].csv')
    expect(daemon.log()).not.toMatch(/hunter2|swordfis/)
  })
})

describe('a stop', () => {
  test('waits for the answer to a mail that is on its way', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const smtp = await startSmtp(promise)
    configure(
      (config) =>
        (config['mail'] = {
          transport: 'smtp',
          host: '127.0.0.1',
          port: smtp.port,
          security: 'none',
          from: { address: 'shop@example.com' },
        }),
    )
    const daemon = await start()
    drop('a.csv', orderFile(orderRow('1')))
    await expect.poll(() => smtp.got, { timeout: 15_000 }).toHaveLength(1)
    const stopped = daemon.stop()
    setTimeout(resolve, 300)
    expect((await stopped).kind).toBe('stopped')
    expect(await look(async (ledger) => (await ledger.messages({ limit: 5 })).map(({ state }) => state))).toEqual([
      'accepted',
    ])
  })
  test('ends within ten seconds when the answer does not come: the mail is unknown and goes again later', async () => {
    const smtp = await startSmtp(new Promise(() => undefined))
    configure(
      (config) =>
        (config['mail'] = {
          transport: 'smtp',
          host: '127.0.0.1',
          port: smtp.port,
          security: 'none',
          from: { address: 'shop@example.com' },
        }),
    )
    const daemon = await start()
    drop('a.csv', orderFile(orderRow('1')))
    await expect.poll(() => smtp.got, { timeout: 15_000 }).toHaveLength(1)
    const before = performance.now()
    await daemon.stop()
    expect(performance.now() - before).toBeLessThan(9_500)
    const [message] = await look((ledger) => ledger.messages({ limit: 5 }))
    expect(message).toMatchObject({ state: 'queued', attempts: 1 })
    expect(await look(async (ledger) => (await ledger.eventsOf(message?.id ?? '')).map(({ name }) => name))).toContain(
      'message.unknown',
    )
  })
})

test('systemd hears READY, the watchdog while the work goes on, RELOADING and READY, STOPPING', async () => {
  const socket = join(folder, 'notify.sock')
  const receiver = spawn('python3', [join(import.meta.dirname, '..', 'platform', 'receive-datagrams.py'), socket], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  closing.push(async () => void receiver.kill('SIGKILL'))
  const got: string[] = []
  let listening = false
  createInterface({ input: receiver.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as string
    if (message === 'listening') listening = true
    else if (message !== 'BARRIER=1') got.push(message.split('\n')[0] ?? '')
  })
  await expect.poll(() => listening, { timeout: 15_000 }).toBe(true)
  configure()
  const daemon = await start({ NOTIFY_SOCKET: socket, PATH: process.env['PATH'] ?? '', WATCHDOG_USEC: '600000' })
  await expect
    .poll(() => got.filter((message) => message === 'WATCHDOG=1').length, { timeout: 15_000 })
    .toBeGreaterThan(1)
  await daemon.reload('config reloaded')
  await expect.poll(() => got.filter((message) => message === 'READY=1').length, { timeout: 15_000 }).toBe(2)
  await daemon.stop()
  await expect
    .poll(() => got.filter((message) => message !== 'WATCHDOG=1'), { timeout: 15_000 })
    .toEqual(['READY=1', 'RELOADING=1', 'READY=1', 'STOPPING=1'])
  expect(readFileSync(join(folder, 'var', 'status.json'), 'utf8')).toContain('"stopped"')
})
