/**
 * `orderly clearing`: entries between companies and the files that hold them, what the ERPs said, and what a person
 * decides: correct, accept, refuse, reverse. `reconcile` lays both sides of each pair of companies side by side.
 */
import type { Command } from 'commander'
import type { Clearing, ClearingFile } from '../../core/clearing.ts'
import type { ClearingWish } from '../../workflow/clearing/correct.ts'
import { actOnIds, type VerbOptions } from '../act-on-ids.ts'
import { type Cli, look } from '../context.ts'
import { examples } from '../examples.ts'
import { exitCodes } from '../exit-codes.ts'
import { Failure, usage } from '../failure.ts'
import { listOptions, type ListOptions, recordFilter } from '../list-options.ts'
import { entryColumns, fileColumns, printEntry, printFile, printReconciliation } from '../print-clearing.ts'
import { printEvents } from '../print-events.ts'
import { theTarget } from '../typed-ids.ts'
import { whenOf } from '../typed-values.ts'

export function register(program: Command, cli: Cli): void {
  const group = program
    .command('clearing')
    .description('settlement between companies: entries, files, answers, both sides')
  addLists(group, cli)
  addShow(group, cli)
  addReconcile(group, cli)
  addAnswers(group, cli)
  addReverse(group, cli)
}

interface EntryListOptions extends ListOptions {
  readonly company?: string
  readonly state?: string
  readonly type?: string
  readonly order?: string
}

function addLists(group: Command, cli: Cli): void {
  const list = group.command('list').description('entries, oldest first')
  list
    .option('--company <code>', 'for the books of this company')
    .option('--state <word>', 'open, exported, acknowledged, rejected, void')
    .option('--type <word>', 'goods, prepaymentTransfer, storeReceipt, fee, reversal')
    .option('--order <number>', 'of the orders with this number')
  examples(listOptions(list), [
    ['orderly clearing list --state rejected', 'what an ERP refused'],
    ['orderly clearing list --order WEB-100245', 'all entries of an order'],
  ])
  list.action(async (options: EntryListOptions) => {
    const { company, state, type, order } = options
    await look(cli, async ({ ledger, zone }) => {
      const fields = { company, state, type, orderNumber: order }
      const filter = recordFilter('clearing', options, fields, { now: cli.clock.now(), zone })
      tellMore(cli, (await ledger.records(filter)) as readonly Clearing[], filter.limit, (entries) =>
        cli.out.rows(entries, entryColumns(zone), 'no entries'),
      )
    })
  })
  const files = group.command('files').description('clearing files with their control sums, oldest first')
  files
    .option('--company <code>', 'for the books of this company')
    .option('--state <word>', 'exported (no answer yet), acknowledged, rejected, corrected')
  examples(listOptions(files), [
    ['orderly clearing files --state exported --until 1d', 'those that wait for an answer'],
  ])
  files.action(async (options: EntryListOptions) => {
    await look(cli, async ({ ledger, zone }) => {
      const filter = recordFilter('clearingFile', options, { state: options.state }, { now: cli.clock.now(), zone })
      const found = (await ledger.records(filter)) as readonly ClearingFile[]
      const wanted = (file: ClearingFile): boolean =>
        options.company === undefined || file.sums.some(({ company }) => company === options.company)
      tellMore(cli, found, filter.limit, () =>
        cli.out.rows(found.filter(wanted), fileColumns(zone), 'no clearing files'),
      )
    })
  })
}

function tellMore<T extends { readonly id: string }>(
  cli: Cli,
  found: readonly T[],
  limit: number,
  print: (found: readonly T[]) => void,
): void {
  print(found)
  if (found.length >= limit) cli.out.complain(`more may follow: --after ${found.at(-1)?.id ?? ''}, or --limit`)
}

function addShow(group: Command, cli: Cli): void {
  const show = group
    .command('show')
    .description('one entry or one file with its history')
    .argument('<entry or file>', 'id, or name of the file')
  examples(show, [['orderly clearing show CLR_SK01_2026-03-14_000017.csv', 'control sums, entries and answers']])
  show.action(async (text: string) => {
    await look(cli, async ({ ledger, zone }) => {
      const { record } = await theTarget(ledger, text, ['record'])
      if (cli.out.json) return cli.out.value(record)
      if (record.kind === 'clearing') printEntry(cli.out, record, zone)
      else if (record.kind === 'clearingFile') {
        const { loaded } = await ledger.load(record.entries.map((id) => ({ by: 'id', kind: 'clearing', id })))
        printFile(cli.out, record, [...loaded.values()].flat() as readonly Clearing[], zone)
      } else throw new Failure(exitCodes.notFound, `"${text}" is a ${record.kind}, no clearing`)
      cli.out.line('')
      printEvents(cli.out, await ledger.eventsOf(record.id), zone)
    })
  })
}

interface ReconcileOptions {
  readonly from?: string
  readonly to?: string
  readonly company?: string
  readonly csv?: boolean
}

