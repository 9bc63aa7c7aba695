import { describe, expect, test } from 'vitest'
import type { IncomingPayment } from '../../src/core/incoming.ts'
import { anOrder, aPayment, base, Shop } from './shop.ts'

const day = '2026-03-02'
const iban = 'HU42117730161111101800000000'
const tillImport = { kind: 'payments' as const, folder: 'in/till', format: { type: 'csv' as const } }
const other = 'DE89370400440532013000'

const line = (bankKey: string, fields: Partial<IncomingPayment> = {}): IncomingPayment => {
  const { reference: _, ...rest } = aPayment({ bankKey, bookedOn: day, origin: 'camt.053', ...fields })
  return fields.reference === undefined ? rest : { ...rest, reference: fields.reference }
}
const advice = (bankKey: string, fields: Partial<IncomingPayment> = {}): IncomingPayment =>
  line(bankKey, { origin: 'camt.054', ...fields })

/** Counts of the second file after the first. */
function after(first: readonly IncomingPayment[], second: readonly IncomingPayment[]): string {
  const shop = new Shop()
  shop.bank(...first)
  const { counts } = shop.bank(...second)
  return `${counts.applied} new, ${counts.repeated} repeated`
}

describe('a line of the bank that comes again in another kind of statement', () => {
  test.each<[string, Partial<IncomingPayment>, Partial<IncomingPayment>]>([
    ['under the same end-to-end id', { endToEndId: 'E-1' }, { endToEndId: 'e 1', message: 'other words' }],
    ['with the reference in its text', { reference: '0012345' }, { message: 'VS 12345 thanks' }],
    ['with the text in capitals and cut', { message: 'Rechnung Nr. 4711 Größe' }, { message: 'RECHNUNGNR4711' }],
    ['from the same account', { counterAccount: iban }, { counterAccount: 'HU42 1177 3016 1111 1018 0000 0000' }],
    ['with the value day as its only day', { message: 'order 100', valueOn: day }, { message: 'order 100' }],
  ])('%s is the same one', (_, first, second) => {
    expect(after([advice('A', first)], [line('B', second)])).toBe('0 new, 1 repeated')
    expect(after([line('B', second)], [advice('A', first)])).toBe('0 new, 1 repeated')
  })

  test('under the bank reference with the number of the detail is the same one', () => {
    expect(after([advice(`${day}/R1/1`)], [line(`${day}/R1`)])).toBe('0 new, 1 repeated')
  })

  test.each<[string, Partial<IncomingPayment>, Partial<IncomingPayment>]>([
    ['nothing but day and amount in common', { counterName: 'Anna' }, { message: 'hello' }],
    ['another end-to-end id', { endToEndId: 'E1', message: 'order 100' }, { endToEndId: 'E2', message: 'order 100' }],
    ['another reference', { reference: '100', counterAccount: iban }, { reference: '200', counterAccount: iban }],
    ['another payer', { message: 'order 100', counterAccount: iban }, { message: 'order 100', counterAccount: other }],
    ['another number', { message: 'order 100', counterAccount: iban }, { message: 'order 200', counterAccount: iban }],
    ['another day', { message: 'order 100' }, { message: 'order 100', bookedOn: '2026-03-03' }],
    ['another direction', { message: 'order 100' }, { message: 'order 100', direction: 'debit' }],
    ['another account', { message: 'order 100' }, { message: 'order 100', account: 'HU43' }],
  ])('with %s is another', (_, first, second) => {
    expect(after([advice('A', first)], [line('B', second)])).toBe('1 new, 0 repeated')
  })

  test('is the same one as often as the statement is sent again', () => {
    const shop = new Shop()
    shop.orders(anOrder())
    shop.bank(advice('A', { reference: '100' }))
    for (let i = 0; i < 3; i++) expect(shop.bank(line('B', { reference: '100' })).counts.repeated).toBe(1)
    expect(shop.bank(line('C', { reference: '100', origin: 'camt.052' })).counts.repeated).toBe(1)
    expect(shop.order().paid).toBe(10_000)
    expect(shop.payment('A').alsoAs).toEqual([
      { origin: 'camt.053', key: 'B' },
      { origin: 'camt.052', key: 'C' },
    ])
  })

  test('fills in what the first did not say, and settles then', () => {
    const shop = new Shop()
    shop.orders(anOrder())
    shop.bank(advice('A', { counterAccount: iban, message: 'payment for' }))
    expect(shop.payment('A').state).toBe('unmatched')
    const { names } = shop.bank(line('B', { counterAccount: iban, message: 'Payment for order 100' }))
    expect(names).toEqual(['payment.seenAgain', 'payment.matched', 'order.paid'])
    expect(shop.payment('A')).toMatchObject({ state: 'matched', message: 'Payment for order 100' })
  })
})

describe('two equal payments of one day', () => {
  const equal = { message: 'order 100', counterAccount: iban }

  test('stay two, whichever statement has both', () => {
    const two = (make: typeof line, kind: string): IncomingPayment[] => [
      make(`${kind}1`, equal),
      make(`${kind}2`, equal),
    ]
    expect(after(two(line, 'B'), [])).toBe('0 new, 0 repeated')
    expect(after(two(advice, 'A'), two(line, 'B'))).toBe('0 new, 2 repeated')
    expect(after([advice('A1', equal)], two(line, 'B'))).toBe('1 new, 1 repeated')
    expect(after(two(line, 'B'), [advice('A1', equal)])).toBe('0 new, 1 repeated')
  })

  test('are two when two files of one kind have one each', () => {
    expect(after([line('B1', equal)], [line('B2', equal)])).toBe('1 new, 0 repeated')
  })

  test('are told apart by what they say, whatever their order', () => {
    const shop = new Shop()
    const [one, two] = [
      { ...equal, message: 'order 1001' },
      { ...equal, message: 'order 1002' },
    ]
    shop.bank(advice('A2', two))
    expect(shop.bank(line('B1', one), line('B2', two)).counts).toMatchObject({ applied: 1, repeated: 1 })
    expect(shop.payment('A2').alsoAs).toEqual([{ origin: 'camt.053', key: 'B2' }])
    expect(shop.payment('B1').message).toBe('order 1001')
  })

  test('of two files that are no bank statements are never taken for one', () => {
    const { origin: _, ...till } = line('T', equal)
    const web = { ...till, bankKey: 'W' }
    const shop = new Shop({ imports: { ...base.imports, till: tillImport, web: tillImport } })
    shop.take('till', till)
    expect(shop.take('web', web).counts.applied).toBe(1)
    expect(shop.bank(line('B', equal)).counts.repeated).toBe(1)
  })
})
