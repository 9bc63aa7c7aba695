/**
 * Import files for end-to-end tests, made from plain values.
 */
import iconv from 'iconv-lite'

export interface SampleOrder {
  readonly number: string
  readonly store?: string
  readonly deliver?: string
  readonly pay?: string
  readonly name?: string
  readonly email?: string
  readonly phone?: string
}

/** A CSV in windows-1250 with decimal commas, two rows an order, 24 990,00 in all. */
export function orderCsv(orders: readonly SampleOrder[]): Uint8Array {
  const rows = orders.flatMap(
    ({
      number,
      store = '',
      deliver = 'courier',
      pay = 'transfer',
      name = 'Kovács Őrs',
      email = 'ors@example.com',
      phone = '06301234567',
    }) => {
      const head = [number, '21.11.2026', '24990,00', pay, deliver, store, name, email, phone]
      return [
        [...head, 'SKU-1', '2', '12000,00', '27'],
        [...head, 'SKU-2', '1', '990,00', '27'],
      ]
    },
  )
  const header = 'No;Date;Total;Pay;Deliver;Store;Name;Email;Phone;Item;Qty;Price;Vat'
  return iconv.encode([header, ...rows.map((row) => row.join(';'))].join('\r\n') + '\r\n', 'windows-1250')
}

export interface SamplePayment {
  readonly reference: string
  readonly amount: string
  readonly text: string
}

export function camt(payments: readonly SamplePayment[], statement = '1'): string {
  const entries = payments.map(
    ({ reference, amount, text }) =>
      `<Ntry><Amt Ccy="HUF">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-21</Dt></BookgDt>` +
      `<AcctSvcrRef>${reference}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>` +
      `<RltdPties><Dbtr><Nm>Kovacs Ors</Nm></Dbtr></RltdPties><RmtInf><Ustrd>${text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`,
  )
  return (
    '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>' +
    `<GrpHdr><MsgId>M${statement}</MsgId><CreDtTm>2026-11-21T10:00:00</CreDtTm></GrpHdr><Stmt><Id>${statement}</Id>` +
    `<Acct><Id><IBAN>HU42117730161111101800000000</IBAN></Id><Ccy>HUF</Ccy></Acct>${entries.join('')}</Stmt></BkToCstmrStmt></Document>`
  )
}

/** A UBL 2.1 order of one line. */
export const ublOrder = (number: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:ID>${number}</cbc:ID><cbc:IssueDate>2026-11-20</cbc:IssueDate><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cac:BuyerCustomerParty><cac:Party><cac:PartyName><cbc:Name>Büro &amp; Söhne</cbc:Name></cac:PartyName>
    <cac:Contact><cbc:ElectronicMail>einkauf@example.com</cbc:ElectronicMail></cac:Contact></cac:Party></cac:BuyerCustomerParty>
  <cac:AnticipatedMonetaryTotal><cbc:PayableAmount currencyID="EUR">125.00</cbc:PayableAmount></cac:AnticipatedMonetaryTotal>
  <cac:OrderLine><cac:LineItem><cbc:ID>1</cbc:ID><cbc:Quantity unitCode="C62">10</cbc:Quantity>
    <cbc:LineExtensionAmount currencyID="EUR">125.00</cbc:LineExtensionAmount>
    <cac:Price><cbc:PriceAmount currencyID="EUR">12.50</cbc:PriceAmount></cac:Price>
    <cac:Item><cbc:Name>Chair</cbc:Name><cac:SellersItemIdentification><cbc:ID>CH-1</cbc:ID></cac:SellersItemIdentification></cac:Item>
  </cac:LineItem></cac:OrderLine>
</Order>
`

export const answers = (rows: readonly (readonly [order: string, status: string, document: string])[]): string =>
  ['No;Status;Doc', ...rows.map((row) => row.join(';'))].join('\n') + '\n'
