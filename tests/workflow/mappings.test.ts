import { describe, expect, test } from 'vitest'
import { mappingId } from '../../src/core/ids.ts'
import type { IncomingCustomer, IncomingOrder } from '../../src/core/incoming.ts'
import type { IncomingMapping, Mapping } from '../../src/core/mapping.ts'
import { collectWorkflow, type ConfigInput, Shop, toCollect } from './shop.ts'

const csv = { format: { type: 'csv' as const } }
const imports = {
  orders: { kind: 'orders' as const, folder: 'in/orders', ...csv },
  answers: { kind: 'collectStatus' as const, folder: 'in/answers', ...csv },
  table: { kind: 'mappings' as const, folder: 'in/table', ...csv },
}
const shopWith = (workflow: object = {}, change: Partial<ConfigInput> = {}): Shop =>
  new Shop({ workflows: { std: { ...collectWorkflow, ...workflow } }, imports, ...change })

const row = (fields: Partial<IncomingMapping> = {}): IncomingMapping => ({
  kind: 'mapping',
  action: 'set',
  about: 'customer',
  company: 'HU02',
  from: 'HU01',
  key: 'C1001',
  target: 'K7',
  ...fields,
})
const customer = (number: string, fields: Partial<IncomingCustomer> = {}): IncomingCustomer => ({
  kind: 'customer',
  company: 'HU02',
  number,
  ...fields,
})
const anna = { number: 'C1001', email: 'anna@example.com', phone: '+36301234567' }
const order = (fields: Partial<IncomingOrder> = {}): IncomingOrder => toCollect({ customer: anna, ...fields })
const mapping = (shop: Shop, from = 'HU01', key = 'C1001', about = 'customer'): Mapping | undefined =>
  shop.store.get('mapping', mappingId(about, 'HU02', from, key))

describe('a remembered customer', () => {
  test('goes before the rule, also before the rule that always makes a new one', () => {
    for (const customerMapping of ['email', 'none', 'source'] as const) {
      const shop = shopWith({ customerMapping })
      shop.take('orders', customer('K1', { email: 'anna@example.com' }), row(), order())
      expect(shop.collect().customerNumber).toBe('K7')
      expect(shop.lines('orderToStore')[0]).toMatchObject({ customer: 'K7' })
      expect(shop.alarms()).toEqual([])
    }
  })

  test('of the sending store goes before that of its company, and that before one for all', () => {
    const shop = shopWith()
    shop.take('orders', row({ from: '*', target: 'ALL' }), order({ number: '1' }))
    shop.take('orders', row({ from: 'HU01', target: 'COMPANY' }), order({ number: '2', fromStore: 'S2' }))
    shop.take('orders', row({ from: 'S2', target: 'STORE' }), order({ number: '3', fromStore: 'S2' }))
    expect(['1', '2', '3'].map((number) => shop.collect(number).customerNumber)).toEqual(['ALL', 'COMPANY', 'STORE'])
  })

  test('is learnt from what a rule finds, and keeps the number when the contact data changes', () => {
    const shop = shopWith({ customerMapping: 'emailOrPhone' })
    const { names } = shop.take('orders', customer('K1', { email: 'anna@example.com' }), order())
    expect(names).toContain('mapping.learned')
    expect(mapping(shop)).toMatchObject({ target: 'K1', by: 'rule', state: 'active' })
    shop.take('orders', customer('K1', { email: 'else@example.com' }))
    shop.orders(order({ number: '101', customer: { ...anna, email: 'new@example.com', phone: '+36309999999' } }))
    expect(shop.collect('101').customerNumber).toBe('K1')
  })

  test.each(['fixed', 'source'] as const)(
    'is not learnt from the rule %s, whose number may change',
    (customerMapping) => {
      const shop = shopWith({ customerMapping, ...(customerMapping === 'fixed' && { fixedCustomer: 'C1001' }) })
      shop.take('orders', customer('C1001'), order())
      expect(shop.collect().customerNumber).toBe('C1001')
      expect(shop.store.all('mapping')).toEqual([])
    },
  )

  test('is not learnt for an order without a customer number, nor within one company', () => {
    const shop = shopWith({ customerMapping: 'email' })
    const { number: _, ...guest } = anna
    shop.take('orders', customer('K1', { email: anna.email }), order({ customer: guest }))
    shop.take('orders', customer('C9', { company: 'HU01', email: anna.email }), order({ number: '101', store: 'S2' }))
    expect([shop.collect().customerNumber, shop.collect('101').customerNumber]).toEqual(['K1', 'C9'])
    expect(shop.store.all('mapping')).toEqual([])
  })
})

