/**
 * The fields that each kind of export can write: the catalogue against which `columns` and
 * `fields` of the config are checked, and the order of columns where the config names none.
 *
 * Values of export lines are text in canonical form: decimals with a point, `yyyy-MM-dd` dates,
 * ISO 8601 instants; the writer turns them into the dialect of the file.
 */
export type FieldType = 'text' | 'decimal' | 'date' | 'instant'
export interface ExportField {
  readonly type: FieldType
  readonly about: string
}

const text = (about: string): ExportField => ({ type: 'text', about })
const decimal = (about: string): ExportField => ({ type: 'decimal', about })
const date = (about: string): ExportField => ({ type: 'date', about })
const instant = (about: string): ExportField => ({ type: 'instant', about })

const order = {
  order: text('Order number'),
  externalNumber: text('Number at the source'),
  channel: text('Channel'),
}

export const exportFields = {
  orderStatus: {
    ...order,
    sequence: text('Number of the change of this order: 1, 2, 3 …'),
    status: text('Status of the order'),
    previous: text('Status before'),
    paymentStatus: text('Payment status'),
    paid: decimal('Paid so far'),
    currency: text('Currency'),
    store: text('Collecting store'),
    processing: text('pending, confirmed, rejected, expired'),
    delivery: text('ready, delivered, expired'),
    documentType: text('Type of the delivery document'),
    documentNumber: text('Number of the delivery document'),
    reason: text('Reason'),
    by: text('Who changed it'),
    at: instant('When'),
  },
  clearing: {
    id: text('Id of the entry'),
    ...order,
    type: text('goods, prepaymentTransfer, storeReceipt, fee, reversal'),
    company: text('Company whose books the entry is for'),
    counterCompany: text('The other company'),
    store: text('Collecting store'),
    net: decimal('Without VAT; positive = claim of the company'),
    vat: decimal('VAT'),
    gross: decimal('With VAT'),
    currency: text('Currency'),
    billVia: text('pos or salesDocument'),
    billViaReason: text('Why billVia differs from the workflow'),
    account: text('Prepayment account'),
    documentType: text('Type of the delivery document'),
    documentNumber: text('Number of the delivery document'),
    date: date('Day of the event'),
    reverses: text('Id of the entry that this one reverses'),
  },
  invoice: {
    id: text('Id of the instruction, to be given back in the acknowledgement'),
    ...order,
    action: text('issue or update'),
    type: text('invoice, proforma, creditNote'),
    customer: text('Customer number'),
    name: text('Customer name'),
    email: text('Mail address'),
    net: decimal('Without VAT'),
    vat: decimal('VAT'),
    gross: decimal('Total'),
    paid: decimal('Paid so far'),
    currency: text('Currency'),
    date: date('Day of the instruction'),
    reason: text('Workflow and step'),
  },
  stock: {
    id: text('Id of the movement'),
    ...order,
    line: text('Line number'),
    move: text('issue, reserve, release, return, transfer'),
    sku: text('Item number'),
    variant: text('Variant'),
    quantity: decimal('Quantity'),
    from: text('From location'),
    to: text('To location'),
    date: date('Day'),
  },
  dispatch: {
    id: text('Id of the instruction'),
    ...order,
    to: text('Warehouse or carrier'),
    name: text('Recipient'),
    street: text('Street'),
    postCode: text('Post code'),
    city: text('City'),
    country: text('Country'),
    phone: text('Phone'),
    email: text('Mail address'),
    cashOnDelivery: decimal('Amount to collect, if any'),
    currency: text('Currency'),
    date: date('Day'),
  },
  orderToStore: {
    ...order,
    store: text('Collecting store'),
    company: text('Company of the store'),
    fromCompany: text('Company that took the order'),
    date: date('Order date'),
    customer: text('Customer number at the collecting company, where known'),
    name: text('Customer name'),
    email: text('Mail address'),
    phone: text('Phone'),
    gross: decimal('Total'),
    prepaid: decimal('Paid before'),
    remaining: decimal('To pay at the store'),
    currency: text('Currency'),
    line: text('Line number (one row per line)'),
    sku: text('Item number'),
    description: text('Description'),
    quantity: decimal('Quantity'),
    unitPrice: decimal('Price of one'),
    lineGross: decimal('Amount of the line'),
    answerBy: instant('When the store must have answered'),
  },
  payments: {
    id: text('Id of the payment'),
    account: text('Account'),
    bankKey: text('Reference of the bank'),
    state: text('matched, ambiguous, unmatched, ignored, reversed'),
    order: text('Order number, when matched'),
    channel: text('Channel of the order'),
    amount: decimal('Amount, negative for money that left'),
    allocated: decimal('Part of it that the order took'),
    currency: text('Currency'),
    date: date('Booking date'),
    payer: text('Who paid'),
    reference: text('Structured reference'),
    message: text('Text of the payer'),
    rule: text('Rule that matched, or why none did'),
  },
  answers: {
    id: text('Id of the command as sent, else file and row'),
    verb: text('What was ordered'),
    order: text('Order number'),
    payment: text('Payment'),
    result: text('done, same (nothing to do) or refused'),
    reason: text('Why'),
    file: text('File of the command'),
    row: text('Record in the file'),
    at: instant('When'),
  },
} as const satisfies Record<string, Readonly<Record<string, ExportField>>>
