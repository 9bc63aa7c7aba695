import { describe, expect, test } from 'vitest'
import type { IncomingOrder } from '../../src/core/incoming.ts'
import { base, collectWorkflow, type ConfigInput, Shop, toCollect } from './shop.ts'

type StoreInput = NonNullable<ConfigInput['stores']>[string]
const one: StoreInput = { name: 'Store One', company: 'HU02', email: 's1@example.com', mobile: '+36301111111' }
const shopWith = (store: Partial<StoreInput>, workflows: ConfigInput['workflows']): Shop =>
  new Shop({ stores: { ...base.stores, S1: { ...one, ...store } }, workflows })
const order = (fields: Partial<IncomingOrder> = {}): IncomingOrder => toCollect(fields)

describe('the workflows of a store', () => {
  const three = { a: collectWorkflow, b: collectWorkflow, c: collectWorkflow }

  test('a store with one takes it without asking', () => {
    const shop = shopWith({ workflows: [{ use: 'c' }] }, three)
    shop.orders(order())
    expect(shop.collect().settings.workflow).toBe('c')
  })

  test('of several the first of the list that fits the order counts, whatever the order of the config', () => {
    const workflows = {
      a: collectWorkflow,
      b: { ...collectWorkflow, if: { paymentMethod: 'card' } },
      c: collectWorkflow,
    }
    const shop = shopWith({ workflows: [{ use: 'b' }, { use: 'a' }] }, workflows)
    shop.orders(order({ paymentMethod: 'card' }), order({ number: '101', paymentMethod: 'transfer' }))
    expect(shop.collect('100').settings.workflow).toBe('b')
    expect(shop.collect('101').settings.workflow).toBe('a')
  })

  test('the only one may have notices of its own in the list', () => {
    const own = { use: 'c', store: { mail: { pending: 'store/expired' } } }
    const shop = shopWith({ workflow: 'c', workflows: [{ use: 'a' }, own] }, three)
    shop.orders(order())
    expect(shop.collect().settings).toMatchObject({ workflow: 'c', store: { mail: { pending: 'store/expired' } } })
  })

  test('an order that none of them fits goes to no store', () => {
    const shop = shopWith(
      { workflows: [{ use: 'a' }] },
      { ...three, a: { ...collectWorkflow, for: { delivery: 'none' } } },
    )
    shop.orders(order())
    expect(shop.order().collect).toBeUndefined()
  })
})

describe('a store of a file that names a workflow which there is not', () => {
  test('is alarmed once for the file, and its order goes nowhere until a person names a store', () => {
    const shop = shopWith({}, { a: collectWorkflow, b: collectWorkflow })
    shop.take('orders', { kind: 'store', code: 'S7', workflow: 'none' }, order({ store: 'S7' }))
    expect(shop.alarms()).toEqual(['A store names an unknown workflow → it@example.com'])
    expect(shop.order().collect).toBeUndefined()
    shop.command({ verb: 'chooseStore', order: shop.order().id, store: 'S1' })
    expect(shop.collect().store).toBe('S1')
  })
})

describe('what a store says otherwise', () => {
  const sms = { sms: { pending: 'store/new-order' } }
  const workflow = { ...collectWorkflow, store: { ...collectWorkflow.store, ...sms } }

  test('switches a medium off, takes another template for a state, and leaves the rest', () => {
    const store = { sms: false as const, mail: { pending: 'store/expired' } }
    const shop = shopWith({ workflows: [{ use: 'std', store }] }, { std: workflow })
    shop.orders(order())
    expect(shop.collect().settings.store).toEqual({ mail: { pending: 'store/expired', expired: 'store/expired' } })
    expect(shop.sent()).toEqual(['Expired 100 → s1@example.com', 'Received 100 → anna@example.com'])
  })

  test('switches on what the workflow does not have', () => {
    const store = { sms: { pending: 'store/new-order' } }
    const shop = shopWith({ workflows: [{ use: 'std', store, customer: { mail: false } }] }, { std: collectWorkflow })
    shop.orders(order())
    expect(shop.sent()).toEqual(['New order 100 → s1@example.com', 'SMS New order 100 → +36301111111'])
    expect(shop.collect().settings.customer).toEqual({})
  })

  test('has slips of its own, or none', () => {
    const printing = { ...workflow, print: { pending: 'slips/pick', delivered: 'slips/delivery' } }
    const shop = shopWith({ workflows: [{ use: 'std', print: { pending: 'store/new-order' } }] }, { std: printing })
    shop.orders(order())
    expect(shop.collect().settings.print).toEqual({ pending: 'store/new-order', delivered: 'slips/delivery' })
    const other = shopWith({ workflows: [{ use: 'std', print: false }] }, { std: printing })
    other.orders(order())
    expect(other.collect().settings.print).toBeUndefined()
  })

  test('counts for an order from its start to its end, also when the config changes in between', () => {
    const own = { workflows: [{ use: 'std', customer: { mail: { confirmed: 'customer/collected' } } }] }
    const shop = shopWith(own, { std: workflow })
    shop.orders(order())
    expect(shop.collect().settings.configHash).toBe('hash-1')
    shop.setup = shopWith({}, { std: workflow }).setup
    shop.command({ verb: 'confirm', order: shop.order().id })
    expect(shop.sent().at(-1)).toBe('Collected 100 → anna@example.com')
  })
})

describe('what store and workflow add to the order for the store', () => {
  test('bill-to, location, salesperson, account and default methods', () => {
    const store = { billTo: 'C2000', location: 'LOC1', salesperson: 'SP1', prepaymentAccount: '4531' }
    const shop = shopWith(store, {
      std: { ...collectWorkflow, defaults: { shippingMethod: 'PICKUP', paymentMethod: 'CASH' } },
    })
    shop.orders(order(), order({ number: '101', paymentMethod: 'card', prepaymentAccount: '4999' }))
    const [first, second] = shop.lines('orderToStore')
    expect(first).toMatchObject({ ...store, shippingMethod: 'PICKUP', paymentMethod: 'CASH' })
    expect(second).toMatchObject({ paymentMethod: 'card', prepaymentAccount: '4999' })
  })

  test('without defaults the order says its own way of delivery', () => {
    const shop = shopWith({}, { std: collectWorkflow })
    shop.orders(order())
    expect(shop.lines('orderToStore')[0]).toMatchObject({ shippingMethod: 'collect' })
    expect(shop.lines('orderToStore')[0]?.['paymentMethod']).toBeUndefined()
  })

  test('a store of a file brings them as well, and its zone and workflow', () => {
    const shop = shopWith({}, { std: collectWorkflow, other: collectWorkflow })
    shop.take(
      'orders',
      {
        kind: 'store',
        code: 'S7',
        company: 'HU02',
        billTo: 'C7',
        salesperson: 'SP7',
        timeZone: 'Asia/Tokyo',
        calendar: 'week',
        workflow: 'other',
      },
      order({ store: 'S7' }),
    )
    expect(shop.lines('orderToStore')[0]).toMatchObject({ billTo: 'C7', salesperson: 'SP7' })
    // Monday 19:00 in Tokyo: the four open hours end on Tuesday at 13:00 there.
    expect(shop.lines('orderToStore')[0]?.['answerBy']).toBe('2026-03-03T04:00:00+00:00')
    expect(shop.collect().settings.workflow).toBe('other')
  })
})