describe('the mapping table', () => {
  test('takes what a file says in place of what a rule has learnt, and what a person says in place of both', () => {
    const shop = shopWith({ customerMapping: 'email' })
    shop.take('orders', customer('K1', { email: 'anna@example.com' }), order())
    expect(shop.take('table', row()).counts).toMatchObject({ updated: 1 })
    expect(mapping(shop)).toMatchObject({ target: 'K7', by: 'file', actor: 'file:table' })
    expect(shop.take('table', row()).counts).toMatchObject({ repeated: 1 })
    shop.command({ verb: 'setMapping', about: 'customer', company: 'HU02', from: 'HU01', key: 'C1001', target: 'K8' })
    expect(mapping(shop)).toMatchObject({ target: 'K8', by: 'hand', actor: 'cli:anna' })
  })

  test.each([
    ['update', 'K9', 'updated', 0],
    ['ignore', 'K8', 'repeated', 0],
    ['conflict', 'K8', 'refused', 1],
  ] as const)('with onDuplicate: %s meets another word of a person', (onDuplicate, target, count, alarms) => {
    const table = { ...imports.table, onDuplicate }
    const shop = shopWith({}, { imports: { ...imports, table } })
    shop.command({ verb: 'setMapping', about: 'customer', company: 'HU02', from: 'HU01', key: 'C1001', target: 'K8' })
    expect(shop.take('table', row({ target: 'K9' })).counts).toMatchObject({ [count]: 1 })
    expect(mapping(shop)?.target).toBe(target)
    expect(shop.alarms()).toHaveLength(alarms)
  })

  test('a row that was taken away counts no more, and no rule brings it back', () => {
    const shop = shopWith({ customerMapping: 'email' })
    shop.take('orders', row(), customer('K1', { email: 'anna@example.com' }))
    expect(shop.take('table', row({ action: 'remove', target: '' })).names).toEqual(['mapping.removed'])
    expect(shop.take('table', row({ action: 'remove', target: '' })).counts).toMatchObject({ repeated: 1 })
    shop.orders(order())
    expect(shop.collect().customerNumber).toBe('K1')
    expect(mapping(shop)).toMatchObject({ state: 'removed', target: 'K7' })
    expect(shop.take('table', row({ target: 'K2' })).counts).toMatchObject({ updated: 1 })
    expect(mapping(shop)).toMatchObject({ state: 'active', target: 'K2' })
  })

  test('takes no rows for a company that there is not', () => {
    const shop = shopWith()
    expect(shop.take('table', row({ company: 'XX' }), row()).counts).toMatchObject({ refused: 1, applied: 1 })
    expect(shop.alarms()).toEqual(['A mapping is for an unknown company → it@example.com'])
  })

  test('by hand: the same again changes nothing, and what is not there cannot be taken away', () => {
    const shop = shopWith()
    const set = { verb: 'setMapping', about: 'item', company: 'HU02', from: '*', key: 'A', target: 'B' } as const
    expect(shop.command(set).kind).toBe('batch')
    expect(shop.command(set).kind).toBe('same')
    const id = mappingId('item', 'HU02', '*', 'A')
    expect(shop.command({ verb: 'removeMapping', mapping: id }).kind).toBe('batch')
    expect(shop.command({ verb: 'removeMapping', mapping: id }).kind).toBe('same')
    expect(shop.command({ verb: 'removeMapping', mapping: mappingId('item', 'X', 'Y', 'Z') }).kind).toBe('refused')
  })
})

