import { describe, expect, test } from 'vitest'
import { anOrder, aPayment, aStatus, collectWorkflow, hours, Shop, toCollect } from './shop.ts'

const desk = (status: string) => ({ to: 'customer', mail: 'desk/status', if: { status } })
const workflows = {
  desk: {
    kind: 'notification' as const,
    on: { received: desk('received'), picking: desk('picking'), shipped: desk('shipped') },
  },
  paid: { kind: 'payment' as const, steps: [{ send: { to: 'customer', mail: 'payment/thanks' } }] },
}

describe('an order', () => {
  test('that is new gets the first status, and its rules run', () => {
    const shop = new Shop({ workflows })
    const { counts, names } = shop.orders(anOrder())
    expect(counts).toMatchObject({ read: 1, applied: 1 })
    expect(names).toEqual(['order.imported', 'message.queued'])
    expect(shop.order()).toMatchObject({ status: 'received', company: 'HU01', transition: 0 })
    expect(shop.sent()).toEqual(['100 is received → anna@example.com'])
  })

  test('belongs to the company of its import, else of its channel, else to the own one', () => {
    const shop = new Shop({
      channels: { hu2: { company: 'HU02' } },
      imports: {
        orders: { kind: 'orders', folder: 'a', format: { type: 'csv' } },
        other: { kind: 'orders', folder: 'b', company: 'HU02', format: { type: 'csv' } },
      },
    })
    shop.orders(
      anOrder(),
      anOrder({ number: '101', channel: 'hu2' }),
      anOrder({ number: '102', channel: 'constructor' }),
    )
    shop.take('other', anOrder({ number: '103' }))
    const companies = [shop.order(), shop.order('101', 'hu2'), shop.order('102', 'constructor'), shop.order('103')]
    expect(companies.map(({ company }) => company)).toEqual(['HU01', 'HU02', 'HU01', 'HU02'])
  })

  test('with the same content again, in any file, changes nothing', () => {
    const shop = new Shop({ workflows })
    shop.orders(anOrder())
    const again = shop.orders(anOrder(), anOrder())
    expect(again.counts).toMatchObject({ repeated: 2, applied: 0 })
    expect(again.batch).toMatchObject({ put: [], messages: [], exports: [] })
  })

  test('twice in one file, with a change, is one order', () => {
    const shop = new Shop({ workflows })
    const { counts, batch } = shop.orders(anOrder(), anOrder({ note: 'ring' }))
    expect(counts).toMatchObject({ applied: 1, updated: 1 })
    expect(batch.put).toEqual([expect.objectContaining({ note: 'ring', version: 0 })])
    expect(shop.sent()).toHaveLength(1)
  })

  test('keeps a warning about its row in its history', () => {
    const shop = new Shop({ workflows })
    const { file, refused } = shop.slice('orders')
    const item = { incoming: anOrder(), row: 1, warning: 'the sum is off' }
    const { batch } = shop.takeSlice({ file: { ...file, to: 1 }, items: [item], refused })
    expect(batch.events[0]).toMatchObject({ name: 'order.imported', text: 'the sum is off', source: { row: 1 } })
  })
})

const withDuplicates = (onDuplicate: 'ignore' | 'conflict') => ({
  imports: { orders: { kind: 'orders' as const, folder: 'a', format: { type: 'csv' as const }, onDuplicate } },
})

