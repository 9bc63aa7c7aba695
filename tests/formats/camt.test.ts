import { describe, expect, test } from 'vitest'

import type { IncomingPayment } from '../../src/core/incoming.ts'
import { parseFile } from './reading.ts'
import type { Parsed } from './reading.ts'

interface EntryText {
  readonly amount?: string
  readonly mark?: string
  readonly status?: string
  readonly ref?: string
  readonly date?: string
  readonly details?: string
  readonly more?: string
  readonly ccy?: string
}

const entry = (e: EntryText = {}): string =>
  `<Ntry><Amt Ccy="${e.ccy ?? 'EUR'}">${e.amount ?? '10.00'}</Amt><CdtDbtInd>${e.mark ?? 'CRDT'}</CdtDbtInd>` +
  `${e.status ?? '<Sts>BOOK</Sts>'}<BookgDt><Dt>${e.date ?? '2026-11-20'}</Dt></BookgDt><ValDt><Dt>2026-11-21</Dt></ValDt>` +
  `${e.ref === undefined ? '' : `<AcctSvcrRef>${e.ref}</AcctSvcrRef>`}${e.more ?? ''}` +
  `${e.details === undefined ? '' : `<NtryDtls>${e.details}</NtryDtls>`}</Ntry>`

const detail = (inside: string): string => `<TxDtls>${inside}</TxDtls>`
const amount = (text: string, ccy = 'EUR'): string => `<Amt Ccy="${ccy}">${text}</Amt>`
const balance = (code: string, text: string, mark = 'CRDT', ccy = 'EUR'): string =>
  `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>${amount(text, ccy)}<CdtDbtInd>${mark}</CdtDbtInd></Bal>`
const statement = (inside: string, id = 'S1'): string =>
  `<Stmt><Id>${id}</Id><Acct><Id><IBAN>DE02 1234</IBAN></Id><Ccy>EUR</Ccy></Acct>${inside}</Stmt>`
const message = (inside: string, version = '053.001.08', tag = 'BkToCstmrStmt'): string =>
  `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.${version}"><${tag}><GrpHdr/>${inside}</${tag}></Document>`

const parse = (text: string): Promise<Parsed> => parseFile(text, { type: 'camt' }, 'payments')
const payments = async (text: string): Promise<IncomingPayment[]> => {
  const { records } = await parse(text)
  return records.filter((record) => record.kind === 'payment')
}
const codes = async (text: string): Promise<string[]> => (await parse(text)).problems.map(({ code }) => code)

describe('the document', () => {
  test.each([
    ['052.001.02', 'BkToCstmrAcctRpt', 'Rpt'],
    ['053.001.01', 'BkToCstmrStmt', 'Stmt'],
    ['053.001.13', 'BkToCstmrStmt', 'Stmt'],
    ['054.001.04', 'BkToCstmrDbtCdtNtfctn', 'Ntfctn'],
  ])('camt.%s is read', async (version, tag, inner) => {
    const inside = statement(entry({ ref: 'R1' })).replaceAll('Stmt>', `${inner}>`)
    expect(await payments(message(inside, version, tag))).toMatchObject([
      {
        account: 'DE021234',
        bankKey: '2026-11-20/R1',
        amount: 1000,
        currency: 'EUR',
        direction: 'credit',
        method: 'transfer',
        reversal: false,
      },
    ])
  })

  test('Swiss namespaces and any prefix are read', async () => {
    const text = message(statement(entry({ ref: 'R1' })))
      .replace(
        'urn:iso:std:iso:20022:tech:xsd:camt.053.001.08',
        'http://www.six-interbank-clearing.com/de/camt.053.001.08.xsd',
      )
      .replaceAll(/<(\/?)(?=[A-Z])/g, '<$1n:')
      .replace('xmlns=', 'xmlns:n=')
    expect(await payments(text)).toHaveLength(1)
  })

  test.each([
    ['no namespace', '<Document><BkToCstmrStmt/></Document>', 'D022'],
    ['another message', message('', '053.001.08', 'CstmrPmtStsRpt'), 'D022'],
    ['pain.002', '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"/>', 'D022'],
    ['no statement', message(''), 'D024'],
  ])('%s is refused', async (_, text, code) => expect(await codes(text)).toEqual([code]))

  test('a version to come is read with a warning', async () => {
    const { records, problems } = await parse(message(statement(entry()), '053.001.14'))
    expect(records).toHaveLength(1)
    expect(problems).toMatchObject([{ code: 'D060', severity: 'warning' }])
  })
})

