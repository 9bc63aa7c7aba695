/**
 * The files that the demo drops into the import folders, in three rounds: a morning at a web shop.
 *
 * Each says in a few words what it holds. Dates are of the day that is passed in; the same day gives the same
 * bytes. Pure: writes nothing. Throws nothing.
 */
import iconv from 'iconv-lite'
import { addDays, dateIn, type Instant } from '../core/date.ts'
import { carelessCsv, firstOrders, laterOrders, orderCsv, orderUbl } from './sample-orders.ts'
import { payments, statementXml } from './sample-statement.ts'

export interface SampleFile {
  /** Name of the import whose folder it goes to. */
  readonly import: string
  readonly name: string
  readonly bytes: Buffer
  /** What it holds, for people. */
  readonly about: string
}

export interface Round {
  readonly title: string
  readonly files: readonly SampleFile[]
}

export function sampleRounds(now: Instant, zone: string): readonly Round[] {
  const day = dateIn(now, zone)
  const compact = day.replaceAll('-', '')
  const orders = orderCsv(firstOrders, day)
  return [
    {
      title: 'Orders come in, one file twice, one with mistakes',
      files: [
        file('customers', `CUST_${compact}.csv`, customersCsv(), 'customers of the Slovak company'),
        file('shop-orders', `ORD_${compact}_1.csv`, orders, 'orders of the web shop'),
        file('shop-orders', `ORD_${compact}_1_again.csv`, orders, 'the same under another name'),
        file('shop-orders', `ORD_${compact}_bad.csv`, carelessCsv(day), 'orders with mistakes'),
        file('orders-ubl', `${compact}_4500017731.xml`, orderUbl(day), 'order of a business (UBL)'),
      ],
    },
    {
      title: 'The bank, the stores and the ERP answer',
      files: [
        file('bank', `camt053_${compact}.xml`, statementXml(payments, addDays(day, -1)), 'bank statement (camt.053)'),
        file('store-answers', `answers_${compact}_1.csv`, firstAnswers(), 'answers of stores, one row bad'),
        file('erp-status', `STAT_${compact}.csv`, erpStatus(), 'status from the ERP'),
      ],
    },
    {
      title: 'Late orders, collected goods, invoice numbers',
      files: [
        file('shop-orders', `ORD_${compact}_2.csv`, orderCsv(laterOrders, day), 'orders paid, answered before'),
        file('store-answers', `answers_${compact}_2.csv`, laterAnswers(), 'two orders were collected'),
        file('invoice-numbers', `inv_${compact}.csv`, invoiceNumbers(), 'invoice numbers, one refusal'),
      ],
    },
  ]
}

function file(importName: string, name: string, bytes: Buffer, about: string): SampleFile {
  return { import: importName, name, bytes, about }
}

const text = (...rows: readonly string[]): Buffer => Buffer.from(`${rows.join('\r\n')}\r\n`, 'utf8')

/** Tünde is known to the Slovak company by her mail address, Zuzana by her phone number. */
function customersCsv(): Buffer {
  const rows = [
    'CustomerNo;Name;Email;Phone;Language;Iban;Street;PostCode;City;Country',
    'SK-7001;Szűcs Tünde;szucs.tunde@example.com;;hu;;Fő tér 3.;040 01;Košice;SK',
    'SK-7002;Zuzana Nováková;;+421905555104;en;;Južná trieda 8;040 01;Košice;SK',
    'SK-7003;Ľubomír Žižka;zizka@example.com;;en;;Mlynská 21;040 01;Košice;SK',
  ]
  return iconv.encode(`${rows.join('\r\n')}\r\n`, 'windows-1250')
}

/** 100253 is confirmed before its order is here; the last row says nothing that can be used. */
const firstAnswers = (): Buffer =>
  text(
    'OrderNo;Answer;Reason;Receipt',
    '100246;C;;',
    '100247;C;;',
    '100248;R;A csésze elfogyott;',
    '100253;C;;',
    '100249;V;;',
  )

const laterAnswers = (): Buffer => text('OrderNo;Answer;Reason;Receipt', '100246;D;;NY-2210', '100247;D;;KE-0731')

const erpStatus = (): Buffer => text('OrderNo;Status;Note', '100251;A;', '100250;S;')

const invoiceNumbers = (): Buffer =>
  text(
    'Instruction;Accepted;InvoiceNo;Reason',
    '100245;Y;2026/000311;',
    '100247;Y;2026/000312;',
    '4500017731;N;;VAT id of the customer is missing',
  )
