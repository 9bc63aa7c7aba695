import { describe, expect, test } from 'vitest'
import type { Command } from '../../src/core/command.ts'
import type { Collect } from '../../src/core/order.ts'
import { checkMove, type CollectMove } from '../../src/workflow/order-state.ts'
import { aStatus, anOrder, aPayment, collectWorkflow, hours, monday, Shop, toCollect } from './shop.ts'
import { collectOf } from './sample-records.ts'

const workflowWith = (change: object = {}): object => ({ workflows: { std: { ...collectWorkflow, ...change } } })
const shopWith = (change: object = {}): Shop => new Shop(workflowWith(change))
const verb = (shop: Shop, name: 'confirm' | 'reject' | 'deliver', more: Partial<Command> = {}) =>
  shop.command({ verb: name, order: shop.order().id, ...more } as Command)

describe('an order for a collecting store', () => {
  test('is sent to the other company, and store and customer are told', () => {
    const shop = shopWith()
    const { names } = shop.orders(toCollect())
    expect(shop.collect()).toMatchObject({
      store: 'S1',
      fromCompany: 'HU01',
      toCompany: 'HU02',
      processing: 'pending',
      processingExpiresAt: monday + hours(4),
      settings: { workflow: 'std', configHash: 'hash-1', deliveryDays: 2 },
    })
    expect(names).toEqual(['order.imported', 'collect.pending', 'message.queued', 'message.queued'])
    expect(shop.sent()).toEqual(['New order 100 → s1@example.com', 'Received 100 → anna@example.com'])
    expect(shop.lines('orderToStore')).toEqual([
      expect.objectContaining({ order: '100', company: 'HU02', line: '1', lineGross: '100.00', remaining: '100.00' }),
    ])
    expect(shop.lines('stock')).toEqual([])
    expect(shop.lines('orderStatus')).toEqual([expect.objectContaining({ sequence: '1', processing: 'pending' })])
  })

  test('of the same company moves the goods to the location of the store', () => {
    const shop = shopWith()
    shop.orders(toCollect({ store: 'S2' }))
    expect(shop.lines('orderToStore')).toEqual([])
    expect(shop.lines('stock')).toEqual([
      expect.objectContaining({ move: 'transfer', sku: 'A', quantity: '2', to: 'LOC2' }),
    ])
  })

  test('keeps each line, also where two have one number or a price that makes no amount', () => {
    const shop = shopWith()
    const huge = '999999999999999999'
    shop.orders(
      toCollect({
        lines: [
          { number: '1', sku: 'A', quantity: '1', unitPrice: '10', discount: 100 },
          { number: '1', sku: 'B', quantity: '2', unitPrice: '10' },
          { number: '2', sku: 'C', quantity: huge, unitPrice: huge },
        ],
      }),
    )
    expect(shop.lines('orderToStore').map(({ sku, lineGross }) => [sku, lineGross])).toEqual([
      ['A', '9.00'],
      ['B', '20.00'],
      ['C', undefined],
    ])
    verb(shop, 'confirm')
    expect(verb(shop, 'deliver')).toMatchObject({ kind: 'batch' })
  })

  test.each([
    ['no store', { store: undefined }],
    ['another way of delivery', { deliveryMethod: 'post' }],
    ['a return', { type: 'return' as const }],
  ])('starts nothing for %s', (_, fields) => {
    const shop = shopWith()
    shop.orders(toCollect(fields as object))
    expect(shop.order().collect).toBeUndefined()
    expect(shop.alarms()).toEqual([])
  })

  test('takes the workflow that its store names, once', () => {
    const stores = { S1: { name: 'One', company: 'HU02', workflow: 'second' } }
    const shop = new Shop({
      stores,
      workflows: { first: collectWorkflow, second: collectWorkflow, third: collectWorkflow },
    })
    shop.orders(toCollect())
    expect(shop.collect().settings.workflow).toBe('second')
    expect(shop.lines('orderToStore')).toHaveLength(1)
  })

  test('at an unknown store is alarmed once for the file, and starts when a changed order names a known one', () => {
    const shop = shopWith()
    const { names } = shop.orders(toCollect({ store: 'S9' }), toCollect({ number: '101', store: 'S8' }))
    expect(shop.alarms()).toEqual(['An order names an unknown store → it@example.com'])
    expect(names.filter((name) => name === 'step.skipped')).toHaveLength(2)
    expect(shop.order().collect).toBeUndefined()
    shop.orders(toCollect({ store: 'S1' }))
    expect(shop.collect()).toMatchObject({ store: 'S1', processing: 'pending' })
  })

  test('at a store that the config learnt since starts when the order comes again with a change', () => {
    const shop = shopWith()
    shop.orders(toCollect({ store: 'S9' }))
    shop.setup = new Shop({ ...workflowWith(), stores: { S9: { name: 'Nine' } } }).setup
    expect(shop.orders(toCollect({ store: 'S9' })).counts.repeated).toBe(1)
    shop.orders(toCollect({ store: 'S9', note: 'again' }))
    expect(shop.collect().store).toBe('S9')
  })

  test('may name a store that a file brought', () => {
    const shop = shopWith()
    shop.take(
      'orders',
      { kind: 'store', code: 'S7', name: 'Seven', company: 'HU02', email: 's7@example.com' },
      toCollect({ store: 'S7' }),
    )
    expect(shop.sent()).toContain('New order 100 → s7@example.com')
    expect(shop.collect().toCompany).toBe('HU02')
  })

  test('whose customer cannot be mapped is sent all the same, with one alarm for the file', () => {
    const shop = shopWith({ customerMapping: 'source' })
    shop.orders(toCollect(), toCollect({ number: '101' }))
    expect(shop.alarms()).toEqual(['A customer could not be mapped → it@example.com'])
    expect(shop.collect().customerNumber).toBeUndefined()
    shop.take(
      'orders',
      { kind: 'customer', company: 'HU02', number: 'K1' },
      toCollect({ number: '102', customer: { number: 'K1' } }),
    )
    expect(shop.collect('102').customerNumber).toBe('K1')
    expect(shop.lines('orderToStore').at(-1)).toMatchObject({ order: '102', customer: 'K1' })
  })
})

