/**
 * One verb for many orders, chosen by fields instead of ids: begun, gone on with, told order by order.
 *
 * With `--json` each order is one line; for people the refused ones are told and the rest is counted. The worst
 * result is the exit code. A run that was stopped says how to go on.
 */
import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { isoIn } from '../core/date.ts'
import type { NewMessage } from '../core/message.ts'
import type { BulkVerb, Run } from '../core/run.ts'
import type { RunOptions, RunWish } from '../operator/run-over-orders.ts'
import { type Acting, type Cli, decide } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { usage } from './failure.ts'
import type { Column } from './print.ts'
import { startProgress } from './progress.ts'
import { collectFilter, countOf, whenOf } from './typed-values.ts'

export interface BulkOptions {
  readonly filter?: Readonly<Record<string, string>>
  readonly since?: string
  readonly limit?: number
  /** Commander's `--no-send`. */
  readonly send?: boolean
  readonly dryRun?: boolean
}

export const bulkOptions = (command: Command): Command =>
  command
    .option('--filter <field=value>', 'of all orders with this field; may be given again', collectFilter)
    .option('--since <time>', 'of all orders that came then or later: a date, a time or a duration such as 2d')
    .option('--limit <count>', 'at most so many orders', countOf('--limit', 100_000_000))
    .option('--no-send', 'tell nobody: messages are recorded as suppressed')

export const runColumns = (zone: string): readonly Column<Run>[] => [
  { head: 'run', of: ({ id }) => id },
  { head: 'verb', of: ({ bulk }) => bulk.verb },
  {
    head: 'of',
    of: ({ bulk }) => (bulk.verb === 'apply' ? bulk.workflow : bulk.verb === 'setStatus' ? bulk.status : undefined),
  },
  { head: 'state', of: ({ state }) => state },
  { head: 'done', of: ({ done }) => String(done), right: true },
  { head: 'as they were', of: ({ same }) => String(same), right: true },
  { head: 'refused', of: ({ refused }) => String(refused), right: true },
  { head: 'begun', of: ({ createdAt }) => isoIn(createdAt, zone) },
]

/** Whether orders are chosen by their fields; not together with ids. */
export function isBulk(ids: readonly string[], { filter, since }: BulkOptions): boolean {
  const chosen = filter !== undefined || since !== undefined
  if (chosen && ids.length > 0) throw usage('give either orders or --filter and --since, not both')
  if (!chosen && ids.length === 0)
    throw usage('name orders, "-" for standard input, or choose them with --filter or --since')
  return chosen
}

export async function startRun(cli: Cli, bulk: BulkVerb, options: BulkOptions): Promise<void> {
  const { filter = {}, since, limit, send = true } = options
  const { newRun } = await import('../operator/run-over-orders.ts')
  const now = cli.clock.now()
  const dryRun = options.dryRun ?? false
  await decide(cli, dryRun ? 'look' : 'change', async (at) => {
    const { current, zone } = at
    if (bulk.verb === 'apply' && !Object.hasOwn(current.setup.config.workflows, bulk.workflow)) {
      throw usage(
        `there is no workflow "${bulk.workflow}"; there are: ${Object.keys(current.setup.config.workflows).join(', ')}`,
      )
    }
    const wish: RunWish = {
      bulk,
      where: filter,
      noSend: !send,
      ...(since !== undefined && { since: whenOf(since, '--since', { now, zone, towards: 'past' }) }),
      ...(limit !== undefined && { limit }),
    }
    await follow(cli, at, newRun(wish, now + 1, randomUUID()), dryRun)
  })
}

/** Goes on with a run that was stopped. */
export async function resumeRun(cli: Cli, id: string): Promise<void> {
  await decide(cli, 'change', async (at) => {
    const run = await at.ledger.record('run', id)
    if (run === undefined) throw usage(`there is no run ${id}; see: orderly orders runs`)
    if (run.state === 'done') return cli.out.line(`${id} is done already`)
    await follow(cli, at, run, false)
  })
}

async function follow(cli: Cli, { ledger, current: { setup } }: Acting, begun: Run, dryRun: boolean): Promise<void> {
  const { runOverOrders } = await import('../operator/run-over-orders.ts')
  const { countsOf, wordsOf } = await import('../workflow/commands/decide-bulk.ts')
  const { asWanted } = await import('../operator/as-wanted.ts')
  const { estimateMessages, estimateWords } = await import('../workflow/messages/sms-cost.ts')
  const options: RunOptions = { actor: cli.actor(), now: () => cli.clock.now(), dryRun }
  const { records } = await ledger.totals()
  const orders = records.reduce((sum, { kind, count }) => sum + (kind === 'order' ? count : 0), 0)
  const total = Math.min(orders, begun.limit ?? Infinity)
  const progress = startProgress(wordsOf(begun), cli.io.err)
  let run = begun
  const messages: NewMessage[] = []
  let unwanted = 0
  try {
    for await (const step of runOverOrders(ledger, setup, begun, options)) {
      run = step.run
      if (run.bulk.verb === 'tell') {
        const wanted = await asWanted(ledger, step.messages)
        unwanted += wanted.filter((message, i) => message !== step.messages[i]).length
        messages.push(...wanted)
      }
      for (const { order, number, result, reason } of step.results) {
        cli.out.value({ id: order, number, result, ...(reason !== undefined && { reason }) })
        if (result === 'refused') cli.out.complain(`${number}: refused: ${reason ?? ''}`)
        if (result === 'refused') cli.end(exitCodes.not)
      }
      progress.update(run.done + run.same + run.refused, total)
    }
  } finally {
    progress.end()
    if (run.state === 'running' && run.version > 0) {
      cli.out.complain(`stopped after ${countsOf(run)}; go on with: orderly orders apply --resume ${run.id}`)
    }
  }
  const cost = estimateWords(estimateMessages(setup.config.sms.prices, messages))
  if (cost !== undefined) cli.out.value({ sms: estimateMessages(setup.config.sms.prices, messages) })
  if (!cli.out.json) {
    cli.out.line(`${wordsOf(run)}: ${countsOf(run)}${dryRun ? '; nothing was changed' : ''}`)
    if (cost !== undefined) cli.out.line(`SMS: ${cost}`)
    if (unwanted > 0) cli.out.line(`${unwanted} of the messages are not sent: their recipients opted out`)
  }
}
