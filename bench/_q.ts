/**
 * Speed of the readers, beside csv-parse and bare saxes on the same bytes: `node bench/parse.ts`.
 *
 * Compare within one run only: machines and loads differ. The files are made in memory (three rows
 * per order; one detail per bank entry), read in chunks of 64 KiB;
 * median of five rounds after a warm-up.
 */
import { Readable } from 'node:stream'

import { parse } from 'csv-parse'
import { SaxesParser } from 'saxes'

import { ImportFormat } from '../src/config/schema.ts'
import { interpreterFor } from '../src/formats/interpret.ts'
import { read } from '../src/formats/open-format.ts'

const orders = 25_000
const entries = 15_000
const chunkSize = 65_536
const rounds = 5

const defaults = { channel: 'shop', company: 'HU01', account: 'HU42', currency: 'HUF', country: 'HU' }
const csvFormat = ImportFormat.parse({
  type: 'csv',
  delimiter: ';',
  decimal: ',',
  dates: 'dd.MM.yyyy',
  groupBy: 'OrderNo',
  fields: {
    number: 'OrderNo',
    date: 'OrderDate',
    'customer.name': 'Name',
    'customer.email': 'Email',
    'customer.phone': 'Phone',
    gross: 'Total',
    'lines.sku': 'ItemNo',
    'lines.description': 'Description',
    'lines.quantity': 'Qty',
    'lines.unitPrice': 'Price',
  },
})
const camtFormat = ImportFormat.parse({ type: 'camt' })

function csvText(): string {
  const rows = ['OrderNo;OrderDate;Name;Email;Phone;Total;ItemNo;Description;Qty;Price;Note']
  for (let i = 0; i < orders; i++) {
    const order = `O${String(i).padStart(8, '0')};22.11.2026;Kovács Árpád ${i};kovacs.arpad.${i}@example.com;+36301234567;62,50`
    for (let line = 0; line < 3; line++)
      rows.push(
        `${order};SKU-${line}-${i % 500};Termék megnevezése ${line};${line + 1};${line === 0 ? '12,50' : '10,00'};szállítás`,
      )
  }
  return `${rows.join('\n')}\n`
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

async function readAll(
  chunks: Buffer[],
  format: ImportFormat,
  kind: 'orders' | 'payments',
  typed: boolean,
): Promise<number> {
  const interpret = interpreterFor(kind, format, defaults)
  let records = 0
  for await (const item of read(chunks, format, kind)) {
    if (item.kind === 'problem') throw new Error(JSON.stringify(item))
    if (typed && interpret(item.record).kind === 'problems') throw new Error('a record was refused')
    records += 1
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
  return tags
}

/** Runs the works in turn, so that a loaded machine slows all of them; CPU time, since others may use it too. */
async function compare(chunks: Buffer[], works: readonly (readonly [string, () => Promise<number>])[]): Promise<void> {
  const megabytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0) / 1e6
  const speeds = works.map((): number[] => [])
  for (let round = 0; round <= rounds; round++) {
    for (const [i, [, work]] of works.entries()) {
      const before = process.cpuUsage()
      await work()
      const { user, system } = process.cpuUsage(before)
      if (round > 0) speeds[i]?.push(megabytes / ((user + system) / 1e6))
    }
  }
  for (const [i, [name]] of works.entries()) {
    const sorted = (speeds[i] ?? []).sort((a, b) => a - b)
    const [low, median, high] = [sorted[0] ?? 0, sorted[Math.floor(rounds / 2)] ?? 0, sorted.at(-1) ?? 0]
    process.stdout.write(
      `${name.padEnd(40)} ${median.toFixed(1)} MB per CPU second [${low.toFixed(1)}-${high.toFixed(1)}]\n`,
    )
  }
}

const csv = chunksOf(csvText())
await compare(csv, [
  ['csv: read (rows grouped to orders)', () => readAll(csv, csvFormat, 'orders', false)],
  ['csv: read and interpret', () => readAll(csv, csvFormat, 'orders', true)],
])
const camt = chunksOf(camtText())
await compare(camt, [
  ['saxes, bare handlers', () => bareSaxes(camt)],
  ['camt.053: read', () => readAll(camt, camtFormat, 'payments', false)],
  ['camt.053: read and interpret', () => readAll(camt, camtFormat, 'payments', true)],
])
