import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { emptyBatch } from '../../src/core/batch.ts'
import { orderId, timerId } from '../../src/core/ids.ts'
import { importSmallFiles } from '../../src/intake/import-small-files.ts'
import { raiseOverdue } from '../../src/schedule/overdue-loop.ts'
import { fireDueTimers, startTimerLoop } from '../../src/schedule/timer-loop.ts'
import { mail, payment } from '../ledger/samples.ts'
import { type Company, type Config, noon, openCompany, orderFile, orderRow } from '../neighbours/company.ts'

let company: Company
const open = async (change?: (config: Config) => void): Promise<void> => {
  await company?.[Symbol.asyncDispose]()
  company = await openCompany(change)
}
beforeEach(async () => await open())
afterEach(async () => await company[Symbol.asyncDispose]())

const cause = { kind: 'clock', actor: 'daemon', configHash: 'x' } as const
const tools = () => ({ ledger: company.ledger, setup: company.setup, clock: company.clock })
const give = (...rows: string[]) => {
  const file = {
    name: 'a.csv',
    path: company.write(`given/${rows.length}${rows[0]}.csv`.replaceAll(';', '_'), orderFile(...rows)),
  }
  return importSmallFiles({ ...tools(), now: () => company.clock.now() }, company.source('orders'), [file])
}
const collect = (number: string) => orderRow(number).replace('courier;', 'collect;KOS01')
const processing = async (number: string) => {
  const order = await company.ledger.record('order', orderId('web', number))
  return order?.collect?.processing
}
const events = async (number: string) => (await company.ledger.eventsOf(orderId('web', number))).map(({ name }) => name)

describe('timers', () => {
  test('fire when they are due, not before, and once', async () => {
    await give(collect('1'))
    company.clock.advance(4 * 3_600_000 - 1)
    expect(await fireDueTimers(tools())).toBe(0)
    company.clock.advance(1)
    expect(await fireDueTimers(tools())).toBe(1)
    expect(await fireDueTimers(tools())).toBe(0)
    expect(await processing('1')).toBe('expired')
    expect((await events('1')).filter((name) => name === 'collect.processingExpired')).toHaveLength(1)
  })
  test('that fell due while the daemon was down fire once when it is back', async () => {
    await give(...Array.from({ length: 250 }, (_, i) => collect(`${i}`)))
    company.clock.advance(30 * 86_400_000)
    let passes = 0
    const loop = startTimerLoop({ ...tools(), log: company.log, signal: company.signal, onPass: () => (passes += 1) })
    // What is left is the time for which their personal data is kept.
    const now = company.clock.now()
    await expect.poll(() => company.ledger.nextTimer(), { timeout: 5_000 }).toBeGreaterThan(now)
    await expect.poll(() => passes).toBe(2)
    await loop[Symbol.asyncDispose]()
    expect(await processing('249')).toBe('expired')
  })
  test('one that cannot be decided does not keep the others', async () => {
    await give(collect('1'), collect('2'))
    const { ledger } = company
    const load = ledger.load.bind(ledger)
    Object.assign(ledger, {
      load: async (lookups: Parameters<typeof load>[0]) => {
        if (JSON.stringify(lookups).includes(orderId('web', '1'))) throw new Error('unreadable')
        return await load(lookups)
      },
    })
    company.clock.advance(5 * 3_600_000)
    await expect(fireDueTimers(tools())).rejects.toThrow('unreadable')
    expect([await processing('1'), await processing('2')]).toEqual(['pending', 'expired'])
    Object.assign(ledger, { load })
    expect(await fireDueTimers(tools())).toBe(1)
    expect(await processing('1')).toBe('expired')
  })
  test('of records that are gone are done with', async () => {
    await company.ledger.commit({
      ...emptyBatch(cause, noon),
      timers: [
        {
          id: timerId('ord_none', 'collect.processing', noon),
          name: 'collect.processing',
          subject: 'ord_none',
          dueAt: noon,
        },
      ],
    })
    expect(await fireDueTimers(tools())).toBe(1)
    expect(await fireDueTimers(tools())).toBe(0)
  })
})

const alarms = async () =>
  (await company.ledger.messages({ limit: 50 }))
    .filter(({ template }) => template === 'alarm/alarm')
    .map(({ subject }) => subject)

