import { describe, expect, it } from 'vitest'
import type { Clearing } from '../../src/core/clearing.ts'
import type { Order, OrderLine } from '../../src/core/order.ts'
import { clearingEntries, effectiveBillVia, remainingAmount } from '../../src/workflow/clearing/entries.ts'
import { reversalOf as reversalAt } from '../../src/workflow/clearing/reversal.ts'
import { vatOfOrder } from '../../src/workflow/order-vat.ts'
import { collectOf, orderOf, randomOf, stored } from './sample-records.ts'

const reversalOf = (entries: readonly Clearing[], now: number): readonly Clearing[] => reversalAt(entries, { now })

const sumOf = (entries: readonly Clearing[], company?: string): number =>
  entries
    .filter((entry) => company === undefined || entry.company === company)
    .reduce((sum, { gross }) => sum + gross, 0)

const grossOf = (entries: readonly Clearing[], company: string): Record<string, number> =>
  Object.fromEntries(entries.filter((entry) => entry.company === company).map(({ type, gross }) => [type, gross]))

const prepaidOrder = (settings: Parameters<typeof collectOf>[0]): Order =>
  orderOf({ number: '1', gross: 12_700, vat: 2700, prepaid: 5000, collect: collectOf(settings) })

describe('who owes whom', () => {
  it('settles own stock: goods against the prepayment passed on and the money at the till, and the fee stays', () => {
    const entries = clearingEntries(prepaidOrder({ fee: 200 }), 'delivery', 7)
    expect(grossOf(entries, 'HU02')).toEqual({
      goods: 12_700,
      prepaymentTransfer: -5000,
      storeReceipt: -7700,
      fee: 200,
    })
    expect(grossOf(entries, 'HU01')).toEqual({
      goods: -12_700,
      prepaymentTransfer: 5000,
      storeReceipt: 7700,
      fee: -200,
    })
    expect(sumOf(entries, 'HU02')).toBe(200)
    expect(sumOf(entries)).toBe(0)
  })

  it('has no goods and no transfer for stock of the origin: the collector owes what it took', () => {
    const entries = clearingEntries(prepaidOrder({ storeStock: false, fee: 200 }), 'delivery', 7)
    expect(grossOf(entries, 'HU02')).toEqual({ storeReceipt: -7700, fee: 200 })
    expect(sumOf(entries)).toBe(0)
  })

  it('counts payments matched by Orderly as paid at the origin', () => {
    const order = { ...prepaidOrder({}), paid: 7700 }
    expect(grossOf(clearingEntries(order, 'delivery', 7), 'HU02')).toEqual({
      goods: 12_700,
      prepaymentTransfer: -12_700,
    })
  })

  it('passes on no more than the goods are worth when too much was paid', () => {
    const order = { ...prepaidOrder({}), paid: 9000 }
    expect(grossOf(clearingEntries(order, 'delivery', 7), 'HU02')).toEqual({
      goods: 12_700,
      prepaymentTransfer: -12_700,
    })
  })

  it('clears only the fee when the till sells its own goods, and the goods of the origin when it sells those', () => {
    const till = { gross: 1000, number: '1' }
    const own = orderOf({ ...till, collect: collectOf({ billVia: 'pos', fee: 50 }) })
    expect(grossOf(clearingEntries(own, 'delivery', 7), 'HU02')).toEqual({ fee: 50 })
    const others = orderOf({ ...till, collect: collectOf({ billVia: 'pos', storeStock: false }) })
    expect(grossOf(clearingEntries(others, 'delivery', 7), 'HU02')).toEqual({ storeReceipt: -1000 })
  })

  it('falls back to the sales document when the order of a till was paid before', () => {
    const entries = clearingEntries(prepaidOrder({ billVia: 'pos' }), 'delivery', 7)
    expect(grossOf(entries, 'HU02')).toEqual({ goods: 12_700, prepaymentTransfer: -5000, storeReceipt: -7700 })
  })

  it('carries VAT on the goods only, with net + vat = gross', () => {
    const [goods, counter, transfer] = clearingEntries(prepaidOrder({}), 'delivery', 7)
    expect(goods).toMatchObject({ type: 'goods', company: 'HU02', counterCompany: 'HU01', net: 10_000, vat: 2700 })
    expect(counter).toMatchObject({ type: 'goods', company: 'HU01', counterCompany: 'HU02', net: -10_000, vat: -2700 })
    expect(transfer).toMatchObject({ type: 'prepaymentTransfer', net: -5000, vat: 0, gross: -5000 })
  })

  it.each([
    ['one company on both sides', { collect: collectOf({}, { toCompany: 'HU01' }) }],
    ['no collect document', {}],
    ['settings that post on the other event', { collect: collectOf({ postOn: 'processing' }) }],
    ['a return', { collect: collectOf({}), type: 'return' as const }],
    ['a quote', { collect: collectOf({}), type: 'quote' as const }],
  ])('makes no entries for %s', (_, fields) => {
    expect(clearingEntries(orderOf({ number: '1', gross: 1000, ...fields }), 'delivery', 7)).toEqual([])
  })

  it('posts on processing when the settings say so', () => {
    const order = orderOf({ number: '1', gross: 1000, collect: collectOf({ postOn: 'processing' }) })
    expect(clearingEntries(order, 'processing', 7).map(({ event }) => event)).toEqual(Array(4).fill('processing'))
  })
})