describe('an order that comes again with other content', () => {
  test('is updated, and its history says what changed', () => {
    const shop = new Shop({ workflows })
    shop.orders(anOrder())
    const { counts, batch } = shop.orders(anOrder({ note: 'new', customer: { email: 'b@example.com' } }))
    expect(counts.updated).toBe(1)
    const updated = batch.events.find(({ name }) => name === 'order.updated')
    expect(Object.keys(updated?.after ?? {}).sort()).toEqual(['customer', 'note'])
    expect(batch.messages).toEqual([])
  })

  test('keeps what happened to it: status, payments, store', () => {
    const shop = new Shop({ workflows: { ...workflows, std: collectWorkflow } })
    shop.orders(toCollect())
    shop.bank(aPayment({ amount: 4_000 }))
    shop.status(aStatus('picking'))
    const before = shop.order()
    shop.orders(toCollect({ note: 'x', store: 'S2' }))
    expect(shop.order()).toMatchObject({ status: 'picking', paid: 4_000, paymentStatus: 'partiallyPaid', store: 'S1' })
    expect(shop.order().collect).toEqual(before.collect)
  })

  test('is left alone with onDuplicate: ignore, and refused with conflict: one alarm for the file', () => {
    const ignoring = new Shop(withDuplicates('ignore'))
    ignoring.orders(anOrder())
    expect(ignoring.orders(anOrder({ note: 'x' })).counts.repeated).toBe(1)
    expect(ignoring.order().note).toBeUndefined()
    const asking = new Shop(withDuplicates('conflict'))
    asking.orders(anOrder(), anOrder({ number: '101' }))
    const { counts, names } = asking.orders(anOrder({ note: 'x' }), anOrder({ number: '101', note: 'x' }))
    expect(counts.refused).toBe(2)
    expect(names.filter((name) => name === 'order.conflict')).toHaveLength(2)
    expect(names.filter((name) => name === 'alarm.raised')).toHaveLength(1)
    expect(names.filter((name) => name === 'message.queued')).toHaveLength(1)
    expect(asking.alarms()).toHaveLength(1)
    expect(asking.order().note).toBeUndefined()
  })

  test('after delivery is locked', () => {
    const shop = new Shop({ workflows: { std: collectWorkflow } })
    shop.take('orders', toCollect(), aStatus('confirmed'), aStatus('delivered'))
    const { counts } = shop.orders(toCollect({ gross: 1, status: 'closed' }))
    expect(counts.refused).toBe(1)
    expect(shop.order()).toMatchObject({ gross: 10_000, status: 'received' })
  })

  test('in another currency is refused once money is booked on it', () => {
    const shop = new Shop({ workflows })
    shop.orders(anOrder())
    expect(shop.orders(anOrder({ currency: 'HUF' })).counts.updated).toBe(1)
    shop.orders(anOrder())
    shop.bank(aPayment({ amount: 1_000 }))
    expect(shop.orders(anOrder({ currency: 'HUF' })).counts.refused).toBe(1)
    expect(shop.order().currency).toBe('EUR')
  })

  test('and a lower total becomes paid, with the steps of payment; a higher one owes again', () => {
    const shop = new Shop({ workflows })
    shop.orders(anOrder())
    shop.bank(aPayment({ amount: 6_000 }))
    shop.orders(anOrder({ gross: 6_000 }))
    expect(shop.order().paymentStatus).toBe('paid')
    expect(shop.sent().at(-1)).toBe('Thanks 100 → anna@example.com')
    shop.orders(anOrder({ gross: 7_000 }))
    expect(shop.order().paymentStatus).toBe('partiallyPaid')
    shop.orders(anOrder({ gross: 6_000 }))
    expect(shop.sent().filter((text) => text.startsWith('Thanks'))).toHaveLength(2)
    expect(shop.lines('orderStatus').map(({ sequence, paymentStatus }) => [sequence, paymentStatus])).toEqual([
      ['1', 'partiallyPaid'],
      ['2', 'paid'],
      ['3', 'partiallyPaid'],
      ['4', 'paid'],
    ])
  })
})

describe('the status that an order file names', () => {
  test('is taken when the file names another one than before', () => {
    const shop = new Shop({ workflows })
    shop.orders(anOrder({ status: 'received' }))
    shop.orders(anOrder({ status: 'picking' }))
    expect(shop.order().status).toBe('picking')
    expect(shop.sent()).toEqual(['100 is received → anna@example.com', '100 is picking → anna@example.com'])
  })

  test('does not put back what was done here since, when the file only repeats it', () => {
    const shop = new Shop({ workflows })
    shop.orders(anOrder({ status: 'received' }))
    shop.command({ verb: 'setStatus', order: shop.order().id, status: 'picking' })
    shop.orders(anOrder({ status: 'received', note: 'changed' }))
    expect(shop.order()).toMatchObject({ status: 'picking', note: 'changed' })
    expect(shop.sent()).toHaveLength(2)
  })
})

