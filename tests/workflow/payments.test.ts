import { describe, expect, test } from 'vitest'
import type { IncomingPayment } from '../../src/core/incoming.ts'
import type { Payment } from '../../src/core/model.ts'
import { anOrder, aPayment, base, Shop } from './shop.ts'

const paidWorkflow = {
  paid: {
    kind: 'payment' as const,
    steps: [
      { send: { to: 'customer', mail: 'payment/received' } },
      { invoice: { action: 'issue' as const } },
      { setStatus: 'processing' },
      { stock: 'issue' as const },
      { dispatch: 'warehouse' },
    ],
  },
}
const shopWith = (change: object = {}): Shop => new Shop({ workflows: paidWorkflow, ...change })
const standing = ({ allocations }: Payment): readonly number[] =>
  allocations.filter(({ reversedAt }) => reversedAt === undefined).map(({ amount }) => amount)

describe('a payment that settles an order', () => {
  test('makes it paid and runs the steps in the order of the config', () => {
    const shop = shopWith()
    shop.orders(anOrder())
    const { names } = shop.bank(aPayment())
    expect(shop.order()).toMatchObject({ paid: 10_000, paymentStatus: 'paid', status: 'processing' })
    expect(names).toEqual([
      'payment.received',
      'payment.matched',
      'order.paid',
      'message.queued',
      'invoice.requested',
      'order.statusChanged',
      'stock.moved',
      'dispatch.created',
    ])
    expect(shop.sent()).toEqual(['Paid 100 → anna@example.com'])
    expect(shop.lines('payments')).toEqual([
      expect.objectContaining({
        state: 'matched',
        order: '100',
        allocated: '100.00',
        rule: expect.stringContaining('reference'),
      }),
    ])
    expect(
      shop.lines('orderStatus').map(({ sequence, status, paymentStatus }) => [sequence, status, paymentStatus]),
    ).toEqual([
      ['1', 'received', 'paid'],
      ['2', 'processing', 'paid'],
    ])
  })

  test('traces each effect to workflow, rule and the event that led to it', () => {
    const shop = shopWith()
    shop.orders(anOrder())
    const { batch } = shop.bank(aPayment())
    const [message] = batch.messages
    expect(message?.trace).toMatchObject({ workflow: 'paid', rule: 'steps[0].send' })
    const queued = batch.events[message?.because ?? -1]
    expect(batch.events[queued?.because ?? -1]?.name).toBe('order.paid')
    expect(batch.events[0]?.source).toMatchObject({ import: 'bank', row: 1 })
  })

  test('counts once, however the bank words it the second time', () => {
    const shop = shopWith()
    shop.orders(anOrder())
    shop.bank(aPayment())
    const again = shop.bank(aPayment({ message: 'as booked', reference: '100 ' }))
    expect(again.counts).toMatchObject({ applied: 0, repeated: 1 })
    expect(again.batch).toMatchObject({ put: [], messages: [], exports: [] })
  })

  test('under a known key with another amount is refused, and changes nothing', () => {
    const shop = shopWith()
    shop.orders(anOrder())
    shop.bank(aPayment())
    const again = shop.bank(aPayment({ amount: 9_000 }), aPayment({ amount: 8_000 }))
    expect(again.counts.refused).toBe(2)
    expect(again.batch.put).toEqual([])
    expect(again.names.filter((name) => name === 'payment.conflict')).toHaveLength(2)
    expect(shop.alarms()).toEqual(['A bank reference came again with another amount → it@example.com'])
  })
})

const amounts = (shop: Shop): readonly unknown[] => [shop.order().paymentStatus, shop.order().paid]

