import { describe, expect, test } from 'vitest'
import type { IncomingAcknowledgement } from '../../src/core/incoming.ts'
import { lookupKey } from '../../src/core/known.ts'
import { customerId, storeId } from '../../src/core/ids.ts'
import { decideFiles } from '../../src/workflow/decide.ts'
import { lookupsOf } from '../../src/workflow/lookups.ts'
import { anOrder, answer, aPayment, aStatus, collectWorkflow, Shop, toCollect } from './shop.ts'
import { decideInRounds } from './memory-store.ts'

type Step =
  | { invoice: { action: 'issue' | 'update' | 'ignore'; type?: 'invoice' | 'proforma' } }
  | { dispatch: string }
  | { stock: 'issue' | 'return' }
const shopDoing = (...steps: readonly Step[]): Shop =>
  new Shop({ workflows: { paid: { kind: 'payment', steps: [...steps] } } })
/** The ERP's no: without a number. */
function refusal(fields: Partial<IncomingAcknowledgement> = {}): IncomingAcknowledgement {
  const { number: _, ...rest } = answer({ accepted: false, ...fields })
  return rest
}
const issue: Step = { invoice: { action: 'issue' } }

describe('an invoice instruction', () => {
  test('is given once for an order and type, and says who asked', () => {
    const shop = shopDoing(
      issue,
      issue,
      { invoice: { action: 'issue', type: 'proforma' } },
      { invoice: { action: 'ignore' } },
    )
    const { names } = shop.orders(anOrder({ prepaid: 10_000, customer: { number: 'K1', name: 'Anna' } }))
    expect(names).toEqual(['order.imported', 'invoice.requested', 'step.skipped', 'invoice.requested', 'step.skipped'])
    expect(
      shop.lines('invoice').map(({ action, type, gross, paid, reason }) => [action, type, gross, paid, reason]),
    ).toEqual([
      ['issue', 'invoice', '100.00', '100.00', 'paid steps[0].invoice'],
      ['issue', 'proforma', '100.00', '100.00', 'paid steps[2].invoice'],
    ])
  })

  test('to update needs one that was asked for', () => {
    const shop = shopDoing({ invoice: { action: 'update' } }, issue, { invoice: { action: 'update' } })
    shop.orders(anOrder({ prepaid: 10_000 }))
    expect(shop.lines('invoice').map(({ action }) => action)).toEqual(['issue', 'update'])
  })

  test('gets its number by the answer of the ERP; the same answer again is no news', () => {
    const shop = shopDoing(issue)
    shop.orders(anOrder({ prepaid: 10_000 }))
    const { counts, names } = shop.take('answersBack', answer())
    expect([counts.applied, names]).toEqual([1, ['invoice.issued']])
    const [invoice] = shop.store.all('invoice')
    expect(invoice).toMatchObject({ state: 'issued', number: 'IN1' })
    expect(shop.take('answersBack', answer(), answer({ document: String(invoice?.id) })).counts.repeated).toBe(2)
  })

  test('that failed is alarmed once for the file, and may still be issued', () => {
    const shop = shopDoing(issue)
    shop.orders(anOrder({ prepaid: 10_000 }), anOrder({ number: '101', prepaid: 10_000 }))
    shop.take('answersBack', refusal({ reason: 'no VAT id' }), answer({ document: '101', accepted: false }))
    expect(shop.alarms()).toEqual(['The ERP refused an invoice instruction → it@example.com'])
    expect(shop.store.all('invoice')[0]).toMatchObject({ state: 'failed', reason: 'no VAT id' })
    shop.take('answersBack', answer())
    expect(shop.store.all('invoice')[0]).toMatchObject({ state: 'issued' })
    expect(shop.store.all('invoice')[0]?.reason).toBeUndefined()
  })

  test.each<[string, Partial<IncomingAcknowledgement>]>([
    ['names nothing that we know', { document: '999' }],
    ['names an id that we did not give', { document: 'inv_none' }],
    ['could mean either of two documents', {}],
    ['could mean orders of two channels', { document: '200' }],
    ['is about a dispatch that was not asked for', { about: 'dispatch', document: '100' }],
  ])('is not guessed when the answer %s', (_, fields) => {
    const shop = shopDoing(issue, { invoice: { action: 'issue', type: 'proforma' } })
    shop.orders(anOrder({ prepaid: 10_000 }))
    shop.orders(
      anOrder({ number: '200', prepaid: 10_000 }),
      anOrder({ number: '200', channel: 'till', prepaid: 10_000 }),
    )
    const { counts, batch } = shop.take('answersBack', answer(fields), answer(fields))
    expect(counts.refused).toBe(2)
    expect(batch.put).toEqual([])
    expect(shop.alarms()).toEqual(['An acknowledgement answers nothing that was asked → it@example.com'])
  })
})

