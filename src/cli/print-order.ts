/**
 * An order for people: a row of the list, and all of it on its own.
 * With JSON output the record as it is stored, in place of the text.
 */
import { isoIn } from '../core/date.ts'
import type { Entity } from '../core/model.ts'
import { fromMinor, type Minor } from '../core/money.ts'
import type { Collect, Order } from '../core/order.ts'
import { type LineQuantities, quantitiesOf } from '../workflow/collect/hand-over.ts'
import { printFacts } from './print-facts.ts'
import { printOfOrder } from './print-of-order.ts'
import type { Column, Output } from './print.ts'

export const orderColumns = (zone: string): readonly Column<Order>[] => [
  { head: 'number', of: ({ number }) => number },
  { head: 'channel', of: ({ channel }) => channel },
  { head: 'status', of: ({ status }) => status },
  { head: 'payment', of: ({ paymentStatus }) => paymentStatus },
  { head: 'store', of: ({ store }) => store },
  { head: 'at the store', of: ({ collect, waits }) => collectState(collect) ?? (waits && 'waits') },
  { head: 'total', of: (order) => money(order, order.gross), right: true },
  { head: 'came', of: ({ createdAt }) => isoIn(createdAt, zone) },
  { head: 'id', of: ({ id }) => id },
]

const collectState = (collect: Collect | undefined): string | undefined =>
  collect && [collect.processing, collect.delivery].filter((state) => state !== undefined).join(', ')

const money = ({ currency }: Order, minor: Minor | undefined): string | undefined =>
  minor === undefined ? undefined : `${fromMinor(minor, currency)} ${currency}`

/** `records`: what belongs to the order. */
export function printOrder(out: Output, order: Order, records: readonly Entity[], zone: string): void {
  if (out.json) return out.value(order)
  const { customer, collect, source, waits } = order
  printFacts(out, [
    ['order', `${order.channel}/${order.number}`],
    ['id', order.id],
    ['type', order.type],
    ['external number', order.externalNumber],
    ['reference', order.reference],
    ['status', order.status],
    ['payment', `${order.paymentStatus}, by ${order.paymentMethod ?? 'an unknown method'}`],
    ['total', money(order, order.gross)],
    ['prepaid', money(order, order.prepaid)],
    ['paid', money(order, order.paid)],
    ['written off', money(order, order.writtenOff)],
    ['delivery', order.deliveryMethod],
    ['store', order.store],
    ['company', order.company],
    ['customer', [customer.number, customer.name, customer.email, customer.phone].filter(Boolean).join(', ')],
    ['note', order.note],
    [
      'from',
      source.file === undefined
        ? source.import
        : `${source.file}, record ${source.row ?? '?'}, import ${source.import}`,
    ],
    ['came', isoIn(order.createdAt, zone)],
    ['changed', isoIn(order.updatedAt, zone)],
  ])
  if (collect !== undefined) printFacts(out, collectFacts(collect, zone))
  if (waits !== undefined) printFacts(out, [['waits', `${waits.reason}; since ${isoIn(waits.since, zone)}`]])
  out.line('')
  out.rows(quantitiesOf(order), [
    { head: 'line', of: ({ key }) => key },
    { head: 'sku', of: ({ line }) => line.sku },
    { head: 'description', of: ({ line }) => line.description },
    { head: 'quantity', of: ({ line }) => line.quantity, right: true },
    { head: 'price', of: ({ line }) => line.unitPrice, right: true },
    { head: 'total', of: ({ line }) => money(order, line.gross), right: true },
    ...(collect?.handovers === undefined ? [] : handoverColumns),
  ])
  printOfOrder(out, records, zone)
}

const handoverColumns: readonly Column<LineQuantities>[] = [
  { head: 'handed over', of: ({ delivered }) => delivered, right: true },
  { head: 'brought back', of: ({ returned }) => returned, right: true },
]

const collectFacts = (collect: Collect, zone: string): Parameters<typeof printFacts>[1] => [
  ['at the store', `${collectState(collect) ?? ''} (${collect.processingBy}, ${isoIn(collect.processingAt, zone)})`],
  ['answer by', collect.processingExpiresAt && isoIn(collect.processingExpiresAt, zone)],
  ['keep until', collect.deliveryExpiresAt && isoIn(collect.deliveryExpiresAt, zone)],
  ['document', [collect.documentType, collect.documentNumber].filter(Boolean).join(' ')],
  ['reason', collect.reason],
  ['companies', `${collect.fromCompany} → ${collect.toCompany}`],
  [
    'customer there',
    collect.customerNumber ?? (collect.newCustomer && `new, without a number yet: ${collect.newCustomer}`),
  ],
  ['settings', `workflow ${collect.settings.workflow}, config ${collect.settings.configHash}`],
]