describe('part, second part, too much, and back', () => {
  test('are four payment states with their own events, and paid fires once', () => {
    const shop = shopWith()
    shop.orders(anOrder())
    expect(shop.bank(aPayment({ amount: 4_000 })).names).toContain('payment.partial')
    expect(amounts(shop)).toEqual(['partiallyPaid', 4_000])
    expect(shop.bank(aPayment({ bankKey: 'B2', amount: 7_000 })).names).toContain('payment.overpaid')
    expect(amounts(shop)).toEqual(['overpaid', 11_000])
    expect(shop.sent()).toHaveLength(1)
    const back = shop.bank(
      aPayment({ bankKey: 'R2', amount: 7_000, direction: 'debit', reversal: true, endToEndId: 'E' }),
    )
    expect(back.names).toContain('payment.reversed')
    expect(amounts(shop)).toEqual(['partiallyPaid', 4_000])
    expect(shop.payment('B2').state).toBe('reversed')
    expect(standing(shop.payment('B2'))).toEqual([])
  })

  test('an overpayment that goes back leaves the order paid, and does not pay it again', () => {
    const shop = shopWith()
    shop.orders(anOrder())
    shop.bank(aPayment({ amount: 12_000 }))
    shop.command({ verb: 'unmatch', payment: shop.payment().id })
    expect(amounts(shop)).toEqual(['unpaid', 0])
    shop.bank(aPayment({ bankKey: 'B2' }))
    shop.command({ verb: 'match', payment: shop.payment().id, document: shop.order().id })
    expect(amounts(shop)).toEqual(['overpaid', 22_000])
    const freed = shop.command({ verb: 'unmatch', payment: shop.payment().id })
    expect(amounts(shop)).toEqual(['paid', 10_000])
    expect(freed.kind === 'batch' && freed.batch.events.map(({ name }) => name)).toEqual([
      'payment.unmatchedByHand',
      'payment.unmatchedByHand',
    ])
    expect(shop.sent()).toHaveLength(2)
  })

  test('more money for an order that is paid makes it overpaid, and runs no step', () => {
    const shop = shopWith()
    shop.orders(anOrder())
    shop.bank(aPayment(), aPayment({ bankKey: 'B2', reference: 'none' }))
    const decision = shop.command({ verb: 'match', payment: shop.payment('B2').id, document: shop.order().id })
    expect(decision.kind === 'batch' && decision.batch.events.map(({ name }) => name)).toEqual([
      'payment.matched',
      'payment.overpaid',
    ])
    expect(amounts(shop)).toEqual(['overpaid', 20_000])
    expect(shop.sent()).toHaveLength(1)
  })

  test('an order that is paid again by another payment is paid again; by the same one nobody is told twice', () => {
    const shop = shopWith()
    shop.orders(anOrder())
    shop.bank(aPayment())
    const payment = shop.payment().id
    shop.command({ verb: 'unmatch', payment })
    shop.command({ verb: 'match', payment, document: shop.order().id })
    expect(shop.sent()).toHaveLength(1)
    shop.command({ verb: 'unmatch', payment })
    shop.bank(aPayment({ bankKey: 'B2' }))
    expect(shop.sent()).toHaveLength(2)
    expect(shop.lines('invoice')).toHaveLength(1)
    expect(shop.lines('stock')).toHaveLength(1)
    expect(shop.lines('dispatch')).toHaveLength(1)
  })

  test('money that left and was no return of ours is kept, ignored', () => {
    const shop = shopWith()
    shop.orders(anOrder())
    shop.bank(aPayment({ direction: 'debit' }))
    expect(shop.payment()).toMatchObject({
      state: 'ignored',
      ignoredReason: 'money that left the account',
      allocations: [],
    })
    expect(shop.order().paid).toBe(0)
  })

  test('a return undoes the payment that it names, also where the bank does not flag it', () => {
    const shop = shopWith()
    shop.orders(anOrder())
    shop.bank(aPayment({ endToEndId: 'E1' }))
    shop.bank(aPayment({ bankKey: 'R1', direction: 'debit', endToEndId: 'E1' }))
    expect(shop.order()).toMatchObject({ paid: 0, paymentStatus: 'unpaid' })
    expect(shop.payment('R1')).toMatchObject({ state: 'matched' })
    expect(shop.payment('R1').ignoredReason).toBeUndefined()
    expect(shop.lines('payments').map(({ state, amount, allocated }) => [state, amount, allocated])).toEqual([
      ['matched', '100.00', '100.00'],
      ['matched', '-100.00', undefined],
      ['reversed', '100.00', '-100.00'],
    ])
    const refused = shop.command({ verb: 'unmatch', payment: shop.payment('R1').id })
    expect(refused).toMatchObject({ kind: 'refused', reason: expect.stringContaining('gives another one back') })
  })

  test('an open payment that goes back is told to the ERP too', () => {
    const shop = shopWith()
    shop.bank(aPayment({ endToEndId: 'E1' }))
    shop.bank(aPayment({ bankKey: 'R1', direction: 'debit', reversal: true, endToEndId: 'E1' }))
    expect(shop.payment().state).toBe('reversed')
    expect(shop.lines('payments').map(({ state }) => state)).toEqual(['unmatched', 'matched', 'reversed'])
  })
})

