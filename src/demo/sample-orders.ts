/**
 * The orders of the demo, and the files that bring them: CSV of a Hungarian web shop, UBL of a business customer.
 *
 * Totals are reckoned from the lines, so a file is right by itself. The same day gives the same bytes. Pure; throws
 * RangeError on an amount that is none.
 */
import iconv from 'iconv-lite'
import { addDays, type LocalDate } from '../core/date.ts'
import { fromMinor, lineAmount, type Minor, percentOf } from '../core/money.ts'

/** Item number, name, quantity, unit price. */
type Line = readonly [sku: string, name: string, quantity: string, price: string]

export interface SampleOrder {
  readonly number: string
  readonly name: string
  readonly customer: string
  readonly email: string
  readonly phone: string
  readonly language: 'hu' | 'en' | 'de'
  /** As the shop writes it. */
  readonly payment: 'Átutalás' | 'Bankkártya' | 'Utánvét'
  /** Code of the collecting store; sent by courier when absent. */
  readonly store?: string
  readonly paid?: true
  readonly lines: readonly Line[]
}

export const currency = 'HUF'
const vatPercent = '27'

export const grinder: Line = ['KD-210', 'Kávédaráló, őrlőfok állítható', '1', '24990.00']
export const coffee: Line = ['KV-001', 'Pörkölt kávé „Fűszeres”, 1 kg', '2', '7490.50']
export const tea: Line = ['TE-114', 'Őszi teaválogatás', '3', '2390.00']
export const pot: Line = ['KF-030', 'Kotyogós kávéfőző, 6 csésze', '1', '9990.00']
export const cup: Line = ['CS-006', 'Porcelán csésze, szürke', '6', '1850.00']

/** The first file of the day. */
export const firstOrders: readonly SampleOrder[] = [
  {
    number: '100245',
    name: 'Kovács Győző',
    customer: '5001',
    email: 'kovacs.gyozo@example.com',
    phone: '06 30 555 0101',
    language: 'hu',
    payment: 'Átutalás',
    lines: [grinder, coffee],
  },
  {
    number: '100246',
    name: 'Nagy Ildikó',
    customer: '5002',
    email: 'nagy.ildiko@example.com',
    phone: '+36 20 555 0102',
    language: 'hu',
    payment: 'Utánvét',
    store: 'BUD01',
    lines: [tea, cup],
  },
  {
    number: '100247',
    name: 'Szűcs Tünde',
    customer: '5003',
    email: 'szucs.tunde@example.com',
    phone: '+36 70 555 0103',
    language: 'hu',
    payment: 'Bankkártya',
    store: 'KOS01',
    paid: true,
    lines: [pot, coffee],
  },
  {
    number: '100248',
    name: 'Zuzana Nováková',
    customer: '5004',
    email: 'zuzana.novakova@example.com',
    phone: '+421 905 555 104',
    language: 'en',
    payment: 'Utánvét',
    store: 'KOS01',
    lines: [cup],
  },
  {
    number: '100249',
    name: 'Fűzfa Krisztián',
    customer: '5005',
    email: 'fuzfa.krisztian@example.com',
    phone: '+36 30 555 0105',
    language: 'hu',
    payment: 'Átutalás',
    lines: [grinder, tea, cup],
  },
  {
    number: '100250',
    name: 'Őry Ádám',
    customer: '5006',
    email: 'ory.adam@example.com',
    phone: '+36 30 555 0106',
    language: 'hu',
    payment: 'Bankkártya',
    paid: true,
    lines: [coffee],
  },
  {
    number: '100251',
    name: 'Ürögi Flóra',
    customer: '5007',
    email: '',
    phone: '+36 1 555 0107',
    language: 'hu',
    payment: 'Utánvét',
    lines: [pot, tea],
  },
]

/** The second file: what was paid or answered before it came. */
export const laterOrders: readonly SampleOrder[] = [
  {
    number: '100252',
    name: 'Jörg Krämer',
    customer: '5008',
    email: 'joerg.kraemer@example.com',
    phone: '+49 151 23456789',
    language: 'de',
    payment: 'Átutalás',
    lines: [grinder, cup],
  },
  {
    number: '100253',
    name: 'Bőhm Örs',
    customer: '5009',
    email: 'bohm.ors@example.com',
    phone: '+36 20 555 0109',
    language: 'hu',
    payment: 'Utánvét',
    store: 'BUD01',
    lines: [tea, pot],
  },
]

export const totalOf = ({ lines }: Pick<SampleOrder, 'lines'>): Minor =>
  lines.reduce((sum, [, , quantity, price]) => sum + lineAmount(quantity, price, currency), 0)

/** The shop's own reference for transfers: ISO 11649, RF and two check digits before the number. */
export function creditorReference(number: string): string {
  const check = 98n - (BigInt(`${number}271500`) % 97n) // R = 27, F = 15, then 00
  return `RF${String(check).padStart(2, '0')}${number}`
}

const header =
  'OrderNo;OrderDate;Currency;Total;Prepaid;PaymentRef;Payment;Delivery;Store;Language;' +
  'CustomerNo;Name;Email;Phone;ItemNo;Item;Qty;Price;Vat'

/** One row a line, rows of one order together; windows-1250 with decimal commas, as old shops write it. */
export function orderCsv(orders: readonly SampleOrder[], day: LocalDate): Buffer {
  const rows = orders.flatMap((order) => orderRows(order, day))
  return iconv.encode(`${[header, ...rows].join('\r\n')}\r\n`, 'windows-1250')
}

