import { describe, expect, it } from 'vitest'
import { Config, type Matching } from '../../src/config/schema.ts'
import { NotLoaded, Snapshot, lookupKey } from '../../src/core/known.ts'
import type { Entity, Payment } from '../../src/core/model.ts'
import type { Order } from '../../src/core/order.ts'
import { matchPayment } from '../../src/workflow/payments/match-payment.ts'
import { knownOf } from './known-of.ts'
import { collectOf, customerOf, invoiceOf, orderOf, paymentOf } from './sample-records.ts'

const defaults: Matching = Config.shape.matching.parse(undefined)
const iban = 'HU42117730161111101800000000'

type Fields = Partial<Payment>
function match(payment: Fields, entities: readonly Entity[], matching: Partial<Matching> = {}) {
  return matchPayment(paymentOf({ amount: 1000, ...payment }), knownOf(entities), { ...defaults, ...matching })
}

/** One line that says what was decided, with the numbers of the documents. */
function said(payment: Fields, entities: readonly Entity[], matching: Partial<Matching> = {}): string {
  const result = match(payment, entities, matching)
  const number = (id: string): string => {
    const found = entities.find((entity) => entity.id === id)
    return found?.kind === 'order' ? found.number : found?.kind === 'payment' ? found.bankKey : '?'
  }
  switch (result.kind) {
    case 'matched': {
      const parts = result.allocations.map((part) => `${number(part.document)}=${part.amount}`)
      const rest = result.rest === 0 ? '' : `, rest ${result.rest}`
      const off = result.writtenOff === undefined ? '' : `, off ${result.writtenOff.amount}`
      const surplus = result.surplus === undefined ? '' : `, surplus ${result.surplus}`
      return `${result.rule}: ${parts.join(' ')}${rest}${off}${surplus}`
    }
    case 'ambiguous':
      return `ambiguous under ${result.rule}: ${result.candidates.map(number).join(' ')}`
    case 'reversal':
      return `reversal of ${number(result.of)}`
    case 'unmatched':
      return 'unmatched'
  }
}

const order = (number: string, gross: number, fields: Partial<Order> = {}): Order =>
  orderOf({ number, gross, ...fields })

describe('rule 1: a structured reference', () => {
  const rf = order('1001', 1000, { reference: 'RF18 5390 0754 7034' })
  it.each<[string, Fields, readonly Entity[], string]>([
    ['finds the order however it is grouped', { reference: 'rf18539007547034' }, [rf], 'reference: 1001=1000'],
    ['is found in the message', { message: 'thanks RF18 5390 0754 7034 Anna' }, [rf], 'reference: 1001=1000'],
    ['with a mistyped digit finds nothing', { reference: 'RF18 5390 0754 7043' }, [rf], 'unmatched'],
    [
      'in RF form finds the national one inside',
      { reference: 'RF18539007547034' },
      [order('1001', 1000, { reference: '5390 0754 7034' })],
      'reference: 1001=1000',
    ],
    [
      'of the Swiss kind is found in spite of leading zeros and blanks',
      { reference: '00 00000 00000 00313 94714 30004' },
      [order('1001', 1000, { reference: '3139471430004' })],
      'reference: 1001=1000',
    ],
    [
      'may be a variable symbol',
      { reference: '0020260017' },
      [order('A', 1000, { reference: '20260017' })],
      'reference: A=1000',
    ],
    ['may be the order number', { reference: '1001' }, [order('1001', 1000)], 'reference: 1001=1000'],
    [
      'may be the external number',
      { reference: 'X-9' },
      [order('1001', 1000, { externalNumber: 'x-9' })],
      'reference: 1001=1000',
    ],
  ])('%s', (_, payment, entities, expected) => {
    expect(said(payment, entities)).toBe(expected)
  })

  it('that two open orders carry is ambiguous, whatever the amounts', () => {
    const orders = [order('1', 1000, { reference: '777' }), order('2', 2000, { reference: '777' })]
    expect(said({ reference: '777' }, orders)).toBe('ambiguous under reference: 1 2')
    expect(said({ reference: '777' }, [orders[0]!, { ...orders[1]!, paid: 2000 }])).toBe('reference: 1=1000')
  })

  it('with wrong check digits is refused even where an order has the same wrong one', () => {
    const wrong = 'RF19539007547034'
    const result = match({ reference: wrong }, [order('1001', 1000, { reference: wrong })], { rules: ['reference'] })
    expect(result.kind).toBe('unmatched')
    expect(result.evidence[0]).toBe(`reference: "${wrong}" is a RF reference with wrong check digits`)
  })
})

