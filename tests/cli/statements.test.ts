import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lines, openShop, type Result, type Shop } from './sample-shop.ts'

const camt = (
  number: number,
  day: string,
  opening: string,
  closing: string,
  amount: string,
): string => `<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M${number}</MsgId></GrpHdr>
<Stmt><Id>S${number}</Id><ElctrncSeqNb>${number}</ElctrncSeqNb><CreDtTm>${day}T18:00:00</CreDtTm><Acct><Id><IBAN>HU42</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${opening}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>${day}</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>${day}</Dt></Dt></Bal>
<Ntry><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>${day}</Dt></BookgDt><AcctSvcrRef>R${number}</AcctSvcrRef>
<NtryDtls><TxDtls><RmtInf><Ustrd>no idea</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>`

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
  await shop.write(
    'config/imports/statements.yaml',
    'kind: payments\nfolder: ../../in/statements\nfiles: "S*.xml"\nformat: { type: camt }\n',
  )
  await shop.write('S33.xml', camt(33, '2026-03-02', '100.00', '150.00', '50.00'))
  await shop.write('S34.xml', camt(34, '2026-03-03', '150.00', '170.00', '20.00'))
  await shop.write('S35.xml', camt(35, '2026-03-04', '170.00', '200.00', '30.00'))
})
afterEach(async () => await shop[Symbol.asyncDispose]())

const run = (...words: readonly string[]): Promise<Result> => shop.run(words, { now: Date.UTC(2026, 2, 5, 11) })

describe('a statement that is missing', () => {
  test('is told by status, by the list of payments and by that of statements, until it comes', async () => {
    expect(await run('import', 'S33.xml', 'S35.xml')).toMatchObject({ code: 0, err: '' })
    const missing = 'statement 34: closing 150.00 EUR on 2026-03-02, then opening 170.00 EUR on 2026-03-04'
    const said = `account HU42 (camt.053) is incomplete: ${missing} (before S35.xml)`
    expect((await run('payments', 'list')).err).toContain(said)
    expect((await run('status')).out).toContain(said)
    const [status] = lines((await run('status', '--json')).out)
    expect(status).toMatchObject({ incompleteFeeds: [{ account: 'HU42', before: '2026-03-04', missing }] })
    const listed = await run('payments', 'statements')
    expect(listed.out).toMatch(/HU42 +camt\.053 +33 +2026-03-02 +100\.00 +150\.00 +EUR +first/)
    expect(lines((await run('payments', 'statements', '--state', 'gap', '--json')).out)).toMatchObject([
      { number: 35, missing },
    ])

    expect(await run('import', 'S34.xml')).toMatchObject({ code: 0 })
    expect((await run('payments', 'list')).err).toBe('')
    expect((await run('status')).out).not.toContain('incomplete')
    const all = lines((await run('payments', 'statements', '--json', '--account', 'HU42')).out)
    expect(all.map(({ number, state }) => `${String(number)} ${String(state)}`).toSorted()).toEqual([
      '33 first',
      '34 linked',
      '35 linked',
    ])
    expect(await run('audit')).toMatchObject({ code: 0 })
    expect((await run('why', String(all[1]?.['id']))).out).toContain('statement')
  })
})