describe('identity and reversal', () => {
  const order = prepaidOrder({ fee: 200 })
  const entries = stored(clearingEntries(order, 'delivery', 7))

  it('decides the same entries twice, each with an id of its own', () => {
    const again = clearingEntries(order, 'delivery', 99)
    expect(again.map(({ id }) => id)).toEqual(entries.map(({ id }) => id))
    expect(new Set(again.map(({ id }) => id)).size).toBe(8)
  })

  it('reverses every entry by a counter-entry, once', () => {
    const reversals = reversalOf(entries, 8)
    expect(reversals.map(({ reverses }) => reverses)).toEqual(entries.map(({ id }) => id))
    for (const company of ['HU01', 'HU02']) expect(sumOf([...entries, ...reversals], company)).toBe(0)
    expect(reversals[0]).toMatchObject({
      type: 'reversal',
      event: 'reversal',
      version: 0,
      net: -10_000,
      vat: -2700,
      gross: -12_700,
      createdAt: 8,
    })
    expect(reversalOf([...entries, ...reversals], 9)).toEqual([])
  })

  it('reverses what is left when a part is reversed already', () => {
    const [first] = reversalOf(entries, 8)
    expect(reversalOf(first === undefined ? [] : [...entries, first], 9)).toHaveLength(entries.length - 1)
  })

  it('gives an order that was put back and handed over again new entries, and only then', () => {
    const ids = entries.map(({ id }) => id)
    const posted = { ...order, collect: collectOf({ fee: 200 }, { clearing: ids }) }
    expect(clearingEntries(posted, 'delivery', 9).map(({ id }) => id)).toEqual(ids)
    const reversed = [...ids, ...reversalOf(entries, 8).map(({ id }) => id)]
    const again = clearingEntries({ ...order, collect: collectOf({ fee: 200 }, { clearing: reversed }) }, 'delivery', 9)
    expect(again).toHaveLength(8)
    expect(again.filter(({ id }) => ids.includes(id))).toEqual([])
  })
})

describe('billing at the till or by sales document (N40)', () => {
  it.each([
    ['stays at the till when nothing was paid', {}, 'pos', undefined],
    ['falls back when the order is prepaid', { prepaid: 1250 }, 'salesDocument', /12\.50 EUR was paid before/],
    ['falls back when a payment was matched', { paid: 100 }, 'salesDocument', /1\.00 EUR was paid before/],
  ])('%s', (_, paid, billVia, reason) => {
    const effective = effectiveBillVia(orderOf({ number: '1', gross: 5000, ...paid }), 'pos')
    expect(effective.billVia).toBe(billVia)
    if (reason === undefined) expect(effective.reason).toBeUndefined()
    else expect(effective.reason).toMatch(reason)
  })

  it('gives no reason where the workflow already says sales document', () => {
    expect(effectiveBillVia(orderOf({ number: '1', gross: 5000, prepaid: 1 }), 'salesDocument')).toEqual({
      billVia: 'salesDocument',
    })
  })

  it('leaves total − prepaid − paid to take, not below zero', () => {
    expect(remainingAmount(orderOf({ number: '1', gross: 5000, prepaid: 1000, paid: 500 }))).toBe(3500)
    expect(remainingAmount(orderOf({ number: '1', gross: 5000, prepaid: 6000 }))).toBe(0)
  })
})

const line = (fields: Partial<OrderLine>): OrderLine => ({ number: '1', quantity: '1', ...fields })

