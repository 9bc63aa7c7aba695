import { describe, expect, test } from 'vitest'
import type { CollectiveEntry } from '../../src/core/collective-entry.ts'
import type { IncomingPayment } from '../../src/core/incoming.ts'
import { anOrder, aPayment, type ConfigInput, Shop } from './shop.ts'

const imports: ConfigInput['imports'] = {
  orders: { kind: 'orders', folder: 'in/orders', format: { type: 'csv' } },
  bank: { kind: 'payments', folder: 'in/bank', format: { type: 'camt' } },
  giro: { kind: 'payments', folder: 'in/giro', format: { type: 'mt940' } },
}
const workflow = {
  kind: 'payment' as const,
  for: {},
  steps: [{ setStatus: 'processing' }],
}
const shopWith = (change: Partial<ConfigInput> = {}): Shop => {
  const shop = new Shop({ imports, ...change })
  shop.orders(...['100', '101', '102'].map((number) => anOrder({ number, gross: 10_000 })))
  return shop
}

const whole = { reference: 'E1', count: 3, total: 30_000 }
/** The entry in one sum. */
const sum = (change: Partial<IncomingPayment> = {}, entry: Partial<CollectiveEntry> = {}): IncomingPayment =>
  aPayment({
    bankKey: '2026-03-02/E1',
    amount: 30_000,
    bookedOn: '2026-03-02',
    origin: 'camt.053',
    reference: undefined as never,
    message: undefined as never,
    entry: { part: 'sum', key: '2026-03-02/E1', ...whole, ...entry },
    ...change,
  })
/** Its three details, of orders 100 to 102. */
const details = (
  change: Partial<IncomingPayment> = {},
  entry: Partial<CollectiveEntry> = {},
): readonly IncomingPayment[] =>
  ['100', '101', '102'].map((number) =>
    aPayment({
      bankKey: `2026-03-02/E1/T${number}`,
      amount: 10_000,
      bookedOn: '2026-03-02',
      origin: 'camt.054',
      counterName: `Payer ${number}`,
      reference: number,
      entry: { part: 'detail', key: '2026-03-02/E1', ...whole, ...entry },
      ...change,
    }),
  )

const standing = (shop: Shop): readonly string[] =>
  shop.store
    .all('payment')
    .map(
      ({ bankKey, state, ignoredReason }) =>
        `${bankKey.split('/').at(-1) ?? ''} ${state}${ignoredReason === undefined ? '' : `: ${ignoredReason}`}`,
    )
    .toSorted()
/** What the books say came in: what is ignored does not count. */
const money = (shop: Shop): number =>
  shop.store.all('payment').reduce((total, { amount, state }) => total + (state === 'ignored' ? 0 : amount), 0)
const paid = (shop: Shop): readonly number[] => ['100', '101', '102'].map((number) => shop.order(number).paid)

const counted = ['E1 ignored: it is counted by its details', 'T100 matched', 'T101 matched', 'T102 matched']

