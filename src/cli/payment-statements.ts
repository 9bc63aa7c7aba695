/**
 * `orderly payments statements`: the account statements that came, each with its link to the one before.
 *
 * Lists only. What is missing stands beside the statement behind the gap.
 */
import type { Command } from 'commander'
import { fromMinor, type Minor } from '../core/money.ts'
import type { Statement } from '../core/statement.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { type Cli, look } from './context.ts'
import { examples } from './examples.ts'
import { listOptions, type ListOptions, recordFilter } from './list-options.ts'

interface StatementOptions extends ListOptions {
  readonly account?: string
  readonly state?: string
}

export function addStatements(group: Command, cli: Cli): void {
  const command = group.command('statements').description('account statements that came, and what is missing')
  command.option('--account <account>', 'own account').option('--state <word>', 'first, linked, gap')
  examples(listOptions(command), [
    ['orderly payments statements --state gap', 'behind each of them something is missing'],
    ['orderly payments statements --account HU42117730161111101800000000', 'of one account'],
  ])
  command.action(async (options: StatementOptions) => await listStatements(cli, options))
}

async function listStatements(cli: Cli, options: StatementOptions): Promise<void> {
  const { account, state } = options
  await look(cli, async ({ ledger, zone }) => {
    const filter = recordFilter('statement', options, { account, state }, { now: cli.clock.now(), zone })
    const found = (await ledger.records(filter)) as readonly Statement[]
    cli.out.rows(
      found,
      [
        { head: 'account', of: (statement) => statement.account },
        { head: 'kind', of: ({ origin }) => origin },
        { head: 'number', of: numberOf, right: true },
        { head: 'day', of: ({ date }) => date },
        { head: 'opening', of: ({ opening, currency }) => amountOf(opening, currency), right: true },
        { head: 'closing', of: ({ closing, currency }) => amountOf(closing, currency), right: true },
        { head: 'currency', of: ({ currency }) => currency },
        { head: 'state', of: (statement) => statement.state },
        { head: 'missing', of: ({ missing }) => missing },
        { head: 'file', of: ({ source }) => source.file },
        { head: 'id', of: ({ id }) => id },
      ],
      'no statements',
    )
    if (found.length >= filter.limit) cli.out.complain(`more may follow: --after ${found.at(-1)?.id ?? ''}, or --limit`)
  })
}

/** What a list of payments cannot show: those of statements that have not come. */
export async function sayIncomplete(cli: Cli, ledger: Ledger): Promise<void> {
  const { incompleteFeeds, incompleteText } = await import('../operator/incomplete-feeds.ts')
  for (const feed of await incompleteFeeds(ledger)) cli.out.complain(incompleteText(feed))
}

const numberOf = ({ number, page }: Statement): string | undefined =>
  number === undefined ? undefined : `${number}${page === undefined ? '' : `/${page}`}`

const amountOf = (amount: Minor | undefined, currency: string): string | undefined =>
  amount === undefined ? undefined : fromMinor(amount, currency)