describe('a small difference within the tolerance', () => {
  const tolerant = { matching: { tolerance: { absolute: '0.50', percent: '1' } } }

  test('is written off, and owed again when the payment goes back', () => {
    const shop = shopWith(tolerant)
    shop.orders(anOrder())
    shop.bank(aPayment({ amount: 9_980 }))
    expect(shop.order()).toMatchObject({ paid: 9_980, writtenOff: 20, paymentStatus: 'paid' })
    shop.command({ verb: 'unmatch', payment: shop.payment().id })
    expect(shop.order()).toMatchObject({ paid: 0, paymentStatus: 'unpaid' })
    expect(shop.order().writtenOff).toBeUndefined()
  })

  test('is kept when it is too much, and is no overpayment', () => {
    const shop = shopWith(tolerant)
    shop.orders(anOrder())
    shop.bank(aPayment({ amount: 10_020 }))
    expect(shop.order()).toMatchObject({ paid: 10_000, paymentStatus: 'paid' })
    expect(standing(shop.payment())).toEqual([10_000])
  })
})

describe('one payment for several orders', () => {
  test('settles each of them, and runs the steps for each', () => {
    const shop = shopWith()
    shop.orders(anOrder(), anOrder({ number: '101', gross: 5_000 }))
    const { reference: _, ...without } = aPayment({ amount: 15_000, message: 'orders 100, 101' })
    shop.bank(without)
    expect(standing(shop.payment())).toEqual([10_000, 5_000])
    expect([shop.order().paymentStatus, shop.order('101').paymentStatus]).toEqual(['paid', 'paid'])
    expect(shop.sent()).toEqual(['Paid 100 → anna@example.com', 'Paid 101 → anna@example.com'])
    expect(shop.lines('payments').map(({ order, allocated }) => [order, allocated])).toEqual([
      ['100', '100.00'],
      ['101', '50.00'],
    ])
  })

  test('can be divided by hand, also twice to one order; taking it back gives a line for each', () => {
    const shop = shopWith()
    shop.orders(anOrder({ gross: 30_000 }))
    shop.bank(aPayment({ reference: 'nothing' }))
    const [payment, document] = [shop.payment().id, shop.order().id]
    shop.command({ verb: 'match', payment, document, amount: 1_000 })
    shop.command({ verb: 'match', payment, document, amount: 2_000 })
    expect(shop.command({ verb: 'match', payment, document, amount: 7_001 })).toMatchObject({ kind: 'refused' })
    expect(shop.order().paid).toBe(3_000)
    shop.command({ verb: 'unmatch', payment })
    expect(shop.order().paid).toBe(0)
    expect(shop.lines('payments').map(({ state, allocated }) => [state, allocated])).toEqual([
      ['unmatched', undefined],
      ['matched', '10.00'],
      ['matched', '20.00'],
      ['unmatched', '-10.00'],
      ['unmatched', '-20.00'],
    ])
  })
})

