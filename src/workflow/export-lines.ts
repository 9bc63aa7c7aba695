/**
 * Export lines: what each kind of effect says to the ERP, one line per configured export.
 *
 * Values are canonical text (decimals with a point, ISO dates); field names are those of
 * core/export-fields.ts. A line's dedupe key makes it unique per export, however often the
 * effect is decided.
 */
import type { ExportFields } from '../core/batch.ts'
import { dateIn, isoIn } from '../core/date.ts'
import { digest } from '../core/ids.ts'
import type { Dispatch, Invoice, Movement, Shipment } from '../core/model.ts'
import { fromMinor, type Minor } from '../core/money.ts'
import type { Collect, Order, OrderLine } from '../core/order.ts'
import { handedOver } from './collect/hand-over.ts'
import type { Because, Draft } from './draft.ts'
import { keyedLines } from './line-keys.ts'
import { openAmount } from './order-state.ts'
import { lineGross } from './order-vat.ts'
import { storeOf } from './collect/store-of.ts'
import { writeLine } from './write-line.ts'

const orderFields = (order: Order): ExportFields => ({
  order: order.number,
  externalNumber: order.externalNumber,
  channel: order.channel,
})
const today = (draft: Draft): string => dateIn(draft.now, draft.setup.config.timeZone)

/** One line per change of status, payment or collect state (N34). */
export function orderStatusLine(
  draft: Draft,
  order: Order,
  previous: string | undefined,
  because: Because,
  shipment?: Shipment,
): void {
  const { collect } = order
  writeLine(
    draft,
    'orderStatus',
    { channel: order.channel, company: order.company, collectedBy: collect?.toCompany },
    {
      key: `${order.id}/${order.transition}`,
      subject: order.id,
      fields: {
        ...orderFields(order),
        sequence: String(order.transition),
        status: order.status,
        previous,
        paymentStatus: order.paymentStatus,
        paid: fromMinor(order.prepaid + order.paid, order.currency),
        currency: order.currency,
        store: collect?.store,
        processing: collect?.processing,
        delivery: collect?.delivery,
        delivered: handedOver(order, 'delivered'),
        returned: handedOver(order, 'returned'),
        documentType: collect?.documentType,
        documentNumber: collect?.documentNumber,
        reason: collect?.reason,
        carrier: shipment?.carrier,
        trackingNumber: shipment?.trackingNumber,
        trackingUrl: shipment?.trackingUrl,
        by: draft.cause.actor,
        at: isoIn(draft.now, draft.setup.config.timeZone),
      },
    },
    because,
  )
}

export interface InvoiceInstruction {
  readonly action: string
  /** The proforma of an invoice, the invoice of a credit note. */
  readonly refersTo?: Invoice | undefined
  /** Lines and quantities that a credit note is about, when not all. */
  readonly lines?: string | undefined
}

export function invoiceLine(
  draft: Draft,
  order: Order,
  invoice: Invoice,
  { action, refersTo, lines }: InvoiceInstruction,
  because: Because,
): void {
  const amount = (minor: Minor | undefined): string | undefined =>
    minor === undefined ? undefined : fromMinor(minor, order.currency)
  const { customer } = order
  writeLine(
    draft,
    'invoice',
    { channel: order.channel, company: order.company },
    {
      key: action === 'issue' ? invoice.id : `${invoice.id}/${order.transition}`,
      subject: invoice.id,
      fields: {
        id: invoice.id,
        ...orderFields(order),
        action,
        type: invoice.type,
        customer: customer.number,
        name: customer.name ?? customer.address?.name,
        email: customer.email,
        // Of a part there is no net amount that the order states.
        ...(invoice.amount === order.gross && { net: amount(order.net), vat: amount(order.vat) }),
        gross: amount(invoice.amount),
        paid: amount(order.prepaid + order.paid),
        currency: order.currency,
        date: today(draft),
        refersTo: refersTo?.number,
        refersToId: refersTo?.id,
        lines,
        reason: because.trace && `${because.trace.workflow} ${because.trace.rule}`,
      },
    },
    because,
  )
}

export function stockLine(draft: Draft, order: Order, line: OrderLine, movement: Movement, because: Because): void {
  writeLine(
    draft,
    'stock',
    { channel: order.channel, company: order.company },
    {
      key: movement.id,
      subject: movement.id,
      fields: {
        id: movement.id,
        ...orderFields(order),
        line: movement.line,
        move: movement.move,
        sku: movement.sku,
        variant: line.variant,
        quantity: movement.quantity,
        from: movement.from,
        to: movement.to,
        date: today(draft),
        reverses: movement.reverses,
      },
    },
    because,
  )
}

