import { describe, expect, test } from 'vitest'
import type { IncomingOrder } from '../../src/core/incoming.ts'
import { anOrder, type ConfigInput, Shop } from './shop.ts'

type Carriers = NonNullable<ConfigInput['carriers']>

const sending = (carriers: Carriers, dispatch = 'carrier'): Shop =>
  new Shop({ carriers, workflows: { send: { kind: 'payment', on: { imported: [{ dispatch }] } } } })
const sent = (shop: Shop): readonly string[] =>
  shop
    .lines('dispatch')
    .map((line) => ['order', 'to', 'cashOnDelivery'].flatMap((name) => textOf(line[name]) ?? []).join(' '))
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const skipped = (shop: Shop, ...orders: readonly IncomingOrder[]): readonly unknown[] =>
  shop.orders(...orders).batch.events.flatMap(({ name, text }) => (name === 'step.skipped' ? [text] : []))

const cod = (number: string, gross: number, fields: Partial<IncomingOrder> = {}): IncomingOrder =>
  anOrder({ number, gross, lines: [], paymentMethod: 'cod', ...fields })

describe('the first carrier that fits', () => {
  const carriers: Carriers = {
    locker: { name: 'Parcel Kft.', profile: 'locker', for: { delivery: 'locker' }, services: ['sms', 'photo'] },
    heavy: { if: { 'order.gross': { gte: 500 } } },
    door: { name: 'Parcel Kft.', profile: 'door', cashOnDelivery: {}, package: { type: 'box', weight: '0.5' } },
  }

  test('is told of, with its profile, package and services', () => {
    const shop = sending(carriers)
    shop.orders(
      anOrder({ number: '1', deliveryMethod: 'locker' }),
      anOrder({ number: '2', gross: 90_000, lines: [] }),
      anOrder({ number: '3' }),
      anOrder({ number: '4', fields: { weight: '2,75' } }),
      anOrder({ number: '5', fields: { weight: '0.1' } }),
      anOrder({ number: '6', fields: { weight: 'heavy' } }),
    )
    expect(
      shop
        .lines('dispatch')
        .map(({ to, carrier, profile, weight, services, package: box }) => [
          to,
          carrier,
          profile,
          box,
          weight,
          services,
        ]),
    ).toEqual([
      ['locker', 'Parcel Kft.', 'locker', undefined, undefined, 'sms,photo'],
      ['heavy', 'heavy', undefined, undefined, undefined, ''],
      ['door', 'Parcel Kft.', 'door', 'box', '0.5', ''],
      ['door', 'Parcel Kft.', 'door', 'box', '2.75', ''],
      ['door', 'Parcel Kft.', 'door', 'box', '0.5', ''],
      ['door', 'Parcel Kft.', 'door', 'box', '0.5', ''],
    ])
  })

  test('an order with money to collect goes past carriers that collect none, also by another method than cod', () => {
    const shop = sending({ plain: {}, cash: { cashOnDelivery: { methods: ['cod', 'nachnahme'] } } })
    shop.orders(cod('1', 10_000), cod('2', 10_000, { paymentMethod: 'nachnahme' }), anOrder({ number: '3' }))
    expect(sent(shop)).toEqual(['1 cash 100.00', '2 cash 100.00', '3 plain'])
  })

  test('is kept: a change of the config sends no order a second time', () => {
    const shop = sending(carriers)
    shop.orders(anOrder({ number: '3' }))
    shop.setup = sending({ other: {} }).setup
    shop.orders(anOrder({ number: '3', note: 'changed' }))
    expect(sent(shop)).toEqual(['3 door'])
  })

  test('where none fits, nothing is dispatched, the reasons are recorded, and a person is told once', () => {
    const shop = sending({
      locker: { for: { delivery: 'locker' } },
      plain: {},
      czk: { cashOnDelivery: { currency: 'CZK' } },
    })
    expect(skipped(shop, cod('1', 10_000))).toEqual([
      'order 1 was not dispatched: locker: delivery is (none); plain: collects no money by cod; czk: collects no EUR',
    ])
    expect(sent(shop)).toEqual([])
    expect(shop.alarms()).toEqual(['No carrier fits an order → it@example.com'])
  })

  test('a carrier that is named is taken, when it fits; any other name is a warehouse', () => {
    const named = sending(carriers, 'locker')
    expect(skipped(named, anOrder())).toEqual(['order 100 was not dispatched: locker: delivery is (none)'])
    const other = sending(carriers, 'warehouse')
    other.orders(cod('1', 10_000))
    expect(sent(other)).toEqual(['1 warehouse 100.00'])
  })
})

describe('the amount to collect', () => {
  const rounded = sending({
    cash: { cashOnDelivery: { currency: ['HUF', 'CZK', 'EUR'], rounding: { HUF: '5', CZK: '1', EUR: '0.05' } } },
  })

  test.each([
    ['HUF', 123_700, '1235.00'],
    ['HUF', 123_749, '1235.00'],
    ['HUF', 123_750, '1240.00'],
    ['HUF', 123_800, '1240.00'],
    ['CZK', 9_950, '100.00'],
    ['CZK', 9_949, '99.00'],
    ['EUR', 1_002, '10.00'],
    ['EUR', 1_003, '10.05'],
  ])('%s: of %d minor units %s', (currency, gross, expected) => {
    const number = `${currency}-${gross}`
    rounded.orders(cod(number, gross, { currency }))
    expect(sent(rounded)).toContain(`${number} cash ${expected}`)
  })

  test('is what is still open; nothing when it is paid, or when it rounds to nothing', () => {
    const shop = sending({ cash: { cashOnDelivery: { rounding: { EUR: '0.05' } } } })
    shop.orders(
      cod('1', 10_000, { prepaid: 2_500 }),
      cod('2', 10_000, { prepaid: 10_000 }),
      cod('3', 10_000, { prepaid: 9_998 }),
      cod('4', 10_000, { paymentMethod: 'transfer' }),
    )
    expect(sent(shop)).toEqual(['1 cash 75.00', '2 cash', '3 cash', '4 cash'])
  })

  test('a currency without a rounding is collected to the cent', () => {
    const shop = sending({ cash: { cashOnDelivery: { rounding: { HUF: '5' } } } })
    shop.orders(cod('1', 10_003))
    expect(sent(shop)).toEqual(['1 cash 100.03'])
  })
})
