/**
 * Speed of the readers, from bytes to checked records: `node bench/parse.ts [NAME…]`, e.g. `node bench/parse.ts camt`.
 *
 * CPU time for each record and megabytes per CPU second, beside what plain libraries do on the same bytes. Compare
 * within one run only: machines and loads differ. The files are made in memory (three rows per order, one of the cells
 * quoted; one detail per bank entry) and read in chunks of 256 KiB; median of five rounds after a warm-up.
 */
import { Readable } from 'node:stream'

import { parse } from 'csv-parse'
import { SaxesParser } from 'saxes'

import { ImportFormat } from '../src/config/schema.ts'
import type { ImportKind } from '../src/config/schema.ts'
import { interpreterFor } from '../src/formats/interpret.ts'
import { read } from '../src/formats/open-format.ts'

const orders = 20_000
const entries = 15_000
const documents = 3_000
const chunkSize = 262_144
const rounds = 5

const defaults = {
  channel: 'shop',
  company: 'HU01',
  account: 'HU42',
  currency: 'HUF',
  country: 'HU',
  zone: 'Europe/Budapest',
}
const names = {
  number: 'OrderNo',
  date: 'OrderDate',
  'customer.number': 'Customer',
  'customer.name': 'Name',
  'customer.email': 'Email',
  'customer.phone': 'Phone',
  currency: 'Currency',
  gross: 'Total',
  'lines.number': 'Line',
  'lines.sku': 'ItemNo',
  'lines.description': 'Description',
  'lines.quantity': 'Qty',
  'lines.unitPrice': 'Price',
}
const csvFormat = ImportFormat.parse({
  type: 'csv',
  delimiter: ';',
  decimal: ',',
  dates: 'dd.MM.yyyy',
  groupBy: 'OrderNo',
  fields: names,
})
const jsonFields = Object.fromEntries(
  Object.keys(names).map((name) => [name, name.startsWith('lines.') ? name : (name.split('.').at(-1) ?? name)]),
)
const jsonFormat = ImportFormat.parse({ type: 'json', fields: { ...jsonFields, 'customer.number': 'customerNo' } })
const camtFormat = ImportFormat.parse({ type: 'camt' })
const ublFormat = ImportFormat.parse({ type: 'ubl' })

const orderNo = (i: number): string => `O${String(i).padStart(8, '0')}`

function csvText(phone: (i: number) => string): string {
  const rows = [Object.values(names).join(';')]
  for (let i = 0; i < orders; i++) {
    const date = `${String(1 + (i % 28)).padStart(2, '0')}.11.2026`
    const head = `${orderNo(i)};${date};K${10_000 + (i % 5000)};Kovács Árpád ${i % 5000};kovacs.arpad.${i % 5000}@example.com;${phone(i)};HUF;62,50`
    for (let line = 0; line < 3; line++)
      rows.push(
        `${head};${line + 1};SKU-${line}-${i % 500};"Termék; megnevezése ${line}";${line + 1};${line === 0 ? '12,50' : '10,00'}`,
      )
  }
  return `${rows.join('\n')}\n`
}

const jsonLine = (i: number, n: number) => ({
  number: n + 1,
  sku: `SKU-${n}-${i % 500}`,
  description: `Termék; megnevezése ${n}`,
  quantity: n + 1,
  unitPrice: n === 0 ? 12.5 : 10,
})

const jsonOrder = (i: number) => ({
  number: orderNo(i),
  date: `2026-11-${String(1 + (i % 28)).padStart(2, '0')}`,
  customerNo: `K${10_000 + (i % 5000)}`,
  name: `Kovács Árpád ${i % 5000}`,
  email: `kovacs.arpad.${i % 5000}@example.com`,
  phone: '+36301234567',
  currency: 'HUF',
  gross: 62.5,
  lines: [jsonLine(i, 0), jsonLine(i, 1), jsonLine(i, 2)],
})

function jsonText(): string {
  return JSON.stringify(Array.from({ length: orders }, (_, i) => jsonOrder(i)))
}

