import { describe, expect, test } from 'vitest'
import type { IncomingPayment } from '../../src/core/incoming.ts'
import { parseFile } from './reading.ts'
import type { Parsed } from './reading.ts'

const file = (...records: readonly string[]): string =>
  ['01,BANK,CUST,260302,0800,1,80,,2/', '02,CUST,BANK,1,260302,,EUR,2/', ...records, '98,0,1,4/', '99,0,1,6/'].join(
    '\n',
  )
const account = (rest: string, movements: readonly string[], total: number): string =>
  [`03,DE123,${rest}/`, ...movements, `49,${total},9/`].join('\n')

const parse = (text: string, size?: number): Promise<Parsed> => parseFile(text, { type: 'bai2' }, 'payments', {}, size)
const payments = async (text: string): Promise<IncomingPayment[]> =>
  (await parse(text)).records.filter((record) => record.kind === 'payment')
const codes = async (text: string): Promise<string[]> => (await parse(text)).problems.map(({ code }) => code)

describe('a movement', () => {
  test.each<[string, string, Partial<IncomingPayment>]>([
    [
      'a credit',
      '16,195,1250,,B1,C1,Invoice 4711, paid/late',
      { direction: 'credit', amount: 1_250, message: 'Invoice 4711, paid/late C1' },
    ],
    ['a debit', '16,495,000000001250,,B1,,/', { direction: 'debit', amount: 1_250, bankKey: '2026-03-02/B1/495/1250' }],
    ['a value date', '16,195,1250,V,260303,1200,B1,,text/', { valueOn: '2026-03-03', message: 'text' }],
    ['three amounts', '16,195,1250,S,1,2,3,B1,,text/', { bankKey: '2026-03-02/B1/195/1250', message: 'text' }],
    ['pairs of days', '16,195,1250,D,2,0,1000,1,250,B1,,text/', { bankKey: '2026-03-02/B1/195/1250', message: 'text' }],
    [
      'what its continuations say',
      '16,195,1250,,B1,,Wire/\n88,EREF: E-7\n88,REMI: order WEB-1\n88:DBNM: Anna\n88,DACT: 999\n88,more words/',
      { endToEndId: 'E-7', message: 'order WEB-1 Wire more words', counterName: 'Anna', counterAccount: '999' },
    ],
  ])('with %s is read', async (_, record, expected) => {
    const [found] = await payments(file(account('EUR', [record], 1_250)))
    expect(found).toMatchObject({
      account: 'DE123',
      currency: 'EUR',
      bookedOn: '2026-03-02',
      origin: 'bai2',
      ...expected,
    })
  })

  test('several on one line are read, and equal ones are numbered', async () => {
    const found = await payments(file(account('EUR', ['16,195,100,,B1,,a/16,195,100,,B1,,a/ 16,495,100,,,,b/'], 300)))
    expect(found.map(({ bankKey }) => bankKey.replace(/[a-z0-9]{20}/, 'HASH'))).toEqual([
      '2026-03-02/B1/195/100',
      '2026-03-02/B1/195/100#2',
      '2026-03-02/HASH/495/100',
    ])
  })

  test('that is none refuses itself only; of nothing, and of no money, are counted and told', async () => {
    const { records, problems } = await parse(file(account('EUR', ['16,1X5,100,,B1,,a/', '16,195,100,,B2,,b/'], 100)))
    expect(records).toHaveLength(1)
    expect(problems).toMatchObject([{ code: 'D035', place: { line: 4, path: '16' } }])
    expect(await codes(file(account('EUR', ['16,890,100,,B1,,a/', '16,195,0,,B2,,b/'], 100)))).toEqual(['D054'])
  })
})

describe('an account', () => {
  test('with both balances is a link of the chain', async () => {
    const text = file(
      account('EUR,010,+10000,,,015,-250,,/\n88,100,1250,1,V,260302,0800', ['16,195,1250,,B1,,a/'], 12_250),
    )
    expect((await parse(text)).records.at(-1)).toEqual({
      kind: 'statement',
      origin: 'bai2',
      account: 'DE123',
      currency: 'EUR',
      opening: 10_000,
      closing: -250,
      date: '2026-03-02',
    })
    expect(await codes(text)).toEqual([])
  })

  test('takes the currency of its group, else that of the config, which is told', async () => {
    expect((await payments(file(account('', ['16,195,100,,B1,,a/'], 100))))[0]?.currency).toBe('EUR')
    const none = file(account('', ['16,195,100,,B1,,a/'], 100)).replace(',EUR,2/', ',,2/')
    expect((await payments(none))[0]?.currency).toBe('HUF')
    expect(await codes(none)).toEqual(['D061'])
  })

  test('whose control total is another, or missing, is told', async () => {
    const one = account('EUR', ['16,195,100,,B1,,a/'], 101)
    expect(await codes(file(one))).toEqual(['D055'])
    expect(await codes(file(one.replace(/\n49.*/, '')))).toEqual(['D055'])
  })
})

describe('the file', () => {
  test('is read in chunks of any size, with line ends of DOS, and records that end with their line', async () => {
    const text = file(account('EUR', ['16,195,100,,B1,,a, b', '88,EREF: X'], 100))
    const whole = await parse(text)
    expect(whole.records).toHaveLength(1)
    for (const size of [1, 7, 64]) expect(await parse(text, size)).toEqual(whole)
    expect(await parse(text.replaceAll('\n', '\r\n'))).toEqual(whole)
  })

  test.each([
    ['nothing', ''],
    ['another format', 'id;amount\n1;2'],
    ['a statement without its head', '03,DE123,EUR/'],
  ])('of %s is refused', async (_, text) => expect(await codes(text)).toEqual(['D022']))
})
