import { describe, expect, test } from 'vitest'
import { stockLevelId } from '../../src/core/ids.ts'
import type { IncomingOrder } from '../../src/core/incoming.ts'
import type { IncomingStock } from '../../src/core/stock-level.ts'
import { availableAt, distanceKm, nearStores } from '../../src/workflow/stock/near-stores.ts'
import { anOrder, aStatus, base, collectWorkflow, type ConfigInput, monday, Shop, toCollect } from './shop.ts'

const csv = { format: { type: 'csv' as const } }
const imports = { ...base.imports, stock: { kind: 'stock' as const, folder: 'in/stock', ...csv } }
const stores: ConfigInput['stores'] = {
  BUD: { name: 'Budapest', latitude: '47.4979', longitude: '19.0402', location: 'LBUD' },
  GYO: { name: 'Győr', latitude: '47.6875', longitude: '17.6504', location: 'LGYO' },
  SZE: { name: 'Szeged', latitude: '46.2530', longitude: '20.1414', location: 'LSZE' },
  KOS: { name: 'Košice', company: 'HU02', latitude: '48.7164', longitude: '21.2611', location: 'LKOS' },
  NOW: { name: 'Nowhere' },
}
const shopWith = (workflow: object = {}, change: Partial<ConfigInput> = {}): Shop =>
  new Shop({ imports, stores, workflows: { std: { ...collectWorkflow, ...workflow } }, ...change })

const count = (location: string, quantity: string, fields: Partial<IncomingStock> = {}): IncomingStock => ({
  kind: 'stock',
  location,
  sku: 'A',
  quantity,
  ...fields,
})
const level = (shop: Shop, location: string, sku = 'A', variant = ''): string | undefined => {
  const found = shop.store.get('stockLevel', stockLevelId(location, sku, variant))
  return found && `${found.quantity} - ${found.reserved}`
}
const order = (fields: Partial<IncomingOrder> = {}): IncomingOrder => toCollect({ store: 'BUD', ...fields })

describe('a stock level', () => {
  test('is what the last file counted; the same again is no news, an older count has no effect', () => {
    const shop = shopWith()
    expect(shop.take('stock', count('LBUD', '5', { at: '2026-03-01' })).counts.applied).toBe(1)
    expect(shop.take('stock', count('LBUD', '5', { at: '2026-03-01' })).counts.repeated).toBe(1)
    expect(shop.take('stock', count('LBUD', '9', { at: '2026-02-01' })).counts.repeated).toBe(1)
    expect(shop.take('stock', count('LBUD', '7', { at: '2026-03-02' })).counts.updated).toBe(1)
    expect(level(shop, 'LBUD')).toBe('7 - 0')
  })

  test('of a store is that of its location, of its code where it has none; variants are told apart', () => {
    const shop = shopWith()
    const { location: _, ...atStore } = count('', '3', { store: 'BUD', variant: 'M' })
    shop.take('stock', atStore, { ...atStore, store: 'NOW' })
    expect([level(shop, 'LBUD', 'A', 'M'), level(shop, 'NOW', 'A', 'M'), level(shop, 'LBUD')]).toEqual([
      '3 - 0',
      '3 - 0',
      undefined,
    ])
  })

  test('is promised to an order at its store, and free again when the order is rejected', () => {
    const shop = shopWith()
    shop.take('stock', count('LBUD', '5'))
    shop.orders(order())
    expect(level(shop, 'LBUD')).toBe('5 - 2')
    expect(shop.store.events.some(({ name }) => name === 'stockLevel.moved')).toBe(true)
    shop.answers(aStatus('rejected'))
    expect(level(shop, 'LBUD')).toBe('5 - 0')
  })

  test('goes down when the order is handed over, and up when it is brought back', () => {
    const shop = shopWith()
    shop.take('stock', count('LBUD', '5'))
    shop.orders(order())
    shop.answers(aStatus('confirmed'), aStatus('delivered'))
    expect(level(shop, 'LBUD')).toBe('3 - 0')
    shop.command({ verb: 'return', order: shop.order().id, lines: [{ line: '1', quantity: '1' }] })
    expect(level(shop, 'LBUD')).toBe('4 - 0')
  })

  test('stays as it is where the goods are those of the origin, or the place was never counted', () => {
    const shop = shopWith({ storeStock: false })
    shop.take('stock', count('LBUD', '5'))
    shop.orders(order(), order({ number: '101', store: 'GYO' }))
    expect(level(shop, 'LBUD')).toBe('5 - 0')
    expect(level(shop, 'LGYO')).toBeUndefined()
  })

  test('moves with the movements of an order that is at no store', () => {
    const steps = {
      'status.picked': [{ stock: 'reserve' as const }],
      'status.sent': [{ stock: 'issue' as const }],
      'status.back': [{ stock: 'return' as const }],
    }
    const shop = shopWith({}, { workflows: { ship: { kind: 'payment', on: steps } } })
    shop.take('stock', count('W1', '5'))
    const line = { number: '1', sku: 'A', quantity: '2', location: 'W1' }
    shop.orders(anOrder({ deliveryMethod: 'post', lines: [line] }))
    const seen = ['picked', 'sent', 'back'].map((status) => {
      shop.status(aStatus(status))
      return level(shop, 'W1')
    })
    expect(seen).toEqual(['5 - 2', '3 - 0', '5 - 0'])
  })
})

const at = (latitude: string, longitude: string) => ({ latitude, longitude })

