/**
 * The fields that each kind of import can hold: the catalogue against which `fields`, `constants`
 * and `values` of an import are checked, and the table in docs/fields.md.
 *
 * Names are dotted and canonical (`customer.email`, `lines.sku`): the keys of a RawRecord. `fields.<any>` and
 * `lines.fields.<any>` are free. How a CSV, XML or UBL file comes to them is the job of formats. Throws nothing.
 */
import { commandVerbs } from '../core/incoming-command.ts'
import { shipmentStates } from '../core/incoming.ts'
import type { ImportKind } from './schema.ts'

export type ImportFieldType = 'text' | 'decimal' | 'money' | 'date' | 'flag' | 'list'
export interface ImportField {
  readonly type: ImportFieldType
  readonly about: string
  /** A file of this kind makes no sense without it: mapped, constant, or known by the format itself. */
  readonly required?: true
}
export type ImportFields = Readonly<Record<string, ImportField>>

const text = (about: string): ImportField => ({ type: 'text', about })
const decimal = (about: string): ImportField => ({ type: 'decimal', about })
const money = (about: string): ImportField => ({ type: 'money', about })
const date = (about: string): ImportField => ({ type: 'date', about })
const flag = (about: string): ImportField => ({ type: 'flag', about })
const list = (about: string): ImportField => ({ type: 'list', about })
const required = (field: ImportField): ImportField => ({ ...field, required: true })

const address = {
  name: text('Name'),
  name2: text('Second name line'),
  street: text('Street and number'),
  street2: text('Second street line'),
  postCode: text('Post code'),
  city: text('City'),
  county: text('County or state'),
  country: text('ISO 3166-1 code, two letters'),
}

const under = (prefix: string, fields: ImportFields): ImportFields =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [`${prefix}.${name}`, field]))

const orders: ImportFields = {
  number: required(text('Order number')),
  externalNumber: text('Number at the source, e.g. of the shop'),
  reference: text('Payment reference that the customer was told to use'),
  type: text('order, return, quote or credit; order when absent'),
  channel: text('Channel; that of the import when absent'),
  store: text('Code of the collecting store'),
  fromStore: text('Code of the store that sent the order'),
  date: date('Order date'),
  dueDate: date('Due date'),
  currency: text('ISO 4217 code; that of the config when absent'),
  pricesIncludeVat: flag('Whether unit prices hold VAT; yes when absent'),
  net: money('Total without VAT'),
  vat: money('VAT'),
  gross: money('Total to pay; the sum of the lines when absent'),
  discount: money('Discount'),
  shipping: money('Shipping'),
  prepaid: money('Paid before; nothing when absent'),
  prepaymentAccount: text('Account of the prepaid amount'),
  paymentMethod: text('Payment method, e.g. transfer, card, cod'),
  deliveryMethod: text('Delivery method, e.g. collect'),
  language: text('Language of messages about this order'),
  status: text('Status; firstStatus of the config when absent'),
  notifyRequested: list('States that the customer asked to be told about'),
  partialDelivery: flag('Whether the store may hand it over in parts; as the workflow says when absent'),
  sendFrom: text('store or origin: which side tells customer and store; as the workflow says when absent'),
  action: text('new, change, or cancel: it is taken back; new when absent'),
  note: text('Note of the customer'),
  publicUrl: text('Page of the order'),
  'customer.number': text('Customer number'),
  'customer.name': text('Name of the customer'),
  'customer.contact': text('Contact person'),
  'customer.email': text('Mail address'),
  'customer.phone': text('Phone number'),
  'customer.language': text('Language of the customer'),
  'customer.vatId': text('VAT id'),
  'customer.companyId': text('Company registration number'),
  ...under('customer.address', address),
  ...under('shipTo', address),
  'lines.number': text('Line number; 1, 2, 3 … when absent'),
  'lines.sku': text('Item number'),
  'lines.variant': text('Variant'),
  'lines.ean': text('EAN'),
  'lines.description': text('Description'),
  'lines.unit': text('Unit'),
  'lines.quantity': decimal('Quantity; 1 when absent'),
  'lines.cancelled': decimal('Quantity of it that was cancelled; none when absent'),
  'lines.unitPrice': decimal('Price of one'),
  'lines.vatPercent': decimal('VAT rate in percent'),
  'lines.discount': money('Discount of the line'),
  'lines.net': money('Amount without VAT'),
  'lines.vat': money('VAT'),
  'lines.gross': money('Amount with VAT'),
  'lines.location': text('Stock location'),
}