describe('the sum and the details of an entry', () => {
  test.each<[string, readonly (readonly IncomingPayment[])[]]>([
    ['the sum first', [[sum()], details()]],
    ['the details first', [details(), [sum()]]],
    ['in one file', [[sum(), ...details()]]],
    ['the sum twice and the details twice', [[sum()], details(), [sum()], details()]],
    ['the details later in the same kind of statement', [[sum()], details({ origin: 'camt.053' })]],
    [
      'without a number of payments',
      [[sum({}, { count: undefined as never })], details({}, { count: undefined as never })],
    ],
    [
      'by the batch',
      [
        [sum({}, { reference: undefined as never, batch: 'B7' })],
        details({ bookedOn: '2026-03-03' }, { reference: 'OTHER', batch: 'B7' }),
      ],
    ],
    ['by day and sum', [[sum({}, { reference: undefined as never })], details()]],
    [
      'from a statement that says nothing of it',
      [[sum({ entry: undefined as never, origin: 'mt940', bankKey: '2026-03-02/E1' })], details()],
    ],
    [
      'the details first, then a statement that says nothing of it',
      [details(), [sum({ entry: undefined as never, origin: 'mt940', bankKey: '2026-03-02/E1' })]],
    ],
  ])('%s are the same money', (_, files) => {
    const shop = shopWith()
    for (const file of files) shop.bank(...file)
    expect(money(shop)).toBe(30_000)
    expect(standing(shop)).toEqual(counted)
    expect(paid(shop)).toEqual([10_000, 10_000, 10_000])
    expect(shop.alarms()).toEqual([])
  })

  test('of which the sum comes in two kinds of statement are counted once', () => {
    const shop = shopWith()
    shop.bank(sum())
    shop.take('giro', sum({ entry: undefined as never, origin: 'mt940', bankKey: '2026-03-02/X9', message: 'SUM' }))
    shop.bank(...details())
    shop.take('giro', sum({ entry: undefined as never, origin: 'mt940', bankKey: '2026-03-02/X9', message: 'SUM' }))
    expect(paid(shop)).toEqual([10_000, 10_000, 10_000])
    expect(money(shop)).toBe(30_000)
  })

  test('leave their evidence and their history', () => {
    const shop = shopWith()
    shop.bank(sum())
    const { names } = shop.bank(...details())
    expect(names).toContain('payment.inDetail')
    const kept = shop.payment('2026-03-02/E1')
    expect(kept).toMatchObject({ state: 'ignored', inDetail: '2026-03-02/E1' })
    expect(kept.evidence.at(-1)).toBe('collective entry: its details came, recognised by reference E1')
    expect(shop.command({ verb: 'match', payment: kept.id, document: shop.order('100').id })).toMatchObject({
      kind: 'refused',
      reason: 'payment 2026-03-02/E1 is counted by its details',
    })
  })

  test.each<[string, Partial<IncomingPayment>, Partial<CollectiveEntry>]>([
    ['another sum', { amount: 30_001 }, { total: 30_001 }],
    ['another reference', { bankKey: '2026-03-02/E2' }, { reference: 'E2' }],
    ['another number of payments', {}, { count: 4 }],
    ['another currency', { currency: 'USD' }, {}],
    ['another direction', { direction: 'debit' }, {}],
    ['another account', { account: 'HU43' }, {}],
    ['a payer of its own', { entry: undefined as never, bankKey: '2026-03-02/E2', counterName: 'Anna' }, {}],
  ])('are told apart from a line with %s', (_, change, entry) => {
    const shop = shopWith()
    shop.bank(sum(change, entry))
    shop.bank(...details())
    expect(shop.store.all('payment').filter(({ inDetail }) => inDetail !== undefined)).toEqual([])
    expect(paid(shop)).toEqual([10_000, 10_000, 10_000])
  })

  test('two entries of one day and sum have each its own details', () => {
    const shop = shopWith()
    const other = { reference: undefined as never }
    shop.bank(sum({}, other), sum({ bankKey: '2026-03-02/E5' }, { ...other, key: '2026-03-02/E5' }))
    shop.bank(...details())
    expect(standing(shop).filter((text) => text.includes('ignored'))).toHaveLength(1)
    shop.bank(
      ...details({ reference: 'none' }, { key: '2026-03-02/E5', reference: 'E5' }).map((each, i) => ({
        ...each,
        bankKey: `2026-03-02/E5/${i}`,
      })),
    )
    expect(standing(shop).filter((text) => text.includes('ignored'))).toHaveLength(2)
    expect(money(shop)).toBe(60_000)
  })
})

describe('a sum that settles something when its details come', () => {
  const lump = sum({ reference: '100' })

  test('gives way where a rule allocated it and nothing followed from it', () => {
    const shop = shopWith()
    shop.bank(lump)
    expect(shop.order('100')).toMatchObject({ paid: 30_000, paymentStatus: 'overpaid' })
    shop.bank(...details())
    expect(standing(shop)).toEqual(counted)
    expect(paid(shop)).toEqual([10_000, 10_000, 10_000])
    expect(money(shop)).toBe(30_000)
  })

  test('keeps its place where a workflow acted on it: the details wait, and a person is asked once', () => {
    const shop = shopWith({ workflows: { paid: workflow } })
    shop.bank(lump)
    expect(shop.order('100').status).toBe('processing')
    const { names } = shop.bank(...details())
    expect(names.filter((name) => name === 'payment.contested')).toHaveLength(3)
    expect(paid(shop)).toEqual([30_000, 0, 0])
    expect(shop.alarms()).toEqual(['The details of a sum came that settles something already → it@example.com'])
    shop.orders(anOrder({ number: '102', gross: 10_001 }))
    expect(paid(shop)).toEqual([30_000, 0, 0])
    const detail = shop.payment('2026-03-02/E1/T101')
    expect(shop.command({ verb: 'match', payment: detail.id, document: shop.order('101').id })).toMatchObject({
      kind: 'refused',
    })
  })

  test('lets its details count when a person unmatches it', () => {
    const shop = shopWith({ workflows: { paid: workflow } })
    shop.bank(lump)
    shop.bank(...details())
    expect(shop.command({ verb: 'unmatch', payment: shop.payment('2026-03-02/E1').id })).toMatchObject({
      kind: 'batch',
    })
    expect(standing(shop)).toEqual(counted)
    expect(paid(shop)).toEqual([10_000, 10_000, 10_000])
  })

  test('stays when a person ignores its details', () => {
    const shop = shopWith({ workflows: { paid: workflow } })
    shop.bank(lump)
    shop.bank(...details())
    for (const number of ['100', '101', '102']) {
      const { id } = shop.payment(`2026-03-02/E1/T${number}`)
      expect(shop.command({ verb: 'ignore', payment: id, reason: 'the sum counts' })).toMatchObject({ kind: 'batch' })
    }
    expect(money(shop)).toBe(30_000)
    expect(paid(shop)).toEqual([30_000, 0, 0])
  })
})
