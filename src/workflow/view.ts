/**
 * The values that templates see, built from an order and what belongs to it.
 *
 * The shape follows the catalogue in core/variables.ts; what the order does not have stays
 * undefined, so that the templates can tell a missing value from an empty one.
 */
import type { Config } from '../config/schema.ts'
import { dateIn, type Instant, type LocalDate } from '../core/date.ts'
import type { Minor } from '../core/money.ts'
import type { Invoice, Payment, Shipment } from '../core/model.ts'
import type { Address, Order, OrderLine } from '../core/order.ts'
import type { TemplateValue, TemplateView } from '../core/rendering.ts'
import type { Draft } from './draft.ts'
import { type LineQuantities, quantitiesOf } from './collect/hand-over.ts'
import { hoursText } from './collect/opening-hours.ts'
import { openAmount } from './order-state.ts'
import { hoursOf, storeOf } from './collect/store-of.ts'

export interface ViewExtras {
  readonly payment?: Payment
  readonly document?: Invoice
  readonly shipment?: Shipment
}

export function orderView(draft: Draft, order: Order, extras: ViewExtras = {}): TemplateView {
  return {
    now: instant(draft, draft.now),
    company: companyView(draft),
    order: orderValues(draft, order),
    customer: {
      number: order.customer.number,
      name: order.customer.name ?? order.customer.address?.name,
      contact: order.customer.contact,
      email: order.customer.email,
      phone: order.customer.phone,
      address: addressView(order.customer.address),
    },
    store: order.store === undefined ? undefined : storeView(draft, order.store),
    fromStore: order.fromStore === undefined ? undefined : storeView(draft, order.fromStore),
    collect: collectView(draft, order),
    payment: extras.payment && paymentView(extras.payment),
    invoice: extras.document && invoiceView(extras.document),
    shipment: extras.shipment && shipmentView(extras.shipment),
  }
}

export function companyView(draft: Draft): TemplateView {
  const { code, name, email, phone } = draft.setup.config.company
  return { code, name, email, phone }
}

function orderValues(draft: Draft, order: Order): TemplateView {
  const amount = (minor: Minor | undefined): TemplateValue | undefined => money(minor, order.currency)
  return {
    number: order.number,
    externalNumber: order.externalNumber,
    reference: order.reference,
    date: date(order.date),
    dueDate: date(order.dueDate),
    currency: order.currency,
    net: amount(order.net),
    vat: amount(order.vat),
    gross: amount(order.gross),
    discount: amount(order.discount),
    shipping: amount(order.shipping),
    prepaid: amount(order.prepaid),
    paid: amount(order.prepaid + order.paid),
    remaining: amount(Math.max(0, openAmount(order))),
    status: order.status,
    paymentStatus: order.paymentStatus,
    isPaid: openAmount(order) <= 0,
    paymentMethod: order.paymentMethod,
    deliveryMethod: order.deliveryMethod,
    statusName: named(draft.setup.config.words.status, order.status),
    paymentMethodName: named(draft.setup.config.words.payment, order.paymentMethod),
    deliveryMethodName: named(draft.setup.config.words.delivery, order.deliveryMethod),
    note: order.note,
    publicUrl: order.publicUrl ?? linkTo(draft, order),
    lineCount: { type: 'decimal', decimal: String(order.lines.length) },
    fields: order.fields,
    shipTo: addressView(order.shipTo),
    lines:
      order.collect?.handovers === undefined
        ? order.lines.map((line) => lineView(line, order.currency))
        : quantitiesOf(order).map((each) => ({ ...lineView(each.line, order.currency), ...handoverView(each) })),
  }
}

function lineView(line: OrderLine, currency: string): TemplateView {
  return {
    number: line.number,
    sku: line.sku,
    variant: line.variant,
    ean: line.ean,
    description: line.description,
    quantity: { type: 'decimal', decimal: line.quantity },
    unit: line.unit,
    unitPrice: line.unitPrice === undefined ? undefined : { type: 'price', decimal: line.unitPrice, currency },
    vatPercent: line.vatPercent === undefined ? undefined : { type: 'decimal', decimal: line.vatPercent },
    discount: money(line.discount, currency),
    net: money(line.net, currency),
    gross: money(line.gross, currency),
  }
}