describe('a status', () => {
  test('there and back and there again are three changes, each with its message', () => {
    const shop = new Shop({ workflows })
    shop.orders(anOrder())
    shop.status(aStatus('picking'), aStatus('received'), aStatus('picking'))
    expect(shop.order()).toMatchObject({ status: 'picking', transition: 3 })
    expect(shop.sent().map((text) => text.split(' →')[0])).toEqual([
      '100 is received',
      '100 is picking',
      '100 is received',
      '100 is picking',
    ])
    expect(new Set(shop.store.messages.keys()).size).toBe(4)
  })

  test('of the ERP is not told back to it; one of a person is', () => {
    const shop = new Shop({ workflows })
    shop.orders(anOrder())
    shop.status(aStatus('picking', { reason: 'started' }))
    expect(shop.lines('orderStatus')).toEqual([])
    const id = shop.order().id
    expect(shop.command({ verb: 'setStatus', order: id, status: 'picking' })).toMatchObject({ kind: 'same' })
    expect(shop.command({ verb: 'setStatus', order: 'ord_x', status: 'picking' })).toMatchObject({ kind: 'refused' })
    shop.command({ verb: 'setStatus', order: id, status: 'shipped', reason: 'by hand' })
    expect(shop.lines('orderStatus')).toEqual([
      expect.objectContaining({ status: 'shipped', previous: 'picking', by: 'cli:anna' }),
    ])
  })

  test('that is there already is repeated', () => {
    const shop = new Shop({ workflows })
    shop.orders(anOrder())
    const again = shop.status(aStatus('received'))
    expect(again.counts.repeated).toBe(1)
    expect(again.batch.put).toEqual([])
  })

  test('finds its order by the number at the source too', () => {
    const shop = new Shop({ workflows })
    shop.orders(anOrder({ externalNumber: 'WEB-9' }))
    shop.status(aStatus('picking', { order: 'WEB-9' }))
    expect(shop.order().status).toBe('picking')
  })

  test('that fits orders of two channels is refused, unless it names the channel', () => {
    const shop = new Shop({ workflows })
    shop.orders(anOrder(), anOrder({ channel: 'till' }))
    const { counts } = shop.status(aStatus('picking'), aStatus('shipped'))
    expect(counts.refused).toBe(2)
    expect(shop.alarms()).toEqual(['A status row fits several orders → it@example.com'])
    shop.status(aStatus('picking', { channel: 'till' }))
    expect([shop.order().status, shop.order('100', 'till').status]).toEqual(['received', 'picking'])
  })

  test('that workflows change in a circle is stopped with one alarm', () => {
    const steps = Array.from({ length: 40 }, (_, i) => ({ setStatus: i % 2 === 0 ? 'a' : 'b' }))
    const shop = new Shop({ workflows: { loop: { kind: 'payment', steps } } })
    shop.orders(anOrder({ prepaid: 10_000 }))
    expect(shop.order().transition).toBe(20)
    expect(shop.alarms()).toEqual(['Workflows change an order in a circle → it@example.com'])
  })

  test('may change often by the rows of one file: that is no circle', () => {
    const shop = new Shop()
    shop.orders(anOrder())
    shop.status(...Array.from({ length: 50 }, (_, i) => aStatus(i % 2 === 0 ? 'a' : 'b')))
    expect(shop.order().transition).toBe(50)
    expect(shop.alarms()).toEqual([])
  })
})

describe('a status before its order', () => {
  test('waits, and is applied when the order comes; the trace leads to its own row', () => {
    const shop = new Shop({ workflows })
    expect(shop.status(aStatus('x', { order: '7' }), aStatus('picking')).counts.parked).toBe(2)
    const { batch } = shop.orders(anOrder())
    expect(shop.order().status).toBe('picking')
    expect(shop.sent()).toEqual(['100 is received → anna@example.com', '100 is picking → anna@example.com'])
    expect(batch.events.find(({ name }) => name === 'order.statusChanged')?.source).toMatchObject({
      import: 'status',
      row: 2,
    })
    expect(batch.events.at(-1)?.source).toBeUndefined()
    expect(shop.store.all('parked').map(({ state }) => state)).toEqual(['waiting', 'applied'])
  })

  test('several are applied in their order, also A, B, A; the last one once more is no news', () => {
    const shop = new Shop({ workflows })
    shop.status(aStatus('picking'), aStatus('shipped'))
    expect(shop.status(aStatus('shipped')).counts.repeated).toBe(1)
    expect(shop.status(aStatus('picking')).counts.parked).toBe(1)
    shop.orders(anOrder())
    expect(shop.sent().map((text) => text.split(' →')[0])).toEqual([
      '100 is received',
      '100 is picking',
      '100 is shipped',
      '100 is picking',
    ])
  })

  test('is applied by the number at the source, and in the same file as the order', () => {
    const shop = new Shop({ workflows: { std: collectWorkflow } })
    const { counts } = shop.take(
      'orders',
      aStatus('confirmed', { order: 'WEB-9' }),
      toCollect({ externalNumber: 'WEB-9' }),
    )
    expect(counts).toMatchObject({ parked: 1, applied: 1 })
    expect(shop.collect().delivery).toBe('ready')
    expect(shop.store.all('parked').map(({ state }) => state)).toEqual(['applied'])
  })

  test('that the order cannot take is refused with its reason', () => {
    const shop = new Shop({ workflows: { std: collectWorkflow } })
    shop.answers(aStatus('delivered'), aStatus('confirmed'))
    shop.orders(toCollect())
    expect(shop.collect().delivery).toBe('ready')
    expect(shop.store.all('parked').map(({ state, reason }) => [state, reason])).toEqual([
      ['refused', 'the order is pending and cannot become delivered: confirm or reject it first'],
      ['applied', undefined],
    ])
    expect(shop.alarms()).toHaveLength(1)
  })

  test('for another channel goes on waiting', () => {
    const shop = new Shop({ workflows })
    shop.status(aStatus('picking', { channel: 'till' }))
    shop.orders(anOrder())
    expect(shop.order().status).toBe('received')
    shop.orders(anOrder({ channel: 'till' }))
    expect(shop.order('100', 'till').status).toBe('picking')
  })

  test('comes after the money that waited', () => {
    const shop = new Shop({ workflows: { paid: { kind: 'payment', steps: [{ setStatus: 'processing' }] } } })
    shop.bank(aPayment())
    shop.status(aStatus('shipped'))
    shop.wait(hours(1))
    shop.orders(anOrder())
    expect(shop.order()).toMatchObject({ paymentStatus: 'paid', status: 'shipped' })
  })
})