describe('a dispatch instruction', () => {
  test('holds the address, and the amount to collect for cash on delivery only', () => {
    const shop = new Shop({
      workflows: { paid: { kind: 'payment', steps: [{ dispatch: 'carrier' }, { dispatch: 'carrier' }] } },
    })
    const shipTo = { name: 'Béla', city: 'Győr' }
    shop.orders(anOrder({ prepaid: 10_000, paymentMethod: 'cod', shipTo }))
    expect(shop.lines('dispatch')).toEqual([
      expect.objectContaining({ to: 'carrier', name: 'Béla', city: 'Győr', cashOnDelivery: undefined }),
    ])
  })

  test('is answered by the number of its order; a refusal is alarmed', () => {
    const shop = shopDoing({ dispatch: 'warehouse' })
    shop.orders(anOrder({ prepaid: 10_000 }))
    const dispatch = answer({ about: 'dispatch', accepted: false, reason: 'no stock' })
    expect(shop.take('answersBack', dispatch).names).toEqual([
      'dispatch.acknowledged',
      'alarm.raised',
      'message.queued',
    ])
    expect(shop.take('answersBack', dispatch).counts.repeated).toBe(1)
    const [stored] = shop.store.all('dispatch')
    shop.take('answersBack', answer({ about: 'dispatch', document: String(stored?.id) }))
    expect(shop.store.all('dispatch')[0]?.state).toBe('accepted')
  })
})

describe('stock', () => {
  test('moves once for each line and kind of movement; lines without an item stay', () => {
    const shop = shopDoing({ stock: 'issue' }, { stock: 'issue' }, { stock: 'return' })
    const line = { quantity: '1', unitPrice: '1' }
    shop.orders(
      anOrder({
        prepaid: 10_000,
        lines: [
          { ...line, number: '1', sku: 'A', variant: 'red', location: 'L1' },
          { ...line, number: '1', sku: 'A', variant: 'blue' },
          { ...line, number: '2', description: 'shipping' },
        ],
      }),
    )
    expect(shop.lines('stock').map(({ move, sku, variant, from }) => [move, sku, variant, from])).toEqual([
      ['issue', 'A', 'red', 'L1'],
      ['issue', 'A', 'blue', undefined],
      ['return', 'A', 'red', 'L1'],
      ['return', 'A', 'blue', undefined],
    ])
  })
})

test('answers about stock are kept; a refusal is alarmed once for the file', () => {
  const shop = new Shop()
  const { names } = shop.take('answersBack', answer({ about: 'stock', document: 'mov_1' }))
  expect(names).toEqual(['export.acknowledged'])
  const refused = answer({ about: 'stock', accepted: false, reason: 'period closed' })
  shop.take('answersBack', refused, { ...refused, document: '101' })
  expect(shop.alarms()).toEqual(['The ERP refused a stock line → it@example.com'])
})

test('customers and stores are new, changed or the same', () => {
  const shop = new Shop()
  const customer = { kind: 'customer' as const, company: 'HU01', number: 'K1', name: 'Anna' }
  const store = { kind: 'store' as const, code: 'X1', name: 'X' }
  expect(shop.take('orders', customer, store).names).toEqual(['customer.created', 'store.imported'])
  expect(shop.take('orders', customer, store).counts.repeated).toBe(2)
  shop.now += 1
  expect(shop.take('orders', { ...customer, name: 'Anne' }, { ...store, name: 'Y' }).counts.updated).toBe(2)
  const stored = [shop.store.get('customer', customerId('HU01', 'K1')), shop.store.get('store', storeId('X1'))]
  expect(stored).toMatchObject([
    { name: 'Anne', version: 2, createdAt: shop.now - 1 },
    { name: 'Y', version: 2 },
  ])
})

test('commands on messages change those in the right state', () => {
  const shop = new Shop()
  const decisions = (['sendMessage', 'cancelMessage', 'retryMessage'] as const).map((verb) =>
    shop.command({ verb, message: 'msg_1' }),
  )
  expect(decisions.map((decision) => (decision.kind === 'batch' ? decision.batch.messageUpdates : []))).toEqual([
    [{ id: 'msg_1', from: ['held'], state: 'queued', reason: 'released by hand', dueAt: shop.now }],
    [{ id: 'msg_1', from: ['held', 'queued'], state: 'cancelled', reason: 'cancelled by hand' }],
    [
      expect.objectContaining({
        from: ['refused', 'unknown', 'expired', 'undelivered'],
        renewed: true,
        state: 'queued',
        dueAt: shop.now,
      }),
    ],
  ])
})

test('what the first look at a slice foresees is what deciding asks for first', () => {
  const shop = new Shop({ workflows: { std: collectWorkflow } })
  const slice = shop.slice(
    'orders',
    toCollect({ externalNumber: 'W1', reference: 'VS1' }),
    aPayment({ bankKey: 'B9' }),
    aStatus('confirmed', { order: '555' }),
    { kind: 'customer', company: 'HU01', number: 'K1' },
    { kind: 'store', code: 'X1' },
    answer(),
  )
  const foreseen = new Set(lookupsOf([slice]).map(lookupKey))
  const { rounds } = decideInRounds(shop.store, (known) =>
    decideFiles(shop.setup, [slice], known, shop.cause('file', 'f'), shop.now),
  )
  expect(rounds).toBeLessThanOrEqual(7)
  expect(foreseen.size).toBe(10)
})
