/**
 * Carries out a command that came as a row of a file, and answers it (import kind `commands`, export kind `answers`).
 *
 * Each is carried out once: by its own id, else by file and row. What cannot be done is answered with its
 * reason and alarms nobody: whoever asked reads the answer. Throws NotLoaded from `known`.
 */
import type { Command } from '../core/command.ts'
import { isoIn } from '../core/date.ts'
import { commandId, digest, paymentId } from '../core/ids.ts'
import type { IncomingCommand } from '../core/incoming.ts'
import { compareDecimals, currencyDigits, type DecimalText, fromMinor, type Minor, toMinor } from '../core/money.ts'
import type { CommandRecord, Payment } from '../core/model.ts'
import type { Order } from '../core/order.ts'
import type { Taken } from './accept-order.ts'
import { ordersCalled } from './accept-status.ts'
import { applyWorkflow } from './apply-workflow.ts'
import type { Because, Draft } from './draft.ts'
import { carryOut } from './operate.ts'
import { runRules } from './run-rules.ts'
import { writeLine } from './write-line.ts'

type Answer = Pick<CommandRecord, 'state'> & { readonly reason?: string }
const refuse = (reason: string): Answer => ({ state: 'refused', reason })

export function acceptCommand(draft: Draft, incoming: IncomingCommand): Taken {
  const { source } = draft
  const key = incoming.key ?? `${source?.fileId ?? ''}/${source?.row ?? 0}`
  const id = commandId(`${source?.import ?? ''}/${key}`)
  const contentHash = digest(JSON.stringify(incoming))
  const known = draft.get('command', id)
  if (known?.contentHash === contentHash) return 'repeated'
  const answer =
    known === undefined ? carriedOut(draft, incoming) : refuse('this id was used for another command before')
  runRules(draft)
  const event = draft.happened({
    name: answer.state === 'refused' ? 'command.refused' : 'command.done',
    subject: id,
    after: { verb: incoming.verb, state: answer.state },
    ...(answer.reason !== undefined && { text: answer.reason.slice(0, 250) }),
  })
  const record: CommandRecord = {
    kind: 'command',
    id,
    version: 0,
    key,
    state: answer.state,
    command: incoming,
    ...(answer.reason !== undefined && { reason: answer.reason.slice(0, 250) }),
    contentHash,
    source: source ?? { import: draft.cause.actor },
    createdAt: draft.now,
    updatedAt: draft.now,
  }
  if (known === undefined) draft.put(record)
  answerLine(draft, record, { event })
  return answer.state === 'refused' ? 'refused' : 'applied'
}

function carriedOut(draft: Draft, incoming: IncomingCommand): Answer {
  const order = orderMeant(draft, incoming)
  if (typeof order === 'string') return refuse(order)
  const payment = paymentMeant(draft, incoming)
  if (typeof payment === 'string') return refuse(payment)
  if (incoming.verb === 'apply') return applied(draft, order, incoming)
  const command = commandOf(incoming, order, payment)
  if (typeof command === 'string') return refuse(command)
  const stop = carryOut(draft, command)
  if (stop === undefined) return { state: 'done' }
  return { state: stop.kind, reason: stop.reason }
}

function applied(draft: Draft, order: Order | undefined, { workflow = '' }: IncomingCommand): Answer {
  if (order === undefined) return refuse('no order is named')
  if (!Object.hasOwn(draft.setup.config.workflows, workflow)) return refuse(`there is no workflow "${workflow}"`)
  const result = applyWorkflow(draft, order, workflow)
  return result.kind === 'done' ? { state: 'done' } : { state: 'same', reason: result.reason }
}

/** The one order of the number; undefined where the command names none; a text says why there is none. */
function orderMeant(draft: Draft, { order, channel }: IncomingCommand): Order | undefined | string {
  if (order === undefined) return undefined
  const [found, ...others] = ordersCalled(draft, order, channel)
  if (found === undefined) return `no order ${order}`
  return others.length === 0 ? found : `several channels have an order ${order}; name the channel`
}

function paymentMeant(draft: Draft, { payment, account }: IncomingCommand): Payment | undefined | string {
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
function commandOf(
  incoming: IncomingCommand,
  order: Order | undefined,
  payment: Payment | undefined,
): Command | string {
  const { verb, reason, status = '', method, date, documentType, documentNumber } = incoming
  const currency = payment?.currency ?? order?.currency
  const entered =
    incoming.amount === undefined || currency === undefined ? undefined : exactly(incoming.amount, currency)
  if (typeof entered === 'string') return entered
  const amount = entered === undefined ? {} : { amount: entered }
  const why = reason === undefined ? {} : { reason }
  if (order === undefined && verb !== 'unmatch' && verb !== 'ignore') return 'no order is named'
  if (payment === undefined && (verb === 'match' || verb === 'unmatch' || verb === 'ignore'))
    return 'no payment is named'
  const of = { order: order?.id as Order['id'] }
  const from = { payment: payment?.id as Payment['id'] }
  switch (verb) {
    case 'confirm':
      return { verb, ...of }
    case 'reject':
      return { verb, ...of, ...why }
    case 'deliver':
      return {
        verb,
        ...of,
        ...(documentType !== undefined && { documentType }),
        ...(documentNumber !== undefined && { documentNumber }),
      }
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
      return 'apply is carried out elsewhere'
  }
}

/** The answer to a command that came by a file. */
function answerLine(draft: Draft, { id, key, command, state, reason }: CommandRecord, because: Because): void {
  const { source } = draft
  writeLine(
    draft,
    'answers',
    { channel: command.channel },
    {
      key: `${id}/${source?.fileId ?? ''}/${source?.row ?? 0}`,
      subject: id,
      fields: {
        id: key,
        verb: command.verb,
        order: command.order,
        payment: command.payment,
        result: state,
        reason,
        file: source?.file,
        row: source?.row === undefined ? undefined : String(source.row),
        at: isoIn(draft.now, draft.setup.config.timeZone),
      },
    },
    because,
  )
}
