import { afterEach, beforeEach, expect, test } from 'vitest'
import { heard, watchHealth } from '../../src/daemon/health.ts'
import { smsStatus } from '../../src/daemon/transports.ts'
import { startTroubleLoop } from '../../src/daemon/trouble.ts'
import { openSmsAccount, type SmsSettings } from '../../src/dispatch/sms/account.ts'
import { type Company, noon, openCompany } from '../neighbours/company.ts'
import { startSmsc } from '../neighbours/smsc.ts'

let company: Company
const closing: AsyncDisposable[] = []
beforeEach(async () => {
  company = await openCompany()
})
afterEach(async () => {
  for (const one of closing.splice(0).toReversed()) await one[Symbol.asyncDispose]()
  await company[Symbol.asyncDispose]()
})

function start(health: ReturnType<typeof watchHealth>) {
  const { ledger, setup, clock, log, signal } = company
  const loop = startTroubleLoop({ ledger, setup, clock, log, signal, health, dataFolder: company.path('var') })
  closing.push(loop)
  return loop
}
const alarms = async () =>
  (await company.ledger.messages({ limit: 50 }))
    .filter(({ template }) => template === 'alarm/alarm')
    .map(({ subject }) => subject)
const settled = () => new Promise((resolve) => setTimeout(resolve, 60))

test('a gateway that refuses our password is told at once, and once a day', async () => {
  const smsc = await startSmsc({ onBind: () => 0x0e })
  closing.push({ [Symbol.asyncDispose]: async () => await smsc.stop() })
  const settings: SmsSettings = {
    name: 'sms',
    host: '127.0.0.1',
    port: smsc.port,
    systemId: 'orderly',
    password: 'wrong',
    bind: 'transceiver',
    window: 1,
    perSecond: 10,
    responseTimeout: 1_000,
    enquireEvery: 30_000,
    idBase: 'same',
    longText: 'udh',
    receipts: true,
  }
  const account = openSmsAccount(settings, {
    clock: company.clock,
    log: company.log,
    onReceipt: async () => undefined,
    onIncoming: async () => undefined,
  })
  closing.push({ [Symbol.asyncDispose]: () => account.close({ graceMs: 0 }) })
  await expect.poll(() => account.state().kind).toBe('refused')
  const health = watchHealth(company.clock)
  health.show(() => ({ mail: { state: 'up', inFlight: 0 }, sms: { ...smsStatus(account), inFlight: 0 } }))
  const loop = start(health)
  await expect.poll(alarms).toEqual(['sms'])
  loop.nudge()
  await settled()
  expect(await alarms()).toEqual(['sms'])
  company.clock.advance(86_400_000)
  loop.nudge()
  await expect.poll(alarms).toEqual(['sms', 'sms'])
  expect(smsc.binds).toHaveLength(1)
})

test('a folder or server that is away is told when it has been for five minutes, and not when it came back', async () => {
  const health = watchHealth(company.clock)
  let state = 'down'
  health.show(() => ({ mail: { state, reason: 'refused', inFlight: 0 }, sms: { state: 'off', inFlight: 0 } }))
  const away = (online: boolean): void =>
    health.imported({ import: 'orders', at: noon, online, reason: 'unmounted', waiting: 0 })
  away(false)
  health.exported({ export: 'status', ok: false, reason: 'unmounted' })
  const loop = start(health)
  await settled()
  company.clock.advance(200_000)
  away(true)
  loop.nudge()
  await settled()
  away(false)
  company.clock.advance(150_000)
  loop.nudge()
  await expect.poll(async () => (await alarms()).toSorted()).toEqual(['export status', 'mail'])
  state = 'up'
  company.clock.advance(301_000)
  loop.nudge()
  await expect.poll(async () => (await alarms()).toSorted()).toEqual(['export status', 'import orders', 'mail'])
})

test('a certificate that is not trusted is told at once: waiting does not mend it', async () => {
  const health = watchHealth(company.clock)
  const untrusted = { state: 'connecting', reason: 'its certificate is not trusted', needsPerson: true, inFlight: 0 }
  health.show(() => ({ mail: { state: 'up', inFlight: 0 }, 'sms abroad': untrusted }))
  start(health)
  await expect.poll(alarms).toEqual(['sms abroad'])
  const [alarm] = await company.ledger.messages({ limit: 1 })
  expect(alarm?.mail?.text).toContain('orderly test sms --account abroad')
})

test('an alarm that could not be recorded is raised at the next look', async () => {
  const { ledger } = company
  const commit = ledger.commit.bind(ledger)
  Object.assign(ledger, { commit: () => Promise.reject(new Error('disk full')) })
  const health = watchHealth(company.clock)
  health.show(() => ({ mail: { state: 'refused', inFlight: 0 }, sms: { state: 'off', inFlight: 0 } }))
  start(health)
  await expect.poll(() => company.log.entries.length).toBeGreaterThan(0)
  Object.assign(ledger, { commit })
  await expect.poll(alarms, { timeout: 5_000 }).toEqual(['mail'])
})

test('a new config forgets what the old one watched; errors are kept as fixed sentences', () => {
  const health = watchHealth(company.clock)
  health.imported({ import: 'old', at: noon, online: false, reason: 'away', waiting: 0 })
  health.begin()
  expect(health.snapshot().imports).toEqual({})
  const log = heard(company.log, health)
  log.child({ account: 'sms' }).error({ import: 'orders', err: new Error('password hunter2') }, 'import pass failed')
  expect(health.snapshot().errors.map(({ message }) => message)).toEqual(['import pass failed: orders'])
  company.clock.advance(5_000)
  expect(health.silentFor()).toBe(5_000)
  health.passed('timers')
  expect(health.silentFor()).toBe(0)
})
