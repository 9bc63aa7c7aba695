import { describe, expect, test } from 'vitest'
import { anOrder, answer, aPayment, aStatus, type ConfigInput, Shop } from './shop.ts'

type Events = NonNullable<NonNullable<ConfigInput['exports']>[string]['events']>

const target = (channel: string, events?: Events) => ({
  kind: 'writeBack' as const,
  folder: `out/${channel}-${events?.join('-') ?? 'all'}`,
  channel,
  format: { type: 'csv' as const },
  ...(events && { events }),
})
const shop = (): Shop =>
  new Shop({
    exports: { all: target('shop'), payments: target('shop', ['paid']), other: target('other', ['status', 'invoice']) },
    workflows: {
      paid: {
        kind: 'payment',
        for: { method: 'transfer' },
        steps: [{ setStatus: 'processing' }, { invoice: { action: 'issue' } }],
      },
    },
  })
const order = (fields = {}) => anOrder({ paymentMethod: 'transfer', ...fields })
const told = (of: Shop, name: string): readonly string[] =>
  of
    .lines(name)
    .map((line) =>
      ['event', 'order', 'status', 'paymentStatus', 'invoiceNumber']
        .flatMap((field) => (line[field] === undefined ? [] : [line[field] as string]))
        .join(' '),
    )

describe('write back to the source', () => {
  test('says what became of its orders: payment, status, document', () => {
    const here = shop()
    here.orders(order())
    expect(told(here, 'all')).toEqual([])
    here.bank(aPayment())
    here.take('answersBack', answer())
    expect(told(here, 'all')).toEqual([
      'paid 100 received paid',
      'status 100 processing paid',
      'invoice 100 processing paid IN1',
    ])
  })

  test('each export says what it is set to, for its channel', () => {
    const here = shop()
    here.orders(order(), order({ channel: 'other', number: '200' }))
    here.bank(aPayment(), aPayment({ bankKey: 'B2', reference: '200' }))
    here.take('answersBack', answer(), answer({ document: '200', number: 'IN2' }))
    expect(told(here, 'payments')).toEqual(['paid 100 received paid'])
    expect(told(here, 'other')).toEqual(['status 200 processing paid', 'invoice 200 processing paid IN2'])
  })

  test('a payment that is taken back is told, too', () => {
    const here = shop()
    here.orders(order())
    here.bank(aPayment({ endToEndId: 'E1' }))
    here.bank(aPayment({ bankKey: 'R1', endToEndId: 'E1', direction: 'debit', reversal: true }))
    expect(told(here, 'payments')).toEqual(['paid 100 received paid', 'paid 100 processing unpaid'])
  })

  test('the source is not told its own words; what a rule made of them is', () => {
    const here = shop()
    here.orders(order())
    here.orders(order({ status: 'packed' }))
    expect([here.order().status, told(here, 'all')]).toEqual(['packed', []])
    here.status(aStatus('shipped'))
    expect(told(here, 'all')).toEqual(['status 100 shipped unpaid'])
    here.orders(order({ number: '101', prepaid: 10_000 }))
    expect(told(here, 'all').slice(1)).toEqual(['status 101 processing paid'])
  })
})
