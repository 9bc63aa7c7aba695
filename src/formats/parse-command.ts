/**
 * A record of kind `commands` to an IncomingCommand: what a person would type, said by a file.
 *
 * Each verb has fields that must be there; those of other verbs are left out of account. Whether it can be
 * carried out is for the workflow to say. Throws nothing: problems are noted.
 */
import type { IncomingCommand } from '../core/incoming-command.ts'
import { commandVerbs } from '../core/incoming-command.ts'
import { collectStates } from '../core/order.ts'
import type { Defaults } from './defaults.ts'
import { linesOf } from './parse-lines.ts'
import { compact } from './record-fields.ts'
import type { RecordFields } from './record-fields.ts'

const needed: { readonly [V in IncomingCommand['verb']]: readonly string[] } = {
  confirm: ['order'],
  reject: ['order'],
  deliver: ['order'],
  return: ['order'],
  setStatus: ['order', 'status'],
  markPaid: ['order'],
  match: ['payment', 'order'],
  unmatch: ['payment'],
  ignore: ['payment', 'reason'],
  apply: ['order', 'workflow'],
  next: ['order'],
  send: ['order'],
  notify: ['order'],
  archive: ['order'],
  chooseStore: ['order', 'store'],
  rollBack: ['order'],
  sendMessage: ['message'],
  cancelMessage: ['message'],
  retryMessage: ['message'],
}

export function parseCommand(fields: RecordFields, defaults: Defaults): IncomingCommand {
  const verb = fields.word('verb', commandVerbs)
  for (const name of verb === undefined ? ['verb'] : needed[verb]) if (!fields.has(name)) fields.note('D030', name)
  return compact<IncomingCommand>({
    kind: 'command',
    verb: verb ?? 'confirm',
    key: fields.key('id'),
    order: fields.key('order'),
    channel: fields.key('channel') ?? defaults.statusChannel,
    payment: fields.key('payment'),
    account: fields.key('account'),
    store: fields.key('store'),
    whom: fields.word('whom', ['store', 'customer', 'both'] as const),
    state: fields.word('state', collectStates),
    message: fields.key('message'),
    status: fields.key('status'),
    workflow: fields.key('workflow'),
    to: eventNumber(fields),
    freePayments: fields.flag('freePayments'),
    amount: fields.decimal('amount'),
    method: fields.key('method'),
    date: fields.date('date'),
    documentType: fields.key('documentType'),
    documentNumber: fields.key('documentNumber'),
    lines: linesOf(fields, 'quantities'),
    reason: fields.longText('reason'),
  })
}

function eventNumber(fields: RecordFields): number | undefined {
  const text = fields.key('to')
  if (text === undefined || /^[1-9]\d{0,14}$/.test(text)) return text === undefined ? undefined : Number(text)
  fields.note('D035', 'to', text, 'the number of an event, as orderly orders history shows it')
  return undefined
}
