import { describe, expect, test } from 'vitest'
import type { IncomingInvoice } from '../../src/core/incoming.ts'
import { anOrder, answer, aPayment, aStatus, type ConfigInput, Shop } from './shop.ts'

type Row = NonNullable<NonNullable<ConfigInput['documents']>['rules']>[number]

const withRules = (...rules: readonly Row[]): Shop => new Shop({ documents: { rules: [...rules] } })
const on = (occasion: string) => ({ [occasion]: [{ send: { to: 'customer', mail: 'payment/thanks' } }] })
const asked = (shop: Shop): readonly string[] =>
  shop
    .lines('invoice')
    .map((line) => ['order', 'action', 'type', 'gross'].map((name) => line[name] as string).join(' '))
const reasons = (names: { readonly events: readonly { readonly name: string; readonly text?: string }[] }) =>
  names.events.flatMap(({ name, text }) => (name === 'step.skipped' ? [text] : []))

const issued = (fields: Partial<IncomingInvoice> = {}): IncomingInvoice => ({
  kind: 'invoice',
  type: 'invoice',
  number: 'IN-17',
  order: '100',
  ...fields,
})

const lines = (first?: string) => [
  { number: '1', sku: 'A', quantity: '2', gross: 8_000, ...(first !== undefined && { cancelled: first }) },
  { number: '2', sku: 'B', quantity: '1', gross: 2_000 },
]

const shopWithImport = (rules: readonly Row[] = []): Shop =>
  new Shop({
    documents: { rules: [...rules] },
    imports: {
      invoices: { kind: 'invoices', folder: 'in/invoices', format: { type: 'csv' } },
      orders: { kind: 'orders', folder: 'in/orders', format: { type: 'csv' } },
      bank: { kind: 'payments', folder: 'in/bank', format: { type: 'camt' } },
    },
  })

describe('documents.rules', () => {
  test('of the rows of one occasion the first that fits counts', () => {
    const shop = withRules(
      { on: 'imported', for: { method: 'transfer' }, issue: 'proforma' },
      { on: 'imported', for: { method: ['card', 'transfer'] }, issue: 'invoice' },
      { on: 'imported', for: { method: 'cash' }, issue: 'none' },
      { on: 'imported', issue: 'invoice' },
    )
    shop.orders(
      anOrder({ number: '1', paymentMethod: 'transfer' }),
      anOrder({ number: '2', paymentMethod: 'card' }),
      anOrder({ number: '3', paymentMethod: 'cash' }),
      anOrder({ number: '4' }),
    )
    expect(asked(shop)).toEqual(['1 issue proforma 100.00', '2 issue invoice 100.00', '4 issue invoice 100.00'])
  })

  test('each row says in the line that it was the one, and an order is asked for a document once', () => {
    const shop = withRules({ on: 'paid', issue: 'invoice' }, { on: 'status.shipped', issue: 'invoice' })
    shop.orders(anOrder())
    shop.bank(aPayment())
    expect(shop.lines('invoice').map(({ reason }) => reason)).toEqual(['documents rules[0].invoice'])
    expect(reasons(shop.status(aStatus('shipped')).batch)).toEqual(['invoice was already asked for'])
    expect(asked(shop)).toHaveLength(1)
  })

  test('occasions of delivery: a collect document that is handed over', () => {
    const shop = new Shop({
      documents: { rules: [{ on: 'collect.delivered', issue: 'invoice' }] },
      workflows: { collect: { kind: 'collect', for: { delivery: 'collect' } } },
    })
    shop.orders(anOrder({ store: 'S1', deliveryMethod: 'collect' }))
    shop.answers(aStatus('confirmed'))
    expect(asked(shop)).toEqual([])
    shop.answers(aStatus('delivered'))
    expect(asked(shop)).toEqual(['100 issue invoice 100.00'])
  })

  test('conditions count, and steps of workflows come after the documents', () => {
    const shop = new Shop({
      documents: { rules: [{ on: 'paid', if: { 'order.gross': { gte: 50 } }, issue: 'invoice' }] },
      workflows: { paid: { kind: 'payment', steps: [{ invoice: { action: 'update' } }] } },
    })
    shop.orders(anOrder(), anOrder({ number: '101', gross: 4_000, lines: [] }))
    shop.bank(aPayment(), aPayment({ bankKey: 'B2', reference: '101', amount: 4_000 }))
    expect(asked(shop)).toEqual(['100 issue invoice 100.00', '100 update invoice 100.00'])
  })
})

