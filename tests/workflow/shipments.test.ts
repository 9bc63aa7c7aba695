import { describe, expect, test } from 'vitest'
import type { IncomingShipment } from '../../src/core/incoming.ts'
import type { Shipment } from '../../src/core/model.ts'
import { anOrder, base, type ConfigInput, Shop, templates } from './shop.ts'

const words = {
  ...templates,
  'parcel/news/en.txt.mustache': [
    '---',
    'subject: "{{order.number}} {{shipment.state}} {{#shipment.trackingNumber}}{{shipment.trackingNumber}}{{/shipment.trackingNumber}}"',
    '---',
    '{{#shipment.trackingUrl}}{{shipment.trackingUrl}}{{/shipment.trackingUrl}} {{order.number}}',
    '',
  ].join('\n'),
}

const statusMap = { dispatched: 'shipped', readyForPickup: 'waiting', delivered: 'delivered', returned: 'returned' }
const withParcels = (change: Partial<ConfigInput> = {}): Shop =>
  new Shop(
    {
      imports: { ...base.imports, parcels: { kind: 'shipments', folder: 'in/parcels', format: { type: 'csv' } } },
      shipments: { statusMap },
      ...change,
    },
    words,
  )

const aShipment = (state: IncomingShipment['state'], fields: Partial<IncomingShipment> = {}): IncomingShipment => ({
  kind: 'shipment',
  order: '100',
  state,
  trackingNumber: 'T1',
  ...fields,
})

const parcels = (shop: Shop): readonly Shipment[] => shop.store.find('shipment', 'order', shop.order().id)
const states = (shop: Shop): readonly string[] =>
  parcels(shop).map(({ trackingNumber, state }) => `${trackingNumber ?? '-'} ${state}`)

describe('a parcel', () => {
  test('goes forward: each state once, the status of the order with it, and the ERP is told of the parcel', () => {
    const shop = withParcels()
    shop.orders(anOrder())
    const first = shop.take(
      'parcels',
      aShipment('dispatched', { carrier: 'DHL', trackingUrl: 'https://parcel.example.com/T1' }),
      aShipment('inTransit', { at: '2026-03-03' }),
      aShipment('delivered'),
    )
    expect(first.counts).toMatchObject({ read: 3, applied: 3 })
    expect(first.names).toEqual([
      'shipment.reported',
      'order.statusChanged',
      'shipment.moved',
      'shipment.moved',
      'order.statusChanged',
    ])
    expect(parcels(shop)).toMatchObject([
      {
        state: 'delivered',
        carrier: 'DHL',
        trackingUrl: 'https://parcel.example.com/T1',
        reported: [{ state: 'dispatched' }, { state: 'inTransit', at: '2026-03-03' }, { state: 'delivered' }],
      },
    ])
    expect(
      shop
        .lines('orderStatus')
        .map(({ status, previous, carrier, trackingNumber, trackingUrl }) => [
          previous,
          status,
          carrier,
          trackingNumber,
          trackingUrl,
        ]),
    ).toEqual([
      ['received', 'shipped', 'DHL', 'T1', 'https://parcel.example.com/T1'],
      ['shipped', 'delivered', 'DHL', 'T1', 'https://parcel.example.com/T1'],
    ])
  })

  test('that is reported in the same state again changes nothing', () => {
    const shop = withParcels()
    shop.orders(anOrder())
    shop.take('parcels', aShipment('dispatched'))
    const again = shop.take('parcels', aShipment('dispatched'))
    expect(again.counts).toMatchObject({ repeated: 1 })
    expect(again.names).toEqual([])
    expect(again.batch.put).toEqual([])
  })

  test('never goes back: a state that it has passed is noted once, with what was not known before', () => {
    const shop = withParcels()
    shop.orders(anOrder())
    shop.take('parcels', aShipment('delivered', { carrier: 'DHL' }))
    const late = aShipment('dispatched', { carrier: 'Other', trackingUrl: 'https://parcel.example.com/T1' })
    expect(shop.take('parcels', late).names).toEqual(['shipment.late'])
    expect(parcels(shop)).toMatchObject([
      { state: 'delivered', carrier: 'DHL', trackingUrl: 'https://parcel.example.com/T1' },
    ])
    expect(shop.order().status).toBe('delivered')
    expect(shop.take('parcels', late).counts).toMatchObject({ repeated: 1 })
  })

  test('gets its tracking number later, and what is learnt of it is an update', () => {
    const shop = withParcels()
    shop.orders(anOrder())
    shop.take('parcels', { kind: 'shipment', order: '100', state: 'dispatched' })
    const update = shop.take('parcels', aShipment('dispatched'))
    expect(update.names).toEqual(['shipment.updated'])
    expect(update.counts).toMatchObject({ updated: 1 })
    shop.take('parcels', { kind: 'shipment', order: '100', state: 'delivered' })
    expect(states(shop)).toEqual(['T1 delivered'])
  })

  test('without a status for its state leaves the order as it is', () => {
    const shop = withParcels()
    shop.orders(anOrder())
    expect(shop.take('parcels', aShipment('inTransit')).names).toEqual(['shipment.reported'])
    expect(shop.order().status).toBe('received')
  })
})