const deliveryDocument: ImportFields = {
  documentType: text('Type of the delivery document'),
  documentNumber: text('Number of the delivery document'),
}

const status = (words: string): ImportFields => ({
  order: required(text('Order number')),
  channel: text('Channel, where order numbers repeat between channels'),
  status: required(text(words)),
  reason: text('Reason'),
  ...deliveryDocument,
  at: date('When it happened; the time of the import when absent'),
})

const payments: ImportFields = {
  account: text('Own account; that of the import when absent'),
  bankKey: text('Reference of the bank, unique within the account; made from the content when absent'),
  direction: text('credit or debit; by the sign of the amount when absent'),
  amount: required(money('Amount')),
  currency: text('ISO 4217 code; that of the config when absent'),
  bookedOn: date('Booking date'),
  valueOn: date('Value date'),
  counterName: text('Name of the payer'),
  counterAccount: text('Account of the payer'),
  reference: text('Structured reference'),
  endToEndId: text('End-to-end id'),
  message: text('Text of the payer'),
  method: text('Payment method; transfer when absent'),
  channel: text('Channel; that of the import when absent'),
  reversal: flag('Whether it takes back an earlier payment; no when absent'),
}

const customers: ImportFields = {
  id: text('Id of a customer that the export of kind customers asked a number for'),
  company: text('Code of the company; that of the import when absent'),
  number: required(text('Customer number')),
  name: text('Name'),
  name2: text('Second name line'),
  group: text('Customer group'),
  email: text('Mail address'),
  phone: text('Phone number'),
  language: text('Language'),
  vatId: text('VAT id'),
  companyId: text('Company registration number'),
  iban: text('IBAN, for the matching of payments'),
  ...under('address', address),
}

const stores: ImportFields = {
  code: required(text('Store code')),
  name: text('Name that customers see'),
  company: text('Code of the company'),
  email: text('Mail address'),
  mobile: text('Mobile number'),
  phone: text('Phone number for customers'),
  fax: text('Fax number'),
  calendar: text('Code of the calendar'),
  timeZone: text('IANA zone of the opening hours'),
  location: text('Stock location'),
  language: text('Language'),
  workflow: text('The only collect workflow that its orders may have'),
  salesperson: text('Salesperson, for the ERP'),
  billTo: text('Customer number to which its orders are billed'),
  prepaymentAccount: text('Account for prepaid amounts'),
  url: text('Page of the store, http or https'),
  latitude: decimal('Degrees north, e.g. 47.4979'),
  longitude: decimal('Degrees east, e.g. 19.0402'),
  ...under('address', address),
}

const optOuts: ImportFields = {
  phone: text('Number that wants no SMS'),
  email: text('Address that wants no mail'),
  action: text('add or remove; add when absent'),
  reason: text('Reason'),
}

const mappings: ImportFields = {
  about: required(text('customer or item')),
  company: text('Collecting company, whose numbers are the targets; that of the import when absent'),
  from: text('Store or company whose orders are meant; * or nothing for all'),
  key: required(text('Number in those orders; of an item with a variant also sku/variant, or its EAN')),
  target: text('Number at the collecting company; needed unless the row is taken away'),
  targetVariant: text('Variant of an item there'),
  description: text('For people'),
  action: text('set or remove; set when absent'),
}

const stock: ImportFields = {
  location: text('Stock location; needed unless the store is named'),
  store: text('Store, whose location is meant'),
  sku: required(text('Item number')),
  variant: text('Variant'),
  quantity: required(decimal('Quantity that lies there')),
  at: date('When it was counted; the time of the import when absent'),
}

const acknowledgements: ImportFields = {
  about: required(text('invoice, dispatch, clearing, stock or customer: what is answered')),
  document: required(text('Id of the instruction, or order number; of clearing the id of an entry, or name of a file')),
  accepted: required(flag('Whether the ERP took it')),
  number: text('Number that the ERP gave, e.g. of the invoice or the customer'),
  reason: text('Why it was refused'),
  count: decimal('Of a clearing file: how many entries were booked; another number than the file has is an alarm'),
  amount: decimal('Of a clearing file: their sum with VAT; another one than that of the file is an alarm'),
  currency: text('Currency of that sum, where the file has several'),
}