function addReconcile(group: Command, cli: Cli): void {
  const command = group
    .command('reconcile')
    .description(
      'what each company has in its books about the other, and the difference; exit code 3 when there is one',
    )
    .option('--from <time>', 'posted then or later: a date, a time or a duration such as 30d')
    .option('--to <time>', 'posted before')
    .option('--company <code>', 'only its pairs, seen from it')
    .option('--csv', 'comma separated values, for a spreadsheet')
  examples(command, [
    ['orderly clearing reconcile --from 2026-03-01 --to 2026-04-01 --company HU01', 'one month of one company'],
    ['orderly clearing reconcile --csv > clearing.csv', 'everything, for a spreadsheet'],
  ])
  command.action(async (options: ReconcileOptions) => {
    await look(cli, async ({ ledger, zone }) => {
      const at = (text: string | undefined, option: string): number | undefined =>
        text === undefined ? undefined : whenOf(text, option, { now: cli.clock.now(), zone, towards: 'past' })
      const [since, until] = [at(options.from, '--from'), at(options.to, '--to')]
      const { reconcileClearing } = await import('../../operator/reconcile.ts')
      const time = { ...(since !== undefined && { since }), ...(until !== undefined && { until }) }
      const result = await reconcileClearing(ledger, time, options.company)
      printReconciliation(cli.out, result, options.csv === true)
      const isWrong = result.rows.some(({ difference }) => difference !== 0)
      if (isWrong || result.oneSided.some(({ mirror }) => mirror === undefined)) cli.end(exitCodes.problems)
    })
  })
}

interface AnswerOptions extends VerbOptions {
  readonly reason?: string
  readonly number?: string
}

const many = [
  '<file or entry...>',
  'names of files, ids of files or entries; "-": one a line from standard input',
] as const

function addAnswers(group: Command, cli: Cli): void {
  const verb = (name: string, about: string): Command =>
    group
      .command(name)
      .description(about)
      .argument(...many)
      .option('--dry-run', 'show what would happen; change nothing')
  const correct = verb(
    'correct',
    'write refused entries again: a new file with the next number that names the refused one',
  )
  correct.option('--reason <text>', 'what was mended, for the history')
  examples(correct, [
    [
      'orderly clearing correct CLR_SK01_2026-03-14_000017.csv --reason "account 9111 opened"',
      'the daemon writes it at once',
    ],
  ])
  onDocuments(correct, cli, 'to be written again', (document, { reason }) => ({
    verb: 'correct',
    document,
    ...(reason !== undefined && { reason }),
  }))
  const accept = verb('accept', 'say for an ERP that it has booked them').option('--number <number>', 'number there')
  examples(accept, [['orderly clearing accept CLR_SK01_2026-03-14_000017.csv --number J-204', 'after a call']])
  onDocuments(accept, cli, 'booked', (document, { number }) => ({
    verb: 'accept',
    document,
    ...(number !== undefined && { number }),
  }))
  const refuse = verb('refuse', 'say for an ERP that it has not booked them, and will not')
  refuse.option('--reason <text>', 'why, for the history')
  examples(refuse, [['orderly clearing refuse CLR_SK01_2026-03-14_000017.csv --reason "file lost"', 'then: correct']])
  onDocuments(refuse, cli, 'refused', (document, { reason }) => ({
    verb: 'refuse',
    document,
    ...(reason !== undefined && { reason }),
  }))
}

function onDocuments(
  command: Command,
  cli: Cli,
  done: string,
  wish: (document: string, options: AnswerOptions) => ClearingWish,
): void {
  command.action(async (ids: string[], options: AnswerOptions) => {
    const { actOnClearing } = await import('../../operator/act-on-clearing.ts')
    await actOnIds(cli, ids, options, {
      kind: 'record',
      done,
      act: async (at, { record }, acting) =>
        record.kind === 'clearing' || record.kind === 'clearingFile'
          ? await actOnClearing(at.ledger, at.current.setup, wish(record.id, options), acting)
          : { kind: 'refused', reason: `it is a ${record.kind}, no clearing` },
    })
  })
}

const positions = ['goods', 'prepaymentTransfer', 'storeReceipt', 'fee'] as const

interface ReverseOptions extends VerbOptions {
  readonly reason?: string
  readonly only?: string
}

function addReverse(group: Command, cli: Cli): void {
  const reverse = group
    .command('reverse')
    .description('take the entries of orders back by counter-entries, at both companies')
    .argument('<order...>', 'numbers, channel/number or ids; "-": one a line from standard input')
    .option('--only <word>', `only these entries: ${positions.join(', ')}`)
    .option('--reason <text>', 'why, for the file and the history')
    .option('--dry-run', 'show what would happen; change nothing')
  examples(reverse, [['orderly clearing reverse WEB-100245 --only fee --reason "no fee agreed"', 'the rest stands']])
  reverse.action(async (ids: string[], options: ReverseOptions) => {
    const position = positions.find((each) => each === options.only)
    if (options.only !== undefined && position === undefined) throw usage(`--only: expected ${positions.join(', ')}`)
    const { actOnClearing } = await import('../../operator/act-on-clearing.ts')
    await actOnIds(cli, ids, options, {
      kind: 'order',
      done: 'reversed',
      act: (at, { order }, acting) =>
        actOnClearing(
          at.ledger,
          at.current.setup,
          {
            verb: 'reverse',
            order: order.id,
            ...(position && { position }),
            ...(options.reason !== undefined && { reason: options.reason }),
          },
          acting,
        ),
    })
  })
}