describe('several parcels of an order', () => {
  test('the order is as far as the last of them', () => {
    const shop = withParcels()
    shop.orders(anOrder())
    const told = (...rows: readonly IncomingShipment[]): string => {
      shop.take('parcels', ...rows)
      return shop.order().status
    }
    expect(told(aShipment('dispatched'), aShipment('dispatched', { trackingNumber: 'T2' }))).toBe('shipped')
    expect(told(aShipment('delivered'))).toBe('shipped')
    expect(told(aShipment('delivered', { trackingNumber: 'T2' }))).toBe('delivered')
    expect(told(aShipment('dispatched', { trackingNumber: 'T3' }))).toBe('delivered')
    expect(states(shop)).toEqual(['T1 delivered', 'T2 delivered', 'T3 dispatched'])
  })

  test('a status that a person has set meanwhile is not set back by a parcel that brings nothing new', () => {
    const shop = withParcels()
    shop.orders(anOrder())
    shop.take('parcels', aShipment('dispatched'), aShipment('dispatched', { trackingNumber: 'T2' }))
    shop.command({ verb: 'setStatus', order: shop.order().id, status: 'complaint' })
    shop.take('parcels', aShipment('delivered'))
    expect(shop.order().status).toBe('complaint')
  })

  test('a row without a tracking number is refused, with an alarm', () => {
    const shop = withParcels()
    shop.orders(anOrder())
    shop.take('parcels', aShipment('dispatched'), aShipment('dispatched', { trackingNumber: 'T2' }))
    const { counts, names } = shop.take('parcels', { kind: 'shipment', order: '100', state: 'delivered' })
    expect(counts).toMatchObject({ refused: 1 })
    expect(names).toContain('shipment.refused')
    expect(shop.alarms()).toHaveLength(1)
  })
})

describe('which order', () => {
  test('is named by the id of the dispatch instruction, too', () => {
    const shop = withParcels({
      workflows: { cod: { kind: 'payment', on: { imported: [{ dispatch: 'warehouse' }] } } },
    })
    shop.orders(anOrder())
    const [instruction] = shop.store.find('dispatch', 'order', shop.order().id)
    const id = instruction?.id ?? 'none'
    expect(shop.take('parcels', aShipment('delivered', { order: id })).counts).toMatchObject({ applied: 1 })
    expect(shop.order().status).toBe('delivered')
  })

  test('a number that several channels use is refused without its channel', () => {
    const shop = withParcels()
    shop.orders(anOrder(), anOrder({ channel: 'other' }))
    expect(shop.take('parcels', aShipment('delivered')).counts).toMatchObject({ refused: 1 })
    expect(shop.take('parcels', aShipment('delivered', { channel: 'other' })).counts).toMatchObject({ applied: 1 })
    expect(shop.order('100', 'other').status).toBe('delivered')
    expect(shop.order().status).toBe('received')
  })

  test('reports that come before the order wait for it, and are applied in their order', () => {
    const shop = withParcels()
    const early = shop.take('parcels', aShipment('dispatched'), aShipment('delivered'))
    expect(early.counts).toMatchObject({ parked: 2 })
    expect(shop.take('parcels', aShipment('delivered')).counts).toMatchObject({ repeated: 1 })
    const came = shop.orders(anOrder())
    expect(came.names).toContain('shipment.reported')
    expect(shop.lines('orderStatus').map(({ previous, status }) => [previous, status])).toEqual([
      ['received', 'shipped'],
      ['shipped', 'delivered'],
    ])
    expect(parcels(shop)).toMatchObject([{ state: 'delivered', source: { import: 'parcels' } }])
    expect(shop.order().status).toBe('delivered')
    expect(shop.store.find('parked', 'waitsFor', '100')).toEqual([])
  })
})

describe('what follows a parcel', () => {
  test('steps of the state run once for each parcel, and documents once for the order', () => {
    const shop = withParcels({
      workflows: {
        parcels: {
          kind: 'payment',
          on: {
            'shipment.readyForPickup': [{ send: { to: 'customer', mail: 'parcel/news' } }],
            'shipment.delivered': [{ invoice: { action: 'issue' } }],
          },
        },
      },
    })
    shop.orders(anOrder())
    const ready = [aShipment('readyForPickup'), aShipment('readyForPickup', { trackingNumber: 'T2' })]
    shop.take('parcels', ...ready)
    shop.take('parcels', ...ready)
    expect(shop.sent()).toEqual([
      '100 readyForPickup T1 → anna@example.com',
      '100 readyForPickup T2 → anna@example.com',
    ])
    shop.take('parcels', aShipment('delivered'), aShipment('delivered', { trackingNumber: 'T2' }))
    expect(shop.lines('invoice')).toHaveLength(1)
  })

  test('a message on the status that came of a parcel can name the parcel', () => {
    const shop = withParcels({
      workflows: {
        desk: { kind: 'notification', on: { shipped: { to: 'customer', mail: 'parcel/news' } } },
      },
    })
    shop.orders(anOrder())
    shop.take('parcels', aShipment('dispatched'))
    expect(shop.sent()).toEqual(['100 dispatched T1 → anna@example.com'])
  })
})