describe('rule 2: the end-to-end id', () => {
  it('finds the order that it names', () => {
    expect(said({ endToEndId: 'HU-1001' }, [order('HU-1001', 1000)])).toBe('endToEndId: HU-1001=1000')
    expect(said({ endToEndId: '555' }, [order('A-1', 1000, { reference: '555' })])).toBe('endToEndId: A-1=1000')
  })

  it('says nothing when it is NOTPROVIDED', () => {
    expect(said({ endToEndId: 'NOTPROVIDED' }, [order('NOTPROVIDED', 1000)])).toBe('unmatched')
  })
})

describe('rule 3: a document number in the text', () => {
  const rules: Matching['rules'] = ['documentNumber']
  it.each<[string, string, string]>([
    ['is found as a whole token', 'payment for 123, thanks', 'documentNumber: 123=1000'],
    ['is not found inside a longer number', 'payment for 41234', 'unmatched'],
    ['is not found with something before or behind', 'A123 123B', 'unmatched'],
    ['is found with leading zeros', 'payment 000123', 'documentNumber: 123=1000'],
  ])('%s', (_, message, expected) => {
    expect(said({ message }, [order('123', 1000)], { rules })).toBe(expected)
  })

  it('is found without the leading zeros of the document, unless they count', () => {
    expect(said({ message: 'no 123' }, [order('00123', 1000)])).toBe('documentNumber: 00123=1000')
    expect(said({ message: 'no 123' }, [order('00123', 1000)], { stripLeadingZeros: false })).toBe('unmatched')
  })

  it('needs the exact amount', () => {
    expect(said({ message: 'order 123' }, [order('123', 1001)], { rules })).toBe('unmatched')
  })

  it('is chosen by the exact amount where the text names several', () => {
    expect(said({ message: '123 124' }, [order('123', 1000), order('124', 700)])).toBe('documentNumber: 123=1000')
    expect(said({ message: '123 124' }, [order('123', 1000), order('124', 1000)])).toBe(
      'ambiguous under documentNumber: 123 124',
    )
  })

  it('that two channels share is ambiguous, unless the payment says its channel', () => {
    const orders = [order('123', 1000), order('123', 1000, { channel: 'other' })]
    expect(match({ message: 'order 123' }, orders).kind).toBe('ambiguous')
    expect(match({ message: 'order 123', channel: 'other' }, orders)).toMatchObject({
      kind: 'matched',
      allocations: [{ document: orders[1]?.id }],
    })
  })

  it('may be that of an issued invoice: its order is paid', () => {
    const sold = order('A-1', 1000)
    expect(said({ message: 'invoice 2026/77' }, [sold, invoiceOf('2026/77', sold)])).toBe('documentNumber: A-1=1000')
    expect(said({ message: 'invoice 2026/77' }, [sold, invoiceOf('2026/77', sold, { state: 'cancelled' })])).toBe(
      'unmatched',
    )
  })

  it('of another customer than the known payer does not count', () => {
    const payer = customerOf('C1', { iban })
    const others = order('123', 1000, { customer: { number: 'C2' } })
    expect(said({ message: '123', counterAccount: iban }, [payer, others])).toBe('unmatched')
    expect(said({ message: '123', counterAccount: iban }, [payer, { ...others, customer: { number: 'C1' } }])).toBe(
      'documentNumber: 123=1000',
    )
    expect(said({ message: '123', counterAccount: iban }, [payer, { ...others, customer: {} }])).toBe(
      'documentNumber: 123=1000',
    )
    expect(said({ message: '123', counterAccount: iban }, [payer, { ...others, company: 'HU09' }])).toBe(
      'documentNumber: 123=1000',
    )
  })

  it('is looked for by the configured patterns', () => {
    const matching = { rules, patterns: ['WEB(\\d+)'] }
    expect(said({ message: 'web123' }, [order('123', 1000)], matching)).toBe('documentNumber: 123=1000')
    expect(said({ message: '123' }, [order('123', 1000)], matching)).toBe('unmatched')
  })
})

