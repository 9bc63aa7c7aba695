import { describe, expect, test } from 'vitest'

import type { IncomingOrder } from '../../src/core/incoming.ts'
import type { Problem } from '../../src/core/problem.ts'
import { parseFile } from './reading.ts'
import type { FormatText } from './reading.ts'

const plain: FormatText = { type: 'json', dates: ['yyyy-MM-dd', 'dd.MM.yyyy'] }

async function parse(
  order: object,
  format: FormatText = plain,
): Promise<{ order: IncomingOrder | undefined; problems: Problem[] }> {
  const { records, problems } = await parseFile(JSON.stringify(order), format, 'orders')
  const [record] = records
  return { order: record?.kind === 'order' ? record : undefined, problems }
}
const codes = async (order: object): Promise<string[]> => (await parse(order)).problems.map(({ code }) => code)

describe('amounts', () => {
  test.each([
    ['EUR', '12.34', 1234],
    ['JPY', '1234', 1234],
    ['KWD', '1.234', 1234],
    ['EUR', '12.345', 1235],
  ])('are minor units of %s: %s is %i', async (currency, gross, minor) => {
    expect((await parse({ number: '1', currency, gross })).order?.gross).toBe(minor)
  })

  test('a currency that the file lacks is that of the config; one that is none is refused', async () => {
    expect((await parse({ number: '1', gross: '1' })).order?.currency).toBe('HUF')
    expect((await parse({ number: '1', gross: '1', currency: 'eur' })).order?.currency).toBe('EUR')
    expect(await codes({ number: '1', gross: '1', currency: 'EURO' })).toEqual(['D038'])
  })

  test('an amount larger than amounts can be is refused', async () => {
    expect(await codes({ number: '1', gross: '123456789012345678' })).toEqual(['D037'])
  })
})

const line = (quantity: string, unitPrice: string, more: object = {}): object => ({
  sku: 'S',
  quantity,
  unitPrice,
  ...more,
})

describe('the total', () => {
  test.each([
    ['quantity × price', { lines: [line('2', '5.00'), line('1.5', '3.33')] }, 1500],
    ['with shipping and discount', { lines: [line('1', '10')], shipping: '4.50', discount: '2' }, 1250],
    ['with the discount of a line', { lines: [line('1', '10', { discount: '1.50' })] }, 850],
    ['with VAT that prices lack', { pricesIncludeVat: 'no', lines: [line('1', '100', { vatPercent: '27' })] }, 12700],
    ['with the VAT of the order', { pricesIncludeVat: 'no', vat: '27', lines: [line('1', '100')] }, 12700],
    ['of stated line amounts', { lines: [{ gross: '3.00' }, { net: '1.00', vat: '0.27' }] }, 427],
    ['of net and VAT of the order', { net: '100', vat: '27' }, 12700],
  ])('is reckoned where it is absent: %s', async (_, fields, gross) => {
    const { order, problems } = await parse({ number: '1', currency: 'EUR', ...fields })
    expect([order?.gross, problems]).toEqual([gross, []])
  })

  test('without prices is refused with advice', async () => {
    const { problems } = await parse({ number: '1', lines: [{ sku: 'S', quantity: '1' }] })
    expect(problems).toMatchObject([{ code: 'D039', hint: expect.stringContaining('constants') }])
    expect(await codes({ number: '1' })).toEqual(['D039'])
  })

  test.each([
    ['adds up', '30.00', []],
    ['differs by rounding, a minor unit a line', '30.02', []],
    ['does not add up', '30.03', ['D050']],
  ])('that the file states and that %s is kept', async (_, gross, expected) => {
    const { order, problems } = await parse({
      number: '1',
      currency: 'EUR',
      gross,
      lines: [line('1', '10'), line('2', '10')],
    })
    expect(order?.gross).toBe(Math.round(Number(gross) * 100))
    expect(problems.map(({ code, severity }) => [code, severity])).toEqual(expected.map((code) => [code, 'warning']))
  })

  test('may hold VAT or not where prices do not', async () => {
    for (const gross of ['100', '127']) {
      expect(
        await codes({ number: '1', gross, pricesIncludeVat: 'no', lines: [line('1', '100', { vatPercent: '27' })] }),
      ).toEqual([])
    }
  })
})

