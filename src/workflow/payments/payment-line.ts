/**
 * Export lines about payments: what became of the matching, for the ERP.
 *
 * Values are canonical text; field names are those of core/export-fields.ts. Pure; throws nothing.
 */
import type { Payment } from '../../core/model.ts'
import { fromMinor, type Minor } from '../../core/money.ts'
import type { Order } from '../../core/order.ts'
import type { Because, Draft } from '../draft.ts'
import { writeLine } from '../write-line.ts'

/**
 * The result of matching, one line for each state that a payment comes to and order that it touched. The key holds
 * the payment's version and the number of the line within the decision: unmatched, ambiguous, unmatched are three.
 */
export function paymentLine(draft: Draft, payment: Payment, because: Because, order?: Order, allocated?: Minor): void {
  const sign = payment.direction === 'debit' ? -1 : 1
  writeLine(
    draft,
    'payments',
    { channel: order?.channel ?? payment.channel, company: order?.company ?? companyOf(draft, payment) },
    {
      key: `${payment.id}/${payment.version}/${draft.countLine(payment.id)}`,
      subject: payment.id,
      fields: {
        id: payment.id,
        account: payment.account,
        bankKey: payment.bankKey,
        state: payment.state,
        order: order?.number,
        channel: order?.channel ?? payment.channel,
        amount: fromMinor(sign * payment.amount, payment.currency),
        allocated: allocated === undefined ? undefined : fromMinor(allocated, payment.currency),
        currency: payment.currency,
        date: payment.bookedOn,
        payer: payment.counterName,
        reference: payment.reference,
        message: payment.message,
        rule: payment.evidence.at(-1),
      },
    },
    because,
  )
}

/** Whose account the payment came to: by its channel, else by its import, else the own company. */
function companyOf({ setup: { config } }: Draft, { channel, source }: Payment): string {
  const ofChannel = channel !== undefined && Object.hasOwn(config.channels, channel) ? config.channels[channel] : {}
  const ofImport = Object.hasOwn(config.imports, source.import) ? config.imports[source.import] : undefined
  return ofImport?.company ?? ofChannel?.company ?? config.company.code
}