function orderRows(order: SampleOrder, day: LocalDate): readonly string[] {
  const { number, store, customer, name, email, phone, language, payment } = order
  const total = comma(fromMinor(totalOf(order), currency))
  const reference = payment === 'Átutalás' ? creditorReference(number) : ''
  const head = [number, europeanDate(day), currency, total, order.paid ? total : '', reference, payment]
  const party = [store === undefined ? 'Futár' : 'Átvétel', store ?? '', language, customer, name, email, phone]
  return order.lines.map(([sku, item, quantity, price]) =>
    [...head, ...party, sku, item, quantity, comma(price), vatPercent].map(quoted).join(';'),
  )
}

/** A file of a careless hand: a day that is none, a number in words, no order number; the last row alone is good. */
export function carelessCsv(day: LocalDate): Buffer {
  const [model] = laterOrders
  const orders = ['100260', '100261', '100262', '100263'].flatMap((number) =>
    model ? [{ ...model, number, lines: [cup] }] : [],
  )
  const [head = '', dated = '', counted = '', named = '', good = ''] = decodeRows(orderCsv(orders, day))
  const rows = [
    head,
    dated.replace(europeanDate(day), `31.02.${day.slice(0, 4)}`),
    counted.replace(';6;', ';hat;'),
    named.replace('100262', ''),
    good,
  ]
  return iconv.encode(`${rows.join('\r\n')}\r\n`, 'windows-1250')
}

const decodeRows = (csv: Buffer): readonly string[] => iconv.decode(csv, 'windows-1250').split('\r\n')

const comma = (decimal: string): string => decimal.replace('.', ',')
const europeanDate = (day: LocalDate): string => day.split('-').reverse().join('.')
const quoted = (text: string): string => (/[;"\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** The order of a business customer, prices without VAT. */
export const businessOrder = {
  number: '4500017731',
  name: 'Zöld Kuckó Vendéglátó Kft.',
  email: 'beszerzes@example.org',
  lines: [
    ['KV-001', 'Roasted coffee, 1 kg', '20', '5900.00'],
    ['CS-006', 'Porcelain cup, grey', '48', '1350.00'],
  ],
} as const satisfies Pick<SampleOrder, 'number' | 'name' | 'email' | 'lines'>

const businessNet = totalOf(businessOrder)
export const businessTotal = businessNet + percentOf(businessNet, vatPercent)

export function orderUbl(day: LocalDate): Buffer {
  const amount = (minor: Minor): string => fromMinor(minor, currency)
  const { number, name, email } = businessOrder
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:ID>${number}</cbc:ID>
  <cbc:IssueDate>${addDays(day, -1)}</cbc:IssueDate>
  <cbc:OrderTypeCode>220</cbc:OrderTypeCode>
  <cbc:DocumentCurrencyCode>${currency}</cbc:DocumentCurrencyCode>
  <cac:BuyerCustomerParty>
    <cbc:SupplierAssignedAccountID>D-2040</cbc:SupplierAssignedAccountID>
    <cac:Party>
      <cac:PartyName><cbc:Name>${name}</cbc:Name></cac:PartyName>
      <cac:PostalAddress>
        <cbc:StreetName>Szőlő köz 4.</cbc:StreetName><cbc:CityName>Győr</cbc:CityName>
        <cbc:PostalZone>9021</cbc:PostalZone>
        <cac:Country><cbc:IdentificationCode>HU</cbc:IdentificationCode></cac:Country>
      </cac:PostalAddress>
      <cac:Contact><cbc:Name>Őszi Réka</cbc:Name><cbc:ElectronicMail>${email}</cbc:ElectronicMail></cac:Contact>
    </cac:Party>
  </cac:BuyerCustomerParty>
  <cac:TaxTotal>
    <cbc:TaxAmount currencyID="${currency}">${amount(businessTotal - businessNet)}</cbc:TaxAmount>
  </cac:TaxTotal>
  <cac:AnticipatedMonetaryTotal>
    <cbc:LineExtensionAmount currencyID="${currency}">${amount(businessNet)}</cbc:LineExtensionAmount>
    <cbc:TaxExclusiveAmount currencyID="${currency}">${amount(businessNet)}</cbc:TaxExclusiveAmount>
    <cbc:PayableAmount currencyID="${currency}">${amount(businessTotal)}</cbc:PayableAmount>
  </cac:AnticipatedMonetaryTotal>
${businessOrder.lines.map((line, i) => ublLine(line, i + 1)).join('\n')}
</Order>
`
  return Buffer.from(text, 'utf8')
}

const ublLine = ([sku, name, quantity, price]: Line, number: number): string => `  <cac:OrderLine><cac:LineItem>
    <cbc:ID>${number}</cbc:ID><cbc:Quantity unitCode="EA">${quantity}</cbc:Quantity>
    <cbc:LineExtensionAmount currencyID="${currency}">${fromMinor(lineAmount(quantity, price, currency), currency)}</cbc:LineExtensionAmount>
    <cac:Price><cbc:PriceAmount currencyID="${currency}">${price}</cbc:PriceAmount></cac:Price>
    <cac:Item>
      <cbc:Name>${name}</cbc:Name><cac:SellersItemIdentification><cbc:ID>${sku}</cbc:ID></cac:SellersItemIdentification>
      <cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>${vatPercent}</cbc:Percent></cac:ClassifiedTaxCategory>
    </cac:Item>
  </cac:LineItem></cac:OrderLine>`