describe('the VAT of an order', () => {
  it.each<[string, Partial<Order>, number, number]>([
    ['is what the order states', { vat: 123 }, 1000, 123],
    ['is the rest beside a stated net amount', { net: 800 }, 1000, 200],
    ['is the sum of the lines where they explain the total', { lines: [line({ gross: 1000, vat: 211 })] }, 1000, 211],
    ['is taken out of prices with VAT', { lines: [line({ unitPrice: '12.70', vatPercent: '27' })] }, 1270, 270],
    [
      'is added to prices without VAT',
      { pricesIncludeVat: false, lines: [line({ quantity: '3', unitPrice: '3.33', vatPercent: '20' })] },
      1199,
      200,
    ],
    [
      'is reckoned by rate, with the discount shared over the rates',
      {
        discount: 1000,
        lines: [
          line({ unitPrice: '127.00', vatPercent: '27' }),
          line({ number: '2', unitPrice: '105.00', vatPercent: '5.0' }),
        ],
      },
      22_200,
      2584 + 478,
    ],
    [
      'takes 27 and 27.00 for one rate',
      { lines: [line({ gross: 101, vatPercent: '27' }), line({ gross: 101, vatPercent: '27.00' })] },
      202,
      43,
    ],
    ['is nothing for lines without a rate', { lines: [line({ unitPrice: '10' })] }, 1000, 0],
    [
      'is nothing where the rates have no amounts',
      { lines: [line({ vatPercent: '27' }), line({ vatPercent: '5' })] },
      1000,
      0,
    ],
    [
      'is taken from lines that add up to the total, a voucher among them',
      { lines: [line({ gross: 12_700, vatPercent: '27' }), line({ gross: -2000 })] },
      10_700,
      2700,
    ],
    [
      'gives no share to a negative sum where the lines do not add up',
      { lines: [line({ gross: 10_000, vatPercent: '27' }), line({ gross: -9999, vatPercent: '5' })] },
      12_700,
      2700,
    ],
  ])('%s', (_, fields, gross, vat) => {
    expect(vatOfOrder(orderOf({ number: '1', gross, ...fields }))).toBe(vat)
  })
})

describe('the entries of any order', () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  const next = randomOf(seed)
  const coin = (): boolean => next(2) === 0
  const randomLine = (i: number): OrderLine => ({
    number: String(i),
    quantity: coin() ? String(1 + next(9)) : `${next(9)}.${1 + next(999)}`,
    unitPrice: `${next(500)}.${next(100_000)}`,
    ...(coin() && { vatPercent: ['0', '5', '5.5', '18', '20', '27', '25.00'][next(7)] ?? '0' }),
    ...(coin() && { discount: next(500) }),
  })
  const randomOrder = (i: number): Order => {
    const gross = next(1_000_000)
    return orderOf({
      number: String(i),
      gross,
      currency: ['EUR', 'HUF', 'JPY', 'KWD'][next(4)] ?? 'EUR',
      pricesIncludeVat: coin(),
      prepaid: coin() ? next(gross + 1000) : 0,
      paid: coin() ? next(gross + 1000) : 0,
      ...(coin() && { vat: next(Math.floor(gross / 3) + 1) }),
      ...(coin() && { discount: next(1000), shipping: next(1000) }),
      ...(next(4) === 0 && { writtenOff: next(10) }),
      lines: Array.from({ length: next(6) }, (_, n) => randomLine(n)),
      collect: collectOf({
        storeStock: coin(),
        billVia: coin() ? 'pos' : 'salesDocument',
        ...(coin() && { fee: next(500) }),
      }),
    })
  }

  it(`sum to zero, add up and reverse to nothing (seed ${seed})`, () => {
    for (let i = 0; i < 500; i++) {
      const order = randomOrder(i)
      const entries = clearingEntries(order, 'delivery', 1)
      const says = `seed ${seed}, order ${i}`
      for (const value of ['net', 'vat', 'gross'] as const) {
        expect(
          entries.reduce((sum, entry) => sum + entry[value], 0),
          says,
        ).toBe(0)
      }
      for (const { net, vat, gross, type } of entries) {
        expect(net + vat, says).toBe(gross)
        expect(Math.abs(vat), says).toBeLessThanOrEqual(Math.abs(gross))
        if (type !== 'goods') expect(vat, says).toBe(0)
      }
      const collector = grossOf(entries, 'HU02')
      if (collector.goods !== undefined) {
        const waived = Math.max(0, Math.min(order.writtenOff ?? 0, order.gross - order.prepaid - order.paid))
        expect(sumOf(entries, 'HU02'), says).toBe((order.collect?.settings.fee ?? 0) + waived)
      }
      for (const company of ['HU01', 'HU02']) {
        expect(sumOf([...entries, ...reversalOf(stored(entries), 2)], company), says).toBe(0)
      }
    }
  })
})