const familyCode = (family: string): string =>
  `<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>${family}</Cd></Fmly></Domn></BkTxCd>`

describe('entries', () => {
  test.each([
    ['<Sts>PDNG</Sts>', 0],
    ['<Sts><Cd>INFO</Cd></Sts>', 0],
    ['<Sts><Cd>FUTR</Cd></Sts>', 0],
    ['<Sts><Cd>BOOK</Cd></Sts>', 1],
  ])('with the status %s give %i payments', async (status, count) => {
    const { records, problems } = await parse(message(statement(entry({ status }))))
    expect(records).toHaveLength(count)
    expect(problems).toMatchObject(
      count === 0 ? [{ code: 'D054', severity: 'warning', found: '1 in statement "S1"' }] : [],
    )
  })

  test('without a status are refused, not guessed', async () => {
    expect(await codes(message(statement(entry({ status: '' }))))).toEqual(['D030'])
  })

  test('of zero are no payments', async () => {
    const { records, problems } = await parse(message(statement(entry({ amount: '0.00' }))))
    expect([records.length, problems.map(({ code }) => code)]).toEqual([0, ['D054']])
  })

  test('reversed keep the sign that CdtDbtInd says', async () => {
    expect(await payments(message(statement(entry({ mark: 'DBIT', more: '<RvslInd>true</RvslInd>' }))))).toMatchObject([
      { direction: 'debit', amount: 1000, reversal: true },
    ])
  })

  test('with an amount, currency or mark that is none are refused with every problem', async () => {
    const { records, problems } = await parse(message(statement(entry({ amount: '12,5', ccy: 'EURO', mark: 'PLUS' }))))
    expect(records).toEqual([])
    expect(problems.map(({ code, place }) => [code, place.path])).toEqual([
      ['D038', 'currency'],
      ['D031', 'amount'],
      ['D034', 'direction'],
    ])
  })

  test('take the method from the bank transaction code', async () => {
    const methods = ['RCDT', 'MCRD', 'RDDT', 'CNTR'].map((family, i) =>
      entry({ more: familyCode(family), ref: String(i) }),
    )
    expect((await payments(message(statement(methods.join(''))))).map(({ method }) => method)).toEqual([
      'transfer',
      'card',
      'directDebit',
      'cash',
    ])
  })
})

const fullDetail = (n: number): string =>
  `${amount(`${n}.00`)}<Refs><EndToEndId>E${n}</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>Payer ${n}</Nm></Pty></Dbtr>` +
  `<DbtrAcct><Id><IBAN>DE99 ${n}</IBAN></Id></DbtrAcct><Cdtr><Nm>Us</Nm></Cdtr></RltdPties>` +
  `<RmtInf><Ustrd>order</Ustrd><Ustrd>A-${n}</Ustrd><Strd><RfrdDocInf><Nb>INV${n}</Nb></RfrdDocInf><CdtrRefInf><Ref>RF18${n}</Ref></CdtrRefInf></Strd></RmtInf>`

