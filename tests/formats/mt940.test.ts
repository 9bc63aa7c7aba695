import { describe, expect, test } from 'vitest'

import type { IncomingPayment } from '../../src/core/incoming.ts'
import { parseFile } from './reading.ts'
import type { Parsed } from './reading.ts'

const file = (movements: string, change: { readonly head?: string; readonly close?: string } = {}): string =>
  `${change.head ?? ''}:20:STARTUMS\r\n:25:DE02120300000000202051EUR\r\n:28C:00012/001\r\n:60F:C260301EUR100,00\r\n` +
  `${movements}\r\n:62F:${change.close ?? 'C260302EUR100,00'}\r\n:86:of the statement, not of a movement\r\n-\r\n`

const parse = (text: string, size?: number): Promise<Parsed> => parseFile(text, { type: 'mt940' }, 'payments', {}, size)
async function payments(text: string): Promise<IncomingPayment[]> {
  const { records } = await parse(text)
  return records.filter((record) => record.kind === 'payment')
}
const one = async (movement: string): Promise<IncomingPayment | undefined> => (await payments(file(movement)))[0]
const codes = async (text: string): Promise<string[]> => (await parse(text)).problems.map(({ code }) => code)

describe('a movement', () => {
  test.each<[string, string, Partial<IncomingPayment>]>([
    ['money in', ':61:2603020302C12,5NTRFNONREF//B1', { direction: 'credit', amount: 1250, reversal: false }],
    ['money out', ':61:2603020302D9,NTRFNONREF', { direction: 'debit', amount: 900, reversal: false }],
    ['a credit taken back', ':61:2603020302RCR12,50NTRF', { direction: 'debit', amount: 1250, reversal: true }],
    ['a debit taken back', ':61:2603020302RD12,50NTRF', { direction: 'credit', amount: 1250, reversal: true }],
    ['a point and leading zeros', ':61:260302C000000000012.50NTRF', { amount: 1250, bookedOn: '2026-03-02' }],
    ['blanks for the entry date', ':61:260302    CN0,01NTRFNONREF', { amount: 1, valueOn: '2026-03-02' }],
    ['booked in the old year', ':61:2601011231C1,NTRF', { bookedOn: '2025-12-31', valueOn: '2026-01-01' }],
    ['booked in the new year', ':61:2512310101C1,NTRF', { bookedOn: '2026-01-01', valueOn: '2025-12-31' }],
    ['30 February', ':61:2602300301C1,NTRF', { valueOn: '2026-02-28', bookedOn: '2026-03-01' }],
    ['no type', ':61:260302C1,REF', { amount: 100, message: 'REF' }],
  ])('with %s is read', async (_, movement, expected) => {
    expect(await one(movement)).toMatchObject({ account: 'DE02120300000000202051', currency: 'EUR', ...expected })
  })

  test('that is none refuses itself only', async () => {
    const { records, problems } = await parse(file(':61:26X302C1,NTRF\n:61:260302C1,NTRF\n:61:260302D1,NTRF'))
    expect(records.map(({ kind }) => kind)).toEqual(['payment', 'payment', 'statement'])
    expect(problems).toMatchObject([{ code: 'D035', place: { line: 5, path: ':61:' } }])
  })

  test('of nothing is counted and told, and settles nothing', async () => {
    expect(await codes(file(':61:260302C0,00NTRF'))).toEqual(['D054'])
    expect(await payments(file(':61:260302C0,00NTRF'))).toEqual([])
  })
})

describe('the details', () => {
  test.each<[string, string, Partial<IncomingPayment>]>([
    [
      'of German banks, cut within words and keys',
      ':86:166?00GUTSCHRIFT?20EREF+ORDER-1001?21SVWZ+Bestellung WEB-1000?2\n201 danke?30COBADEFF?31DE89370400440532013000?32Anna Beispie?33l',
      {
        endToEndId: 'ORDER-1001',
        message: 'Bestellung WEB-1000 01 danke',
        counterAccount: 'DE89370400440532013000',
        counterName: 'Anna Beispie l',
      },
    ],
    [
      'whose full parts go on in the next one',
      ':86:166?20SVWZ+Rechnung: 2026-0000471?211 vom 1.3.',
      { message: 'Rechnung: 2026-00004711 vom 1.3.' },
    ],
    [
      'of Dutch banks, with the IBAN inside',
      ':86:/TRTP/SEPA OVERBOEKING/IBAN/NL91ABNA0417164300/BIC/ABNANL2A/NAME/J JANSEN/REMI/Factuur 471\n1/EREF/NOTPROVIDED',
      { counterAccount: 'NL91ABNA0417164300', counterName: 'J JANSEN', message: 'Factuur 4711' },
    ],
    ['with a structured reference', ':86:/NAME/X/REMI/STRD/CUR/RF18539007547034/', { reference: 'RF18539007547034' }],
    [
      'of mBank',
      ':86:911 PRZELEW; OD: JAN NOWAK; TYT.: ZAMOWIENIE 4711; TNR: 179.01',
      { counterName: 'JAN NOWAK', message: 'ZAMOWIENIE 4711' },
    ],
    ['in free text', ':86:INVOICE 4711\n:12:11 THANKS', { message: 'INVOICE 4711 :12:11 THANKS' }],
    ['in several fields', ':86:INVOICE\n:86:4711', { message: 'INVOICE 4711' }],
  ])('%s are read', async (_, details, expected) => {
    expect(await one(`:61:260302C1,NTRFNONREF\n${details}`)).toMatchObject(expected)
  })

  test('absent ones leave the reference of the payer, and what stands under the movement', async () => {
    expect(await one(':61:260302C1,NTRFINV4711//B1\nDE89370400440532013000')).toMatchObject({
      message: 'INV4711',
      counterAccount: 'DE89370400440532013000',
    })
  })
})