describe('rule 4: several numbers', () => {
  const orders = [order('123', 600), order('124', 400), order('125', 50)]
  it('are paid together when their open amounts add up', () => {
    expect(said({ message: '123 and 124' }, orders)).toBe('severalDocuments: 123=600 124=400')
    expect(said({ message: '123, 124', amount: 900 }, [{ ...orders[0]!, paid: 100 }, orders[1]!])).toBe(
      'severalDocuments: 123=500 124=400',
    )
  })

  it('are left to a person when they do not add up', () => {
    expect(said({ message: '123 124 125' }, orders)).toBe('ambiguous under withinTolerance: 123 124 125')
    expect(said({ message: '123 124 125' }, orders, { rules: ['severalDocuments'] })).toBe('unmatched')
  })

  it('are ambiguous when one number names two orders', () => {
    const two = [order('123', 600), order('123', 400, { channel: 'other' })]
    expect(said({ message: '123' }, two)).toBe('ambiguous under severalDocuments: 123 123')
  })
})

const ofPayer = (number: string, gross: number, date: string): Order =>
  order(number, gross, { date, customer: { number: 'C1' } })
const paying = (amount: number): Fields => ({ amount, counterAccount: 'hu42 1177 3016 1111 1018 0000 0000' })

describe('rules 5 and 6: the account of a known customer', () => {
  const payer = customerOf('C1', { iban })
  it.each<[string, number, readonly Order[], string]>([
    [
      'one open order of that amount is paid',
      700,
      [ofPayer('A', 300, '2026-01-01'), ofPayer('B', 700, '2026-01-02')],
      'ibanAndAmount: B=700',
    ],
    [
      'two of that amount are ambiguous',
      700,
      [ofPayer('A', 700, '2026-01-01'), ofPayer('B', 700, '2026-01-02')],
      'ambiguous under ibanAndAmount: A B',
    ],
    [
      'the oldest that add up are paid',
      1000,
      [ofPayer('C', 900, '2026-01-03'), ofPayer('B', 700, '2026-01-02'), ofPayer('A', 300, '2026-01-01')],
      'ibanOldestFirst: A=300 B=700',
    ],
    [
      'younger ones are not picked out',
      1600,
      [ofPayer('A', 300, '2026-01-01'), ofPayer('B', 700, '2026-01-02'), ofPayer('C', 900, '2026-01-03')],
      'unmatched',
    ],
    [
      'those of one day are not chosen from',
      600,
      [ofPayer('A', 300, '2026-01-01'), ofPayer('B', 300, '2026-01-01'), ofPayer('C', 300, '2026-01-01')],
      'unmatched',
    ],
    [
      'those of one day are paid together',
      600,
      [ofPayer('B', 200, '2026-01-01'), ofPayer('A', 400, '2026-01-01')],
      'ibanOldestFirst: B=200 A=400',
    ],
    ['an amount that is none of them is unmatched', 999, [ofPayer('A', 300, '2026-01-01')], 'unmatched'],
  ])('%s', (_, amount, orders, expected) => {
    expect(said(paying(amount), [payer, ...orders])).toBe(expected)
  })

  it('are not asked where the payment names an order', () => {
    const orders = [ofPayer('1001', 5000, '2026-01-01'), ofPayer('1002', 700, '2026-01-02')]
    expect(said({ ...paying(700), reference: '1001' }, [payer, ...orders])).toBe('withinTolerance: 1001=700')
    expect(said({ ...paying(700), reference: '1001' }, [payer, ...orders], { partial: 'park' })).toBe('unmatched')
  })

  it('do not mix the orders of two customers with one account', () => {
    const other = customerOf('C2', { iban })
    const others = order('B', 700, { date: '2026-01-02', customer: { number: 'C2' } })
    expect(said(paying(1000), [payer, other, ofPayer('A', 300, '2026-01-01'), others])).toBe('unmatched')
    expect(said(paying(700), [payer, other, ofPayer('A', 300, '2026-01-01'), others])).toBe('ibanAndAmount: B=700')
  })

  it('know nobody by an account that nobody has', () => {
    const result = match({ ...paying(300), counterAccount: 'DE00' }, [payer, ofPayer('A', 300, '2026-01-01')])
    expect(result.kind).toBe('unmatched')
    expect(result.evidence).toContain('ibanAndAmount: the account that paid is not known')
  })
})

