/**
 * `orderly orders`: list, show, history, and the verbs of a person: those of the state (order-moves.ts), mark-paid,
 * roll-back, apply.
 *
 * Orders are named by number, `channel/number` or id; several at once, or from standard input with `-`.
 */
import type { Command } from 'commander'
import type { Run } from '../../core/run.ts'
import type { Order } from '../../core/order.ts'
import type { VerbOptions } from '../act-on-ids.ts'
import { type BulkOptions, bulkOptions, isBulk, resumeRun, runColumns, startRun } from '../bulk.ts'
import { type Cli, look } from '../context.ts'
import { examples } from '../examples.ts'
import { usage } from '../failure.ts'
import { listOptions, type ListOptions, recordFilter } from '../list-options.ts'
import { addSteps } from '../order-steps.ts'
import { addMoves } from '../order-moves.ts'
import { anyOrders, onOrders, verb } from '../on-orders.ts'
import { printHistory } from '../print-events.ts'
import { orderColumns, printOrder } from '../print-order.ts'
import { addRollBack } from '../roll-back.ts'
import { theTarget } from '../typed-ids.ts'
import { amountOf, dateOf, wordOf } from '../typed-values.ts'

export function register(program: Command, cli: Cli): void {
  const group = program.command('orders').description('look at orders and act on them')
  addLists(group, cli)
  addMoves(group, cli)
  addSteps(group, cli)
  addPaid(group, cli)
  addRollBack(group, cli)
  addRuns(group, cli)
}

interface OrderListOptions extends ListOptions {
  readonly status?: string
  readonly paymentStatus?: string
  readonly processing?: string
  readonly delivery?: string
  readonly store?: string
  readonly channel?: string
  readonly number?: string
  readonly waiting?: boolean
  readonly sort?: string
  readonly archived?: boolean
}

function addLists(group: Command, cli: Cli): void {
  const list = group.command('list').description('orders, oldest first')
  for (const [flag, about] of [
    ['--status <word>', 'status'],
    ['--payment-status <word>', 'unpaid, partiallyPaid, paid, overpaid, refunded'],
    ['--processing <word>', 'at the store: pending, confirmed, rejected, expired'],
    ['--delivery <word>', 'at the store: ready, delivered, expired'],
    ['--store <code>', 'collecting store'],
    ['--channel <code>', 'channel'],
    ['--number <number>', 'number, over all channels'],
    ['--sort <word>', 'entry, number or expiry: what must be answered or collected first; default: entry'],
  ] as const) {
    list.option(flag, about)
  }
  list.option('--waiting', 'those that are not at their store yet: a customer or an item is not mapped')
  list.option('--archived', 'those that were archived, in place of the others')
  examples(listOptions(list), [
    ['orderly orders list --processing pending --store BUD01', 'what the store has not answered'],
    ['orderly orders list --since 1d --json', 'one order a line'],
    ['orderly orders list --filter customer.email=anna@example.com', 'any field'],
  ])
  list.action(async (options: OrderListOptions) => await listOrders(cli, options))
  const show = group.command('show').description('one order').argument('<order>', 'number, channel/number or id')
  examples(show, [['orderly orders show WEB-100245', 'with its lines, the state at the store, parcels and documents']])
  show.action(
    async (text: string) =>
      await look(cli, async ({ ledger, zone }) => {
        const { order } = await theTarget(ledger, text, ['order'])
        printOrder(cli.out, order, (await ledger.aboutSubject(order.id)).records, zone)
      }),
  )
  const history = group
    .command('history')
    .description(
      'all that happened to an order and to what belongs to it: when, who, by which file and rule, what changed',
    )
    .argument('<order>', 'number, channel/number or id')
  examples(history, [['orderly orders history WEB-100245', 'what followed from it all: orderly why WEB-100245']])
  history.action(async (text: string) => await showHistory(cli, text))
}

const sortFields = {
  number: ['number'],
  expiry: ['collect.deliveryExpiresAt', 'collect.processingExpiresAt'],
} as const

