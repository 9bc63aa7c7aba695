import { describe, expect, test } from 'vitest'
import type { IncomingPayment } from '../../src/core/incoming.ts'
import { parseFile } from './reading.ts'
import type { Parsed } from './reading.ts'

/** A line of 128 columns with texts at their places. */
const line = (...parts: readonly (readonly [number, string])[]): string => {
  let text = ''
  for (const [at, part] of parts) text = text.padEnd(at) + part
  return text.padEnd(128)
}
const digits = (amount: string): string => amount.replace('.', '').padStart(14, '0').padEnd(15, '0')
const sign = (amount: string): string => (amount.startsWith('-') ? '1' : '0')
const plain = (amount: string): string => amount.replace('-', '')

const opening = (amount: string): string =>
  line(
    [0, '12071'],
    [5, 'BE68539007547034'],
    [39, 'EUR'],
    [42, sign(amount) + digits(plain(amount))],
    [58, '010326'],
    [125, '061'],
  )
const closing = (amount: string): string =>
  line([0, '8071'], [4, 'BE68539007547034'], [37, 'EUR'], [41, sign(amount) + digits(plain(amount))], [57, '020326'])

interface Move {
  readonly amount: string
  readonly sequence?: string
  readonly detail?: string
  readonly code?: string
  readonly structured?: string
  readonly text?: string
  readonly day?: string
  readonly name?: string
  readonly more?: string
}
const move = (m: Move): string => {
  const place = `${m.sequence ?? '0001'}${m.detail ?? '0000'}`
  return [
    line(
      [0, `21${place}`],
      [10, 'REF1'],
      [31, sign(m.amount) + digits(plain(m.amount))],
      [47, '020326'],
      [53, m.code ?? '00150000'],
      [61, m.structured === undefined ? `0${m.text ?? 'thank you'}` : `1${m.structured}`],
      [115, m.day ?? '020326'],
      [121, '061'],
    ),
    ...(m.more === undefined ? [] : [line([0, `22${place}`], [10, m.more], [63, 'E2E-7'])]),
    ...(m.name === undefined ? [] : [line([0, `23${place}`], [10, 'BE71096123456769'], [44, 'EUR'], [47, m.name])]),
  ].join('\r\n')
}
const file = (...lines: readonly string[]): string =>
  [line([0, '0000002032672505'], [127, '2']), ...lines, line([0, '9'])].join('\r\n')

const parse = (text: string, size?: number): Promise<Parsed> => parseFile(text, { type: 'coda' }, 'payments', {}, size)
const payments = async (text: string): Promise<IncomingPayment[]> =>
  (await parse(text)).records.filter((record) => record.kind === 'payment')
const codes = async (text: string): Promise<string[]> => (await parse(text)).problems.map(({ code }) => code)

describe('a movement', () => {
  test('has its amounts of three decimals, its words over several records, and the other party', async () => {
    const [found] = await payments(
      file(
        opening('100.00'),
        move({ amount: '12.50', text: 'invoice 4711', more: ' of March', name: 'Anna' }),
        closing('112.50'),
      ),
    )
    expect(found).toEqual({
      kind: 'payment',
      account: 'BE68539007547034',
      bankKey: '2026-03-02/REF1/C12.50',
      bookedOn: '2026-03-02',
      valueOn: '2026-03-02',
      direction: 'credit',
      amount: 1_250,
      currency: 'EUR',
      counterName: 'Anna',
      counterAccount: 'BE71096123456769',
      endToEndId: 'E2E-7',
      message: 'invoice 4711 of March',
      method: 'transfer',
      reversal: false,
      origin: 'coda',
    })
  })

  test.each<[string, Move, Partial<IncomingPayment>]>([
    ['a structured communication', { amount: '1.00', structured: '101000003505158' }, { reference: '000003505158' }],
    ['another communication with a type', { amount: '1.00', structured: '127FREE TEXT' }, { message: 'FREE TEXT' }],
    ['money out', { amount: '-9.00' }, { direction: 'debit', amount: 900 }],
    ['a card', { amount: '1.00', code: '00450000' }, { method: 'card' }],
    ['a direct debit', { amount: '1.00', code: '00550000' }, { method: 'directDebit' }],
    ['no entry date', { amount: '1.00', day: '000000' }, { bookedOn: '2026-03-02' }],
  ])('with %s is read', async (_, change, expected) => {
    expect((await payments(file(opening('0.00'), move(change), closing('0.00'))))[0]).toMatchObject(expected)
  })

  test('that is none refuses itself only', async () => {
    const bad = move({ amount: '1.00' }).replace('REF1'.padEnd(21) + '0', 'REF1'.padEnd(21) + 'X')
    const { records, problems } = await parse(
      file(opening('0.00'), bad, move({ amount: '2.00', sequence: '0002' }), closing('2.00')),
    )
    expect(records.map(({ kind }) => kind)).toEqual(['payment', 'statement'])
    expect(problems).toMatchObject([{ code: 'D035', place: { line: 3 } }])
  })
})