describe('money before its order', () => {
  test('waits, and settles the order when it comes', () => {
    const shop = shopWith()
    shop.bank(aPayment())
    expect(shop.payment().state).toBe('unmatched')
    const { names } = shop.orders(anOrder())
    expect(shop.order()).toMatchObject({ paymentStatus: 'paid', status: 'processing' })
    expect(names.filter((name) => name === 'order.paid')).toHaveLength(1)
    expect(shop.sent()).toEqual(['Paid 100 → anna@example.com'])
  })

  test('is applied when the order comes in the same file group', () => {
    const shop = shopWith()
    shop.take('bank', aPayment(), anOrder())
    expect(shop.order().paymentStatus).toBe('paid')
    expect(shop.lines('payments').map(({ state }) => state)).toEqual(['unmatched', 'matched'])
  })

  test('is tried again when the order learns its reference or its price', () => {
    const shop = shopWith()
    shop.bank(aPayment({ reference: 'RES-77' }))
    shop.orders(anOrder())
    expect(shop.order().paid).toBe(0)
    shop.orders(anOrder({ reference: 'RES-77' }))
    expect(shop.order().paymentStatus).toBe('paid')
  })

  test('is tried again when the ERP numbers the invoice that it quotes', () => {
    const shop = shopWith({
      workflows: { proforma: { kind: 'payment', steps: [{ invoice: { action: 'issue', type: 'invoice' } }] } },
    })
    shop.orders(anOrder({ prepaid: 10_000 }), anOrder({ number: '101', gross: 3_000 }))
    shop.bank(aPayment({ reference: 'IN2026001', amount: 2_000 }))
    shop.orders(anOrder({ prepaid: 10_000, gross: 12_000 }))
    shop.take('answersBack', {
      kind: 'acknowledgement',
      about: 'invoice',
      document: '100',
      accepted: true,
      number: 'IN2026001',
    })
    expect(shop.payment().state).toBe('matched')
    expect(shop.order().paymentStatus).toBe('paid')
  })

  test('that fits two orders waits for a person, whose choice runs the steps once', () => {
    const shop = shopWith()
    shop.orders(anOrder({ reference: 'VS1' }), anOrder({ number: '101', reference: 'VS1' }))
    const { names } = shop.bank(aPayment({ reference: 'VS1' }), aPayment({ bankKey: 'B2', reference: 'VS1' }))
    expect(shop.payment()).toMatchObject({ state: 'ambiguous', candidates: [shop.order().id, shop.order('101').id] })
    expect(names.filter((name) => name === 'alarm.raised')).toHaveLength(1)
    expect(shop.sent()).toEqual([])
    shop.command({ verb: 'match', payment: shop.payment().id, document: shop.order('101').id })
    expect(shop.sent()).toEqual(['Paid 101 → anna@example.com'])
    expect(shop.payment()).toMatchObject({ state: 'matched', candidates: [] })
  })

  test('that turns ambiguous and back gives the ERP a line for each change', () => {
    const shop = shopWith()
    shop.bank(aPayment({ reference: 'VS1' }))
    shop.orders(anOrder({ reference: 'VS1' }), anOrder({ number: '101', reference: 'VS1' }))
    expect(shop.payment().state).toBe('matched')
    shop.command({ verb: 'unmatch', payment: shop.payment().id })
    shop.orders(anOrder({ number: '102', reference: 'VS1' }))
    expect(shop.lines('payments').map(({ state }) => state)).toEqual(['unmatched', 'matched', 'unmatched', 'ambiguous'])
  })

  test('that a person took from an order does not go back to it by itself', () => {
    const shop = shopWith()
    shop.orders(anOrder())
    shop.bank(aPayment({ message: 'or 101' }))
    shop.command({ verb: 'unmatch', payment: shop.payment().id })
    shop.orders(anOrder({ number: '101', gross: 777 }))
    expect(shop.payment().state).toBe('unmatched')
    expect(shop.order().paid).toBe(0)
  })
})