export function dispatchLine(
  draft: Draft,
  order: Order,
  dispatch: Dispatch,
  because: Because,
  action: 'create' | 'cancel' = 'create',
): void {
  const to = order.shipTo ?? order.customer.address
  writeLine(
    draft,
    'dispatch',
    { channel: order.channel, company: order.company },
    {
      key: action === 'create' ? dispatch.id : `${dispatch.id}/cancel`,
      subject: dispatch.id,
      fields: {
        id: dispatch.id,
        ...orderFields(order),
        action,
        to: dispatch.to,
        name: to?.name ?? order.customer.name,
        street: to?.street,
        postCode: to?.postCode,
        city: to?.city,
        country: to?.country,
        phone: order.customer.phone,
        email: order.customer.email,
        carrier: dispatch.carriage?.carrier,
        profile: dispatch.carriage?.profile,
        package: dispatch.carriage?.package,
        weight: dispatch.carriage?.weight,
        services: dispatch.carriage?.services.join(','),
        cashOnDelivery:
          dispatch.cashOnDelivery === undefined ? undefined : fromMinor(dispatch.cashOnDelivery, order.currency),
        currency: order.currency,
        date: today(draft),
      },
    },
    because,
  )
}

export interface StoreRows {
  /** `cancel`: the order, or what is left of it, is to be taken back at the store (N29). */
  readonly action: 'new' | 'change' | 'cancel'
  /** Lines with the quantities that are meant; all lines as ordered when absent. */
  /** Tells what is sent once more from what was sent before. */
  readonly again?: string
  readonly lines?: readonly { readonly line: OrderLine; readonly key: string; readonly quantity: string }[]
}

/** The order for the collecting company's ERP: one line per order line (N04, N11). */
export function orderToStoreLines(
  draft: Draft,
  order: Order,
  because: Because,
  { action, lines, again }: StoreRows = { action: 'new' },
): void {
  const { collect, customer } = order
  if (collect === undefined) return
  const amount = (minor: Minor): string => fromMinor(minor, order.currency)
  const zone = draft.setup.config.timeZone
  const ofStore = storeFields(draft, order, collect)
  for (const { line, key, quantity = line.quantity } of lines ?? keyedRows(order)) {
    const gross = lineGross(line, order)
    writeLine(
      draft,
      'orderToStore',
      { channel: order.channel, company: collect.toCompany },
      {
        key: again === undefined ? rowKey(order, key, action) : `${rowKey(order, key, action)}/again/${again}`,
        subject: order.id,
        fields: {
          action,
          document:
            action === 'new'
              ? `${order.channel}/${order.number}`
              : `${order.channel}/${order.number}/${digest(rowKey(order, '', action)).slice(0, 8)}`,
          ...orderFields(order),
          store: collect.store,
          company: collect.toCompany,
          fromCompany: collect.fromCompany,
          date: order.date,
          customer: collect.customerNumber,
          name: customer.name ?? customer.address?.name,
          email: customer.email,
          phone: customer.phone,
          gross: amount(order.gross),
          prepaid: amount(order.prepaid + order.paid),
          remaining: amount(Math.max(0, openAmount(order))),
          currency: order.currency,
          line: line.number,
          sku: line.sku,
          description: line.description,
          quantity,
          unitPrice: line.unitPrice,
          lineGross: gross === undefined ? undefined : amount(gross),
          answerBy: collect.processingExpiresAt === undefined ? undefined : isoIn(collect.processingExpiresAt, zone),
          vatPercent: line.vatPercent,
          partialDelivery: collect.settings.partialDelivery ? 'true' : 'false',
          sendFrom: collect.settings.sendFrom,
          variant: line.variant,
          ean: line.ean,
          ...itemFields(collect, key),
          ...ofStore,
        },
      },
      because,
    )
  }
}

/** An order goes to its store once, and again after a roll back; it may change and end there several times. */
function rowKey(
  { id, round, transition, contentHash, source }: Order,
  line: string,
  action: StoreRows['action'],
): string {
  const key = round === undefined ? `${id}/${line}` : `${id}/${line}/${round}`
  return action === 'new' ? key : `${key}/${action}/${transition}/${source.fileId ?? ''}/${contentHash}`
}

const keyedRows = (order: Order): NonNullable<StoreRows['lines']> =>
  keyedLines(order.lines).map(({ line, key }) => ({ line, key, quantity: line.quantity }))

/** What store and workflow say where the order says nothing (N18, N19). */
function storeFields(
  draft: Draft,
  order: Order,
  { store: code, settings, customerNumber, newCustomer }: Collect,
): ExportFields {
  const store = storeOf(draft, code)
  return {
    customerId: customerNumber === undefined ? newCustomer : undefined,
    shippingMethod: settings.defaults?.shippingMethod ?? order.deliveryMethod,
    paymentMethod: order.paymentMethod ?? settings.defaults?.paymentMethod,
    billTo: store?.billTo,
    location: store?.location,
    salesperson: store?.salesperson,
    prepaymentAccount: order.prepaymentAccount ?? store?.prepaymentAccount,
  }
}

/** What the collecting company calls the item of a line; nothing where its workflow maps none. */
function itemFields({ items }: Collect, key: string): ExportFields {
  const item = items?.find(({ line }) => line === key)
  return item === undefined ? {} : { targetSku: item.sku, targetVariant: item.variant, itemBy: item.by }
}
