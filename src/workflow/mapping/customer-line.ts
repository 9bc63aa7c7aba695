/**
 * The line of the `customers` export: a customer that is new at the collecting company, or changed by an order (N18).
 *
 * One line for each order that makes or changes a customer. A new one has no number: the ERP gives it one, and answers
 * with the id. Pure.
 */
import { dateIn } from '../../core/date.ts'
import type { Customer } from '../../core/model.ts'
import type { Order } from '../../core/order.ts'
import type { Because, Draft } from '../draft.ts'
import { writeLine } from '../write-line.ts'

export function customerLine(
  draft: Draft,
  customer: Customer,
  order: Order,
  action: 'new' | 'update',
  because: Because,
): void {
  const { address } = customer
  const key = [customer.id, order.id, ...(order.round === undefined ? [] : [String(order.round)])].join('/')
  writeLine(
    draft,
    'customers',
    { channel: order.channel, company: customer.company },
    {
      key,
      subject: customer.id,
      fields: {
        id: customer.id,
        action,
        company: customer.company,
        number: action === 'new' ? undefined : customer.number,
        from: order.company,
        fromNumber: order.customer.number,
        name: customer.name,
        name2: customer.name2,
        contact: order.customer.contact,
        email: customer.email,
        phone: customer.phone,
        language: customer.language,
        vatId: customer.vatId,
        companyId: customer.companyId,
        street: address?.street,
        street2: address?.street2,
        postCode: address?.postCode,
        city: address?.city,
        county: address?.county,
        country: address?.country,
        order: order.number,
        channel: order.channel,
        date: dateIn(draft.now, draft.setup.config.timeZone),
      },
    },
    because,
  )
}