const invoices: ImportFields = {
  number: required(text('Number of the document')),
  order: required(text('Order number')),
  channel: text('Channel, where order numbers repeat between channels'),
  type: text('invoice, proforma or creditNote; invoice when absent'),
  state: text('issued or cancelled; issued when absent'),
  date: date('Day of issue'),
  dueDate: date('Due date'),
  amount: money('Total; that of the order when absent. A sign does not matter'),
  currency: text('ISO 4217 code; that of the config when absent'),
  reference: text('Payment reference or variable symbol on the document'),
  pdf: text('Name of its PDF file, without a folder'),
  refersTo: text('Number of the document that it follows or credits'),
}

const shipments: ImportFields = {
  order: required(text('Order number, or id of the dispatch instruction as exported')),
  channel: text('Channel, where order numbers repeat between channels'),
  state: required(text(`State of the parcel: ${shipmentStates.join(', ')}`)),
  trackingNumber: text('Tracking number: tells the parcels of an order apart'),
  trackingUrl: text('Page of the parcel at the carrier, http or https'),
  carrier: text('Carrier'),
  reason: text('Why it was returned or not handed over'),
  at: date('When it happened'),
}

const commands: ImportFields = {
  verb: required(text(`What is ordered: ${commandVerbs.join(', ')}`)),
  id: text('Id of the command; the same one again is the same command. Absent: file and row'),
  order: text('Order number'),
  channel: text('Channel of the order, where several use the number'),
  payment: text('Id of the payment, or its bank reference'),
  account: text('Account of the bank reference'),
  store: text('Code of the store, for chooseStore'),
  whom: text('store, customer or both (when absent), for notify'),
  state: text('State to be told of again, for notify; the present one when absent'),
  message: text('Id of the message, for sendMessage, cancelMessage and retryMessage'),
  status: text('New status, for setStatus'),
  workflow: text('Workflow, for apply'),
  to: text('Number of the event after which the order is to stand, for rollBack; before its last change when absent'),
  freePayments: flag('Whether rollBack frees the payments of the order, too'),
  amount: decimal('Amount, for markPaid and match; all that is open when absent'),
  method: text('Payment method, for markPaid'),
  date: date('Day of the payment, for markPaid'),
  documentType: text('Type of the delivery document, for deliver'),
  documentNumber: text('Number of the delivery document, for deliver'),
  quantities: list('Lines and quantities, for deliver and return: 1:2, 3:0.5; all when absent'),
  reason: text('Why'),
}

export const importFields: Record<ImportKind, ImportFields> = {
  orders,
  orderStatus: status('New status of the order'),
  collectStatus: {
    ...status('confirmed, rejected, delivered or returned; with a sequence also the other words of the export'),
    sequence: text('Number of the change, as an export of kind collectStatus writes it: older ones have no effect'),
    sender: text('Company that tells of it'),
    line: text('Number of the line, or item, that was delivered or returned; all lines when absent'),
    quantity: decimal('Quantity of that line'),
    quantities: list('The same for several: 1:2, 3:0.5'),
    ...under('lines', { number: text('As line, where rows are grouped'), quantity: decimal('Quantity') }),
  },
  payments,
  customers,
  stores,
  acknowledgements,
  invoices,
  shipments,
  mappings,
  optOuts,
  stock,
  commands,
}

const freeNames: { readonly [K in ImportKind]?: readonly string[] } = {
  orders: ['fields.', 'lines.fields.'],
  customers: ['fields.'],
  stores: ['fields.'],
}

/** Prefixes under which names are free. */
export const freeImportFields = (kind: ImportKind): readonly string[] => freeNames[kind] ?? []

/** The field of that name, a text field for `fields.<any>`, or undefined when the kind has none such. */
export function importField(kind: ImportKind, name: string): ImportField | undefined {
  const fields = importFields[kind]
  if (Object.hasOwn(fields, name)) return fields[name]
  const free = freeImportFields(kind).some(
    (prefix) => name.startsWith(prefix) && /^[\w-]+$/.test(name.slice(prefix.length)),
  )
  return free ? { type: 'text', about: 'Own field' } : undefined
}