describe('fields', () => {
  test('every problem of a record is told at once, with its place', async () => {
    const { order, problems } = await parse({
      currency: 'XXQ',
      gross: '1,5',
      date: '31.02.2026',
      type: 'wish',
      pricesIncludeVat: 'perhaps',
      lines: [{ quantity: 'two' }, { quantity: '1', net: 'x' }],
    })
    expect(order).toBeUndefined()
    const found = problems.map(({ code, place }) => [code, place.path, place.record].join(' '))
    expect(found.toSorted()).toEqual([
      'D030 number 1',
      'D031 gross 1',
      'D031 lines[0].quantity 1',
      'D031 lines[1].net 1',
      'D032 date 1',
      'D033 pricesIncludeVat 1',
      'D034 type 1',
      'D038 currency 1',
    ])
  })

  test('messages name the column of the file and the line of the row', async () => {
    const format = {
      type: 'csv',
      groupBy: 'No',
      fields: { number: 'No', 'lines.quantity': 'Qty', 'lines.unitPrice': 'Price' },
    }
    const { problems } = await parseFile('No,Qty,Price\n1,1,2\n1,x,2\n', format, 'orders')
    expect(problems).toMatchObject([
      {
        code: 'D031',
        place: { line: 3, record: 1, path: 'lines[1].quantity' },
        found: '"x" in "Qty"',
        expected: 'a number such as 1234.50',
      },
    ])
  })

  test('what was found is shortened and escaped', async () => {
    const { problems } = await parse({ number: '1', gross: `${'9'.repeat(80)}\u0007\u2028` })
    expect(problems[0]?.found).toBe(`"${'9'.repeat(57)}…"`)
    expect((await parse({ number: '1', gross: '\u0007\u2028x' })).problems[0]?.found).toBe('"\\u0007\\u2028x"')
  })

  test('defaults: type, quantity, line numbers, prices with VAT, nothing prepaid', async () => {
    const { order } = await parse({ number: '1', gross: '0', lines: [{ sku: 'a' }, { number: '20', sku: 'b' }] })
    expect(order).toMatchObject({
      type: 'order',
      channel: 'shop',
      pricesIncludeVat: true,
      prepaid: 0,
      notifyRequested: [],
      customer: {},
      lines: [
        { number: '1', quantity: '1' },
        { number: '20', quantity: '1' },
      ],
    })
    expect(order).not.toHaveProperty('store')
    expect(order).not.toHaveProperty('status')
  })

  test('keys with a line break or over 200 characters are refused', async () => {
    expect(await codes({ number: 'A\n1', gross: '0' })).toEqual(['D035'])
    expect(await codes({ number: 'x'.repeat(201), gross: '0' })).toEqual(['D035'])
  })

  test('names lose line breaks, notes keep them, control characters are refused', async () => {
    const { order } = await parse({ number: '1', gross: '0', note: 'a\nb', customer: { name: 'Anna\r\n Kovács' } })
    expect(order).toMatchObject({ note: 'a\nb', customer: { name: 'Anna Kovács' } })
    expect(await codes({ number: '1', gross: '0', note: 'a\u0000b' })).toEqual(['D035'])
    expect(await codes({ number: '1', gross: '0', customer: { name: 'a\u0007b' } })).toEqual(['D035'])
  })

  test('lists are lists or one text with separators', async () => {
    expect(
      (await parse({ number: '1', gross: '0', notifyRequested: 'ready; delivered,' })).order?.notifyRequested,
    ).toEqual(['ready', 'delivered'])
    expect(
      (await parse({ number: '1', gross: '0', notifyRequested: ['ready', 'sent'] })).order?.notifyRequested,
    ).toEqual(['ready', 'sent'])
  })

  test('a list where one value is expected is refused', async () => {
    const format = { ...plain, fields: { number: 'no', gross: 'total' } }
    const { problems } = await parse({ no: ['1', '2'], total: { a: 1 } }, format)
    expect(problems.map(({ code, place }) => [code, place.path])).toEqual([
      ['D036', 'gross'],
      ['D036', 'number'],
    ])
  })
})

const customer = async (fields: object) => {
  const { order, problems } = await parse({ number: '1', gross: '0', customer: fields })
  return { customer: order?.customer, codes: problems.map(({ code }) => code) }
}

describe('contact data', () => {
  test.each([
    ['anna@example.com', true],
    ['anna.kovács+x@bolt.example', true],
    ['a@b', false],
    ['a b@example.com', false],
    ['a@example.com; b@example.com', false],
    ['a@example.com\nBcc: x@example.com', false],
    ['Anna <a@example.com>', false],
    ['a@exa..mple.com', false],
  ])('the mail address %j is taken: %s', async (email, taken) => {
    expect(await customer({ email })).toEqual({ customer: taken ? { email } : {}, codes: taken ? [] : ['D051'] })
  })

  test.each([
    [{ phone: '06 30 123 4567' }, '+36301234567', []],
    [{ phone: '0049 (0)170/1234567' }, '+491701234567', []],
    [{ phone: '0170 1234567', address: { country: 'de' } }, '+491701234567', []],
    [{ phone: '+36301234567' }, '+36301234567', []],
    [{ phone: '12345' }, '12345', ['D052']],
    [{ phone: 'call me' }, 'call me', ['D052']],
  ])('the phone number of %j is %s', async (fields, phone, expected) => {
    const found = await customer(fields)
    expect([found.customer?.phone, found.codes]).toEqual([phone, expected])
  })

  test.each([
    ['HU', 'hu', []],
    ['pt_br', 'pt-BR', []],
    ['Hungarian', undefined, ['D053']],
  ])('the language %s is %s', async (language, expected, warnings) => {
    const found = await customer({ language })
    expect([found.customer?.language, found.codes]).toEqual([expected, warnings])
  })

  test('a country that is no code is kept and told', async () => {
    expect(await customer({ address: { country: 'Hungary' } })).toEqual({
      customer: { address: { country: 'Hungary' } },
      codes: ['D053'],
    })
  })
})
