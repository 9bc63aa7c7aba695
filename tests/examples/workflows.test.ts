import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openShippedShop, type ShippedShop } from './shipped-shop.ts'

let shop: ShippedShop
beforeEach(() => {
  shop = openShippedShop()
})
afterEach(async () => {
  using _ = shop
  const { code, out, err } = await shop.run('audit')
  expect(code, out + err).toBe(0)
})

const paid = (number: string, key = `B-${number}`) => shop.bank({ key, amount: '24990.00', text: `rendeles ${number}` })
const numbered = (...rows: readonly string[]): Promise<void> =>
  shop.import(
    'invoices:INV',
    `InvoiceNo;OrderNo;Type;Date;DueDate;Amount;Currency;PaymentRef;File\n${rows.join('\n')}\n`,
  )

describe('the example workflows run their steps in the order of the field', () => {
  test('card: status, invoice, message, stock, dispatch, all when the order comes paid', async () => {
    await shop.orders({ number: '100245', payment: 'Bankkártya', prepaid: '24990' })
    expect(await shop.steps('100245')).toEqual([
      'status paid',
      'issue invoice',
      'message customer/payment-received',
      'stock issue 1 × KD-210',
      'dispatch to warehouse',
    ])
  })

  test('card for a store: the goods are there already, so nothing is sent', async () => {
    await shop.orders({ number: '100246', payment: 'Bankkártya', prepaid: '24990', delivery: 'Átvétel' })
    const steps = await shop.steps('100246')
    expect(steps.filter((step) => /^(stock issue|dispatch)/.test(step))).toEqual([])
    expect(steps).toContain('issue invoice')
  })

  test('transfer: message, invoice, next status, and dispatch by rule, all when the money is there', async () => {
    await shop.orders(
      { number: '100245', payment: 'Átutalás' },
      { number: '100246', payment: 'Átutalás', delivery: 'Átvétel' },
    )
    expect(await shop.steps('100245')).toEqual([])
    await paid('100245')
    expect(await shop.steps('100245')).toEqual([
      'payment',
      'message customer/payment-received',
      'issue invoice',
      'status processing',
      'stock issue 1 × KD-210',
      'dispatch to warehouse',
    ])
    await shop.steps('100246')
    await paid('100246')
    expect(await shop.steps('100246')).toEqual([
      'payment',
      'message customer/payment-received',
      'issue invoice',
      'status processing',
    ])
  })

  test('cash on delivery: the goods go first; the payment after delivery brings message and invoice', async () => {
    await shop.orders({ number: '100245', payment: 'Utánvét' })
    expect(await shop.steps('100245')).toEqual(['stock issue 1 × KD-210', 'dispatch to warehouse'])
    await shop.status('100245', 'S')
    await shop.steps('100245')
    await paid('100245')
    expect(await shop.steps('100245')).toEqual([
      'payment',
      'message customer/payment-received',
      'issue invoice',
      'status settled',
    ])
  })

  test('advance: proforma and mail with it; after the payment the final invoice, paid, mail', async () => {
    await shop.orders({ number: '100245', payment: 'Előre' })
    expect(await shop.steps('100245')).toEqual(['issue proforma'])
    await numbered('PF-1;100245;P;02.03.2026;16.03.2026;24990,00;HUF;;PF-1.pdf')
    expect(await shop.steps('100245')).toEqual([
      'issued PF-1',
      'message customer/proforma waits for the PDF of: proforma',
    ])
    await shop.bank({ key: 'B-1', amount: '24990.00', text: 'dijbekero PF-1' })
    expect(await shop.steps('100245')).toEqual([
      'payment',
      'issue invoice',
      'status paid',
      'message customer/invoice waits for the PDF of: invoice',
      'stock issue 1 × KD-210',
      'dispatch to warehouse',
    ])
  })

  test('cancelled: a credit note where there is an invoice, then the message', async () => {
    await shop.orders(
      { number: '100245', payment: 'Bankkártya', prepaid: '24990' },
      { number: '100246', payment: 'Átutalás' },
    )
    await shop.steps('100245')
    await shop.status('100245', 'X')
    expect(await shop.steps('100245')).toEqual([
      'status cancelled',
      'issue creditNote',
      'message customer/order-cancelled',
    ])
    await shop.steps('100246')
    await shop.status('100246', 'X')
    expect(await shop.steps('100246')).toEqual([
      'status cancelled',
      'skipped: there is no invoice to credit',
      'message customer/order-cancelled',
    ])
  })

  test('each step is done once, however often the files come', async () => {
    await shop.orders({ number: '100245', payment: 'Átutalás' })
    await paid('100245')
    await shop.steps('100245')
    await shop.orders({ number: '100245', payment: 'Átutalás' })
    await paid('100245')
    await paid('100245')
    expect(await shop.steps('100245')).toEqual([])
  })
})

describe('invoices on the command line', () => {
  test('are listed with their payment, and shown with their history', async () => {
    await shop.orders({ number: '100245', payment: 'Átutalás' }, { number: '100246', payment: 'Átutalás' })
    await numbered(
      'IN-1;100245;I;02.03.2026;16.03.2026;24990,00;HUF;778899;IN-1.pdf',
      'IN-2;100246;I;02.03.2026;16.03.2026;24990,00;HUF;;',
    )
    await shop.bank({ key: 'B-1', amount: '10000.00', text: 'IN-1' })
    const list = await shop.run('invoices', 'list')
    expect(list.out).toMatch(/IN-1 +invoice +issued +partiallyPaid +24990\.00 HUF +2026-03-16 +100245/)
    expect(list.out).toMatch(/IN-2 +invoice +issued +unpaid/)
    expect((await shop.run('invoices', 'list', '--payment', 'unpaid')).out).not.toMatch(/IN-1/)
    expect((await shop.run('invoices', 'list', '--order', '100246')).out).not.toMatch(/IN-1/)
    const shown = await shop.run('invoices', 'show', 'IN-1')
    expect(shown.out).toMatch(/payment +partiallyPaid[\s\S]*reference +778899[\s\S]*invoice\.issued/)
    expect((await shop.run('invoices', 'show', 'IN-9')).code).toBe(66)
    expect((await shop.run('audit')).code).toBe(0)
  })

  test('of a file that names a path for a PDF are refused, with the place', async () => {
    await shop.orders({ number: '100245', payment: 'Átutalás' })
    await expect(numbered('IN-1;100245;I;;;;;;../../etc/passwd')).rejects.toThrow(/D035/)
  })
})