describe('details', () => {
  test('give one payment each, with payer, references and text', async () => {
    const text = message(
      statement(entry({ amount: '7.00', ref: 'B', details: detail(fullDetail(3)) + detail(fullDetail(4)) })),
    )
    expect(await payments(text)).toMatchObject([
      {
        bankKey: '2026-11-20/B/1',
        amount: 300,
        counterName: 'Payer 3',
        counterAccount: 'DE993',
        endToEndId: 'E3',
        reference: 'RF183',
        message: 'order A-3 INV3',
      },
      { bankKey: '2026-11-20/B/2', amount: 400 },
    ])
    expect(await codes(text)).toEqual([])
  })

  test('of a debit name the payee', async () => {
    const parties =
      '<RltdPties><Dbtr><Nm>Us</Nm></Dbtr><Cdtr><Nm>Shop</Nm></Cdtr><CdtrAcct><Id><Othr><Id> 74 1</Id></Othr></Id></CdtrAcct></RltdPties>'
    expect(await payments(message(statement(entry({ mark: 'DBIT', details: detail(parties) }))))).toMatchObject([
      { counterName: 'Shop', counterAccount: '741' },
    ])
  })

  test.each(['NOTPROVIDED', 'NOT PROVIDED', 'NONREF'])('take %s for no end-to-end id', async (id) => {
    const [payment] = await payments(
      message(statement(entry({ details: detail(`<Refs><EndToEndId>${id}</EndToEndId></Refs>`) }))),
    )
    expect(payment).not.toHaveProperty('endToEndId')
  })

  test.each([
    ['no amount', ''],
    ['an amount of zero in another currency', amount('0', 'SEK')],
    ['the same amount', amount('10.00')],
  ])('a single one with %s has the amount of the entry', async (_, inside) => {
    const text = message(statement(entry({ details: detail(inside) })))
    expect(await payments(text)).toMatchObject([{ amount: 1000, currency: 'EUR' }])
    expect(await codes(text)).toEqual([])
  })

  test('a single one with another amount is told, and the entry counts', async () => {
    const text = message(statement(entry({ details: detail(amount('9.50')) })))
    expect(await payments(text)).toMatchObject([{ amount: 1000 }])
    expect(await codes(text)).toEqual(['D056'])
  })

  test('take the amount in the currency of the entry where they state several', async () => {
    const inside = `${amount('4.00', 'USD')}<AmtDtls><TxAmt>${amount('5.00')}</TxAmt></AmtDtls>`
    const text = message(statement(entry({ details: detail(inside) + detail(inside) })))
    expect((await payments(text)).map((payment) => [payment.amount, payment.currency])).toEqual([
      [500, 'EUR'],
      [500, 'EUR'],
    ])
    expect(await codes(text)).toEqual([])
  })

  test('keep their own marks where only these make up the entry', async () => {
    const details =
      detail(`${amount('12.00')}<CdtDbtInd>CRDT</CdtDbtInd>`) + detail(`${amount('2.00')}<CdtDbtInd>DBIT</CdtDbtInd>`)
    const text = message(statement(entry({ details })))
    expect((await payments(text)).map((payment) => [payment.direction, payment.amount])).toEqual([
      ['credit', 1200],
      ['debit', 200],
    ])
    expect(await codes(text)).toEqual([])
  })

  test('with the opposite mark take that of the entry where the amounts then fit', async () => {
    const details =
      detail(`${amount('6.00')}<CdtDbtInd>DBIT</CdtDbtInd>`) + detail(`${amount('4.00')}<CdtDbtInd>DBIT</CdtDbtInd>`)
    const text = message(statement(entry({ details })))
    expect((await payments(text)).map(({ direction }) => direction)).toEqual(['credit', 'credit'])
    expect(await codes(text)).toEqual([])
  })

  test('that do not add up are kept as they stand, and told', async () => {
    const text = message(statement(entry({ details: detail(amount('6.00')) + detail(amount('5.00')) })))
    expect((await payments(text)).map((payment) => payment.amount)).toEqual([600, 500])
    expect(await codes(text)).toEqual(['D056'])
  })

  test('of which one has no amount leave the entry whole: nothing lost, nothing twice', async () => {
    const text = message(statement(entry({ ref: 'B', details: detail(amount('6.00')) + detail('') })))
    expect(await payments(text)).toMatchObject([{ amount: 1000, bankKey: '2026-11-20/B' }])
    expect(await codes(text)).toEqual(['D056'])
  })

  test('fewer than the batch says are told', async () => {
    expect(await codes(message(statement(entry({ details: '<Btch><NbOfTxs>3</NbOfTxs></Btch>' }))))).toEqual(['D057'])
    expect(
      await codes(message(statement(entry({ details: `<Btch><NbOfTxs>1</NbOfTxs></Btch>${detail('')}` })))),
    ).toEqual([])
  })

  test('of a return are reversals and say the reason', async () => {
    const inside = '<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf><RmtInf><Ustrd>A-1</Ustrd></RmtInf>'
    expect(await payments(message(statement(entry({ mark: 'DBIT', details: detail(inside) }))))).toMatchObject([
      { reversal: true, message: 'A-1 AC04' },
    ])
  })
})

const keysOf = async (text: string): Promise<string[]> => (await payments(text)).map(({ bankKey }) => bankKey)

const ownDetail = (id: string): string =>
  detail(`<Refs><AcctSvcrRef>R</AcctSvcrRef><TxId>${id}</TxId></Refs>${amount('5.00')}`)

const pageOf = (n: number): string => statement(`<StmtPgntn><PgNb>${n}</PgNb></StmtPgntn>${entry()}`)