describe('an invoice after an advance', () => {
  const rules: readonly Row[] = [
    { on: 'imported', issue: 'proforma' },
    { on: 'paid', issue: 'invoice' },
  ]

  test('names the proforma, by its number where it has one', () => {
    const shop = withRules(...rules)
    shop.orders(anOrder())
    shop.take('answersBack', answer({ number: 'PF-1' }))
    shop.bank(aPayment())
    const [proforma, invoice] = shop.lines('invoice')
    expect(invoice).toMatchObject({ type: 'invoice', refersTo: 'PF-1', refersToId: proforma?.['id'] })
  })

  test('a payment that quotes the number of the proforma pays its order', () => {
    const shop = withRules(...rules)
    shop.orders(anOrder())
    shop.bank(aPayment({ reference: 'PF-1' }))
    expect(shop.order().paymentStatus).toBe('unpaid')
    shop.take('answersBack', answer({ number: 'PF-1' }))
    expect(shop.order().paymentStatus).toBe('paid')
  })
})

describe('a credit note', () => {
  const rules: readonly Row[] = [
    { on: 'paid', issue: 'invoice' },
    { on: 'status.cancelled', issue: 'creditNote' },
    { on: 'linesCancelled', issue: 'creditNote' },
  ]

  test('credits the whole invoice when the order is cancelled, once', () => {
    const shop = withRules(...rules)
    shop.orders(anOrder({ prepaid: 10_000 }))
    shop.status(aStatus('cancelled'))
    const [invoice, note] = shop.lines('invoice')
    expect(note).toMatchObject({ type: 'creditNote', gross: '100.00', refersToId: invoice?.['id'] })
    expect(note?.['lines']).toBeUndefined()
    shop.status(aStatus('received'))
    expect(reasons(shop.status(aStatus('cancelled')).batch)).toEqual(['all of it was credited already'])
  })

  test('is not asked for where there is no invoice, and that is recorded', () => {
    const shop = withRules(...rules)
    shop.orders(anOrder())
    expect(reasons(shop.status(aStatus('cancelled')).batch)).toEqual(['there is no invoice to credit'])
  })

  test('is for the cancelled lines when some are, and for the rest when the order is cancelled later', () => {
    const shop = withRules(...rules)
    shop.orders(anOrder({ prepaid: 10_000, lines: lines() }))
    shop.orders(anOrder({ prepaid: 10_000, lines: lines('1') }))
    shop.orders(anOrder({ prepaid: 10_000, lines: lines('1'), note: 'nothing new' }))
    shop.orders(anOrder({ prepaid: 10_000, lines: lines('2') }))
    shop.status(aStatus('cancelled'))
    const notes = shop.lines('invoice').filter(({ type }) => type === 'creditNote')
    expect(notes.map(({ gross, lines: which }) => [gross, which])).toEqual([
      ['40.00', '1:1'],
      ['40.00', '1:2'],
      ['20.00', undefined],
    ])
    expect(new Set(notes.map(({ id }) => id)).size).toBe(3)
  })
})

