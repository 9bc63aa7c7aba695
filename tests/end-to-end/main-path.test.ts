import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { answers, camt, orderCsv, ublOrder } from './samples.ts'
import { makeWorld, type World } from './world.ts'

let world: World
beforeEach(async () => {
  world = await makeWorld()
})
afterEach(async () => await world[Symbol.asyncDispose]())

describe('orders and payments in, mail and SMS out, status and clearing back', () => {
  test('an order to a store of another company goes its whole way', async () => {
    world.configure()
    const daemon = world.start()
    world.drop('orders', 'ORD1.csv', orderCsv([{ number: '100245', store: 'KOS01', deliver: 'collect' }]))
    world.drop('ubl', 'po.xml', ublOrder('PO-7'))
    await world.quiet()
    world.drop('bank', 's1.xml', camt([{ reference: 'R1', amount: '24990.00', text: 'rendeles 100245' }]))
    await world.quiet()
    world.drop('answers', 'a1.csv', answers([['100245', 'confirmed', '']]))
    await world.quiet()
    world.drop('answers', 'a2.csv', answers([['100245', 'delivered', 'S-1']]))
    await world.quiet()
    expect(await daemon.stop(), daemon.log()).toBe(0)

    expect(world.mails.map(({ to }) => to.join()).toSorted()).toEqual([
      'desk@example.com',
      'kosice@example.com',
      'ors@example.com',
      'ors@example.com',
      'ors@example.com',
    ])
    expect(world.smsc.submitted.map(({ destination }) => destination)).toEqual(['36301234567'])
    const status = world
      .exported('status')
      .map(({ text }) => text.trim().split('\n').slice(1))
      .flat()
    expect(status).toEqual([
      '100245;1;received;unpaid;0.00;pending;',
      '100245;2;received;paid;24990.00;pending;',
      '100245;3;processing;paid;24990.00;pending;',
      '100245;4;processing;paid;24990.00;confirmed;ready',
      '100245;5;processing;paid;24990.00;confirmed;delivered',
    ])
    const clearing = world.exported('clearing').flatMap(({ text }) => text.trim().split('\n').slice(1))
    const gross = clearing.map((row) => Math.round(Number(row.split(';').at(-1)) * 100))
    expect(gross.length).toBeGreaterThan(1)
    expect(gross.reduce((sum, each) => sum + each, 0)).toBe(0)
    expect(readdirSync(join(world.folder, 'out', 'status')).filter((name) => name.endsWith('.done'))).toHaveLength(
      world.exported('status').length,
    )
    const [sms] = await world.look((ledger) => ledger.messages({ channel: 'sms', limit: 10 }))
    expect(sms?.state).toBe('delivered')
  })

  test('money and a store answer that come before their order wait for it', async () => {
    world.configure()
    const daemon = world.start()
    world.drop('bank', 's1.xml', camt([{ reference: 'R1', amount: '24990.00', text: 'rendeles 100300' }]))
    world.drop('answers', 'a1.csv', answers([['100300', 'confirmed', '']]))
    await world.quiet()
    expect(await world.look(async (ledger) => (await ledger.records({ kind: 'payment', limit: 5 }))[0])).toMatchObject({
      state: 'unmatched',
    })
    world.drop('orders', 'ORD1.csv', orderCsv([{ number: '100300', store: 'KOS01', deliver: 'collect' }]))
    await world.quiet()
    const order = await world.look(async (ledger) => (await ledger.records({ kind: 'order', limit: 5 }))[0])
    expect(order).toMatchObject({
      paymentStatus: 'paid',
      status: 'processing',
      collect: { processing: 'confirmed', delivery: 'ready' },
    })
    expect(await daemon.stop(), daemon.log()).toBe(0)
  })

  test('the same file again, also under another name, has no effect', async () => {
    world.configure()
    const daemon = world.start()
    const file = orderCsv([{ number: '1' }])
    world.drop('orders', 'A.csv', file)
    await world.quiet()
    world.drop('orders', 'B.csv', file)
    await world.quiet()
    expect(readdirSync(join(world.folder, 'in', 'orders', 'duplicate'))).toEqual(['B.csv'])
    expect(await world.look(async (ledger) => (await ledger.records({ kind: 'order', limit: 5 })).length)).toBe(1)
    expect(await daemon.stop(), daemon.log()).toBe(0)
  })

  test('a file with a bad record is put aside with what is wrong beside it, and comes in when it is mended', async () => {
    world.configure()
    const daemon = world.start()
    const good = Buffer.from(orderCsv([{ number: '1' }, { number: '2' }])).toString('latin1')
    world.drop('orders', 'A.csv', Buffer.from(good.replace('2;21.11.2026', '2;31.11.2026'), 'latin1'))
    await world.quiet()
    const rejected = join(world.folder, 'in', 'orders', 'rejected')
    expect(readdirSync(rejected).toSorted()).toEqual(['A.csv', 'A.csv.problems.json', 'A.csv.problems.txt'])
    expect(readFileSync(join(rejected, 'A.csv.problems.txt'), 'utf8')).toContain('31.11.2026')
    expect(await world.look(async (ledger) => (await ledger.records({ kind: 'order', limit: 5 })).length)).toBe(0)
    world.drop('orders', 'A.csv', Buffer.from(good, 'latin1'))
    await world.quiet()
    expect(await world.look(async (ledger) => (await ledger.records({ kind: 'order', limit: 5 })).length)).toBe(2)
    expect(world.mails.some(({ subject, to }) => to.includes('it@example.com') && subject !== '')).toBe(true)
    expect(await daemon.stop(), daemon.log()).toBe(0)
  })

  test('with rejectRecord the good rows count and the bad ones lie ready to be mended', async () => {
    world.configure()
    const daemon = world.start()
    world.drop('orders', 'A.csv', orderCsv([{ number: '1', store: 'KOS01', deliver: 'collect' }]))
    await world.quiet()
    world.drop('answers', 'a.csv', 'No;Status;Doc\n1;confirmed;\n;delivered;X\n')
    await world.quiet()
    const day = readdirSync(join(world.folder, 'in', 'answers', 'processed'))[0] ?? ''
    const folder = join(world.folder, 'in', 'answers', 'processed', day)
    expect(readFileSync(join(folder, 'a.rejected.csv'), 'utf8')).toBe('No;Status;Doc\n;delivered;X\n')
    const order = await world.look(async (ledger) => (await ledger.records({ kind: 'order', limit: 5 }))[0])
    expect(order).toMatchObject({ collect: { processing: 'confirmed' } })
    expect(await daemon.stop(), daemon.log()).toBe(0)
  })

  test('a second daemon on the same data is refused', async () => {
    world.configure()
    const first = world.start()
    world.drop('orders', 'A.csv', orderCsv([{ number: '1' }]))
    await world.quiet()
    const second = world.start()
    expect(await second.ended).toBe(75)
    expect(await first.stop(), first.log()).toBe(0)
  })

  test('a reload takes the new config, and keeps the old one when the new is broken', async () => {
    world.configure()
    const daemon = world.start()
    world.drop('orders', 'A.csv', orderCsv([{ number: '1' }]))
    await world.quiet()
    world.configure((config) => (config['unknownKey'] = 1))
    daemon.process.kill('SIGHUP')
    await expect.poll(() => daemon.log(), { timeout: 5_000 }).toContain('config rejected')
    world.drop('orders', 'B.csv', orderCsv([{ number: '2' }]))
    await world.quiet()
    world.configure((config) => (config['firstStatus'] = 'fresh'))
    daemon.process.kill('SIGHUP')
    await expect.poll(() => daemon.log(), { timeout: 10_000 }).toContain('config reloaded')
    world.drop('orders', 'C.csv', orderCsv([{ number: '3' }]))
    await world.quiet()
    const orders = await world.look((ledger) => ledger.records({ kind: 'order', limit: 5 }))
    expect(orders.map((order) => (order.kind === 'order' ? `${order.number} ${order.status}` : '')).toSorted()).toEqual(
      ['1 received', '2 received', '3 fresh'],
    )
    expect(await daemon.stop(), daemon.log()).toBe(0)
    expect(existsSync(join(world.folder, 'var', 'status.json'))).toBe(true)
  })
})