describe('keys', () => {
  test('two equal payments of one day without references stay two', async () => {
    const [one, two, ...more] = await keysOf(message(statement(entry() + entry())))
    expect(more).toEqual([])
    expect(two).toBe(`${one}#2`)
  })

  test('are the same when the file comes again, and differ by day', async () => {
    const text = message(statement(entry() + entry({ date: '2026-11-19' }) + entry({ ref: 'R' })))
    expect(await keysOf(text)).toEqual(await keysOf(text))
    expect(new Set(await keysOf(text)).size).toBe(3)
  })

  test('hold the day, since bank references come again', async () => {
    expect(await keysOf(message(statement(entry({ ref: 'R', date: '2025-11-20' }) + entry({ ref: 'R' }))))).toEqual([
      '2025-11-20/R',
      '2026-11-20/R',
    ])
  })

  test('of a notification (054) are those of the statement (053) that follows', async () => {
    const inside = statement(entry({ ref: 'R', details: detail('<Refs><EndToEndId>E1</EndToEndId></Refs>') }))
    const notification = message(inside.replaceAll('Stmt>', 'Ntfctn>'), '054.001.08', 'BkToCstmrDbtCdtNtfctn')
    expect(await keysOf(notification)).toEqual(await keysOf(message(inside)))
    expect(await keysOf(message(statement(entry({ ref: 'R' }))))).toEqual(await keysOf(notification))
  })

  test('of details hold their own reference, else their number', async () => {
    expect(await keysOf(message(statement(entry({ ref: 'R', details: ownDetail('T1') + ownDetail('T2') }))))).toEqual([
      '2026-11-20/R/T1',
      '2026-11-20/R/T2',
    ])
    expect(await keysOf(message(statement(entry({ ref: 'R', details: ownDetail('T1') + ownDetail('T1') }))))).toEqual([
      '2026-11-20/R/T1',
      '2026-11-20/R/T1#2',
    ])
  })

  test('one reference on two entries of a day gives two keys', async () => {
    const details = detail(amount('4.00')) + detail(amount('6.00'))
    const found = await keysOf(
      message(statement(entry({ ref: 'R', details }) + entry({ ref: 'R', details }) + entry({ ref: 'R' }))),
    )
    expect(new Set(found).size).toBe(5)
  })

  test('a statement that stands twice in a file gives the same keys twice, and is told', async () => {
    const text = message(statement(entry() + entry({ ref: 'R' })) + statement(entry() + entry({ ref: 'R' })))
    const [a, b, c, d] = await keysOf(text)
    expect([c, d]).toEqual([a, b])
    expect(await codes(text)).toEqual(['D058'])
  })

  test('equal payments on two pages of a statement stay two', async () => {
    expect(new Set(await keysOf(message(pageOf(1) + pageOf(2)))).size).toBe(2)
  })
})

describe('balances', () => {
  test.each([
    ['add up', balance('OPBD', '100.00') + balance('CLBD', '95.50'), []],
    ['add up from the last closing', balance('PRCD', '100.00') + balance('CLBD', '95.50'), []],
    ['are negative', balance('OPBD', '4.50', 'DBIT') + balance('CLBD', '9.00', 'DBIT'), []],
    ['do not add up', balance('OPBD', '100.00') + balance('CLBD', '95.51'), ['D055']],
    ['are in two currencies', balance('OPBD', '100.00') + balance('CLBD', '95.50', 'CRDT', 'SEK'), ['D055']],
    ['are missing', balance('CLBD', '1.00'), []],
  ])('that %s', async (_, balances, expected) => {
    const entries =
      entry({ amount: '10.00' }) +
      entry({ amount: '14.50', mark: 'DBIT' }) +
      entry({ status: '<Sts>PDNG</Sts>', amount: '99' })
    const found = await codes(message(statement(balances + entries)))
    expect(found.filter((code) => code !== 'D054')).toEqual(expected)
  })

  test('a page that is not the last, or a copy, is told', async () => {
    expect(
      await codes(message(statement(`<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>${entry()}`))),
    ).toEqual(['D058'])
    expect(await codes(message(statement(`<CpyDplctInd>DUPL</CpyDplctInd>${entry()}`)))).toEqual(['D058'])
  })
})