describe('a total', () => {
  const total = move({ amount: '30.00', code: '10150000' })
  const detail = (n: number, amount: string): string =>
    move({ amount, code: '50150000', detail: `000${n}`, text: `detail ${n}` })

  test('counts by its details where they make it', async () => {
    const found = await payments(file(opening('0.00'), total, detail(1, '10.00'), detail(2, '20.00'), closing('30.00')))
    expect(found.map(({ amount, message, entry }) => [amount, message, entry?.part, entry?.total])).toEqual([
      [1_000, 'detail 1', 'detail', 3_000],
      [2_000, 'detail 2', 'detail', 3_000],
    ])
  })

  test('counts as one sum without details, or with such as do not make it', async () => {
    expect(await payments(file(opening('0.00'), total, closing('30.00')))).toMatchObject([
      { amount: 3_000, entry: { part: 'sum' } },
    ])
    const short = file(opening('0.00'), total, detail(1, '10.00'), closing('30.00'))
    expect(await payments(short)).toMatchObject([{ amount: 3_000 }])
    expect(await codes(short)).toEqual(['D056'])
  })

  test('of the bank and its charges is one payment', async () => {
    const net = move({ amount: '29.00', code: '30150000' })
    const parts = [
      move({ amount: '30.00', code: '80150000', detail: '0001' }),
      move({ amount: '-1.00', code: '80137000', detail: '0002' }),
    ]
    expect(await payments(file(opening('0.00'), net, ...parts, closing('29.00')))).toMatchObject([{ amount: 2_900 }])
  })
})

describe('the file', () => {
  const whole = file(
    opening('100.00'),
    move({ amount: '12.50', name: 'Anna' }),
    move({ amount: '-2.50', sequence: '0002' }),
    closing('110.00'),
  )

  test('says where it stands in the chain of its account', async () => {
    expect((await parse(whole)).records.at(-1)).toEqual({
      kind: 'statement',
      origin: 'coda',
      account: 'BE68539007547034',
      currency: 'EUR',
      number: 61,
      opening: 10_000,
      closing: 11_000,
      date: '2026-03-02',
    })
    expect(await codes(whole)).toEqual([])
  })

  test('is read in chunks of any size, and with its trailing blanks cut off', async () => {
    const read = await parse(whole)
    for (const size of [1, 7, 129]) expect(await parse(whole, size)).toEqual(read)
    expect(await parse(whole.replaceAll(/ +(?=\r\n)/g, ''))).toEqual(read)
  })

  test('whose balances do not add up, or that is cut off, is told, and kept', async () => {
    expect(await codes(whole.replace(closing('110.00'), closing('-110.00')))).toEqual(['D055'])
    expect(await codes(whole.slice(0, whole.indexOf('\r\n8')))).toEqual(['D055'])
  })

  test.each([
    ['another format', 'id;amount\n1;2\n'],
    ['an opening balance that is none', file(opening('1.00').replace('0000000000001000', 'X'.padEnd(16)))],
    ['nothing', ''],
  ])('of %s is refused', async (_, text) => expect(await codes(text)).toEqual(['D022']))
})