describe('the collect machine', () => {
  const states: Record<string, Partial<Collect>> = {
    pending: { processing: 'pending' },
    ready: { processing: 'confirmed', delivery: 'ready' },
    rejected: { processing: 'rejected' },
    expired: { processing: 'expired' },
    delivered: { processing: 'confirmed', delivery: 'delivered' },
    notFetched: { processing: 'confirmed', delivery: 'expired' },
  }
  const moves: readonly CollectMove[] = ['confirmed', 'rejected', 'processingExpired', 'delivered', 'deliveryExpired']
  const table: Record<string, string> = {
    pending: 'allowed allowed allowed refused refused',
    ready: 'same refused refused allowed allowed',
    rejected: 'refused same refused refused refused',
    expired: 'refused refused same refused refused',
    delivered: 'same refused refused same refused',
    notFetched: 'same refused refused refused same',
  }
  test.each(Object.keys(states))('allows from %s just what it should', (state) => {
    const collect = collectOf({}, states[state])
    expect(moves.map((move) => checkMove(collect, move).kind).join(' ')).toBe(table[state])
  })

  test('says what it is, what was wanted, and what is possible', () => {
    expect(checkMove(collectOf({}, states.pending), 'delivered')).toEqual({
      kind: 'refused',
      reason: 'the order is pending and cannot become delivered: confirm or reject it first',
    })
    expect(checkMove(collectOf({}, states.ready), 'rejected')).toEqual({
      kind: 'refused',
      reason: 'the order is confirmed and ready and cannot become rejected: it can be delivered or expire',
    })
  })

  test('confirmed is ready at once, with one message and the day until it is kept', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    shop.answers(aStatus('confirmed'))
    expect(shop.collect()).toMatchObject({ processing: 'confirmed', delivery: 'ready', processingBy: 'file:answers' })
    expect(shop.collect().processingExpiresAt).toBeUndefined()
    expect(shop.collect().deliveryExpiresAt).toBe(Date.UTC(2026, 2, 3, 18))
    expect(shop.sent().slice(2)).toEqual(['Ready 100 → anna@example.com'])
    expect([...shop.store.timers.values()].map(({ name }) => name)).toEqual(['collect.delivery'])
  })

  test('a store that tells its list again changes nothing, also after delivery', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    shop.answers(aStatus('confirmed'))
    expect(shop.answers(aStatus('confirmed')).counts.repeated).toBe(1)
    shop.answers(aStatus('delivered', { documentType: 'receipt', documentNumber: 'R1' }))
    const again = shop.answers(aStatus('confirmed'), aStatus('delivered'))
    expect(again.counts).toMatchObject({ repeated: 2, refused: 0 })
    expect(again.batch.put).toEqual([])
    expect(shop.lines('orderStatus').at(-1)).toMatchObject({ delivery: 'delivered', documentNumber: 'R1' })
  })

  test('what is refused says so once for a file, and changes nothing', () => {
    const shop = shopWith()
    shop.orders(toCollect(), toCollect({ number: '101' }))
    shop.answers(aStatus('rejected', { reason: 'sold out' }), aStatus('rejected', { order: '101' }))
    const { counts, names, batch } = shop.answers(aStatus('confirmed'), aStatus('confirmed', { order: '101' }))
    expect(counts.refused).toBe(2)
    expect(names.filter((name) => name === 'status.refused')).toHaveLength(2)
    expect(names.filter((name) => name === 'alarm.raised')).toHaveLength(1)
    expect(batch.put).toEqual([])
    expect(shop.collect()).toMatchObject({ processing: 'rejected', reason: 'sold out' })
    expect(shop.alarms()).toEqual(['A status was refused → it@example.com'])
  })

  test('commands do the same, in the name of the person', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    expect(verb(shop, 'deliver')).toMatchObject({ kind: 'refused' })
    verb(shop, 'confirm')
    expect(shop.collect().processingBy).toBe('cli:anna')
    expect(verb(shop, 'confirm')).toEqual({ kind: 'same', reason: 'order 100 is confirmed already' })
    expect(verb(shop, 'reject')).toMatchObject({ kind: 'refused' })
    verb(shop, 'deliver', { documentType: 'receipt' })
    expect(shop.collect()).toMatchObject({ delivery: 'delivered', documentType: 'receipt' })
    expect([...shop.store.timers.values()].map(({ name }) => name)).toEqual(['order.retention'])
    expect(shop.sent().at(-1)).toBe('Collected 100 → anna@example.com')
    shop.orders(anOrder({ number: '200' }))
    expect(shop.command({ verb: 'confirm', order: shop.order('200').id })).toEqual({
      kind: 'refused',
      reason: 'order 200 is not at a collecting store',
    })
    expect(shop.command({ verb: 'confirm', order: 'ord_x' })).toEqual({ kind: 'refused', reason: 'no such order' })
  })

  test('a store cannot answer for an order that it never got', () => {
    const shop = shopWith()
    shop.orders(anOrder())
    expect(shop.answers(aStatus('confirmed')).counts.refused).toBe(1)
    expect(shop.order().status).toBe('received')
    shop.status(aStatus('confirmed')) // the word of the ERP is its own
    expect(shop.order().status).toBe('confirmed')
  })
})