const lines = [
  { number: '1', sku: 'A', quantity: '2', unitPrice: '50', gross: 10_000 },
  { number: '2', sku: 'B', variant: 'M', ean: '4001', quantity: '1' },
  { number: '3', description: 'Gift wrapping', quantity: '1' },
]
const item = (key: string, target: string, fields: Partial<IncomingMapping> = {}): IncomingMapping =>
  row({ about: 'item', from: '*', key, target, ...fields })
const targets = (shop: Shop): readonly unknown[] =>
  shop.lines('orderToStore').map(({ targetSku, targetVariant, itemBy }) => [targetSku, targetVariant, itemBy])

describe('the items of an order', () => {
  test('are called as the collecting company calls them; a line without an item needs no name', () => {
    const shop = shopWith({ itemMapping: { order: ['map'] } })
    shop.take('table', item('A', '900'), item('B/M', '901', { targetVariant: 'MEDIUM' }), item('B', '902'))
    shop.orders(order({ lines }))
    expect(targets(shop)).toEqual([
      ['900', undefined, 'map'],
      ['901', 'MEDIUM', 'map'],
      [undefined, undefined, undefined],
    ])
    expect(shop.lines('orderToStore')[1]).toMatchObject({ sku: 'B', variant: 'M', ean: '4001' })
  })

  test('a row for the number alone keeps the variant; a row for the EAN has none', () => {
    const shop = shopWith({ itemMapping: { order: ['map'] } })
    shop.take('table', item('B', '902'), item('5005', '905'))
    shop.orders(
      order({ lines: [...lines.slice(1, 2), { number: '4', sku: 'Z', variant: 'L', ean: '5005', quantity: '1' }] }),
    )
    expect(targets(shop)).toEqual([
      ['902', 'M', 'map'],
      ['905', undefined, 'map'],
    ])
  })

  test.each([
    [
      ['skuVariant', 'sku', 'barcode'],
      [
        ['A', undefined, 'sku'],
        ['B', 'M', 'skuVariant'],
      ],
    ],
    [
      ['barcode', 'sku'],
      [
        ['A', undefined, 'sku'],
        ['4001', undefined, 'barcode'],
      ],
    ],
  ] as const)('are found in the order %s', (rules, expected) => {
    const shop = shopWith({ itemMapping: { order: [...rules] } })
    shop.orders(order({ lines: lines.slice(0, 2) }))
    expect(targets(shop)).toEqual(expected)
  })

  test('that are not mapped pass where the workflow lets them', () => {
    const shop = shopWith({ itemMapping: { order: ['map'], onUnmapped: 'pass' } })
    shop.orders(order({ lines }))
    expect(targets(shop)[0]).toEqual(['A', undefined, 'pass'])
  })

  test('are not mapped within one company, and not where the workflow maps none', () => {
    const shop = shopWith({ itemMapping: { order: ['map'] } })
    shop.orders(order({ store: 'S2' }))
    expect(shop.collect().items).toBeUndefined()
    const other = shopWith()
    other.orders(order())
    expect(other.collect().items).toBeUndefined()
  })
})

const waiting = (): Shop => {
  const shop = shopWith({ itemMapping: { order: ['map'] } })
  shop.orders(order({ lines }), order({ number: '101' }))
  return shop
}

