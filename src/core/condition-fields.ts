/**
 * The fields of an order that conditions of workflows may ask for: the catalogue against which
 * `if` of the config is checked, and the list of the reference page.
 *
 * Names are those of the record (`order.` may stand before them); `amount` compares in the units of
 * the currency (24990, 12.50). `fields.<name>` is free: own fields of the import.
 */
export type ConditionFieldType = 'text' | 'amount' | 'date'
export interface ConditionField {
  readonly type: ConditionFieldType
  readonly about: string
}

const text = (about: string): ConditionField => ({ type: 'text', about })
const amount = (about: string): ConditionField => ({ type: 'amount', about })
const date = (about: string): ConditionField => ({ type: 'date', about })

const address = (of: string, about: string): Record<string, ConditionField> => ({
  [`${of}.name`]: text(`${about}: name`),
  [`${of}.name2`]: text(`${about}: second name`),
  [`${of}.street`]: text(`${about}: street and number`),
  [`${of}.street2`]: text(`${about}: second line`),
  [`${of}.postCode`]: text(`${about}: post code`),
  [`${of}.city`]: text(`${about}: city`),
  [`${of}.county`]: text(`${about}: county`),
  [`${of}.country`]: text(`${about}: ISO 3166-1 code`),
})

export const conditionFields: Readonly<Record<string, ConditionField>> = {
  number: text('Order number'),
  externalNumber: text('Number at the source'),
  reference: text('Payment reference'),
  channel: text('Channel'),
  type: text('order, return, quote, credit'),
  company: text('Company that took the order'),
  store: text('Collecting store'),
  fromStore: text('Store that took the order'),
  status: text('Status'),
  paymentStatus: text('unpaid, partiallyPaid, paid, overpaid'),
  paymentMethod: text('Payment method'),
  deliveryMethod: text('Delivery method'),
  language: text('Language'),
  currency: text('ISO 4217 code'),
  pricesIncludeVat: text('true or false'),
  note: text('Note'),
  publicUrl: text('Page of the order'),
  date: date('Order date'),
  dueDate: date('Due date'),
  net: amount('Total without VAT'),
  vat: amount('VAT'),
  gross: amount('Total to pay'),
  discount: amount('Discount'),
  shipping: amount('Shipping'),
  prepaid: amount('Paid before'),
  prepaymentAccount: text('Prepayment account'),
  paid: amount('Paid so far, with what was paid before'),
  writtenOff: amount('Small rest taken as paid'),
  remaining: amount('Still to pay'),
  'customer.number': text('Customer number'),
  'customer.name': text('Customer name'),
  'customer.contact': text('Contact'),
  'customer.email': text('Mail address'),
  'customer.phone': text('Phone number'),
  'customer.language': text('Language of the customer'),
  'customer.vatId': text('VAT id'),
  'customer.companyId': text('Company id'),
  ...address('customer.address', 'Customer address'),
  ...address('shipTo', 'Delivery address'),
  'collect.store': text('Store of the collect document'),
  'collect.fromCompany': text('Company that took the collected order'),
  'collect.toCompany': text('Company that hands it over'),
  'collect.processing': text('pending, confirmed, rejected, expired'),
  'collect.delivery': text('ready, delivered, expired'),
  'collect.reason': text('Reason of the store'),
  'collect.customerNumber': text('Customer number at the collecting company'),
}

/** Whether a condition may ask for it; `fields.<name>` is free. */
export function isConditionField(path: string): boolean {
  const name = path.replace(/^order\./, '')
  return Object.hasOwn(conditionFields, name) || /^fields\../.test(name)
}