describe('documents that the ERP issued', () => {
  test('complete the one that was asked for', () => {
    const shop = shopWithImport([{ on: 'imported', issue: 'invoice' }])
    shop.orders(anOrder())
    const file = shop.take(
      'invoices',
      issued({ dueDate: '2026-03-16', pdf: 'IN-17.pdf', amount: 10_000, currency: 'EUR' }),
    )
    expect([file.counts.updated, file.names]).toEqual([1, ['invoice.issued']])
    expect(shop.store.all('invoice')).toEqual([
      expect.objectContaining({ number: 'IN-17', state: 'issued', dueDate: '2026-03-16', pdf: 'IN-17.pdf' }),
    ])
    expect(
      shop.take('invoices', issued({ dueDate: '2026-03-16', pdf: 'IN-17.pdf', amount: 10_000, currency: 'EUR' })).counts
        .repeated,
    ).toBe(1)
    const later = shop.take('invoices', issued({ dueDate: '2026-03-20', pdf: 'IN-17.pdf' }))
    expect([later.counts.updated, later.names]).toEqual([1, ['invoice.updated']])
  })

  test('that nobody asked for are known all the same, and are not asked for again', () => {
    const shop = shopWithImport([{ on: 'paid', issue: 'invoice' }])
    shop.orders(anOrder())
    expect(shop.take('invoices', issued(), issued({ number: 'IN-18', amount: 2_000 })).counts.applied).toBe(2)
    shop.bank(aPayment())
    expect(asked(shop)).toEqual([])
    expect(shop.store.all('invoice').map(({ number, amount }) => [number, amount])).toEqual([
      ['IN-17', 10_000],
      ['IN-18', 2_000],
    ])
  })

  test('pay their order by their number or their reference', () => {
    const shop = shopWithImport()
    shop.orders(anOrder(), anOrder({ number: '101' }))
    shop.take('invoices', issued(), issued({ number: 'IN-18', order: '101', reference: '778899' }))
    shop.bank(aPayment({ reference: 'IN-17' }), aPayment({ bankKey: 'B2', reference: '778899' }))
    expect([shop.order().paymentStatus, shop.order('101').paymentStatus]).toEqual(['paid', 'paid'])
  })

  test('wait for their order, and take effect when it comes', () => {
    const shop = shopWithImport()
    expect(shop.take('invoices', issued()).counts.parked).toBe(1)
    expect(shop.take('invoices', issued()).counts.repeated).toBe(1)
    shop.orders(anOrder())
    expect(shop.store.all('invoice')).toEqual([expect.objectContaining({ number: 'IN-17', orderNumber: '100' })])
    expect(shop.store.all('parked')).toEqual([expect.objectContaining({ state: 'applied' })])
  })

  test('under a number that another order has are refused and alarmed', () => {
    const shop = shopWithImport()
    shop.orders(anOrder(), anOrder({ number: '101' }))
    shop.take('invoices', issued())
    expect(shop.take('invoices', issued({ order: '101' })).counts.refused).toBe(1)
    expect(shop.alarms()).toEqual(['An issued document was refused → it@example.com'])
  })

  test('of a number that two channels use need their channel', () => {
    const shop = shopWithImport()
    shop.orders(anOrder(), anOrder({ channel: 'other' }))
    expect(shop.take('invoices', issued()).counts.refused).toBe(1)
    expect(shop.take('invoices', issued({ channel: 'other' })).counts.applied).toBe(1)
  })

  test('fire document.issued with and without their type, once', () => {
    const shop = new Shop({
      imports: { invoices: { kind: 'invoices', folder: 'in/invoices', format: { type: 'csv' } } },
      workflows: {
        any: { kind: 'payment', on: on('document.issued') },
        proforma: { kind: 'payment', on: on('document.issued.proforma') },
        credit: { kind: 'payment', on: on('document.issued.creditNote') },
      },
    })
    shop.take('orders', anOrder())
    shop.take('invoices', issued({ type: 'proforma' }))
    shop.take('invoices', issued({ type: 'proforma', pdf: 'x.pdf' }))
    expect(shop.sent()).toHaveLength(2)
  })
})

const failing = (type: 'invoice' | 'creditNote' = 'invoice'): Shop =>
  withRules({ on: 'imported', issue: 'invoice' }, { on: 'status.again', issue: type })

describe('a document that the ERP refused', () => {
  test('is asked for anew when a rule says so, under another id, and its old answer comes too late', () => {
    const shop = failing()
    shop.orders(anOrder())
    shop.take('answersBack', answer({ accepted: false, reason: 'no VAT id' }))
    const [old] = shop.store.all('invoice')
    shop.status(aStatus('again'))
    expect(asked(shop)).toEqual(['100 issue invoice 100.00', '100 issue invoice 100.00'])
    expect(new Set(shop.lines('invoice').map(({ id }) => id)).size).toBe(2)
    expect(shop.store.all('invoice').map(({ state }) => state)).toEqual(['cancelled', 'requested'])
    shop.take('answersBack', answer({ document: old?.id ?? '', number: 'IN1' }))
    shop.take('answersBack', answer({ number: 'IN2' }))
    expect(shop.store.all('invoice').map(({ state, number }) => `${state} ${number ?? ''}`)).toEqual([
      expect.stringMatching(/^cancelled/),
      'issued IN2',
    ])
    shop.status(aStatus('received'), aStatus('again'))
    expect(asked(shop)).toHaveLength(2)
  })

  test('may still be acknowledged while nobody asked anew', () => {
    const shop = failing()
    shop.orders(anOrder())
    shop.take('answersBack', answer({ accepted: false, reason: 'no VAT id' }))
    shop.take('answersBack', answer({ number: 'IN1' }))
    expect(shop.store.all('invoice').map(({ state, number }) => `${state} ${number ?? ''}`)).toEqual(['issued IN1'])
  })

  test('that is a credit note counts as not credited', () => {
    const shop = failing('creditNote')
    shop.orders(anOrder())
    shop.take('answersBack', answer())
    shop.status(aStatus('again'))
    shop.take('answersBack', answer({ accepted: false, reason: 'closed period', number: undefined as never }))
    shop.status(aStatus('received'), aStatus('again'))
    expect(asked(shop).slice(1)).toEqual(['100 issue creditNote 100.00', '100 issue creditNote 100.00'])
  })
})