describe('stores by distance', () => {
  test.each([
    ['Budapest to Vienna', at('47.4979', '19.0402'), at('48.2082', '16.3738'), 214],
    ['over the date line', at('0', '179.5'), at('0', '-179.5'), 111],
    ['from pole to pole', at('90', '0'), at('-90', '0'), 20_015],
    ['to itself', at('47.5', '19'), at('47.5', '19'), 0],
  ])('%s is a great circle', (_, from, to, km) => {
    expect(Math.round(distanceKm(from, to) ?? NaN)).toBe(km)
  })

  test('come with what they have; an unknown place comes last, equal ones by code', () => {
    const wanted = [
      { sku: 'A', quantity: '2' },
      { sku: 'A', quantity: '1' },
    ]
    const candidates = [
      { code: 'Z', location: 'Z', wanted },
      { code: 'FAR', location: 'FAR', wanted, ...at('48', '20') },
      { code: 'B', location: 'B', wanted, ...at('47', '19') },
      { code: 'A', location: 'A', wanted, ...at('47', '19') },
    ]
    const levels = [{ location: 'B', sku: 'A', quantity: '5', reserved: '1' }].map((each) => ({
      kind: 'stockLevel' as const,
      id: stockLevelId(each.location, each.sku, ''),
      version: 1,
      at: 0,
      source: { import: 'test' },
      createdAt: 0,
      updatedAt: 0,
      ...each,
    }))
    const found = nearStores(at('47', '19'), candidates, levels, '1')
    expect(found.map(({ code, fulfilled, short }) => [code, fulfilled, short])).toEqual([
      ['A', '0', ['A: 0 of 3']],
      ['B', '3', []],
      ['FAR', '0', ['A: 0 of 3']],
      ['Z', '0', ['A: 0 of 3']],
    ])
    expect(availableAt('B', 'A', undefined, levels, '10')).toBe('0')
  })
})

const none = { store: undefined } as unknown as Partial<IncomingOrder>
const choosing = (workflow: object = {}, change: Partial<ConfigInput> = {}): Shop =>
  shopWith({ chooseStore: 'nearestInStock', ...workflow }, change)

describe('chooseStore: nearestInStock', () => {
  test('takes the nearest to the sending store that has all of it, and says why', () => {
    const shop = choosing()
    shop.take('stock', count('LGYO', '1'), count('LSZE', '2'), count('LKOS', '9'))
    const { names, batch } = shop.orders(order({ ...none, fromStore: 'BUD' }))
    expect(names).toContain('order.storeChosen')
    expect(batch.events.find(({ name }) => name === 'order.storeChosen')?.text).toBe(
      'the nearest with all of it: SZE, 162 km, 2 of 2',
    )
    expect(shop.order().store).toBe('SZE')
    expect(level(shop, 'LSZE')).toBe('2 - 2')
    shop.orders(order({ ...none, number: '101', fromStore: 'BUD' }))
    expect(shop.order('101').store).toBe('KOS')
    expect(shop.collect('101').toCompany).toBe('HU02')
  })

  test('leaves the buffer, and asks for items as the other company calls them', () => {
    const shop = choosing({ itemMapping: { order: ['map'] } }, { stock: { buffer: '1' } })
    const mapping = {
      kind: 'mapping',
      action: 'set',
      about: 'item',
      company: 'HU02',
      from: '*',
      key: 'A',
      target: 'K-A',
    }
    shop.take('orders', mapping as never)
    shop.take('stock', count('LSZE', '2'), count('LKOS', '3', { sku: 'K-A' }))
    shop.orders(order({ ...none, fromStore: 'BUD' }))
    expect(shop.collect()).toMatchObject({ store: 'KOS', items: [{ sku: 'K-A' }] })
    expect(level(shop, 'LKOS', 'K-A')).toBe('3 - 2')
  })

  test('waits where no store has all of it, and goes on when one is counted or freed', () => {
    const shop = choosing()
    shop.take('stock', count('LSZE', '1'))
    shop.orders(order({ ...none, fromStore: 'BUD' }))
    expect(shop.alarms()).toEqual(['An order waits for a store → it@example.com'])
    expect(shop.order().waits?.reason).toMatch(/^no store has all of it; GYO, 106 km, 0 of 2: A: 0 of 2$/)
    shop.now = monday + 1000
    shop.take('stock', count('LSZE', '2'))
    expect(shop.collect().store).toBe('SZE')
    shop.orders(order({ ...none, number: '101', fromStore: 'BUD' }))
    expect(shop.order('101').waits).toBeDefined()
    shop.answers(aStatus('rejected'))
    expect(shop.collect('101').store).toBe('SZE')
  })

  test('a person can name the store instead', () => {
    const shop = choosing()
    shop.orders(order(none))
    const choose = (store: string) => shop.command({ verb: 'chooseStore', order: shop.order().id, store })
    expect(choose('XXX')).toMatchObject({ kind: 'refused', reason: 'there is no store "XXX"' })
    expect(choose('GYO').kind).toBe('batch')
    expect(shop.collect().store).toBe('GYO')
    expect(choose('SZE')).toMatchObject({ kind: 'refused', reason: 'order 100 is at store GYO already' })
  })

  test('leaves an order alone that names its store, or where stores are named only', () => {
    const shop = choosing()
    shop.orders(order({ store: 'GYO' }))
    expect(shop.collect().store).toBe('GYO')
    const other = shopWith()
    other.orders(order(none))
    expect(other.order().waits).toBeUndefined()
    expect(other.alarms()).toEqual([])
  })

  test('a store that a file brought comes into question as well', () => {
    const shop = choosing({}, { stores: {} })
    shop.take('orders', { kind: 'store', code: 'DEB', latitude: '47.53', longitude: '21.62' })
    shop.take('stock', count('DEB', '2'))
    shop.orders(order(none))
    expect(shop.collect().store).toBe('DEB')
  })
})