const ublLine = (n: number): string =>
  `<cac:OrderLine>\n  <cac:LineItem>\n    <cbc:ID>${n}</cbc:ID>\n    <cbc:Quantity unitCode="EA">${n}</cbc:Quantity>\n    <cbc:LineExtensionAmount currencyID="EUR">${n * 10}.00</cbc:LineExtensionAmount>\n    <cac:Price><cbc:PriceAmount currencyID="EUR">10.00</cbc:PriceAmount></cac:Price>\n    <cac:Item><cbc:Name>Valve &amp; hose ${n}</cbc:Name><cac:SellersItemIdentification><cbc:ID>SKU-${n}</cbc:ID></cac:SellersItemIdentification></cac:Item>\n  </cac:LineItem>\n</cac:OrderLine>\n`

function ublText(i: number): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>${orderNo(i)}</cbc:ID><cbc:IssueDate>2026-11-22</cbc:IssueDate><cbc:OrderTypeCode>220</cbc:OrderTypeCode><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:BuyerCustomerParty><cac:Party><cac:PartyName><cbc:Name>Buyer ${i}</cbc:Name></cac:PartyName><cac:PostalAddress><cbc:StreetName>Main street</cbc:StreetName><cbc:CityName>Lyon</cbc:CityName><cbc:PostalZone>69001</cbc:PostalZone><cac:Country><cbc:IdentificationCode>FR</cbc:IdentificationCode></cac:Country></cac:PostalAddress><cac:Contact><cbc:ElectronicMail>buyer${i}@example.com</cbc:ElectronicMail></cac:Contact></cac:Party></cac:BuyerCustomerParty>
<cac:AnticipatedMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">60.00</cbc:LineExtensionAmount><cbc:PayableAmount currencyID="EUR">60.00</cbc:PayableAmount></cac:AnticipatedMonetaryTotal>
${ublLine(1)}${ublLine(2)}${ublLine(3)}</Order>
`
}

function camtText(): string {
  const head =
    '<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId></GrpHdr><Stmt><Id>S1</Id><Acct><Id><IBAN>HU42117730161111101800000000</IBAN></Id><Ccy>EUR</Ccy></Acct>\n'
  const parts = [head]
  for (let i = 0; i < entries; i++) {
    parts.push(
      `<Ntry><Amt Ccy="EUR">${100 + (i % 900)}.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-22</Dt></BookgDt><ValDt><Dt>2026-11-22</Dt></ValDt><AcctSvcrRef>REF${i}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>E2E-${i}</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>Customer ${i}</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>DE8937040044${String(i).padStart(10, '0')}</IBAN></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>Order O${String(i).padStart(8, '0')} thank you</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n`,
    )
  }
  parts.push('</Stmt></BkToCstmrStmt></Document>\n')
  return parts.join('')
}

function chunksOf(text: string): Buffer[] {
  const bytes = Buffer.from(text)
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += chunkSize) chunks.push(bytes.subarray(at, at + chunkSize))
  return chunks
}

async function readAll(chunks: Buffer[], format: ImportFormat, kind: ImportKind, typed = true): Promise<number> {
  const interpret = interpreterFor(kind, format, defaults)
  let records = 0
  for await (const items of read(chunks, format, kind)) {
    for (const item of items) {
      if (item.kind === 'problem') throw new Error(JSON.stringify(item))
      if (typed && interpret(item.record).kind === 'problems') throw new Error('a record was refused')
      records += 1
    }
  }
  return records
}

async function csvParse(chunks: Buffer[]): Promise<number> {
  let records = 0
  for await (const _ of Readable.from(chunks).pipe(parse({ delimiter: ';', columns: true }))) records += 1
  return records
}

async function bareSaxes(chunks: Buffer[]): Promise<number> {
  const parser = new SaxesParser()
  const decoder = new TextDecoder()
  let tags = 0
  let text = ''
  parser.on('opentag', () => {
    tags += 1
    text = ''
  })
  parser.on('text', (part) => {
    text += part
  })
  parser.on('closetag', () => {
    tags += text.length > 0 ? 0 : 1
  })
  for (const chunk of chunks) parser.write(decoder.decode(chunk, { stream: true }))
  parser.close()
  return tags > 0 ? entries : 0
}

/** CSV in the least work that JavaScript can do: no quotes, no checks, no records. */
async function splitOnly(chunks: Buffer[]): Promise<number> {
  let cells = 0
  for (const line of Buffer.concat(chunks).toString().split('\n')) cells += line.split(';').length
  return cells > 0 ? orders : 0
}

interface Work {
  readonly name: string
  readonly run: () => Promise<number>
}

/** Runs the works in turn, so that a loaded machine slows all of them; CPU time, since others may use it too. */
async function compare(title: string, chunks: readonly Buffer[], works: readonly Work[]): Promise<void> {
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const times = works.map((): number[] => [])
  const counts = works.map(() => 1)
  for (let round = 0; round <= rounds; round++) {
    for (const [i, { run }] of works.entries()) {
      const before = process.cpuUsage()
      counts[i] = await run()
      const { user, system } = process.cpuUsage(before)
      if (round > 0) times[i]?.push(user + system)
    }
  }
  process.stdout.write(`${title}\n`)
  for (const [i, { name }] of works.entries()) {
    const sorted = (times[i] ?? []).sort((a, b) => a - b)
    const each = (sorted[Math.floor(rounds / 2)] ?? 0) / (counts[i] ?? 1)
    const speed = bytes / (sorted[Math.floor(rounds / 2)] ?? 1)
    process.stdout.write(
      `  ${name.padEnd(36)} ${each.toFixed(1).padStart(6)} µs ${speed.toFixed(1).padStart(7)} MB/s\n`,
    )
  }
}

const international = (): string => '+36301234567'
const national = (i: number): string => `06 30 ${String(1_000_000 + i * 37)}`

const parts: Readonly<Record<string, () => Promise<void>>> = {
  csv: () => {
    const chunks = chunksOf(csvText(international))
    return compare('orders of three rows, CSV', chunks, [
      { name: 'split only', run: () => splitOnly(chunks) },
      { name: 'csv-parse, columns', run: async () => (await csvParse(chunks)) / 3 },
      { name: 'read', run: () => readAll(chunks, csvFormat, 'orders', false) },
      { name: 'read and check', run: () => readAll(chunks, csvFormat, 'orders') },
    ])
  },
  phones: () => {
    const chunks = chunksOf(csvText(national))
    return compare('the same with national phone numbers', chunks, [
      { name: 'read and check', run: () => readAll(chunks, csvFormat, 'orders') },
    ])
  },
  json: () => {
    const text = jsonText()
    const chunks = chunksOf(text)
    return compare('orders of three lines, JSON', chunks, [
      { name: 'JSON.parse of the whole', run: async () => (JSON.parse(text) as unknown[]).length },
      { name: 'read', run: () => readAll(chunks, jsonFormat, 'orders', false) },
      { name: 'read and check', run: () => readAll(chunks, jsonFormat, 'orders') },
    ])
  },
  ubl: () => {
    const files = Array.from({ length: documents }, (_, i) => chunksOf(ublText(i)))
    const run = async (): Promise<number> => {
      let records = 0
      for (const chunks of files) records += await readAll(chunks, ublFormat, 'orders')
      return records
    }
    return compare('orders of three lines, UBL, a file each', files.flat(), [{ name: 'read and check', run }])
  },
  camt: () => {
    const chunks = chunksOf(camtText())
    return compare('bank entries, camt.053', chunks, [
      { name: 'saxes, bare handlers', run: () => bareSaxes(chunks) },
      { name: 'read', run: () => readAll(chunks, camtFormat, 'payments', false) },
      { name: 'read and check', run: () => readAll(chunks, camtFormat, 'payments') },
    ])
  },
}

const wanted = process.argv.slice(2)
for (const [name, part] of Object.entries(parts)) if (wanted.length === 0 || wanted.includes(name)) await part()