describe('commands on payments', () => {
  test('mark an order as paid: the same steps, once', () => {
    const shop = shopWith()
    shop.orders(anOrder({ prepaid: 2_500 }))
    expect(
      shop.command({ verb: 'markPaid', order: shop.order().id, method: 'cash', date: '2026-03-02' }),
    ).toMatchObject({ kind: 'batch' })
    expect(shop.order()).toMatchObject({ paid: 7_500, paymentStatus: 'paid', status: 'processing' })
    expect(shop.command({ verb: 'markPaid', order: shop.order().id })).toMatchObject({ kind: 'same' })
    expect(shop.store.all('payment')).toEqual([
      expect.objectContaining({ account: 'manual', amount: 7_500, bookedOn: '2026-03-02' }),
    ])
  })

  test('mark in parts: two parts of the same amount are two payments', () => {
    const shop = shopWith()
    shop.orders(anOrder())
    shop.command({ verb: 'markPaid', order: shop.order().id, amount: 4_000 })
    shop.command({ verb: 'markPaid', order: shop.order().id, amount: 4_000 })
    expect(shop.order()).toMatchObject({ paid: 8_000, paymentStatus: 'partiallyPaid' })
    expect(shop.command({ verb: 'markPaid', order: shop.order().id, amount: 0 })).toMatchObject({ kind: 'refused' })
  })

  test.each<[string, (shop: Shop) => void, Partial<IncomingPayment>, string]>([
    ['in another currency', () => {}, { currency: 'HUF' }, 'the payment is in HUF, order 100 in EUR'],
    ['money that left', () => {}, { direction: 'debit' }, 'money that left the account settles nothing'],
  ])('refuse to match %s', (_, prepare, fields, reason) => {
    const shop = shopWith()
    shop.orders(anOrder())
    shop.bank(aPayment(fields))
    prepare(shop)
    const decision = shop.command({ verb: 'match', payment: shop.payment().id, document: shop.order().id })
    expect(decision).toEqual({ kind: 'refused', reason })
  })

  test('refuse what is unknown, reversed, or all used', () => {
    const shop = shopWith()
    shop.orders(anOrder())
    shop.bank(aPayment({ endToEndId: 'E' }))
    const [payment, document] = [shop.payment().id, shop.order().id]
    expect(shop.command({ verb: 'match', payment: 'pay_x', document })).toEqual({
      kind: 'refused',
      reason: 'no such payment',
    })
    expect(shop.command({ verb: 'match', payment, document: 'ord_x' })).toEqual({
      kind: 'refused',
      reason: 'no such order',
    })
    expect(shop.command({ verb: 'match', payment, document })).toMatchObject({ kind: 'same' })
    expect(shop.command({ verb: 'ignore', payment, reason: 'x' })).toMatchObject({ kind: 'refused' })
    shop.bank(aPayment({ bankKey: 'R', direction: 'debit', reversal: true, endToEndId: 'E' }))
    expect(shop.command({ verb: 'match', payment, document })).toMatchObject({ kind: 'refused' })
    expect(shop.command({ verb: 'ignore', payment, reason: 'x' })).toMatchObject({ kind: 'refused' })
    expect(shop.command({ verb: 'unmatch', payment })).toMatchObject({ kind: 'same' })
  })

  test('ignore a payment with a reason; a person may still match it later', () => {
    const shop = shopWith()
    shop.orders(anOrder())
    shop.bank(aPayment({ reference: 'none' }))
    shop.command({ verb: 'ignore', payment: shop.payment().id, reason: 'not ours' })
    expect(shop.payment()).toMatchObject({ state: 'ignored', ignoredReason: 'not ours' })
    expect(shop.command({ verb: 'ignore', payment: shop.payment().id, reason: 'x' })).toMatchObject({ kind: 'same' })
    shop.command({ verb: 'match', payment: shop.payment().id, document: shop.order().id })
    expect(shop.payment().ignoredReason).toBeUndefined()
    expect(shop.order().paymentStatus).toBe('paid')
  })
})

