/**
 * Two companies, each with an Orderly of its own, share exchange folders: one message for each state, whoever sends
 * (features 11, scenario 9; N26, N34).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { exportOf, importOf, Installation, liveTogether, orderHead, orderRow } from './installation.ts'

// Several daemons come to rest several times; a busy machine makes that slow.
vi.setConfig({ testTimeout: 90_000 })

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'orderly-two-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const start = Date.UTC(2026, 2, 2, 9)
const stores = { KOS01: { name: 'Example Košice', company: 'SK01', email: 'kosice@example.com' } }
const workflows = (sendFrom: string) => ({
  collect: {
    kind: 'collect',
    for: { delivery: 'collect' },
    sendFrom,
    partialDelivery: true,
    store: { mail: { pending: 'store/new-order' } },
    customer: {
      mail: {
        pending: 'customer/received',
        confirmed: 'customer/ready',
        rejected: 'customer/rejected',
        expired: 'customer/expired',
        delivered: 'customer/collected',
      },
    },
    expiry: { processing: '4h', countedIn: 'clock' },
  },
})

/** HU01 takes orders for the store of SK01; each reads in the other's `in` folder what that wrote into it. */
function companies(sendFrom: string): readonly [Installation, Installation] {
  const origin = new Installation(
    join(root, 'hu'),
    {
      companies: { SK01: { name: 'Example s.r.o.', orderly: true } },
      stores,
      channels: { web: {} },
      workflows: workflows(sendFrom),
      imports: {
        orders: importOf('orders', '../in/orders', { channel: 'web' }, { groupBy: 'number' }),
        fromSk: importOf(
          'collectStatus',
          '../in/from-sk',
          { onBadRecord: 'rejectRecord' },
          { dates: 'yyyy-MM-ddTHH:mm:ss' },
        ),
      },
      exports: {
        toSk: exportOf('orderToStore', '../../sk/in/from-hu', undefined, { company: 'SK01' }),
        status: exportOf('orderStatus', '../out/status', ['order', 'processing', 'delivery', 'delivered']),
      },
    },
    start,
  )
  const collector = new Installation(
    join(root, 'sk'),
    {
      company: { code: 'SK01', name: 'Example s.r.o.', email: 'sk@example.com', phone: '+421 2 1234 5678' },
      companies: { HU01: { name: 'Example Kft.', orderly: true } },
      country: 'SK',
      channels: { web: {} },
      stores,
      // What the order says wins: the two sides cannot disagree.
      workflows: workflows('store'),
      imports: {
        fromHu: importOf(
          'orders',
          '../in/from-hu',
          { channel: 'web', company: 'HU01' },
          {
            groupBy: 'document',
            fields: {
              number: 'order',
              channel: 'channel',
              action: 'action',
              sendFrom: 'sendFrom',
              partialDelivery: 'partialDelivery',
              store: 'store',
              gross: 'gross',
              prepaid: 'prepaid',
              currency: 'currency',
              deliveryMethod: 'shippingMethod',
              'customer.name': 'name',
              'customer.email': 'email',
              'lines.number': 'line',
              'lines.sku': 'sku',
              'lines.quantity': 'quantity',
              'lines.unitPrice': 'unitPrice',
              'lines.gross': 'lineGross',
            },
          },
        ),
        answers: importOf('collectStatus', '../in/answers', { onBadRecord: 'rejectRecord' }),
      },
      exports: { toHu: exportOf('collectStatus', '../../hu/in/from-sk', undefined, { company: 'HU01' }) },
    },
    start,
  )
  return [origin, collector]
}

const sent = async (installation: Installation): Promise<readonly string[]> =>
  (await installation.told()).filter((line) => !line.includes('suppressed'))

