import { expect, test } from 'vitest'
import { anOrder, answer, aPayment, aStatus, Shop } from './shop.ts'

const on = (occasion: string): Shop =>
  new Shop({
    workflows: {
      told: { kind: 'payment', on: { [occasion]: [{ send: { to: 'customer', mail: 'payment/thanks' } }] } },
    },
  })
const thanks = ['Thanks 100 → anna@example.com']

test('imported: steps run when the order comes, and not when it comes again', () => {
  const shop = on('imported')
  shop.orders(anOrder())
  expect(shop.sent()).toEqual(thanks)
  shop.orders(anOrder({ note: 'changed' }))
  expect(shop.sent()).toEqual(thanks)
})

test('partlyPaid and overpaid: steps run for the payment that makes it so', () => {
  const partly = on('partlyPaid')
  partly.orders(anOrder())
  partly.bank(aPayment({ amount: 4_000 }))
  expect(partly.sent()).toEqual(thanks)
  const over = on('overpaid')
  over.orders(anOrder())
  over.bank(aPayment({ amount: 12_000 }))
  expect(over.sent()).toEqual(thanks)
})

test('paymentReversed: steps run when the bank takes the money back', () => {
  const shop = on('paymentReversed')
  shop.orders(anOrder())
  shop.bank(aPayment({ endToEndId: 'E1' }))
  expect(shop.sent()).toEqual([])
  shop.bank(aPayment({ bankKey: 'R1', endToEndId: 'E1', direction: 'debit', reversal: true }))
  expect(shop.order()).toMatchObject({ paymentStatus: 'unpaid' })
  expect(shop.sent()).toEqual(thanks)
})

test('status.WORD: steps run when the order enters the status, whatever set it', () => {
  const shop = on('status.cancelled')
  shop.orders(anOrder())
  shop.status(aStatus('cancelled'))
  expect(shop.sent()).toEqual(thanks)
})

test('document.issued: steps run when the ERP gives the number', () => {
  const shop = new Shop({
    workflows: {
      paid: { kind: 'payment', steps: [{ invoice: { action: 'issue' } }] },
      told: { kind: 'payment', on: { 'document.issued': [{ send: { to: 'customer', mail: 'payment/thanks' } }] } },
    },
  })
  shop.orders(anOrder())
  shop.bank(aPayment())
  expect(shop.sent()).toEqual([])
  shop.take('answersBack', answer())
  expect(shop.sent()).toEqual(thanks)
  shop.take('answersBack', answer())
  expect(shop.sent()).toEqual(thanks)
})

const told = (channel: string, mail: string) => ({
  kind: 'payment' as const,
  for: { channel },
  steps: [{ send: { to: 'customer', mail } }],
})

test('two channels: the same payment is followed by the rules of its own', () => {
  const shop = new Shop({ workflows: { a: told('shop', 'payment/thanks'), b: told('desk', 'payment/received') } })
  shop.orders(anOrder(), anOrder({ channel: 'desk', number: '200' }))
  shop.bank(aPayment(), aPayment({ bankKey: 'B2', reference: '200' }))
  expect(shop.sent()).toEqual(['Thanks 100 → anna@example.com', 'Paid 200 → anna@example.com'])
})