describe('expiry', () => {
  test('of an order that nobody answered tells store and customer, once', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    expect(shop.wait(hours(4) - 1).batch.put).toEqual([])
    const { names } = shop.wait(1)
    expect(names).toEqual(['collect.processingExpired', 'order.archived', 'message.queued', 'message.queued'])
    expect(shop.collect().processing).toBe('expired')
    expect(shop.sent().slice(2)).toEqual(['Expired 100 → s1@example.com', 'Expired 100 → anna@example.com'])
    expect(shop.wait(hours(100)).names).toEqual([])
    expect(shop.answers(aStatus('confirmed')).counts.refused).toBe(1)
  })

  test('of an order that nobody fetched comes at closing time of the last open day', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    verb(shop, 'confirm')
    shop.wait(hours(31))
    expect(shop.collect().delivery).toBe('ready')
    shop.wait(hours(1))
    expect(shop.collect()).toMatchObject({ processing: 'confirmed', delivery: 'expired' })
  })

  test('counts open hours only, or the clock where it is said', () => {
    const shop = shopWith()
    shop.now = Date.UTC(2026, 2, 6, 17) // Friday, an hour before closing
    shop.orders(toCollect())
    expect(shop.collect().processingExpiresAt).toBe(Date.UTC(2026, 2, 9, 12))
    const other = shopWith({ expiry: { processing: '4h', countedIn: 'clock', delivery: 3 } })
    other.now = Date.UTC(2026, 2, 6, 17)
    other.orders(toCollect({ store: 'S2' }))
    expect(other.collect().processingExpiresAt).toBe(Date.UTC(2026, 2, 6, 21))
    verb(other, 'confirm')
    expect(other.collect().deliveryExpiresAt).toBe(Date.UTC(2026, 2, 9, 17)) // no calendar: three days later
  })

  test.each([{}, { processing: '0s' }])('is none with %o', (expiry) => {
    const shop = shopWith({ expiry })
    shop.orders(toCollect())
    expect(shop.store.timers.size).toBe(0)
    verb(shop, 'confirm')
    expect(shop.store.timers.size).toBe(0)
  })

  test('an answer in the same file as the order leaves only the timer of delivery', () => {
    const shop = shopWith()
    const { batch } = shop.take('orders', toCollect(), aStatus('confirmed'))
    expect(batch.timers.map(({ name }) => name)).toEqual(['collect.delivery'])
    expect(batch.cancelTimers).toEqual([{ subject: shop.order().id, name: 'collect.processing' }])
  })

  test('a timer whose deadline was moved, or that is of another kind, changes nothing', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    const subject = shop.order().id
    shop.store.timers.set('x', { id: 'tmr_x', name: 'something.else', subject, dueAt: shop.now })
    shop.store.timers.set('y', { id: 'tmr_y', name: 'collect.delivery', subject, dueAt: shop.now })
    expect(shop.wait(hours(1)).batch).toMatchObject({ put: [], events: [], firedTimers: ['tmr_x', 'tmr_y'] })
  })
})