test('constants, translations and paths of the config come on top', async () => {
  const format = {
    type: 'camt',
    constants: { channel: 'shop', reference: 'none' },
    values: { method: { transfer: 'bank' } },
    fields: { counterName: 'RltdPties/UltmtDbtr/Nm', message: 'AddtlNtryInf' },
  }
  const details = detail('<RltdPties><Dbtr><Nm>A</Nm></Dbtr><UltmtDbtr><Nm>B</Nm></UltmtDbtr></RltdPties>')
  const { records } = await parseFile(
    message(statement(entry({ details, more: '<AddtlNtryInf>info</AddtlNtryInf>' }))),
    format,
    'payments',
  )
  expect(records).toMatchObject([
    { channel: 'shop', reference: 'none', method: 'bank', counterName: 'B', message: 'info' },
  ])
})

const links = async (text: string): Promise<readonly unknown[]> =>
  (await parse(text)).records.filter(({ kind }) => kind === 'statement')
const pages = (page: number, last: boolean): string =>
  `<StmtPgntn><PgNb>${page}</PgNb><LastPgInd>${String(last)}</LastPgInd></StmtPgntn>`

describe('a statement in the chain of its account', () => {
  const balances =
    balance('OPBD', '100.00') + balance('CLBD', '90.00', 'DBIT').replace('</Bal>', '<Dt><Dt>2026-11-20</Dt></Dt></Bal>')
  const numbered = (inside: string, number = '<ElctrncSeqNb>2026000234</ElctrncSeqNb>'): string =>
    message(statement(inside).replace('<Acct>', `${number}<CreDtTm>2026-11-21T06:00:00</CreDtTm><Acct>`))

  test('says its number and balances, after its entries', async () => {
    const { records } = await parse(numbered(balances + entry({ amount: '190.00', mark: 'DBIT' })))
    expect(records).toMatchObject([
      { kind: 'payment' },
      {
        kind: 'statement',
        origin: 'camt.053',
        account: 'DE021234',
        currency: 'EUR',
        reference: 'S1',
        number: 234,
        opening: 10_000,
        closing: -9_000,
        date: '2026-11-20',
      },
    ])
  })

  test('of pages says which it is, and the balance at the cut', async () => {
    const first = numbered(pages(1, false) + balance('OPBD', '100.00') + balance('ITBD', '110.00') + entry())
    expect(await links(first)).toMatchObject([{ page: 1, opening: 10_000, closing: 11_000, date: '2026-11-21' }])
    const second = numbered(pages(2, true) + balance('ITBD', '110.00') + balance('CLBD', '120.00') + entry())
    expect(await links(second)).toMatchObject([{ page: 2, opening: 11_000, closing: 12_000 }])
  })

  test.each([
    [
      'a notification',
      numbered(balances)
        .replaceAll('Stmt>', 'Ntfctn>')
        .replaceAll('.053.', '.054.')
        .replaceAll('BkToCstmrNtfctn', 'BkToCstmrDbtCdtNtfctn'),
    ],
    ['a statement without number and balances', message(statement(entry()))],
  ])('%s is no link', async (_, text) => expect(await links(text)).toEqual([]))
})

describe('an entry of several payments', () => {
  const three = '<Btch><PmtInfId>B7</PmtInfId><NbOfTxs>3</NbOfTxs></Btch>'

  test('without its details is their sum', async () => {
    const [only] = await payments(message(statement(entry({ ref: 'R1', amount: '30.00', details: three }))))
    const whole = { reference: 'R1', batch: 'B7', count: 3, total: 3_000 }
    expect(only?.entry).toEqual({ part: 'sum', key: '2026-11-20/R1', ...whole })
  })

  test('says so on each of its details', async () => {
    const details = three + [1, 2, 3].map((n) => detail(`${amount('10.00')}<Refs><TxId>T${n}</TxId></Refs>`)).join('')
    const found = await payments(message(statement(entry({ ref: 'R1', amount: '30.00', details }))))
    const whole = { reference: 'R1', batch: 'B7', count: 3, total: 3_000 }
    expect(found.map((each) => each.entry)).toEqual(
      [1, 2, 3].map(() => ({ part: 'detail', key: '2026-11-20/R1', ...whole })),
    )
  })

  test.each([
    ['without a batch', undefined],
    ['with its only detail', detail(amount('10.00'))],
    ['of a batch of one', '<Btch><PmtInfId>B7</PmtInfId><NbOfTxs>1</NbOfTxs></Btch>'],
  ])('is none %s', async (_, details) => {
    const found = await payments(message(statement(entry({ ref: 'R1', ...(details !== undefined && { details }) }))))
    expect(found).toHaveLength(1)
    expect(found[0]).not.toHaveProperty('entry')
  })
})