describe('an order of one Orderly at a store of another', () => {
  test.each([
    ['store', 1],
    ['origin', 0],
  ] as const)('with sendFrom: %s leads to one message for each state', async (sendFrom, sender) => {
    const both = companies(sendFrom)
    const [origin, collector] = both
    await liveTogether(
      both,
      () => origin.drop('in/orders', 'O1.csv', orderHead, orderRow('1001', 'KOS01'), orderRow('1002', 'KOS01')),
      () => collector.drop('in/answers', 'A1.csv', 'order;status;reason', '1001;confirmed;', '1002;rejected;sold out'),
      () =>
        collector.drop('in/answers', 'A2.csv', 'order;status;line;quantity;documentNumber', '1001;delivered;1;1;R1'),
      () => collector.drop('in/answers', 'A3.csv', 'order;status;documentNumber', '1001;delivered;R2'),
    )
    expect(await sent(both[1 - sender] ?? origin)).toEqual([])
    expect((await sent(both[sender])).toSorted()).toEqual(
      [
        'mail store/new-order → kosice@example.com',
        'mail store/new-order → kosice@example.com',
        'mail customer/received → anna@example.com',
        'mail customer/received → anna@example.com',
        'mail customer/ready → anna@example.com',
        'mail customer/rejected → anna@example.com',
        'mail customer/collected → anna@example.com',
      ].toSorted(),
    )
    const other = (await (both[1 - sender] ?? origin).told()).filter((line) => line.includes('suppressed'))
    expect(other).toHaveLength(7)
    const who = sender === 1 ? 'SK01' : 'HU01'
    expect(other.every((line) => line.includes(`sent by ${who}, which has an Orderly of its own`))).toBe(true)
    for (const each of both) {
      expect((await each.order('1001')).collect).toMatchObject({ delivery: 'delivered', documentNumber: 'R2' })
      expect((await each.order('1002')).collect).toMatchObject({ processing: 'rejected', reason: 'sold out' })
      expect((await each.run('audit')).code).toBe(0)
    }
    expect(
      origin
        .rows('out/status')
        .map(({ order, processing, delivery, delivered }) => [order, processing, delivery, delivered].join(' ').trim()),
    ).toEqual([
      '1001 pending',
      '1002 pending',
      '1001 confirmed ready',
      '1002 rejected',
      '1001 confirmed ready 1:1',
      '1001 confirmed delivered 1:2',
    ])
  })

  test('follows the numbers of the other side: what is old has no effect, a gap is noted and made up for', async () => {
    const [origin] = companies('store')
    const head = 'order;channel;sender;sequence;status;documentNumber'
    await origin.live(
      () => origin.drop('in/orders', 'O1.csv', orderHead, orderRow('1001', 'KOS01'), orderRow('1002', 'KOS01')),
      () => origin.drop('in/from-sk', 'S2.csv', head, '1001;web;SK01;3;delivered;R1'),
      () => origin.drop('in/from-sk', 'S1.csv', head, '1001;web;SK01;1;pending;', '1001;web;SK01;2;confirmed;'),
      () => origin.drop('in/from-sk', 'S3.csv', head, '1002;web;CZ01;1;confirmed;'),
    )
    expect((await origin.order('1001')).collect).toMatchObject({
      processing: 'confirmed',
      delivery: 'delivered',
      heard: 3,
    })
    expect((await origin.order('1002')).collect).toMatchObject({ processing: 'pending' })
    const history = (await origin.run('orders', 'history', '1001')).out
    expect(history).toContain('numbers 1 to 2 are missing')
    const files = await origin.json<{ name: string; counts: Record<string, number> }>('status')
    expect(files).toBeDefined()
    expect((await origin.told({ alarms: true })).length).toBe(1)
    expect((await origin.run('audit')).code).toBe(0)
  })

  test('does not expire at the origin while the store answers in time, and expires with the store', async () => {
    const both = companies('store')
    const [origin, collector] = both
    await liveTogether(both, () => origin.drop('in/orders', 'O1.csv', orderHead, orderRow('1001', 'KOS01')))
    origin.now = start + 5 * 3_600_000
    await origin.live()
    expect((await origin.order('1001')).collect).toMatchObject({ processing: 'pending' })
    collector.now = start + 5 * 3_600_000
    await liveTogether(both)
    expect((await origin.order('1001')).collect).toMatchObject({ processing: 'expired' })
    expect((await collector.order('1001')).collect).toMatchObject({ processing: 'expired' })
    expect((await sent(collector)).filter((line) => line.includes('expired'))).toEqual([
      'mail customer/expired → anna@example.com',
    ])
  })

  test('is changed and taken back at the store when the origin changes and rejects it', async () => {
    const both = companies('store')
    const [origin, collector] = both
    await liveTogether(
      both,
      () => origin.drop('in/orders', 'O1.csv', orderHead, orderRow('1001', 'KOS01'), orderRow('1001', 'KOS01', '2')),
      () => origin.drop('in/orders', 'O2.csv', orderHead, orderRow('1001', 'KOS01', '1', '3')),
    )
    const quantities = (await collector.order('1001')).lines.map(({ number, quantity }) => `${number}:${quantity}`)
    expect(quantities).toEqual(['1:3', '2:0'])
    expect((await origin.run('orders', 'reject', '1001', '--reason', 'paid back')).code).toBe(0)
    await liveTogether(both)
    expect((await collector.order('1001')).collect).toMatchObject({ processing: 'rejected' })
    expect((await origin.order('1001')).collect).toMatchObject({ processing: 'rejected', reason: 'paid back' })
    for (const each of both) expect((await each.run('audit')).code).toBe(0)
  })
})
