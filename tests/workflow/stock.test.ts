import { describe, expect, test } from 'vitest'
import { anOrder, aPayment, aStatus, base, type ConfigInput, Shop } from './shop.ts'

const deducting = (stock: ConfigInput['stock'], change: Partial<ConfigInput> = {}): Shop =>
  new Shop({ stock, ...change })
const moves = (shop: Shop): readonly unknown[] =>
  shop.store.all('movement').map(({ move, sku, quantity }) => `${move} ${quantity} × ${sku}`)

describe('stock is taken', () => {
  test('at the import, once, for all orders of the scope', () => {
    const shop = deducting({ deductOn: 'import', for: { type: 'order' } })
    shop.orders(anOrder(), anOrder({ number: '101', type: 'quote' }))
    shop.orders(anOrder({ note: 'changed' }))
    expect(moves(shop)).toEqual(['issue 2 × A'])
    expect(shop.lines('stock')).toMatchObject([{ order: '100', move: 'issue', sku: 'A', quantity: '2' }])
  })

  test('at the payment, and not again by a step of a workflow', () => {
    const shop = deducting(
      { deductOn: 'payment' },
      { workflows: { paid: { kind: 'payment', steps: [{ stock: 'issue' }] } } },
    )
    shop.orders(anOrder())
    expect(moves(shop)).toEqual([])
    shop.bank(aPayment())
    expect(moves(shop)).toEqual(['issue 2 × A'])
  })

  test('at the delivery, when the carrier says so', () => {
    const imports = {
      ...base.imports,
      parcels: { kind: 'shipments', folder: 'in/p', format: { type: 'csv' } },
    } as const
    const shop = deducting({ deductOn: 'delivery' }, { imports })
    shop.orders(anOrder())
    shop.take('parcels', { kind: 'shipment', order: '100', state: 'dispatched' })
    expect(moves(shop)).toEqual([])
    shop.take('parcels', { kind: 'shipment', order: '100', state: 'delivered' })
    expect(moves(shop)).toEqual(['issue 2 × A'])
  })

  test('without what was cancelled of a line, and under the EAN where items go by it', () => {
    const shop = deducting({ deductOn: 'import', matchBy: 'ean' })
    const line = { sku: 'A', unitPrice: '1', gross: 100 }
    shop.orders(
      anOrder({
        lines: [
          { ...line, number: '1', ean: '5991234', quantity: '2.5', cancelled: '1' },
          { ...line, number: '2', quantity: '3', cancelled: '3' },
          { ...line, number: '3', quantity: '1' },
        ],
      }),
    )
    expect(moves(shop)).toEqual(['issue 1.5 × 5991234', 'issue 1 × A'])
  })
})

describe('a cancelled order', () => {
  test('brings back what was taken, once', () => {
    const shop = deducting({ deductOn: 'payment' })
    shop.orders(anOrder(), anOrder({ number: '101' }))
    shop.bank(aPayment())
    shop.status(aStatus('cancelled'), aStatus('cancelled', { order: '101' }))
    shop.status(aStatus('received'), aStatus('cancelled'))
    expect(moves(shop)).toEqual(['issue 2 × A', 'return 2 × A'])
  })

  test('goes by the words of the admin, and nothing happens where no occasion is named', () => {
    const shop = deducting({ deductOn: 'import', returnOn: ['storno'] })
    shop.orders(anOrder())
    shop.status(aStatus('cancelled'))
    expect(moves(shop)).toEqual(['issue 2 × A'])
    shop.status(aStatus('storno'))
    expect(moves(shop)).toEqual(['issue 2 × A', 'return 2 × A'])
    const idle = deducting({})
    idle.orders(anOrder())
    idle.status(aStatus('cancelled'))
    expect(moves(idle)).toEqual([])
  })
})

const lines = (first: string, second?: string) => [
  { number: '1', sku: 'A', quantity: '5', gross: 5_000, cancelled: first },
  { number: '2', sku: 'B', quantity: '1', gross: 5_000, ...(second !== undefined && { cancelled: second }) },
]

describe('lines that are cancelled after they were taken', () => {
  test('come back by what was cancelled, each time by what is new, and the rest with the order', () => {
    const shop = deducting({ deductOn: 'import' })
    shop.orders(anOrder({ lines: lines('0') }))
    expect(moves(shop)).toEqual(['issue 5 × A', 'issue 1 × B'])
    shop.orders(anOrder({ lines: lines('2') }))
    shop.orders(anOrder({ lines: lines('2'), note: 'again' }))
    expect(moves(shop).slice(2)).toEqual(['return 2 × A'])
    shop.orders(anOrder({ lines: lines('3.5', '1') }))
    expect(moves(shop).slice(3)).toEqual(['return 1.5 × A', 'return 1 × B'])
    shop.status(aStatus('cancelled'))
    expect(moves(shop).slice(5)).toEqual(['return 1.5 × A'])
  })

  test('come back by a step on linesCancelled; nothing does of lines that were not taken', () => {
    const shop = new Shop({
      workflows: {
        back: { kind: 'payment', on: { paid: [{ stock: 'issue' }], linesCancelled: [{ stock: 'return' }] } },
      },
    })
    shop.orders(anOrder({ lines: lines('0') }))
    shop.orders(anOrder({ lines: lines('1') }))
    expect(moves(shop)).toEqual([])
    shop.bank(aPayment())
    shop.orders(anOrder({ lines: lines('3') }))
    expect(moves(shop)).toEqual(['issue 4 × A', 'issue 1 × B', 'return 2 × A'])
  })
})
