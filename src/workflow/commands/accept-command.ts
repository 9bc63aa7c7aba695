/**
 * Carries out a command that came as a row of a file, and answers it (import kind `commands`, export kind `answers`).
 *
 * Each is carried out once: by its own id, else by file and row. What needs more than records (a roll back, a
 * message), and what comes behind such a one, is taken and waits for the operator's loop. What cannot be done is
 * answered with its reason and alarms nobody: whoever asked reads the answer. Throws NotLoaded from `known`.
 */
import { isoIn } from '../../core/date.ts'
import { commandId, digest } from '../../core/ids.ts'
import type { IncomingCommand } from '../../core/incoming-command.ts'
import type { CommandRecord } from '../../core/model.ts'
import type { Order } from '../../core/order.ts'
import type { Taken } from '../accept-order.ts'
import { applyWorkflow } from './apply-workflow.ts'
import { askTogether } from '../ask-together.ts'
import { commandOf, orderMeant, paymentMeant } from './command-meant.ts'
import type { Because, Draft } from '../draft.ts'
import { carryOut } from './operate.ts'
import { runRules } from '../run-rules.ts'
import { writeLine } from '../write-line.ts'

export interface Answer {
  readonly state: Exclude<CommandRecord['state'], 'waiting'>
  readonly reason?: string
}
export const refuse = (reason: string): Answer => ({ state: 'refused', reason })

export function acceptCommand(draft: Draft, incoming: IncomingCommand): Taken {
  const { source } = draft
  const key = incoming.key ?? `${source?.fileId ?? ''}/${source?.row ?? 0}`
  const id = commandId(`${source?.import ?? ''}/${key}`)
  const contentHash = digest(JSON.stringify(incoming))
  const known = draft.get('command', id)
  if (known?.contentHash === contentHash) return 'repeated'
  const record: CommandRecord = {
    kind: 'command',
    id,
    version: 0,
    key,
    state: 'waiting',
    command: incoming,
    contentHash,
    source: source ?? { import: draft.cause.actor },
    createdAt: draft.now,
    updatedAt: draft.now,
  }
  if (known !== undefined) {
    answerWith(draft, record, refuse('this id was used for another command before'))
    return 'refused'
  }
  const turn = turnOf(draft, incoming)
  if (turn.kind === 'later') {
    draft.put({ ...record, waitsAt: turn.at })
    draft.happened({ name: 'command.waiting', subject: id, after: { verb: incoming.verb, state: 'waiting' } })
    return 'applied'
  }
  return finish(draft, record, carriedOut(draft, incoming)) === 'refused' ? 'refused' : 'applied'
}

/** The command has come to its end: record, history and answer. */
export function finish(draft: Draft, record: CommandRecord, answer: Answer): CommandRecord['state'] {
  const { waitsAt: _, ...rest } = record
  runRules(draft)
  draft.put({
    ...rest,
    state: answer.state,
    ...(answer.reason !== undefined && { reason: answer.reason.slice(0, 250) }),
    updatedAt: draft.now,
  })
  answerWith(draft, record, answer)
  return answer.state
}

function answerWith(draft: Draft, record: CommandRecord, { state, reason }: Answer): void {
  const event = draft.happened({
    name: state === 'refused' ? 'command.refused' : 'command.done',
    subject: record.id,
    after: { verb: record.command.verb, state },
    ...(reason !== undefined && { text: reason.slice(0, 250) }),
  })
  answerLine(draft, { ...record, state, ...(reason !== undefined && { reason: reason.slice(0, 250) }) }, { event })
}

/** Verbs that need more than records: the history of an order, the state of a message. */
const later: ReadonlySet<IncomingCommand['verb']> = new Set([
  'rollBack',
  'sendMessage',
  'cancelMessage',
  'retryMessage',
])

type Turn = { readonly kind: 'now' } | { readonly kind: 'later'; readonly at: readonly string[] }

/** A command waits when it must, and behind those about the same thing that do: they are carried out in their order. */
function turnOf(draft: Draft, incoming: IncomingCommand): Turn {
  const [order, payment] = [orderMeant(draft, incoming), paymentMeant(draft, incoming)]
  const at = [
    ...(typeof order === 'object' ? [order.id] : []),
    ...(typeof payment === 'object' ? [payment.id, ...payment.allocations.map(({ document }) => document)] : []),
    ...(incoming.message?.startsWith('msg_') === true ? [incoming.message] : []),
  ]
  if (later.has(incoming.verb) && typeof order !== 'string') return { kind: 'later', at }
  const before = askTogether(at.map((id) => () => draft.find('command', 'waitsFor', `command/${id}`)))
  return before.every((commands) => commands.length === 0) ? { kind: 'now' } : { kind: 'later', at }
}

export function carriedOut(draft: Draft, incoming: IncomingCommand): Answer {
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
