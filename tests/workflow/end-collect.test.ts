import { describe, expect, test } from 'vitest'
import { decideWhole } from '../../src/workflow/decide-whole.ts'
import { decideInRounds } from './memory-store.ts'
import { aStatus, collectWorkflow, hours, Shop, toCollect } from './shop.ts'

const std = { ...collectWorkflow, partialDelivery: true }
const shopWith = (more: object = {}): Shop => new Shop({ workflows: { std, ...more } })
const rows = (shop: Shop): unknown =>
  shop.lines('orderToStore').map(({ action, line, quantity }) => [action, line, quantity])
const moves = (shop: Shop): unknown =>
  shop.lines('stock').map(({ move, from, to, quantity }) => [move, from, to, quantity])
const lines = [
  { number: '1', sku: 'A', quantity: '2', gross: 6000, location: 'LOC1' },
  { number: '2', sku: 'B', quantity: '1', gross: 4000, location: 'LOC1' },
]

const decide = (shop: Shop, ...records: readonly ReturnType<typeof aStatus>[]) => {
  const slice = shop.slice('answers', ...records)
  const cause = shop.cause('file', 'file:answers')
  return decideInRounds(shop.store, (known) => decideWhole(shop.setup, slice, known, cause, shop.now)).result
}
const three = (): Shop => {
  const shop = shopWith()
  shop.orders(toCollect(), toCollect({ number: '101' }), toCollect({ number: '102' }))
  return shop
}

describe('an order that ends at a store of another company', () => {
  test('is taken back there when it is rejected, once', () => {
    const shop = shopWith()
    shop.orders(toCollect({ lines }))
    shop.answers(aStatus('rejected'), aStatus('rejected'))
    expect(rows(shop)).toEqual([
      ['new', '1', '2'],
      ['new', '2', '1'],
      ['cancel', '1', '2'],
      ['cancel', '2', '1'],
    ])
  })

  test('is taken back when nobody answers, and what is left of it when nobody comes for the rest', () => {
    const [late, left] = [shopWith(), shopWith()]
    late.orders(toCollect())
    late.wait(hours(5))
    expect(rows(late)).toEqual([
      ['new', '1', '2'],
      ['cancel', '1', '2'],
    ])
    left.orders(toCollect({ lines }))
    left.answers(aStatus('confirmed'))
    left.answers(aStatus('delivered', { documentNumber: 'R1', lines: [{ line: '1', quantity: '1' }] }))
    left.wait(hours(24 * 5))
    expect(left.collect().delivery).toBe('expired')
    expect((rows(left) as unknown[]).slice(2)).toEqual([
      ['cancel', '1', '1'],
      ['cancel', '2', '1'],
    ])
  })

  test('is told of a change of its lines while it is there, and of none after it has ended', () => {
    const shop = shopWith()
    shop.orders(toCollect({ lines }))
    shop.orders(toCollect({ lines: [{ ...lines[0]!, quantity: '3' }] }))
    shop.orders(toCollect({ lines: [{ ...lines[0]!, quantity: '3' }], notifyRequested: ['paid'] }))
    expect((rows(shop) as unknown[]).slice(2)).toEqual([
      ['change', '1', '3'],
      ['change', '2', '0'],
    ])
    shop.answers(aStatus('rejected'))
    const ended = shop.lines('orderToStore').length
    shop.orders(toCollect({ lines }))
    expect(shop.lines('orderToStore')).toHaveLength(ended)
  })
})

describe('an order that ends at a local store', () => {
  test('moves its goods back to where they came from', () => {
    const shop = shopWith()
    shop.orders(toCollect({ store: 'S2', lines }))
    shop.answers(aStatus('rejected'))
    expect(moves(shop)).toEqual([
      ['transfer', 'LOC1', 'LOC2', '2'],
      ['transfer', 'LOC1', 'LOC2', '1'],
      ['transfer', 'LOC2', 'LOC1', '2'],
      ['transfer', 'LOC2', 'LOC1', '1'],
    ])
    expect(rows(shop)).toEqual([])
  })
})

describe('status for the company that took the order', () => {
  const out = { folder: 'out', format: { type: 'csv' as const } }
  const shopFor = (collectedBy: string): Shop =>
    new Shop({
      workflows: { std },
      exports: {
        status: { kind: 'orderStatus', collectedBy, ...out },
        told: { kind: 'collectStatus', company: 'HU01', collectedBy, ...out },
      },
    })

  test('is written of orders for the stores of a company only, change by change with its number', () => {
    const [theirs, ours] = [shopFor('HU02'), shopFor('HU01')]
    for (const shop of [theirs, ours]) {
      shop.orders(toCollect({ lines }))
      shop.answers(aStatus('confirmed'))
      shop.answers(aStatus('delivered', { documentNumber: 'R1', lines: [{ line: '2', quantity: '1' }] }))
    }
    expect(ours.lines('status')).toEqual([])
    expect(ours.lines('told')).toEqual([])
    expect(theirs.lines('status')).toHaveLength(3)
    expect(theirs.lines('told').map(({ sequence, status, quantities }) => [sequence, status, quantities])).toEqual([
      ['1', 'pending', undefined],
      ['2', 'confirmed', undefined],
      ['3', 'partlyDelivered', '2:1'],
    ])
  })
})

describe('what was reserved for an order', () => {
  test('is released when it ends, and not twice where a workflow says so, too', () => {
    const reserve = { kind: 'payment' as const, on: { 'collect.pending': [{ stock: 'reserve' as const }] } }
    const both = { ...reserve, on: { ...reserve.on, 'collect.rejected': [{ stock: 'release' as const }] } }
    for (const workflow of [reserve, both]) {
      const shop = shopWith({ reserve: workflow })
      shop.orders(toCollect())
      shop.answers(aStatus('rejected'))
      expect(moves(shop)).toEqual([
        ['reserve', undefined, undefined, '2'],
        ['release', undefined, undefined, '2'],
      ])
    }
  })

  test('is not released where nothing was reserved', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    shop.answers(aStatus('rejected'))
    expect(moves(shop)).toEqual([])
  })
})

describe('a file of statuses that takes effect as a whole', () => {
  test('does nothing but say that it was rejected when one row is not allowed, and names each such row', () => {
    const shop = three()
    const { batch, refused } = decide(
      shop,
      aStatus('confirmed'),
      aStatus('delivered', { order: '101' }),
      aStatus('confirmed', { order: '102' }),
      aStatus('confirmed', { order: '999' }),
      aStatus('rejected'),
    )
    expect(refused.map(({ row, waits }) => [row, waits])).toEqual([
      [2, false],
      [4, true],
      [5, false],
    ])
    expect(refused[0]?.reason).toContain('the order is pending and cannot become delivered')
    expect(batch.put).toEqual([])
    expect(batch.files).toMatchObject([{ done: 'rejected', from: 0, to: 0, counts: { refused: 3 } }])
    expect(batch.events.map(({ name }) => name).toSorted()).toEqual([
      'alarm.raised',
      'import.rejected',
      'message.queued',
    ])
  })

  test('may have rows that build on each other, and is one batch', () => {
    const { batch, refused } = decide(three(), aStatus('confirmed'), aStatus('delivered', { documentNumber: 'R1' }))
    expect(refused).toEqual([])
    expect(batch.files).toMatchObject([{ done: 'done', counts: { applied: 2 } }])
    expect(batch.put.find(({ kind }) => kind === 'order')).toMatchObject({ collect: { delivery: 'delivered' } })
  })
})
