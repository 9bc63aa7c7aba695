import { afterEach, beforeEach, expect, test } from 'vitest'
import { lines, openShop, orders, type Result, type Shop } from './sample-shop.ts'

const head = '<Acct><Id><IBAN>HU42</IBAN></Id><Ccy>EUR</Ccy></Acct>'
const entry = (details: string): string =>
  `<Ntry><Amt Ccy="EUR">75.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt>` +
  `<AcctSvcrRef>E1</AcctSvcrRef><NtryDtls><Btch><PmtInfId>B7</PmtInfId><NbOfTxs>3</NbOfTxs></Btch>${details}</NtryDtls></Ntry>`
const detail = (amount: string, text: string): string =>
  `<TxDtls><Refs><TxId>${text}</TxId></Refs><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>Anna</Nm></Pty></Dbtr></RltdPties><RmtInf><Ustrd>${text}</Ustrd></RmtInf></TxDtls>`
const file = (type: string, [message, inner]: readonly [string, string], inside: string): string =>
  `<?xml version="1.0"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.${type}.001.08"><${message}><GrpHdr><MsgId>M</MsgId></GrpHdr>` +
  `<${inner}><Id>S</Id>${head}${inside}</${inner}></${message}></Document>`

const sum = file('053', ['BkToCstmrStmt', 'Stmt'], entry(''))
const details = file(
  '054',
  ['BkToCstmrDbtCdtNtfctn', 'Ntfctn'],
  entry(detail('50.00', 'WEB-1') + detail('20.00', 'WEB-2') + detail('5.00', 'WEB-3')),
)

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
  await shop.write(
    'config/imports/camt.yaml',
    'kind: payments\nfolder: ../in/camt\nfiles: "C*.xml"\nformat: { type: camt }\n',
  )
  await shop.write('ORD1.csv', orders)
  await shop.write('C053.xml', sum)
  await shop.write('C054.xml', details)
  expect(await run('import', 'ORD1.csv')).toMatchObject({ code: 0, err: '' })
})
afterEach(async () => {
  expect(await run('audit')).toMatchObject({ code: 0 })
  await shop[Symbol.asyncDispose]()
})

const run = (...words: readonly string[]): Promise<Result> => shop.run(words, { now: Date.UTC(2026, 2, 3, 11) })

test.each([
  ['the sum first', ['C053.xml', 'C054.xml']],
  ['the details first', ['C054.xml', 'C053.xml']],
])('a collective entry in two files counts once: %s', async (_, files) => {
  for (const name of files) expect(await run('import', name)).toMatchObject({ code: 0 })
  const paid = lines((await run('orders', 'list', '--json')).out).map(
    ({ number, paymentStatus }) => `${String(number)} ${String(paymentStatus)}`,
  )
  expect(paid.toSorted()).toEqual(['WEB-1 paid', 'WEB-2 paid', 'WEB-3 paid'])
  const found = lines((await run('payments', 'list', '--json')).out)
  expect(found.map(({ bankKey, state }) => `${String(bankKey)} ${String(state)}`).toSorted()).toEqual([
    '2026-03-02/E1 ignored',
    '2026-03-02/E1/WEB-1 matched',
    '2026-03-02/E1/WEB-2 matched',
    '2026-03-02/E1/WEB-3 matched',
  ])
  const shown = (await run('payments', 'show', 'HU42/2026-03-02/E1')).out
  expect(shown).toMatch(/ignored +it is counted by its details/)
  expect(shown).toMatch(/collective entry: its details .* recognised by reference E1/)
})