const open = (gross: number, fields: Partial<Order> = {}): Order => order('A', gross, { reference: '777', ...fields })

describe('rule 7: another amount under a sure name', () => {
  const tolerance = { absolute: '0.05', percent: '1' }
  const named = { reference: '777' }
  it.each<[string, Order, Partial<Matching>, string]>([
    ['a small lack is written off', open(1005), { tolerance }, 'withinTolerance: A=1000, off 5'],
    ['a small surplus is kept', open(995), { tolerance }, 'withinTolerance: A=995, surplus 5'],
    ['a lack above the absolute limit is a part payment', open(1006), { tolerance }, 'withinTolerance: A=1000'],
    [
      'a lack above the percentage is a part payment',
      open(1005),
      { tolerance: { absolute: '9', percent: '0.4' } },
      'withinTolerance: A=1000',
    ],
    [
      'a lack above the limits of the currency is a part payment',
      open(1005),
      { tolerance: { ...tolerance, currencies: { EUR: { absolute: '0.01', percent: '1' } } } },
      'withinTolerance: A=1000',
    ],
    [
      'the limits of another currency do not count',
      open(1005),
      { tolerance: { ...tolerance, currencies: { HUF: { absolute: '0', percent: '0' } } } },
      'withinTolerance: A=1000, off 5',
    ],
    ['a part payment is allocated', open(3000), {}, 'withinTolerance: A=1000'],
    ['a part payment waits where configured', open(3000), { partial: 'park' }, 'unmatched'],
    ['a second part closes the order', open(3000, { paid: 2000 }), { partial: 'park' }, 'reference: A=1000'],
    ['what was prepaid is not owed', open(3000, { prepaid: 2000 }), {}, 'reference: A=1000'],
    ['what was written off is not owed', open(1003, { writtenOff: 3 }), {}, 'reference: A=1000'],
    ['an overpayment pays what is open', open(700), {}, 'withinTolerance: A=700, rest 300'],
    ['an overpayment waits where configured', open(700), { overpaid: 'park' }, 'unmatched'],
    [
      'a tolerated surplus does not wait',
      open(995),
      { tolerance, overpaid: 'park' },
      'withinTolerance: A=995, surplus 5',
    ],
    ['a paid order takes no more', open(3000, { paid: 3000 }), {}, 'unmatched'],
    ['without the rule nothing is done', open(3000), { rules: ['reference'] }, 'unmatched'],
  ])('%s', (_, document, matching, expected) => {
    expect(said(named, [document], matching)).toBe(expected)
  })

  it('takes a number in the text as well', () => {
    expect(said({ message: 'order 123' }, [order('123', 3000)])).toBe('withinTolerance: 123=1000')
  })

  it('counts tolerance in the digits of the currency', () => {
    const yen = order('123', 1005, { currency: 'JPY' })
    expect(said({ reference: '123', currency: 'JPY' }, [yen], { tolerance: { absolute: '5', percent: '1' } })).toBe(
      'withinTolerance: 123=1000, off 5',
    )
  })
})