test('each import may have its own matching rules', () => {
  const shop = shopWith({
    imports: {
      orders: { kind: 'orders', folder: 'a', format: { type: 'csv' } },
      bank: { kind: 'payments', folder: 'b', format: { type: 'camt' }, matching: { rules: ['endToEndId'] } },
    },
  })
  shop.orders(anOrder())
  shop.bank(aPayment())
  expect(shop.payment().state).toBe('unmatched')
  shop.bank(aPayment({ bankKey: 'B2', endToEndId: '100' }))
  expect(shop.payment('B2').state).toBe('matched')
})

test('an order that comes paid runs the steps at once', () => {
  const shop = shopWith()
  shop.orders(anOrder({ prepaid: 10_000 }))
  expect(shop.order()).toMatchObject({ paymentStatus: 'paid', status: 'processing' })
  expect(shop.sent()).toEqual([expect.stringContaining('(held:')]) // no payment to speak of
})

test.each([
  ['a credit with a negative total', { type: 'credit' as const, gross: -5_000 }],
  ['a quote without a price', { type: 'quote' as const, gross: 0 }],
  ['an order without lines and price', { gross: 0, lines: [] }],
])('%s is unpaid, and no step runs', (_, fields) => {
  const shop = shopWith()
  shop.orders(anOrder(fields))
  expect(shop.order()).toMatchObject({ paymentStatus: 'unpaid', status: 'received' })
  expect(shop.sent()).toEqual([])
})

test('an order for nothing is paid when it comes, and its steps run', () => {
  const shop = shopWith()
  const { batch } = shop.orders(anOrder({ gross: 0 }))
  expect(shop.order()).toMatchObject({ paymentStatus: 'paid', paid: 0, status: 'processing' })
  expect(batch.events[0]?.text).toBe('nothing to pay: counts as paid')
  expect(shop.lines('stock')).toHaveLength(1)
})

describe('rules of their own (F05)', () => {
  const none = { rules: ['endToEndId' as const] }
  const till = { kind: 'payments' as const, folder: 'in/till', format: { type: 'csv' as const } }

  test('are those of the import, else of the channel, else the general ones', () => {
    const shop = shopWith({
      imports: { ...base.imports, till, desk: { ...till, matching: { rules: ['reference'] } } },
      channels: { shop: { matching: none } },
    })
    shop.orders(anOrder())
    shop.take('till', aPayment({ channel: 'shop' }))
    expect(shop.payment().state).toBe('unmatched')
    shop.take('desk', aPayment({ bankKey: 'B2', channel: 'shop' }))
    expect(shop.payment('B2').state).toBe('matched')
  })
})

const paymentsOf = (code: string) => ({
  kind: 'payments' as const,
  company: code,
  folder: `out/${code}`,
  format: { type: 'csv' as const },
})

test('an export of one company is told of its open payments, too', () => {
  const giro = { kind: 'payments' as const, folder: 'in/giro', company: 'HU02', format: { type: 'camt' as const } }
  const shop = shopWith({
    imports: { ...base.imports, giro },
    exports: { own: paymentsOf('HU01'), other: paymentsOf('HU02') },
  })
  shop.bank(aPayment())
  shop.take('giro', aPayment({ bankKey: 'B2' }))
  const told = (name: string) => shop.lines(name).map(({ bankKey, state }) => [bankKey, state])
  expect(told('own')).toEqual([['B1', 'unmatched']])
  expect(told('other')).toEqual([['B2', 'unmatched']])
})
