/**
 * Makes the input: order files (CSV, `;`, three lines per order) and camt.053 statements that pay these orders.
 *
 * Guarantees: order n is a function of n alone, so files are the same in every run and payments fit the orders of
 * another file. Writes in pieces, so that a file of a million records fits. Numbers are `O` and eight digits, those
 * of canaries `C`. By hand: `node bench/generate.ts orders|payments FILESxRECORDS FOLDER`. Throws on I/O errors.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** How many files, and how many records in each. */
export interface Amount {
  readonly files: number
  readonly perFile: number
}

interface Line {
  readonly sku: string
  readonly description: string
  readonly quantity: number
  /** In cents. */
  readonly unitPrice: number
}

interface SampleOrder {
  readonly number: string
  readonly date: string
  readonly customer: number
  readonly lines: readonly Line[]
  /** In cents. */
  readonly total: number
}

const words = ['steel', 'bolt', 'gasket', 'valve', 'hose', 'panel', 'bracket', 'filter', 'bearing', 'Größe', 'façade']
const linesPerOrder = 3
const customers = 5_000
const pieceSize = 1 << 18

export const orderNumber = (n: number, letter = 'O'): string => `${letter}${String(n).padStart(8, '0')}`

/** A number of 32 bits that looks random and is the same for the same arguments. */
function scatter(n: number, salt: number): number {
  let x = (Math.imul(n, 2_654_435_761) + salt * 40_503 + 12_345) >>> 0
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) >>> 0
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39) >>> 0
  return (x ^ (x >>> 15)) >>> 0
}

const cents = (amount: number): string => `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}`
const twoDigits = (n: number): string => String(n).padStart(2, '0')
const word = (n: number): string => words[n % words.length] ?? ''

function sampleOrder(n: number, letter: string): SampleOrder {
  const lines = Array.from({ length: linesPerOrder }, (_, i): Line => {
    const r = scatter(n, i + 1)
    return {
      sku: `SKU-${10_000 + (r % 90_000)}`,
      description: `${word(r)} ${word(r >>> 7)}; ${r % 100} mm`,
      quantity: 1 + (r % 20),
      unitPrice: 100 + ((r >>> 5) % 50_000),
    }
  })
  return {
    number: orderNumber(n, letter),
    date: `2026-${twoDigits(1 + (n % 9))}-${twoDigits(1 + (n % 28))}`,
    customer: scatter(n, 99) % customers,
    lines,
    total: lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0),
  }
}

const header =
  'order_no;order_date;customer_no;customer_name;email;phone;currency;order_total;line_no;sku;description;qty;unit_price\n'

function orderRows(n: number, letter = 'O'): string {
  const { number, date, customer, total, lines } = sampleOrder(n, letter)
  const order = `${number};${date};K${10_000 + customer};Customer ${customer} GmbH & Co. KG;c${customer}@example.test;+4917${10_000_000 + customer};EUR;${cents(total)}`
  const row = ({ sku, description, quantity, unitPrice }: Line, i: number): string =>
    `${order};${i + 1};${sku};"${description}";${quantity};${cents(unitPrice)}\n`
  return lines.map(row).join('')
}

function statementHead(name: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>${name}</MsgId><CreDtTm>2026-10-01T18:00:00+02:00</CreDtTm></GrpHdr><Stmt><Id>${name}-1</Id><ElctrncSeqNb>1</ElctrncSeqNb><CreDtTm>2026-10-01T18:00:00+02:00</CreDtTm><Acct><Id><IBAN>DE02500105170137075030</IBAN></Id><Ccy>EUR</Ccy></Acct><Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-01</Dt></Dt></Bal>
`
}

function entry(n: number): string {
  const { number, customer, total } = sampleOrder(n, 'O')
  const amount = `<Amt Ccy="EUR">${cents(total)}</Amt>`
  const iban = `DE${10 + (n % 89)}50010517${String(scatter(n, 7)).padStart(10, '0')}`
  return `<Ntry><NtryRef>${n}</NtryRef>${amount}<CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-10-01</Dt></BookgDt><ValDt><Dt>2026-10-01</Dt></ValDt><AcctSvcrRef>P${String(n).padStart(8, '0')}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>${number}</EndToEndId></Refs>${amount}<RltdPties><Dbtr><Pty><Nm>Customer ${customer} GmbH &amp; Co. KG</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>${iban}</IBAN></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>Invoice ${number} thank you</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
`
}

function writePieces(file: string, texts: Iterable<string>): void {
  const handle = openSync(file, 'w')
  let piece = ''
  for (const text of texts) {
    piece += text
    if (piece.length < pieceSize) continue
    writeSync(handle, piece)
    piece = ''
  }
  writeSync(handle, piece)
  closeSync(handle)
}

function* orderTexts(first: number, count: number): Generator<string> {
  yield header
  for (let n = first; n < first + count; n++) yield orderRows(n)
}

function* statementTexts(name: string, first: number, count: number): Generator<string> {
  yield statementHead(name)
  for (let n = first; n < first + count; n++) yield entry(n)
  yield '</Stmt></BkToCstmrStmt></Document>\n'
}

function writeFiles(folder: string, { files }: Amount, extension: string, texts: Texts): readonly string[] {
  mkdirSync(folder, { recursive: true })
  return Array.from({ length: files }, (_, i) => {
    const name = `f${String(i).padStart(6, '0')}`
    writePieces(join(folder, `${name}.${extension}`), texts(name, i))
    return `${name}.${extension}`
  })
}
type Texts = (name: string, index: number) => Iterable<string>

/** Writes orders 1 … files × perFile; gives the files' names in their order. */
export const writeOrders = (folder: string, amount: Amount): readonly string[] =>
  writeFiles(folder, amount, 'csv', (_, i) => orderTexts(1 + i * amount.perFile, amount.perFile))

/** Writes one payment for each of the orders 1 … files × perFile, of its whole amount and with its number. */
export const writePayments = (folder: string, amount: Amount): readonly string[] =>
  writeFiles(folder, amount, 'xml', (name, i) => statementTexts(name, 1 + i * amount.perFile, amount.perFile))

/** A file with one order that is not counted, to see whether a system is up. */
export const canaryText = (n: number): string => header + orderRows(90_000_000 + n, 'C')

/** `10x100`; undefined when it is something else. */
export function parseAmount(text: string): Amount | undefined {
  const [, files, perFile] = /^([1-9]\d{0,6})x([1-9]\d{0,6})$/.exec(text) ?? []
  return files === undefined ? undefined : { files: Number(files), perFile: Number(perFile) }
}

if (import.meta.main) {
  const [what, size = '', folder] = process.argv.slice(2)
  const amount = parseAmount(size)
  if (!amount || folder === undefined || (what !== 'orders' && what !== 'payments')) {
    console.error('usage: node bench/generate.ts orders|payments FILESxRECORDS FOLDER')
    process.exitCode = 64
  } else (what === 'orders' ? writeOrders : writePayments)(folder, amount)
}
