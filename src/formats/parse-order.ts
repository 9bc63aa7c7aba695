/**
 * A record of kind `orders` to an IncomingOrder.
 *
 * Amounts become minor units. The total is that of the file; where it has none it is reckoned from
 * the lines. Lines that do not add up to the total are told and kept, never repaired. Quantity is
 * 1 and VAT is included where the file does not say. Throws nothing: problems are noted.
 */
import type { IncomingOrder, IncomingStatus, RawRecord } from '../core/incoming.ts'
import type { OrderLine } from '../core/order.ts'
import type { Defaults } from './defaults.ts'
import { reckonGross, warnWhenOff } from './order-totals.ts'
import { readAddress, readLanguage, readParty } from './parse-contact.ts'
import { compact } from './record-fields.ts'
import type { RecordFields } from './record-fields.ts'

const types = ['order', 'return', 'quote', 'credit'] as const

export function parseOrder(
  fields: RecordFields,
  record: RawRecord,
  defaults: Defaults,
): IncomingOrder | IncomingStatus {
  if (fields.word('action', actions) === 'cancel') return takenBack(fields, defaults)
  const currency = fields.currency('currency', defaults.currency)
  const pricesIncludeVat = fields.flag('pricesIncludeVat') ?? true
  const lines = fields.elements('lines', record.lineAt).map((line, i) => readLine(line, i, currency))
  const shipTo = readAddress(fields, 'shipTo')
  const amounts = {
    net: fields.money('net', currency),
    vat: fields.money('vat', currency),
    discount: fields.money('discount', currency),
    shipping: fields.money('shipping', currency),
  }
  const priced = { currency, pricesIncludeVat, lines, ...amounts }
  const stated = fields.money('gross', currency)
  if (stated !== undefined) warnWhenOff(fields, stated, priced)
  return compact<IncomingOrder>({
    kind: 'order',
    channel: channelOf(fields, defaults),
    number: fields.requiredKey('number'),
    externalNumber: fields.key('externalNumber'),
    reference: fields.key('reference'),
    type: fields.word('type', types) ?? 'order',
    store: fields.key('store'),
    fromStore: fields.key('fromStore'),
    customer: readParty(fields, 'customer', defaults.country),
    shipTo,
    date: fields.date('date'),
    dueDate: fields.date('dueDate'),
    currency,
    pricesIncludeVat,
    ...amounts,
    gross: stated ?? reckonGross(fields, priced),
    prepaid: fields.money('prepaid', currency) ?? 0,
    prepaymentAccount: fields.key('prepaymentAccount'),
    paymentMethod: fields.key('paymentMethod'),
    deliveryMethod: fields.key('deliveryMethod'),
    language: readLanguage(fields, 'language'),
    status: fields.key('status'),
    notifyRequested: fields.list('notifyRequested'),
    partialDelivery: fields.flag('partialDelivery'),
    sendFrom: fields.word('sendFrom', ['store', 'origin']),
    note: fields.longText('note'),
    publicUrl: fields.text('publicUrl'),
    fields: fields.own(),
    lines,
  })
}

const actions = ['new', 'change', 'cancel'] as const

/** The company that took the order wants it back: at the store it ends as if that had rejected it (N29). */
const takenBack = (fields: RecordFields, defaults: Defaults): IncomingStatus =>
  compact<IncomingStatus>({
    kind: 'status',
    order: fields.requiredKey('number'),
    channel: channelOf(fields, defaults),
    status: 'rejected',
    reason: fields.longText('note') ?? 'taken back by the company that took the order',
  })

function channelOf(fields: RecordFields, defaults: Defaults): string {
  const channel = fields.key('channel') ?? defaults.channel
  if (channel === undefined) fields.note('D030', 'channel', undefined, undefined, 'Set channel of the import.')
  return channel ?? ''
}

function readLine(line: RecordFields, index: number, currency: string): OrderLine {
  return compact<OrderLine>({
    number: line.key('number') ?? String(index + 1),
    sku: line.key('sku'),
    variant: line.key('variant'),
    ean: line.key('ean'),
    description: line.text('description'),
    unit: line.key('unit'),
    quantity: line.decimal('quantity') ?? '1',
    cancelled: line.decimal('cancelled'),
    unitPrice: line.decimal('unitPrice'),
    vatPercent: line.decimal('vatPercent'),
    discount: line.money('discount', currency),
    net: line.money('net', currency),
    vat: line.money('vat', currency),
    gross: line.money('gross', currency),
    location: line.key('location'),
    fields: line.own(),
  })
}
