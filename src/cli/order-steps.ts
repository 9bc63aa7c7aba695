/**
 * The verbs of `orderly orders` that run a step by hand (N37): next, send, notify, archive; for some or for many.
 *
 * Many are chosen by their fields and are one run, which goes on where it was when it is stopped.
 */
import type { Command } from 'commander'
import type { Command as Verb } from '../core/command.ts'
import type { OrderId } from '../core/ids.ts'
import { collectStates } from '../core/order.ts'
import type { BulkVerb } from '../core/run.ts'
import type { VerbOptions } from './act-on-ids.ts'
import { type BulkOptions, bulkOptions, isBulk, startRun } from './bulk.ts'
import type { Cli } from './context.ts'
import { examples } from './examples.ts'
import { anyOrders, onOrders, verb } from './on-orders.ts'
import { wordOf } from './typed-values.ts'

interface StepOptions extends VerbOptions, BulkOptions {
  readonly to?: string
  readonly state?: string
  readonly force?: boolean
}
type StepVerb = Extract<BulkVerb, { readonly verb: 'next' | 'send' | 'notify' | 'archive' }>

export function addSteps(group: Command, cli: Cli): void {
  const next = stepVerb(group, 'next', 'run the next step of orders, where it is one that a hand can run')
  examples(next, [['orderly orders next WEB-100245', 'to its store, or into the archive']])
  next.action((ids: string[], options: StepOptions) => run(cli, ids, options, 'moved on', { verb: 'next' }))
  const send = stepVerb(group, 'send', 'send orders to their store, or once more to the ERP of the store')
  examples(send, [['orderly orders send WEB-100245', 'as if it had been lost']])
  send.action((ids: string[], options: StepOptions) => run(cli, ids, options, 'sent to its store', { verb: 'send' }))
  const notify = stepVerb(group, 'notify', 'tell store or customer once more, as a new message')
  notify.option('--to <whom>', 'store, customer or both', 'customer')
  notify.option('--state <word>', `of which state: ${collectStates.join(', ')}; default: the one that the order is in`)
  examples(notify, [
    ['orderly orders notify WEB-100245', 'the customer did not get it'],
    ['orderly orders notify --to store --filter store=BUD01 --filter collect.processing=pending', 'all that wait'],
  ])
  notify.action((ids: string[], options: StepOptions) => run(cli, ids, options, 'told again', notifyVerb(options)))
  const archive = stepVerb(group, 'archive', 'take orders that have ended out of the list')
  archive.option('--force', 'also those that the ERP has not posted')
  examples(archive, [['orderly orders archive WEB-100245', 'then: orderly orders list --archived']])
  archive.action((ids: string[], options: StepOptions) =>
    run(cli, ids, options, 'archived', { verb: 'archive', ...(options.force === true && { force: true }) }),
  )
}

const notifyVerb = ({ to = 'customer', state }: StepOptions): StepVerb => ({
  verb: 'notify',
  whom: wordOf(to, '--to', ['store', 'customer', 'both']),
  ...(state !== undefined && { state: wordOf(state, '--state', collectStates) }),
})

const stepVerb = (group: Command, name: string, about: string): Command =>
  bulkOptions(verb(group, name, about).argument(...anyOrders))

async function run(
  cli: Cli,
  ids: readonly string[],
  options: StepOptions,
  done: string,
  step: StepVerb,
): Promise<void> {
  if (isBulk(ids, options)) return await startRun(cli, step, options)
  const commandOf = (order: OrderId): Verb => ({ ...step, order })
  return await onOrders(cli, ids, options, done, commandOf)
}