const handoverView = ({ delivered, returned, open }: LineQuantities): TemplateView => ({
  delivered: some(delivered),
  returned: some(returned),
  open: some(open),
})

/** Nothing where the quantity is 0, so that a section leaves it out. */
const some = (quantity: string): TemplateValue | undefined =>
  quantity === '0' ? undefined : { type: 'decimal', decimal: quantity }

function storeView(draft: Draft, code: string): TemplateView {
  const store = storeOf(draft, code)
  const { calendar, zone } = hoursOf(draft, code)
  return {
    code,
    name: store?.name ?? code,
    email: store?.email,
    phone: store?.phone ?? store?.mobile,
    url: store?.url,
    mapUrl: mapOf(draft, store),
    fax: store?.fax,
    salesperson: store?.salesperson,
    hoursToday: calendar && (hoursText(calendar, zone, dateIn(draft.now, zone)) || undefined),
    address: addressView(store?.address),
  }
}

/** `links.map` with the place of the store filled in; nothing where its place is not known. */
function mapOf(draft: Draft, store: ReturnType<typeof storeOf>): string | undefined {
  const { latitude, longitude } = store ?? {}
  const { map } = draft.setup.config.links
  if (map === undefined || latitude === undefined || longitude === undefined) return undefined
  return map.replace(/\{\{\s*(latitude|longitude)\s*\}\}/g, (_, name) => (name === 'latitude' ? latitude : longitude))
}

function collectView(draft: Draft, order: Order): TemplateView | undefined {
  const { collect } = order
  if (collect === undefined) return undefined
  const { zone } = hoursOf(draft, collect.store)
  return {
    processing: collect.processing,
    delivery: collect.delivery,
    answerBy: collect.processingExpiresAt === undefined ? undefined : instant(draft, collect.processingExpiresAt, zone),
    collectBy: collect.deliveryExpiresAt === undefined ? undefined : instant(draft, collect.deliveryExpiresAt, zone),
    reason: collect.reason,
    documentNumber: collect.documentNumber,
    remaining: money(Math.max(0, openAmount(order)), order.currency),
  }
}

function paymentView(payment: Payment): TemplateView {
  return {
    amount: money(payment.amount, payment.currency),
    date: date(payment.bookedOn),
    method: payment.method,
    reference: payment.reference,
    payer: payment.counterName,
  }
}

function invoiceView(invoice: Invoice): TemplateView {
  return {
    number: invoice.number,
    type: invoice.type,
    total: money(invoice.amount, invoice.currency),
    date: date(invoice.date),
    dueDate: date(invoice.dueDate),
    reference: invoice.reference,
  }
}

function shipmentView({ state, carrier, trackingNumber, trackingUrl, reason }: Shipment): TemplateView {
  return { state, carrier, trackingNumber, trackingUrl, reason }
}

function addressView(
  address: { readonly [K in keyof Address]?: string | undefined } | undefined,
): TemplateView | undefined {
  if (address === undefined) return undefined
  const { name, street, street2, postCode, city, county, country } = address
  return { name, street, street2, postCode, city, county, country }
}

/** `links.order` with the order's number filled in, percent-encoded. */
function linkTo(draft: Draft, order: Order): string | undefined {
  const pattern = draft.setup.config.links.order
  return pattern?.replace(/\{\{\s*order\.number\s*\}\}/g, () => encodeURIComponent(order.number))
}

function named(words: Config['words']['status'], word: string | undefined): TemplateValue | undefined {
  if (word === undefined) return undefined
  const names = Object.hasOwn(words, word) ? (words[word] ?? {}) : {}
  return { type: 'word', word, names: typeof names === 'string' ? { '*': names } : names }
}

const money = (minor: Minor | undefined, currency: string): TemplateValue | undefined =>
  minor === undefined ? undefined : { type: 'money', minor, currency }
const date = (value: LocalDate | undefined): TemplateValue | undefined =>
  value === undefined ? undefined : { type: 'date', date: value }
const instant = (draft: Draft, value: Instant, zone = draft.setup.config.timeZone): TemplateValue => ({
  type: 'instant',
  instant: value,
  zone,
})