describe('an order whose items are not all mapped', () => {
  test('waits, is told once for its file with line and item, and keeps nothing else back', () => {
    const shop = waiting()
    expect(shop.order().collect).toBeUndefined()
    expect(shop.order().waits).toMatchObject({
      workflow: 'std',
      store: 'S1',
      reason: 'not mapped for HU02: line 1: A, line 2: B/M',
    })
    expect(shop.alarms()).toEqual(['An order waits for a mapping → it@example.com'])
    expect(shop.lines('orderToStore')).toEqual([])
    expect(shop.sent()).toEqual([])
    expect(shop.orders(order({ number: '102', store: 'S2' })).names).toContain('collect.pending')
  })

  test('goes to its store by itself when the last row is there, whoever brings it', () => {
    const shop = waiting()
    expect(shop.take('table', item('A', '900')).names).toContain('order.waits')
    expect(shop.collect('101').items).toEqual([{ line: '1', sku: '900', by: 'map' }])
    expect(shop.order()).toMatchObject({ waits: { reason: 'not mapped for HU02: line 2: B/M' } })
    shop.command({ verb: 'setMapping', about: 'item', company: 'HU02', from: '*', key: '4001', target: '901' })
    expect(shop.order().waits).toBeUndefined()
    expect(shop.collect()).toMatchObject({ processing: 'pending', items: [{ line: '1' }, { line: '2', sku: '901' }] })
    expect(shop.sent()).toHaveLength(4)
  })

  test('that was taken over in silence goes on in silence', () => {
    const silent = { ...imports, orders: { ...imports.orders, send: false } }
    const shop = shopWith({ itemMapping: { order: ['map'] } }, { imports: silent })
    shop.orders(order())
    shop.take('table', item('A', '900'))
    expect(shop.collect().processing).toBe('pending')
    expect(shop.sent().filter((each) => !each.includes('suppressed'))).toEqual([])
    expect(shop.sent()).toHaveLength(2)
    const other = shopWith({ itemMapping: { order: ['map'] } })
    other.orders(order())
    other.setup = { ...other.setup, muted: 'imported with --no-send' }
    other.take('table', item('A', '900'))
    expect(other.sent().every((each) => each.includes('--no-send'))).toBe(true)
  })

  test('waits no more when it comes again without the item, or was cancelled', () => {
    const shop = waiting()
    shop.take('table', item('A', '900'))
    shop.orders(order({ lines: lines.slice(0, 1) }))
    expect(shop.collect().processing).toBe('pending')
    const second = waiting()
    second.status({ kind: 'status', order: '100', status: 'cancelled' })
    second.take('table', item('A', '900'), item('B', '901'))
    expect(second.order()).toMatchObject({ status: 'cancelled' })
    expect(second.order().waits).toBeUndefined()
    expect(second.order().collect).toBeUndefined()
  })
})

describe('an order whose customer is not found', () => {
  test('waits for the customer where the workflow holds it, and goes on when the customer comes', () => {
    const shop = shopWith({ customerMapping: 'source', onUnmapped: 'hold' })
    shop.orders(order())
    expect(shop.order().waits).toMatchObject({ reason: 'company HU02 has no customer C1001' })
    shop.take('orders', customer('C1001'))
    expect(shop.collect().customerNumber).toBe('C1001')
  })

  test('waits while several fit, and goes on when one of them has other contact data', () => {
    const shop = shopWith({ customerMapping: 'email', onUnmapped: 'hold' })
    const both = { email: 'anna@example.com' }
    shop.take('orders', customer('K1', both), customer('K2', both), order())
    expect(shop.order().waits?.reason).toContain('K1, K2')
    shop.take('orders', customer('K2', { email: 'bela@example.com' }))
    expect(shop.collect().customerNumber).toBe('K1')
  })

  test('waits for a row of the table as well, and says both lacks at once', () => {
    const shop = shopWith({ customerMapping: 'source', onUnmapped: 'hold', itemMapping: { order: ['map'] } })
    shop.orders(order())
    expect(shop.order().waits?.reason).toBe('company HU02 has no customer C1001; not mapped for HU02: line 1: A')
    shop.take('table', row({ from: '*' }))
    expect(shop.order().waits?.reason).toBe('not mapped for HU02: line 1: A')
    shop.take('table', item('A', '900'))
    expect(shop.collect().customerNumber).toBe('K7')
  })
})