describe('what did not happen', () => {
  const raised = new Set<string>()
  const look = (startedAt = noon - 3_600_000) => raiseOverdue({ ...tools(), startedAt, raised })
  beforeEach(() => raised.clear())

  test('an instruction that was written and not answered is told once; one that waits for its file is not', async () => {
    await open((config) => {
      config['exports'] = {
        toStore: { kind: 'orderToStore', folder: '../out', expectAnswer: '2h', format: { type: 'csv' } },
      }
    })
    await give(collect('1'))
    company.clock.advance(3 * 3_600_000)
    await look()
    expect(await alarms()).toEqual([])
    const at = company.clock.now()
    const file = await company.ledger.takeExport('toStore', () => 'a.csv', at, 100)
    if (file === undefined) throw new Error('there is no line')
    await company.ledger.commit({
      ...emptyBatch(cause, at),
      exportFiles: [{ id: file.id, state: 'written', sha256: 'x', at }],
    })
    company.clock.advance(3_600_000)
    await look()
    expect(await alarms()).toEqual([])
    company.clock.advance(3_600_000)
    await look()
    await look()
    expect(await alarms()).toEqual([orderId('web', '1')])
  })
  test('a file that does not come is told once a day, and no more when it came', async () => {
    await open((config) => (config['imports'].orders.expectEvery = '1d'))
    await give(orderRow('1'))
    await look()
    expect(await alarms()).toEqual([])
    company.clock.advance(86_400_000)
    for (let i = 0; i < 3; i++) await look()
    expect(await alarms()).toEqual(['orders'])
    company.clock.advance(86_400_000)
    await look()
    expect(await alarms()).toHaveLength(2)
    await give(orderRow('2'))
    company.clock.advance(3_600_000)
    await look()
    expect(await alarms()).toHaveLength(2)
  })
  test('a file that waited while the daemon was down has time to come in first', async () => {
    await open((config) => (config['imports'].orders.expectEvery = '1d'))
    await give(orderRow('1'))
    company.clock.advance(3 * 86_400_000)
    await look(company.clock.now() - 60_000)
    expect(await alarms()).toEqual([])
    await look(company.clock.now() - 600_000)
    expect(await alarms()).toEqual(['orders'])
  })
  test('an import that never had a file is late from the start on', async () => {
    await open((config) => (config['imports'].orders.expectEvery = '1h'))
    await look(noon - 1_800_000)
    expect(await alarms()).toEqual([])
    await look(noon - 3_600_000)
    expect(await alarms()).toEqual(['orders'])
  })
  test('parked payments and held messages that wait too long are told once a day', async () => {
    await open((config) => (config['alarms'] = { to: ['it@example.com'], parkedAfter: '1d', heldAfter: '4h' }))
    await company.ledger.commit({
      ...emptyBatch(cause, noon),
      put: [payment('p', { createdAt: noon, updatedAt: noon })],
      messages: [mail('m', { state: 'held', createdAt: noon, dueAt: noon })],
    })
    await look()
    expect(await alarms()).toEqual([])
    company.clock.advance(5 * 3_600_000)
    for (let i = 0; i < 2; i++) await look()
    expect(await alarms()).toEqual(['mail'])
    company.clock.advance(86_400_000)
    for (let i = 0; i < 2; i++) await look()
    expect((await alarms()).length).toBe(3)
  })
  test('orders that wait for a mapping are told once a day', async () => {
    await open((config) => {
      config['alarms'] = { to: ['it@example.com'], parkedAfter: '1d', heldAfter: '4h' }
      Object.assign(config['workflows'].collect, { customerMapping: 'source', onUnmapped: 'hold' })
    })
    await give(collect('1'))
    await look()
    const before = await alarms()
    company.clock.advance(86_400_001)
    for (let i = 0; i < 2; i++) await look()
    expect((await alarms()).slice(before.length)).toEqual([orderId('web', '1')])
  })
  test('an alarm that could not be recorded is raised at the next look', async () => {
    await open((config) => (config['imports'].orders.expectEvery = '1h'))
    const { ledger } = company
    const commit = ledger.commit.bind(ledger)
    Object.assign(ledger, { commit: () => Promise.reject(new Error('disk full')) })
    await expect(look()).rejects.toThrow('disk full')
    Object.assign(ledger, { commit })
    await look()
    expect(await alarms()).toEqual(['orders'])
  })
})
