import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test, type TestContext } from 'vitest'
import { openShop, orders, type Shop } from '../cli/sample-shop.ts'
import { type NotifyReceiver, receiveNotifications } from './notify-receiver.ts'

const mainFile = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const blocker = new URL('block-on-signal.ts', import.meta.url).href

let shop: Shop
let receiver: NotifyReceiver | undefined
const children: ChildProcessWithoutNullStreams[] = []
beforeEach(async () => {
  shop = await openShop()
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await receiver?.[Symbol.asyncDispose]()
  receiver = undefined
  await shop[Symbol.asyncDispose]()
})

interface Service {
  readonly got: NotifyReceiver['got']
  readonly times: (field: string) => readonly number[]
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<number | null>
  readonly output: () => string
}

/** The real program, told what systemd would tell it. */
async function startService(
  context: TestContext,
  env: Record<string, string> = {},
  socket = shop.path('notify.sock'),
): Promise<Service> {
  for (const program of ['systemd-notify', 'python3']) {
    await promisify(execFile)(program, ['--version']).catch(() => context.skip(`${program} is not installed`))
  }
  receiver = await receiveNotifications(socket)
  const { got, times } = receiver
  const child = spawn(process.execPath, ['--import', blocker, mainFile, 'run', '--config', 'config/orderly.yaml'], {
    cwd: shop.folder,
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: join(tmpdir(), 'orderly-test-compile-cache'),
      NOTIFY_SOCKET: socket,
      ...env,
    },
  })
  children.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return { got, times, child, ended, output: () => output }
}

async function changeConfig(from: string, to: string): Promise<void> {
  const text = readFileSync(shop.path('config/orderly.yaml'), 'utf8')
  await shop.write('config/orderly.yaml', text.replaceAll(from, to))
}

const limit = { timeout: 15_000, interval: 20 }
const ready = ({ times }: Service, count = 1): Promise<void> =>
  expect.poll(() => times('READY').length, limit).toBe(count)
const monotonicUsec = (): number => Number(process.hrtime.bigint() / 1000n)

test('READY comes when the ledger is open and the folders are watched, not before', async (context) => {
  // Only an event can tell of the file in time.
  await changeConfig('files: "ORD*.csv"', 'files: "ORD*.csv"\n    ready: renamed\n    every: 1h')
  mkdirSync(shop.path('var'))
  const database = new DatabaseSync(shop.path('var/ledger.db'))
  database.exec('begin exclusive; create table held (x)')
  const service = await startService(context)
  await expect.poll(() => existsSync(shop.path('var/lock.db')), limit).toBe(true)
  await pause(500)
  expect(service.got).toEqual([])
  database.exec('rollback')
  database.close()
  await ready(service)
  expect(service.got[0]?.fields).toEqual({
    READY: '1',
    STATUS: expect.stringMatching(/^\d imports?; .*; 0 queued; 0 held$/) as string,
  })
  await shop.write('in/orders/.part', orders)
  renameSync(shop.path('in/orders/.part'), shop.path('in/orders/ORD1.csv'))
  await expect.poll(() => existsSync(shop.path('in/orders/ORD1.csv')), limit).toBe(false)
})

test('signs of life come within half the time that systemd waits, and none when the process hangs', async (context) => {
  const service = await startService(context, { WATCHDOG_USEC: '900000' })
  const signs = (): number => service.times('WATCHDOG').length
  await expect.poll(signs, limit).toBeGreaterThanOrEqual(6)
  const times = service.times('WATCHDOG')
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0))
  // A machine under load may start a process late: one gap may be longer.
  expect(gaps.filter((gap) => gap < 450_000).length).toBeGreaterThanOrEqual(gaps.length - 1)
  const last = service.got.findLast(({ fields }) => 'WATCHDOG' in fields)
  expect(last?.fields['STATUS']).toMatch(/^2 imports; \d exports?; mail \w+; sms \w+; 0 queued; 0 held$/)

  const silentAfter = async (signal: NodeJS.Signals): Promise<number> => {
    service.child.kill(signal)
    await pause(400) // one may be under way, in a process of its own
    const before = signs()
    await pause(1_000)
    expect(signs()).toBe(before)
    return before
  }
  const before = await silentAfter('SIGSTOP')
  service.child.kill('SIGCONT')
  await expect.poll(signs, limit).toBeGreaterThan(before)
  await silentAfter('SIGUSR2') // a main loop that hangs, see block-on-signal.ts
  expect(service.child.exitCode).toBe(null)
})

const withCredential = (): Promise<void> =>
  changeConfig('sms: { ', 'sms: { systemId: orderly, password: "${credential:smpp-password}", ')

test('SIGHUP is answered by RELOADING with the time, then READY; SIGTERM by STOPPING; a credential shows nowhere', async (context) => {
  await withCredential()
  await shop.write('credentials/smpp-password', 'Zaq12-geheim\n')
  const env = { CREDENTIALS_DIRECTORY: shop.path('credentials') }
  const service = await startService(context, env, `@orderly-notify-${process.pid}`)
  await ready(service)
  const before = monotonicUsec()
  service.child.kill('SIGHUP')
  await ready(service, 2)
  const reloading = service.got.find(({ fields }) => 'RELOADING' in fields)
  expect(reloading?.fields['RELOADING']).toBe('1')
  expect(Number(reloading?.fields['MONOTONIC_USEC'])).toBeGreaterThanOrEqual(before)
  expect(Number(reloading?.fields['MONOTONIC_USEC'])).toBeLessThanOrEqual(reloading?.at ?? 0)

  writeFileSync(shop.path('config/orderly.yaml'), 'version: 1\n')
  service.child.kill('SIGHUP')
  await ready(service, 3)
  expect(service.got.findLast(({ fields }) => 'READY' in fields)?.fields['STATUS']).toMatch(
    /a changed config was rejected, the old one goes on$/,
  )
  service.child.kill('SIGTERM')
  expect(await service.ended).toBe(0)
  expect(service.got.map(({ fields }) => Object.keys(fields)[0]).filter((name) => name !== 'STATUS')).toEqual([
    'READY',
    'RELOADING',
    'READY',
    'RELOADING',
    'READY',
    'STOPPING',
  ])
  const status = readFileSync(shop.path('var/status.json'), 'utf8')
  expect(JSON.stringify(service.got) + service.output() + status).not.toContain('geheim')
})

test('without its credential it does not become ready: exit code 78, and what is missing', async (context) => {
  await withCredential()
  const service = await startService(context, { CREDENTIALS_DIRECTORY: shop.path('credentials') })
  expect(await service.ended).toBe(78)
  expect(service.output()).toMatch(/smpp-password does not exist.*\(C033\)/)
  expect(service.got).toEqual([])
})