async function listOrders(cli: Cli, options: OrderListOptions): Promise<void> {
  const { status, paymentStatus, processing, delivery, store, channel, number, waiting } = options
  await look(cli, async ({ ledger, zone }) => {
    const fields = {
      status,
      paymentStatus,
      store,
      channel,
      'collect.processing': processing,
      'collect.delivery': delivery,
    }
    const filter = recordFilter('order', options, fields, { now: cli.clock.now(), zone })
    const sort = wordOf(options.sort ?? 'entry', '--sort', ['entry', 'number', 'expiry'])
    if (sort !== 'entry' && options.after !== undefined) throw usage('--after goes by the order of entry')
    const orders = await ledger.records({
      ...filter,
      ...(number !== undefined && { number }),
      ...(sort !== 'entry' && { sortBy: sortFields[sort] }),
      ...(options.archived !== true && { notNamed: [{ name: 'archived', value: '*' }] }),
      named: [
        ...(waiting === true ? [{ names: ['awaits'] as const, values: ['*'] }] : []),
        ...(options.archived === true ? [{ names: ['archived'] as const, values: ['*'] }] : []),
      ],
    })
    cli.out.rows(orders as readonly Order[], orderColumns(zone), 'no orders')
    const next = sort === 'entry' ? `--after ${orders.at(-1)?.id ?? ''}, or --limit` : '--limit'
    if (orders.length >= filter.limit) cli.out.complain(`more may follow: ${next}`)
  })
}

async function showHistory(cli: Cli, text: string): Promise<void> {
  await look(cli, async ({ ledger, zone }) => {
    const { order } = await theTarget(ledger, text, ['order'])
    const { wholeHistory } = await import('../../operator/order-history.ts')
    printHistory(cli.out, await wholeHistory(ledger, order), zone, order)
  })
}

interface PaidOptions extends VerbOptions {
  readonly amount?: string
  readonly method?: string
  readonly date?: string
}

function addPaid(group: Command, cli: Cli): void {
  const paid = verb(group, 'mark-paid', 'enter a payment by hand; the same follows as from the bank').argument(
    ...anyOrders,
  )
  bulkOptions(paid).option('--amount <amount>', 'in the currency of the order, e.g. 12.50; default: all that is open')
  paid.option('--method <word>', 'payment method').option('--date <date>', 'day of the payment, e.g. 2026-03-14')
  examples(paid, [['orderly orders mark-paid WEB-100245 --amount 12.50 --method cash --dry-run', 'what would follow']])
  paid.action(async (ids: string[], options: PaidOptions & BulkOptions) => {
    const { amount, method, date } = options
    if (amount !== undefined && (ids.length !== 1 || ids.includes('-')))
      throw usage('--amount can be given for one order only')
    const day = date === undefined ? {} : { date: dateOf(date, '--date') }
    const entry = { verb: 'markPaid' as const, ...day, ...(method !== undefined && { method }) }
    if (isBulk(ids, options)) return await startRun(cli, entry, options)
    return await onOrders(cli, ids, options, 'paid', (order, { currency }) => ({
      ...entry,
      order,
      ...(amount !== undefined && { amount: amountOf(amount, currency) }),
    }))
  })
}

function addRuns(group: Command, cli: Cli): void {
  const apply = verb(
    group,
    'apply',
    'run a workflow on many orders, as if its occasions came now; each effect comes once',
  )
  bulkOptions(apply.argument('[workflow]', 'its name in the config')).option(
    '--resume <run>',
    'go on with a run that was stopped',
  )
  examples(apply, [
    ['orderly orders apply payment-transfer --filter channel=b2b --since 2026-01-01 --dry-run', 'what would follow'],
    ['orderly orders apply payment-transfer --filter paymentStatus=paid --no-send', 'without telling anybody'],
    ['orderly orders apply --resume run_4zq…', 'after it was stopped'],
  ])
  apply.action(async (workflow: string | undefined, options: BulkOptions & { readonly resume?: string }) => {
    if (options.resume !== undefined) return await resumeRun(cli, options.resume)
    if (workflow === undefined) throw usage('name the workflow, or --resume a run')
    return await startRun(cli, { verb: 'apply', workflow }, options)
  })
  const runs = group.command('runs').description('runs over many orders, oldest first')
  examples(listOptions(runs), [['orderly orders runs --filter state=running', 'those that are not done']])
  runs.action(async (options: ListOptions) => {
    await look(cli, async ({ ledger, zone }) => {
      const filter = recordFilter('run', options, {}, { now: cli.clock.now(), zone })
      cli.out.rows((await ledger.records(filter)) as readonly Run[], runColumns(zone), 'no runs')
    })
  })
}
