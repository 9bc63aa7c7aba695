import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestContext } from 'vitest'
import { movableClock } from '../../src/platform/clock.ts'
import { notifySystemd, watchdogInterval, watchdogPatience } from '../../src/platform/systemd.ts'

const run = promisify(execFile)
let folder: string
let receiver: ChildProcess | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orderly-systemd-'))
})
afterEach(async () => {
  receiver?.kill('SIGKILL')
  receiver = undefined
  await rm(folder, { recursive: true, force: true })
})

const logged: unknown[] = []
const log = { warn: (fields: unknown, message: string): void => void logged.push([fields, message]) }

/** A real datagram socket; undefined (and the test skipped with the reason) where it cannot be had. */
async function listen(
  context: TestContext,
  socket = join(folder, 'notify.sock'),
): Promise<{ env: Record<string, string>; got: string[] }> {
  for (const program of ['systemd-notify', 'python3']) {
    await run(program, ['--version']).catch(() => context.skip(`${program} is not installed`))
  }
  receiver = spawn('python3', [join(import.meta.dirname, 'receive-datagrams.py'), socket], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const got: string[] = []
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: receiver?.stdout ?? process.stdin }).on('line', (line) => {
      const message = JSON.parse(line) as string
      if (message === 'listening') resolve()
      else if (message !== 'BARRIER=1') got.push(message)
    })
  })
  await ready
  return { env: { NOTIFY_SOCKET: socket, PATH: process.env['PATH'] ?? '', SMTP_PASSWORD: 'x' }, got }
}

test('each message arrives, in the order of the calls', async (context) => {
  const { env, got } = await listen(context)
  const clock = movableClock(0)
  clock.advance(1234.5678)
  const notifier = notifySystemd({ env, log, clock })
  const sent = [notifier.ready(), notifier.status('3 imports, 2 gateways'), notifier.reloading(), notifier.ready()]
  await Promise.all(sent)
  await notifier.watchdog()
  await notifier.stopping()
  for (let i = 0; i < 50 && got.length < 6; i++) await wait(10)
  expect(got).toEqual([
    'READY=1',
    'STATUS=3 imports, 2 gateways',
    'RELOADING=1\nMONOTONIC_USEC=1234567',
    'READY=1',
    'WATCHDOG=1',
    'STOPPING=1',
  ])
  expect(logged).toEqual([])
})

test('a slow message is not overtaken by the next', async (context) => {
  const { env, got } = await listen(context)
  const { stdout } = await run('sh', ['-c', 'command -v systemd-notify'])
  const script = `#!/bin/sh\n[ "$1" = RELOADING=1 ] && sleep 0.3\nexec ${stdout.trim()} "$@"\n`
  await writeFile(join(folder, 'systemd-notify'), script, { mode: 0o755 })
  const notifier = notifySystemd({ env: { ...env, PATH: `${folder}:${env['PATH']}` }, log })
  await Promise.all([notifier.reloading(), notifier.ready()])
  for (let i = 0; i < 50 && got.length < 2; i++) await wait(10)
  expect(got.map((message) => message.split('\n')[0])).toEqual(['RELOADING=1', 'READY=1'])
})

test('a status from outside cannot smuggle in another message', async (context) => {
  const { env, got } = await listen(context)
  await notifySystemd({ env, log }).status('file x\nSTOPPING=1\0\u2028--help')
  for (let i = 0; i < 50 && got.length < 1; i++) await wait(10)
  expect(got).toEqual(['STATUS=file x STOPPING=1 --help'])
})

test('watchdog messages do not pile up', async (context) => {
  const { env, got } = await listen(context)
  const notifier = notifySystemd({ env, log })
  await Promise.all(Array.from({ length: 20 }, () => notifier.watchdog()))
  await notifier.watchdog()
  for (let i = 0; i < 50 && got.length < 2; i++) await wait(10)
  expect(got).toEqual(['WATCHDOG=1', 'WATCHDOG=1'])
})

test('without NOTIFY_SOCKET nothing happens', async () => {
  const notifier = notifySystemd({ env: {}, log })
  await Promise.all([notifier.ready(), notifier.status('x'), notifier.watchdog(), notifier.stopping()])
  expect(logged).toEqual([])
})

test.each([
  ['nobody listens on the socket', process.env['PATH'] ?? ''],
  ['systemd-notify is not installed', '/nonexistent'],
])('when %s, nothing is thrown and it is logged once', async (_, path) => {
  logged.length = 0
  const notifier = notifySystemd({ env: { NOTIFY_SOCKET: join(folder, 'none.sock'), PATH: path }, log })
  await notifier.ready()
  await notifier.watchdog()
  await notifier.stopping()
  expect(logged).toHaveLength(1)
  expect(logged[0]).toMatchObject([{ err: expect.any(Error) as Error }, expect.stringContaining('not be notified')])
  logged.length = 0
})

test.each([
  [{}, undefined],
  [{ WATCHDOG_USEC: '30000000' }, 30_000],
  [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '42' }, 30_000],
  [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '43' }, undefined],
  [{ WATCHDOG_USEC: '1000' }, 1],
  [{ WATCHDOG_USEC: '0' }, undefined],
  [{ WATCHDOG_USEC: '-5' }, undefined],
  [{ WATCHDOG_USEC: '30s' }, undefined],
])('with %j systemd waits %s ms for a sign of life', (env, ms) => {
  expect(watchdogPatience(env, 42)).toBe(ms)
})

test.each([120_000, 3_000, 100, 1])('of %s ms the sign of life takes less than half', (patience) => {
  expect(watchdogInterval(patience)).toBeLessThanOrEqual(Math.max(1, patience / 2 - 1))
})

test('a line of status goes with the word that it belongs to', async (context) => {
  const { env, got } = await listen(context)
  const notifier = notifySystemd({ env, log })
  await notifier.ready('3 imports; mail ok')
  await notifier.watchdog('3 imports; mail away')
  await notifier.stopping('stopping')
  await expect
    .poll(() => got)
    .toEqual([
      'READY=1\nSTATUS=3 imports; mail ok',
      'WATCHDOG=1\nSTATUS=3 imports; mail away',
      'STOPPING=1\nSTATUS=stopping',
    ])
})

test('a socket of the abstract kind (@NAME) is told too', async (context) => {
  const { env, got } = await listen(context, `@orderly-test-${process.pid}`)
  await notifySystemd({ env, log }).ready()
  await expect.poll(() => got).toEqual(['READY=1'])
})
