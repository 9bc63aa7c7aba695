/**
 * The bank statement of the demo: camt.053 (ISO 20022) whose entries add up from opening to closing balance.
 *
 * Pure: the same payments and day give the same bytes. Throws nothing.
 */
import type { LocalDate } from '../core/date.ts'
import { fromMinor, type Minor } from '../core/money.ts'
import {
  businessOrder,
  businessTotal,
  creditorReference,
  currency,
  firstOrders,
  laterOrders,
  totalOf,
} from './sample-orders.ts'

export interface SamplePayment {
  /** The bank's own reference. */
  readonly key: string
  /** Negative for money that leaves the account. */
  readonly amount: Minor
  readonly payer: string
  /** Structured reference. */
  readonly reference?: string
  readonly text?: string
}

const totals = new Map([...firstOrders, ...laterOrders].map((order) => [order.number, totalOf(order)] as const))
const total = (number: string): Minor => totals.get(number) ?? 0
/** What Krisztián pays first, in minor units. */
const firstInstalment = 20_000_00

export const payments: readonly SamplePayment[] = [
  { key: 'T0001', amount: total('100245'), payer: 'Kovács Győző', reference: creditorReference('100245') },
  { key: 'T0002', amount: firstInstalment, payer: 'Fűzfa Krisztián', text: 'WEB-100249 első részlet' },
  { key: 'T0003', amount: businessTotal, payer: businessOrder.name, text: `Megrendelés ${businessOrder.number}` },
  { key: 'T0004', amount: total('100252'), payer: 'Jörg Krämer', text: 'Bestellung 100252' },
  { key: 'T0005', amount: 5_900_00, payer: 'Kiss és Társa Bt.', text: 'WEB-100999' },
  { key: 'T0006', amount: 1_000_00, payer: 'Ismeretlen Ödön', text: 'köszönöm szépen' },
  { key: 'T0007', amount: -450_00, payer: 'Example Bank', text: 'számlavezetési díj' },
]

const opening: Minor = 1_250_000_00

export function statementXml(entries: readonly SamplePayment[], day: LocalDate): Buffer {
  const closing = entries.reduce((sum, { amount }) => sum + amount, opening)
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">
  <BkToCstmrStmt>
    <GrpHdr><MsgId>STMT-${day}</MsgId><CreDtTm>${day}T06:00:00</CreDtTm></GrpHdr>
    <Stmt>
      <Id>STMT-${day}</Id>
      <Acct><Id><IBAN>HU42117730161111101800000000</IBAN></Id><Ccy>${currency}</Ccy></Acct>
${balance('OPBD', opening, day)}
${balance('CLBD', closing, day)}
${entries.map((entry) => entryXml(entry, day)).join('\n')}
    </Stmt>
  </BkToCstmrStmt>
</Document>
`
  return Buffer.from(text, 'utf8')
}

const balance = (code: string, amount: Minor, day: LocalDate): string =>
  `      <Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>${money(amount)}<CdtDbtInd>CRDT</CdtDbtInd>` +
  `<Dt><Dt>${day}</Dt></Dt></Bal>`

const money = (amount: Minor): string => `<Amt Ccy="${currency}">${fromMinor(Math.abs(amount), currency)}</Amt>`

function entryXml({ key, amount, payer, reference, text }: SamplePayment, day: LocalDate): string {
  const direction = amount < 0 ? 'DBIT' : 'CRDT'
  const side = amount < 0 ? 'Cdtr' : 'Dbtr'
  const structured = reference === undefined ? '' : `<Strd><CdtrRefInf><Ref>${reference}</Ref></CdtrRefInf></Strd>`
  const free = text === undefined ? '' : `<Ustrd>${text}</Ustrd>`
  return `      <Ntry>
        ${money(amount)}<CdtDbtInd>${direction}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
        <BookgDt><Dt>${day}</Dt></BookgDt><ValDt><Dt>${day}</Dt></ValDt><AcctSvcrRef>${key}</AcctSvcrRef>
        <NtryDtls><TxDtls>
          <Refs><AcctSvcrRef>${key}</AcctSvcrRef><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
          <RltdPties><${side}><Pty><Nm>${payer}</Nm></Pty></${side}></RltdPties>
          <RmtInf>${free}${structured}</RmtInf>
        </TxDtls></NtryDtls>
      </Ntry>`
}
