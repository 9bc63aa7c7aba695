import { describe, expect, test } from 'vitest'
import type { Command } from '../../src/core/command.ts'
import { aStatus, collectWorkflow, hours, Shop, toCollect } from './shop.ts'

const shopWith = (change: object = {}): Shop => new Shop({ workflows: { std: { ...collectWorkflow, ...change } } })
const byHand = (shop: Shop, command: object) => shop.command({ order: shop.order().id, ...command } as Command)

describe('told again by hand', () => {
  test('the customer gets the text of the state that the order is in, each time as a new message', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    shop.answers(aStatus('confirmed'))
    for (let i = 0; i < 2; i++) {
      shop.now += 1000
      expect(byHand(shop, { verb: 'notify', whom: 'customer' })).toMatchObject({ kind: 'batch' })
    }
    expect(shop.sent().filter((text) => text.startsWith('Ready'))).toHaveLength(3)
  })

  test('the store gets the text of a state that is named', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    byHand(shop, { verb: 'notify', whom: 'store', state: 'pending' })
    expect(shop.sent().filter((text) => text.startsWith('New order'))).toHaveLength(2)
  })

  test('is refused where the workflow has no text for it, and for an order at no store', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    shop.answers(aStatus('confirmed'))
    expect(byHand(shop, { verb: 'notify', whom: 'store' })).toMatchObject({
      kind: 'refused',
      reason: 'workflow std tells the store nothing of "confirmed"',
    })
  })
})

describe('the next step', () => {
  test('is named while it is not one of a hand, and is the archive in the end', () => {
    const shop = shopWith({ archive: { on: [] } })
    shop.orders(toCollect())
    expect(byHand(shop, { verb: 'next' })).toMatchObject({ reason: 'it waits for the store to confirm or reject it' })
    shop.answers(aStatus('confirmed'))
    expect(byHand(shop, { verb: 'next' })).toMatchObject({ reason: 'it waits for the customer to collect it' })
    shop.answers(aStatus('delivered'))
    expect(shop.order().archivedAt).toBeUndefined()
    expect(byHand(shop, { verb: 'next' })).toMatchObject({ kind: 'batch' })
    expect(shop.order().archivedAt).toBe(shop.now)
    expect(byHand(shop, { verb: 'next' })).toMatchObject({ kind: 'same' })
  })

  test('sends an order to its store once more, and not one that has ended there', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    byHand(shop, { verb: 'send' })
    expect(shop.lines('orderToStore').map(({ action }) => action)).toEqual(['new', 'new'])
    shop.answers(aStatus('rejected'))
    expect(byHand(shop, { verb: 'send' })).toMatchObject({ kind: 'refused' })
  })
})

describe('the archive', () => {
  const posted = { archive: { require: 'posted' as const, keep: '30d' } }
  test('takes an order when it ends, and lets it go at the end of its time', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    expect(shop.answers(aStatus('rejected')).names).toContain('order.archived')
    expect(shop.order()).toMatchObject({ archivedAt: shop.now, keepUntil: shop.now + 365 * 86_400_000 })
  })

  test('waits for the invoice with require: posted, unless by force', () => {
    const shop = shopWith(posted)
    shop.orders(toCollect())
    shop.answers(aStatus('confirmed'), aStatus('delivered'))
    expect(shop.order().archivedAt).toBeUndefined()
    expect(byHand(shop, { verb: 'archive' })).toMatchObject({ kind: 'refused' })
    const invoice = { kind: 'invoice' as const, type: 'invoice' as const, number: 'IN1', order: '100' }
    expect(shop.take('orders', invoice).names).toContain('order.archived')
    const other = shopWith(posted)
    other.orders(toCollect())
    other.answers(aStatus('confirmed'), aStatus('delivered'))
    expect(byHand(other, { verb: 'archive', force: true })).toMatchObject({ kind: 'batch' })
  })

  test('does not take an order that is still at its store', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    expect(byHand(shop, { verb: 'archive' })).toMatchObject({ kind: 'refused' })
  })
})

describe('handed over by force', () => {
  test('an order is delivered whatever its state, and the books are as if it had been ready', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    shop.wait(hours(5))
    expect(shop.collect().processing).toBe('expired')
    expect(byHand(shop, { verb: 'deliver' })).toMatchObject({ kind: 'refused' })
    byHand(shop, { verb: 'deliver', force: true, documentNumber: 'R1' })
    expect(shop.collect()).toMatchObject({ processing: 'confirmed', delivery: 'delivered', documentNumber: 'R1' })
    const gross = shop.lines('clearing').map((line) => Number(line['gross']))
    expect(gross.length).toBeGreaterThan(0)
    expect(gross.reduce((sum, each) => sum + each, 0)).toBe(0)
    expect(shop.sent().filter((text) => text.startsWith('Ready'))).toEqual([])
  })

  test('a delivered order is changed by a file only by force, and the history says by whom', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    shop.answers(aStatus('confirmed'), aStatus('delivered'))
    expect(shop.orders(toCollect({ note: 'a' })).counts.refused).toBe(1)
    shop.setup = { ...shop.setup, forced: true }
    const { counts, batch } = shop.orders(toCollect({ note: 'b' }))
    expect(counts.updated).toBe(1)
    expect(batch.events[0]?.text).toContain('forced by file:orders')
  })
})