describe('settings', () => {
  test('are those of the start: a later config changes nothing for the running document', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    shop.setup = new Shop({}).setup // no workflow at all any more
    verb(shop, 'confirm')
    expect(shop.sent().at(-1)).toBe('Ready 100 → anna@example.com')
  })

  test('a state without a template sends nothing; a template that is not there is recorded as suppressed', () => {
    const shop = shopWith({
      store: undefined,
      customer: { mail: { pending: 'customer/none' }, sms: { confirmed: 'customer/ready' } },
    })
    shop.orders(toCollect())
    expect(shop.sent()).toEqual(['customer/none → anna@example.com (suppressed: no template customer/none)'])
    verb(shop, 'confirm')
    expect(shop.sent().at(-1)).toBe('SMS Order 100 is ready → +36301234567')
  })
})

const sum = (shop: Shop): number => shop.store.all('clearing').reduce((total, { gross }) => total + gross, 0)

describe('clearing', () => {
  test('is posted once at delivery, and sums to zero', () => {
    const shop = shopWith({ clearing: { fee: '2.00' } })
    shop.orders(toCollect({ prepaid: 3_000 }))
    verb(shop, 'confirm')
    expect(shop.lines('clearing')).toEqual([])
    shop.answers(aStatus('delivered'))
    expect(shop.lines('clearing').map(({ company, type, gross }) => [company, type, gross])).toEqual([
      ['HU02', 'goods', '100.00'],
      ['HU01', 'goods', '-100.00'],
      ['HU02', 'prepaymentTransfer', '-30.00'],
      ['HU01', 'prepaymentTransfer', '30.00'],
      ['HU02', 'storeReceipt', '-70.00'],
      ['HU01', 'storeReceipt', '70.00'],
      ['HU02', 'fee', '2.00'],
      ['HU01', 'fee', '-2.00'],
    ])
    expect(sum(shop)).toBe(0)
    expect(shop.collect().clearing).toHaveLength(8)
    shop.answers(aStatus('delivered'))
    expect(shop.lines('clearing')).toHaveLength(8)
  })

  test('posted at confirmation is reversed once when nobody fetches the order', () => {
    const shop = shopWith({ clearing: { postOn: 'processing' } })
    shop.orders(toCollect())
    verb(shop, 'confirm')
    expect(shop.lines('clearing')).toHaveLength(4)
    const { names } = shop.wait(hours(48))
    expect(names).toContain('clearing.reversed')
    expect(
      shop
        .lines('clearing')
        .slice(4)
        .map(({ type }) => type),
    ).toEqual(['reversal', 'reversal', 'reversal', 'reversal'])
    expect(sum(shop)).toBe(0)
    expect(
      shop.store
        .all('clearing')
        .filter(({ type }) => type !== 'reversal')
        .reduce((total, { gross }) => total + gross, 0),
    ).toBe(0)
  })

  test('says how the order is billed in the end, when money came after the start', () => {
    const shop = shopWith({ clearing: { billVia: 'pos' } })
    shop.orders(toCollect())
    verb(shop, 'confirm')
    shop.bank(aPayment())
    verb(shop, 'deliver')
    expect(shop.collect().settings.billVia).toBe('pos')
    expect(shop.lines('clearing')[0]).toMatchObject({
      type: 'goods',
      billVia: 'salesDocument',
      billViaReason: expect.stringContaining('100.00 EUR was paid before'),
    })
  })

  test('of an order that was rejected at once is nothing', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    verb(shop, 'reject', { reason: 'none left' })
    expect(shop.lines('clearing')).toEqual([])
    expect(shop.sent().at(-1)).toBe('Rejected 100 → anna@example.com')
  })
})