describe('what is no candidate', () => {
  it.each<[string, Partial<Order>, RegExp]>([
    ['another currency', { currency: 'HUF' }, /is no candidate: it is in HUF, the payment in EUR/],
    ['a quote', { type: 'quote' }, /it is a quote/],
    ['a credit', { type: 'credit' }, /it is a credit/],
    ['a cancelled order', { status: 'Cancelled' }, /its status is Cancelled/],
    [
      'an order that the store rejected',
      { collect: collectOf({}, { processing: 'rejected' }) },
      /the store rejected it/,
    ],
    ['an expired order', { collect: collectOf({}, { delivery: 'expired' }) }, /it has expired/],
    ['a paid order', { paid: 1000 }, /nothing is left to pay/],
  ])('%s', (_, fields, reason) => {
    const result = match({ reference: '1001' }, [order('1001', 1000, fields)])
    expect(result.kind).toBe('unmatched')
    expect(result.evidence.join('\n')).toMatch(reason)
  })
})

describe('rule 0: a reversal', () => {
  const original = paymentOf({
    amount: 1000,
    bankKey: 'IN1',
    endToEndId: 'E1',
    reference: '777',
    bookedOn: '2026-05-04',
    state: 'matched',
  })
  const back: Fields = { direction: 'debit', bankKey: 'OUT1', bookedOn: '2026-05-06' }
  it.each<[string, Fields, readonly Payment[], string]>([
    ['is found by the end-to-end id', { endToEndId: 'E1', reversal: true }, [original], 'reversal of IN1'],
    ['is found by the reference', { reference: '0777' }, [original], 'reversal of IN1'],
    ['needs the same amount', { endToEndId: 'E1', amount: 999 }, [original], 'unmatched'],
    ['needs the same account', { endToEndId: 'E1', account: 'HU43' }, [original], 'unmatched'],
    ['needs the same currency', { endToEndId: 'E1', currency: 'HUF' }, [original], 'unmatched'],
    ['does not come before its original', { endToEndId: 'E1', bookedOn: '2026-05-03' }, [original], 'unmatched'],
    ['does not undo a payment twice', { endToEndId: 'E1' }, [{ ...original, state: 'reversed' }], 'unmatched'],
    ['does not undo another debit', { endToEndId: 'E1' }, [{ ...original, direction: 'debit' }], 'unmatched'],
    ['is nothing without a name', {}, [original], 'unmatched'],
    [
      'is not found by NOTPROVIDED',
      { endToEndId: 'NOTPROVIDED' },
      [{ ...original, endToEndId: 'NOTPROVIDED' }],
      'unmatched',
    ],
    [
      'is left to a person when several fit',
      { reference: '777' },
      [original, paymentOf({ ...original, id: 'pay_2', bankKey: 'IN2' })],
      'unmatched',
    ],
    [
      'by reference is not found where another party is paid',
      { reference: '777', counterAccount: 'DE1' },
      [{ ...original, counterAccount: 'DE2' }],
      'unmatched',
    ],
    [
      'is also money that comes back to us',
      { direction: 'credit', reversal: true, endToEndId: 'E9' },
      [paymentOf({ amount: 1000, bankKey: 'OUT9', direction: 'debit', endToEndId: 'E9' })],
      'reversal of OUT9',
    ],
  ])('%s', (_, payment, payments, expected) => {
    expect(said({ ...back, ...payment }, [...payments, order('777', 1000)])).toBe(expected)
  })

  it('is all that a debit can be: it never settles an order', () => {
    expect(said({ direction: 'debit', reference: '777' }, [order('777', 1000)])).toBe('unmatched')
    expect(said({ reversal: true, reference: '777' }, [order('777', 1000)])).toBe('unmatched')
  })
})

