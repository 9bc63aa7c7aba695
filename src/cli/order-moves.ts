/**
 * The verbs of `orderly orders` that move an order on: confirm, reject, deliver, return, set-status.
 *
 * They do what a row of a file of kind `collectStatus` or `orderStatus` does, with the person as actor.
 */
import type { Command } from 'commander'
import type { LineQuantity } from '../core/order.ts'
import type { VerbOptions } from './act-on-ids.ts'
import { type BulkOptions, bulkOptions, isBulk, startRun } from './bulk.ts'
import type { Cli } from './context.ts'
import { examples } from './examples.ts'
import { anyOrders, manyOrders, onOrders, verb } from './on-orders.ts'
import { lineQuantity } from './typed-values.ts'

interface MoveOptions extends VerbOptions {
  readonly reason?: string
  readonly documentType?: string
  readonly documentNumber?: string
  readonly lines?: readonly LineQuantity[]
  readonly force?: boolean
}

export function addMoves(group: Command, cli: Cli): void {
  addAnswers(group, cli)
  addHandovers(group, cli)
  addChooseStore(group, cli)
  addSetStatus(group, cli)
}

/** What a store answers. */
function addAnswers(group: Command, cli: Cli): void {
  const confirm = verb(group, 'confirm', 'the store has the goods ready').argument(...manyOrders)
  examples(confirm, [['orderly orders confirm WEB-100245 WEB-100246', 'as if the store had said so']])
  confirm.action((ids: string[], options: MoveOptions) =>
    onOrders(cli, ids, options, 'confirmed', (order) => ({ verb: 'confirm', order })),
  )
  const reject = verb(group, 'reject', 'the store cannot').argument(...manyOrders)
  reject.option('--reason <text>', 'why, for the customer and the history')
  examples(reject, [['orderly orders reject WEB-100245 --reason "sold out"', 'the customer is told']])
  reject.action((ids: string[], options: MoveOptions) =>
    onOrders(cli, ids, options, 'rejected', (order) => ({ verb: 'reject', order, ...picked(options, 'reason') })),
  )
}

/** For orders that name no store, or one that nobody knows. */
function addChooseStore(group: Command, cli: Cli): void {
  const choose = verb(group, 'choose-store', 'name the store of orders that are at none yet; they go on from there')
    .argument('<store>', 'its code')
    .argument(...manyOrders)
  examples(choose, [['orderly orders choose-store BUD01 WEB-100245', 'which have it: orderly stores near']])
  choose.action((store: string, ids: string[], options: MoveOptions) =>
    onOrders(cli, ids, options, `placed at ${store}`, (order) => ({ verb: 'chooseStore', order, store })),
  )
}

/** Goods over the counter, out and back. */
function addHandovers(group: Command, cli: Cli): void {
  const deliver = overCounter(group, 'deliver', 'the goods were handed over, all or some lines of them')
  deliver.option('--force', 'also what is not ready: pending, rejected or expired')
  examples(deliver, [
    ['orderly orders deliver WEB-100245 --document-type receipt --document-number R-17', 'posts the clearing'],
    ['orderly orders deliver WEB-100245 --lines 1:2,3:0.5 --document-number R-18', 'a part; the rest stays ready'],
  ])
  deliver.action((ids: string[], options: MoveOptions) =>
    onOrders(cli, ids, options, 'delivered', (order) => ({
      verb: 'deliver',
      order,
      ...handover(options),
      ...(options.force === true && { force: true }),
    })),
  )
  const back = overCounter(group, 'return', 'goods were brought back, after they were handed over')
  back.option('--reason <text>', 'why, for the history')
  examples(back, [
    ['orderly orders return WEB-100245 --lines 1:1 --document-number C-3 --reason "too small"', 'one piece of line 1'],
    ['orderly orders return WEB-100245', 'all that was handed over'],
  ])
  back.action((ids: string[], options: MoveOptions) =>
    onOrders(cli, ids, options, 'returned', (order) => ({
      verb: 'return',
      order,
      ...handover(options),
      ...picked(options, 'reason'),
    })),
  )
}

const overCounter = (group: Command, name: string, about: string): Command =>
  verb(group, name, about)
    .argument(...manyOrders)
    .option('--document-type <word>', 'e.g. receipt')
    .option('--document-number <number>', 'number of it: the same one again has no effect')
    .option(
      '--lines <list>',
      'some lines only, as LINE:QUANTITY with commas between them; all when absent',
      lineQuantity,
    )

const handover = (options: MoveOptions) => ({
  ...picked(options, 'documentType'),
  ...picked(options, 'documentNumber'),
  ...(options.lines !== undefined && { lines: options.lines }),
})

function addSetStatus(group: Command, cli: Cli): void {
  const setStatus = verb(group, 'set-status', 'give orders another status')
    .argument('<status>', 'the new one')
    .argument(...anyOrders)
  bulkOptions(setStatus).option('--reason <text>', 'why, for the history')
  examples(setStatus, [
    ['orderly orders list --status new --json | orderly orders set-status accepted -', 'all of them'],
  ])
  setStatus.action(async (status: string, ids: string[], options: MoveOptions & BulkOptions) => {
    const change = { verb: 'setStatus' as const, status, ...picked(options, 'reason') }
    if (isBulk(ids, options)) return await startRun(cli, change, options)
    return await onOrders(cli, ids, options, `set to "${status}"`, (order) => ({ ...change, order }))
  })
}

const picked = <K extends 'reason' | 'documentType' | 'documentNumber'>(
  options: MoveOptions,
  key: K,
): { readonly [P in K]?: string } => {
  const value = options[key]
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: string })
}
