import { describe, expect, test } from 'vitest'
import type { IncomingPayment } from '../../src/core/incoming.ts'
import { parseFile } from './reading.ts'
import type { Parsed } from './reading.ts'

const statement = (movements: string, kind = 'STMTRS'): string =>
  `<${kind}><CURDEF>EUR<BANKACCTFROM><BANKID>100<ACCTID>DE123<ACCTTYPE>CHECKING</BANKACCTFROM>` +
  `<BANKTRANLIST><DTSTART>20260301<DTEND>20260331${movements}</BANKTRANLIST><LEDGERBAL><BALAMT>1.00<DTASOF>20260331</LEDGERBAL></${kind}>`
const file = (inside: string): string =>
  `OFXHEADER:100\nDATA:OFXSGML\n\n<OFX><SIGNONMSGSRSV1><SONRS><LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1>\n${inside}</OFX>\n`
const movement = (inside: string): string => `<STMTTRN>${inside}</STMTTRN>`
const usual = '<TRNTYPE>CREDIT<DTPOSTED>20260302120000.000[-5:EST]<TRNAMT>12.50<FITID>F1<NAME>Anna<MEMO>invoice 4711'

const parse = (text: string, size?: number): Promise<Parsed> => parseFile(text, { type: 'ofx' }, 'payments', {}, size)
const payments = async (text: string): Promise<IncomingPayment[]> =>
  (await parse(text)).records.filter((record) => record.kind === 'payment')
const codes = async (text: string): Promise<string[]> => (await parse(text)).problems.map(({ code }) => code)

const one = {
  kind: 'payment',
  account: 'DE123',
  bankKey: '2026-03-02/F1/12.50',
  bookedOn: '2026-03-02',
  direction: 'credit',
  amount: 1_250,
  currency: 'EUR',
  counterName: 'Anna',
  message: 'invoice 4711',
  method: 'transfer',
  reversal: false,
  origin: 'ofx',
}

describe('a movement', () => {
  test.each<[string, string]>([
    ['with unclosed leaves', movement(usual)],
    ['with closed leaves', movement(usual.replaceAll(/<([A-Z]+)>([^<]*)/g, '<$1>$2</$1>\r\n  '))],
    [
      'with sections of text',
      movement(usual.replace('Anna', '<![CDATA[Anna  ]]>').replace('invoice 4711', '<![CDATA[invoice 4711]]>')),
    ],
  ])('%s is read', async (_, text) => expect(await payments(file(statement(text)))).toEqual([one]))

  test.each<[string, string, Partial<IncomingPayment>]>([
    ['money out', usual.replace('12.50', '-12.50'), { direction: 'debit', amount: 1_250 }],
    ['a plus and a decimal comma', usual.replace('12.50', '+12,50'), { direction: 'credit', amount: 1_250 }],
    ['a currency of its own', `${usual}<CURRENCY><CURSYM>USD</CURRENCY>`, { currency: 'USD' }],
    ['characters by their names', usual.replace('Anna', 'A &amp; B &lt;x&gt;'), { counterName: 'A & B <x>' }],
    ['a card', usual.replace('CREDIT', 'POS'), { method: 'card' }],
    ['a cheque', `${usual}<CHECKNUM>77`, { message: 'invoice 4711 77' }],
    ['its name as the only text', usual.replace('<MEMO>invoice 4711', ''), { message: 'Anna' }],
    ['no id of the bank', usual.replace('<FITID>F1', '<FITID>'), { amount: 1_250 }],
  ])('with %s is read', async (_, inside, expected) => {
    expect((await payments(file(statement(movement(inside)))))[0]).toMatchObject(expected)
  })

  test('that is wrong is refused, never guessed', async () => {
    const wrong = [
      usual.replace('12.50', '$120'),
      usual.replace('20260302120000.000[-5:EST]', '20260231'),
      usual.replace('<TRNAMT>12.50', ''),
    ]
    const { records, problems } = await parse(file(statement([...wrong, usual].map(movement).join(''))))
    expect(records).toEqual([one])
    expect(problems.map(({ code }) => code)).toEqual(['D031', 'D032', 'D030'])
  })

  test('equal ones are numbered', async () => {
    const found = await payments(file(statement(movement(usual) + movement(usual))))
    expect(found.map(({ bankKey }) => bankKey)).toEqual(['2026-03-02/F1/12.50', '2026-03-02/F1/12.50#2'])
  })
})

describe('the file', () => {
  test('of several accounts and a card is read, each by itself', async () => {
    const card = statement(movement(usual), 'CCSTMTRS').replace('DE123', '4111')
    const found = await payments(file(statement(movement(usual)) + card))
    expect(found.map(({ account }) => account)).toEqual(['DE123', '4111'])
  })

  test('is read in chunks of any size', async () => {
    const text = file(statement(movement(usual.replace('Anna', '<![CDATA[A <b> ]]>')) + movement(usual)))
    const whole = await parse(text)
    expect(whole.records).toHaveLength(2)
    for (const size of [1, 3, 7, 64]) expect(await parse(text, size)).toEqual(whole)
  })

  test('without movements is none the worse', async () =>
    expect(await parse(file(statement('')))).toEqual({ records: [], problems: [] }))

  test.each([
    ['nothing', ''],
    ['another document', '<html><body>Service unavailable</body></html>'],
    ['a table', 'id;amount\n1;2\n'],
  ])('of %s is refused', async (_, text) => expect(await codes(text)).toEqual(['D022']))
})