describe('evidence and lookups', () => {
  it('leaves a line for every rule that was tried', () => {
    const { evidence } = match({ message: 'hello' }, [])
    for (const rule of defaults.rules)
      expect(
        evidence.filter((line) => line.startsWith(`${rule}: `)),
        rule,
      ).toHaveLength(1)
  })

  it('tries the rules in the configured order', () => {
    const orders = [order('1001', 1000), order('1002', 1000)]
    const payment = { reference: '1001', endToEndId: '1002' }
    expect(said(payment, orders)).toBe('reference: 1001=1000')
    expect(said(payment, orders, { rules: ['endToEndId', 'reference'] })).toBe('endToEndId: 1002=1000')
  })

  it('keeps hostile text on one line and short', () => {
    const { evidence } = match({ reference: `x\n\u001b[31mreference: pays order 1${'9'.repeat(500)}` }, [])
    for (const line of evidence) {
      expect(line).not.toMatch(/\p{C}/u)
      expect(line.length).toBeLessThan(200)
    }
  })

  it('settles nothing without an amount', () => {
    expect(said({ reference: '1001', amount: 0 }, [order('1001', 0)])).toBe('unmatched')
  })

  it('asks for what it needs in few rounds, and finds the same as with all at hand', () => {
    const entities = [
      customerOf('C1', { iban }),
      order('A-1', 300, { date: '2026-01-01', customer: { number: 'C1' } }),
      order('A-2', 700, { date: '2026-01-02', customer: { number: 'C1' } }),
    ]
    const payment = paymentOf({
      amount: 1000,
      reference: 'R1',
      endToEndId: 'E1',
      message: 'one two three',
      counterAccount: iban,
    })
    const all = knownOf(entities)
    const loaded = new Map<string, readonly Entity[]>()
    for (let rounds = 1; ; rounds++) {
      const snapshot = new Snapshot(0, loaded)
      try {
        const result = matchPayment(payment, snapshot, defaults)
        expect(result).toEqual(matchPayment(payment, all, defaults))
        expect(result).toMatchObject({ kind: 'matched', rule: 'ibanOldestFirst' })
        expect(rounds).toBeLessThanOrEqual(4)
        return
      } catch (error) {
        if (!(error instanceof NotLoaded)) throw error
        expect(snapshot.missing.size).toBeGreaterThan(0)
        for (const lookup of snapshot.missing.values()) {
          const one = lookup.by === 'id' ? all.get(lookup.kind, lookup.id) : undefined
          const found =
            lookup.by === 'id' ? (one === undefined ? [] : [one]) : all.find(lookup.kind, lookup.name, lookup.value)
          loaded.set(lookupKey(lookup), found)
        }
      }
    }
  })
})

describe('what payments name an order by (F05)', () => {
  const one = order('A', 1000, { number: '4711', externalNumber: '900' })
  const two = order('B', 1000, { number: '900', externalNumber: '4711', channel: 'other' })
  it.each<[Matching['orderReference'], Fields, string]>([
    ['any', { reference: '4711' }, 'ambiguous under reference: 4711 900'],
    ['number', { reference: '4711' }, 'reference: 4711=1000'],
    ['id', { reference: '4711' }, 'reference: 900=1000'],
    ['id', { message: one.id }, 'documentNumber: 4711=1000'],
    ['number', { message: one.id }, 'unmatched'],
    ['any', { endToEndId: one.id.toUpperCase() }, 'endToEndId: 4711=1000'],
  ])('%s: %j is %s', (orderReference, payment, expected) => {
    expect(said(payment, [one, two], { orderReference })).toBe(expected)
  })
})

describe('a variable symbol', () => {
  const named = order('A', 1000, { number: 'A', reference: '20260147' })
  it.each<[string, Fields, string]>([
    ['in the end-to-end id', { endToEndId: '/VS0020260147/SS0/KS0308' }, 'reference: A=1000'],
    ['in the text', { message: 'VS: 20260147 diky' }, 'reference: A=1000'],
    ['with another amount', { message: 'VS20260147', amount: 400 }, 'withinTolerance: A=400'],
    ['of nothing but zeros', { message: 'VS0000000000' }, 'unmatched'],
    ['within a word', { message: 'AVS20260147' }, 'unmatched'],
    ['that goes on', { message: 'VS20260147999' }, 'unmatched'],
  ])('%s names its order', (_, payment, expected) => {
    expect(said(payment, [named])).toBe(expected)
  })
})