describe('keys', () => {
  test('are of the day, the bank reference and the amount, else of the content; equal ones are numbered', async () => {
    const text = file(
      ':61:260302C1,NTRFNONREF//B1\n:61:260302C1,NTRFNONREF//B1\n:61:260302C2,NTRFNONREF\n:86:x\n:61:260302C2,NTRFNONREF\n:86:x',
    )
    const keys = (await payments(text)).map(({ bankKey }) => bankKey)
    expect(keys.slice(0, 2)).toEqual(['2026-03-02/B1/C1', '2026-03-02/B1/C1#2'])
    expect(keys[3]).toBe(`${keys[2]}#2`)
    expect((await payments(text)).map(({ bankKey }) => bankKey)).toEqual(keys)
  })

  test('are the same again where a statement stands twice in a file', async () => {
    const text = file(':61:260302C1,NTRFNONREF\n:61:260302D1,NTRFNONREF')
    const keys = (await payments(text + text)).map(({ bankKey }) => bankKey)
    expect(keys).toHaveLength(4)
    expect(keys.slice(2)).toEqual(keys.slice(0, 2))
    expect(await codes(text + text)).toEqual(['D058'])
  })
})

describe('the file', () => {
  const two = ':61:260302C1,NTRFNONREF\n:86:166?20one\n:61:260302D1,NTRFNONREF\n:86:two'

  test('is read in chunks of any size, in the envelope of SWIFT, between 0x01 and 0x03', async () => {
    const text = `\u0001${file(two, { head: '\n{1:F01BANKDEFFAXXX}{2:I940}{4:\n' })}-}{5:}\n\u0003`
    const whole = await parse(text)
    expect(whole.records.map(({ kind }) => kind)).toEqual(['payment', 'payment', 'statement'])
    for (const size of [1, 7, 64]) expect(await parse(text, size)).toEqual(whole)
  })

  test.each<[string, string, object]>([
    ['12/001', ':28C:00012/001', { number: 12, page: 1 }],
    ['12', ':28C:12', { number: 12 }],
    ['the number with its year', ':28C:2026012/1', { number: 12, page: 1 }],
    ['the number with two digits of its year', ':28C:260000012', { number: 12 }],
  ])('says where it stands in the chain of its account: %s', async (_, line, expected) => {
    const { records } = await parse(file(two).replace(':28C:00012/001', line))
    expect(records.filter(({ kind }) => kind === 'statement')).toEqual([
      {
        kind: 'statement',
        origin: 'mt940',
        account: 'DE02120300000000202051',
        currency: 'EUR',
        reference: 'STARTUMS',
        opening: 10_000,
        closing: 10_000,
        date: '2026-03-02',
        ...expected,
      },
    ])
  })

  test.each([':28C:0/1', ':28C:20260302', ':28C:'])('without a number has its balances alone: %s', async (line) => {
    const { records } = await parse(file(two).replace(':28C:00012/001', line))
    expect(records.at(-1)).toMatchObject({ kind: 'statement', opening: 10_000 })
    expect(records.at(-1)).not.toHaveProperty('number')
  })

  test('whose balances do not add up is told, and kept', async () => {
    expect(await codes(file(two, { close: 'C260302EUR101,00' }))).toEqual(['D055'])
    expect(await codes(file(two).replace(/:62F:[^]*/, ''))).toEqual(['D055'])
  })

  test('in a currency that is none is refused, never taken for the own', async () => {
    const { records, problems } = await parse(file(two).replaceAll('EUR1', 'XQX1'))
    expect(records).toEqual([])
    expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(['D038']))
  })

  test('of intraday movements (MT942) settles nothing', async () => {
    const interim = `:20:X\n:25:DE1\n:28C:1\n:34F:EUR0,\n${two}\n`
    expect(await codes(interim)).toEqual(['D054'])
    expect(await payments(interim)).toEqual([])
  })

  test.each([
    ['nothing', ''],
    ['another format', '<Document/>'],
    ['a table', 'date;amount\n1;2\n'],
  ])('of %s is refused', async (_, text) => {
    expect(await codes(text)).toEqual(['D022'])
  })
})
