/**
 * What a command of a file means: which order, which payment, which amount, exactly.
 *
 * Nothing is guessed: a text says what is missing or ambiguous. Changes nothing; throws NotLoaded from `known`.
 */
import type { Command } from '../../core/command.ts'
import { type MessageId, paymentId } from '../../core/ids.ts'
import type { IncomingCommand } from '../../core/incoming-command.ts'
import { compareDecimals, currencyDigits, type DecimalText, fromMinor, type Minor, toMinor } from '../../core/money.ts'
import type { Payment } from '../../core/model.ts'
import type { Order } from '../../core/order.ts'
import { ordersCalled } from '../accept-status.ts'
import type { Draft } from '../draft.ts'

/** The one order of the number; undefined where the command names none; a text says why there is none. */
export function orderMeant(draft: Draft, { order, channel }: IncomingCommand): Order | undefined | string {
  if (order === undefined) return undefined
  const [found, ...others] = ordersCalled(draft, order, channel)
  if (found === undefined) return `no order ${order}`
  return others.length === 0 ? found : `several channels have an order ${order}; name the channel`
}

export function paymentMeant(draft: Draft, { payment, account }: IncomingCommand): Payment | undefined | string {
  if (payment === undefined) return undefined
  const id = payment.startsWith('pay_') || account === undefined ? payment : paymentId(account, payment)
  return draft.get('payment', id) ?? `no payment ${payment}; expected its id, or its bank reference with the account`
}

/** Minor units, never rounded; a text where the currency has no such amount. */
function exactly(amount: DecimalText, currency: string): Minor | string {
  const minor = toMinor(amount, currency)
  if (compareDecimals(fromMinor(minor, currency), amount) === 0) return minor
  return `${currency} has ${currencyDigits(currency)} decimals, the amount ${amount} has more`
}

/** A text says what is missing. Amounts of a match are in the currency of the payment, others in that of the order. */
export function commandOf(
  incoming: IncomingCommand,
  order: Order | undefined,
  payment: Payment | undefined,
): Command | string {
  const { verb, reason, status = '', method, date, documentType, documentNumber, lines } = incoming
  const why = reason === undefined ? {} : { reason }
  if (verb === 'sendMessage' || verb === 'cancelMessage' || verb === 'retryMessage')
    return messageCommand(verb, incoming)
  const currency = payment?.currency ?? order?.currency
  const entered =
    incoming.amount === undefined || currency === undefined ? undefined : exactly(incoming.amount, currency)
  if (typeof entered === 'string') return entered
  const amount = entered === undefined ? {} : { amount: entered }
  if (order === undefined && verb !== 'unmatch' && verb !== 'ignore') return 'no order is named'
  if (payment === undefined && (verb === 'match' || verb === 'unmatch' || verb === 'ignore'))
    return 'no payment is named'
  const of = { order: order?.id as Order['id'] }
  const from = { payment: payment?.id as Payment['id'] }
  const handover = {
    ...(documentType !== undefined && { documentType }),
    ...(documentNumber !== undefined && { documentNumber }),
    ...(lines !== undefined && { lines }),
  }
  switch (verb) {
    case 'confirm':
      return { verb, ...of }
    case 'reject':
      return { verb, ...of, ...why }
    case 'deliver':
      return { verb, ...of, ...handover }
    case 'return':
      return { verb, ...of, ...handover, ...why }
    case 'next':
    case 'send':
    case 'archive':
      return { verb, ...of }
    case 'notify':
      return { verb, ...of, whom: incoming.whom ?? 'both', ...(incoming.state && { state: incoming.state }) }
    case 'chooseStore':
      return { verb, ...of, store: incoming.store ?? '' }
    case 'setStatus':
      return { verb, ...of, status, ...why }
    case 'markPaid':
      return { verb, ...of, ...amount, ...(method !== undefined && { method }), ...(date !== undefined && { date }) }
    case 'match':
      return { verb, ...from, document: of.order, ...amount }
    case 'unmatch':
      return { verb, ...from, ...why }
    case 'ignore':
      return { verb, ...from, reason: reason ?? '' }
    case 'apply':
    case 'rollBack':
      return `${verb} is carried out elsewhere`
  }
}

type MessageVerb = Extract<Command, { message: MessageId }>['verb']

function messageCommand(verb: MessageVerb, { message = '', reason }: IncomingCommand): Command {
  const of = { message: message as MessageId }
  if (verb !== 'cancelMessage') return { verb, ...of }
  return { verb, ...of, ...(reason !== undefined && { reason }) }
}
