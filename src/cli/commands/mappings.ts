/**
 * `orderly mappings`: the table that says what a collecting company calls the customers and items of another one.
 *
 * What a person sets goes before what a rule has learnt, and orders that wait for it go on at once. The export has the
 * layout that an import of kind `mappings` takes without any mapping of its fields.
 */
import type { Command } from 'commander'
import { isoIn } from '../../core/date.ts'
import type { Config } from '../../config/schema.ts'
import { mappingId, storeId } from '../../core/ids.ts'
import type { Mapping } from '../../core/mapping.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { actOnIds, tellResult, type VerbOptions } from '../act-on-ids.ts'
import { type Cli, decide, look } from '../context.ts'
import { examples } from '../examples.ts'
import { usage } from '../failure.ts'
import { listOptions, type ListOptions, recordFilter } from '../list-options.ts'
import type { Column } from '../print.ts'
import { wordOf } from '../typed-values.ts'

export function register(program: Command, cli: Cli): void {
  const group = program
    .command('mappings')
    .description('what a collecting company calls the customers and items of another one')
  addList(group, cli)
  addSet(group, cli)
  addRemove(group, cli)
  addExport(group, cli)
}

interface Chosen {
  readonly about?: string
  readonly company?: string
  readonly from?: string
}

const chosen = (command: Command): Command =>
  command
    .option('--about <word>', 'customer, item')
    .option('--company <code>', 'collecting company')
    .option('--from <code>', 'store or company whose orders are meant')

function addList(group: Command, cli: Cli): void {
  const list = chosen(group.command('list').description('rows of the table, oldest first'))
    .option('--by <word>', 'how they came about: rule, file, hand, answer')
    .option('--key <number>', 'number in the orders')
    .option('--removed', 'those that were taken away')
  examples(listOptions(list), [
    ['orderly mappings list --about item --company SK01', 'what SK01 calls the items'],
    ['orderly mappings list --by rule', 'what the rules have learnt'],
  ])
  list.action(
    async (
      options: ListOptions & Chosen & { readonly by?: string; readonly key?: string; readonly removed?: boolean },
    ) =>
      await look(cli, async ({ ledger, zone }) => {
        const { about, company, from, by, key } = options
        const state = options.removed === true ? 'removed' : 'active'
        const filter = recordFilter(
          'mapping',
          options,
          { about, company, from, by, key, state },
          { now: cli.clock.now(), zone },
        )
        const found = (await ledger.records(filter)) as readonly Mapping[]
        cli.out.rows(found, columns(zone), 'no mappings')
        if (found.length >= filter.limit)
          cli.out.complain(`more may follow: --after ${found.at(-1)?.id ?? ''}, or --limit`)
      }),
  )
}

const columns = (zone: string): readonly Column<Mapping>[] => [
  { head: 'about', of: ({ about }) => about },
  { head: 'from', of: ({ from }) => from },
  { head: 'key', of: ({ key }) => key },
  { head: 'company', of: ({ company }) => company },
  { head: 'target', of: ({ target, targetVariant }) => [target, targetVariant].filter(Boolean).join(' / ') },
  { head: 'by', of: ({ by, actor }) => (by === 'hand' ? actor : by) },
  { head: 'since', of: ({ updatedAt }) => isoIn(updatedAt, zone) },
  { head: 'description', of: ({ description }) => description?.slice(0, 40) },
  { head: 'id', of: ({ id }) => id },
]

interface SetOptions extends VerbOptions {
  readonly company?: string
  readonly from: string
  readonly variant?: string
  readonly description?: string
}

function addSet(group: Command, cli: Cli): void {
  const set = group
    .command('set')
    .description('say what a customer or an item is called there; what waits for it goes on')
    .argument('<about>', 'customer or item')
    .argument('<key>', 'its number in the orders; of an item also NUMBER/VARIANT, or its EAN')
    .argument('<target>', 'its number at the collecting company')
    .option('--company <code>', 'collecting company; the own one when absent')
    .option('--from <code>', 'store or company whose orders are meant; all when absent', '*')
    .option('--variant <code>', 'variant of an item there')
    .option('--description <text>', 'for people')
    .option('--dry-run', 'print what would be done, change nothing')
  examples(set, [
    ['orderly mappings set customer C1001 K-77 --company SK01 --from HU01', 'C1001 of HU01 is K-77 of SK01'],
    ['orderly mappings set item SKU-17/M 90017 --company SK01 --variant M', 'an item with its variant'],
  ])
  set.action(async (about: string, key: string, target: string, options: SetOptions) => {
    await setOne(cli, wordOf(about, '<about>', ['customer', 'item']), key.trim(), target.trim(), options)
  })
}

async function setOne(
  cli: Cli,
  about: Mapping['about'],
  key: string,
  target: string,
  { company: named, from, variant, description, dryRun = false }: SetOptions,
): Promise<void> {
  if (key === '' || target === '') throw usage('key and target must be given')
  if (variant !== undefined && about === 'customer') throw usage('--variant is for items')
  const { act } = await import('../../operator/act.ts')
  await decide(cli, dryRun ? 'lookOrEmpty' : 'change', async ({ ledger, current, zone }) => {
    const { config } = current.setup
    const company = named ?? config.company.code
    const known = [config.company.code, ...Object.keys(config.companies)]
    if (!known.includes(company))
      throw usage(`--company: there is no company "${company}"; there are ${known.join(', ')}`)
    if (!(await isSender(ledger, config, from))) throw usage(`--from: there is no company or store "${from}"`)
    const row = {
      about,
      company,
      from,
      key,
      target,
      ...(variant !== undefined && { targetVariant: variant }),
      ...(description !== undefined && { description }),
    }
    const options = { actor: cli.actor(), now: cli.clock.now(), dryRun }
    const result = await act(ledger, current.setup, { verb: 'setMapping', ...row }, options)
    const id = mappingId(about, company, from, key)
    cli.end(tellResult(cli, zone, `set to ${target} of ${company}`, { id, name: `${about} ${key} of ${from}` }, result))
  })
}

/** All, a company, a store of the config or one that a file brought. */
const isSender = async (ledger: Ledger, { company, companies, stores }: Config, from: string): Promise<boolean> =>
  from === '*' ||
  from === company.code ||
  Object.hasOwn(companies, from) ||
  Object.hasOwn(stores, from) ||
  (await ledger.record('store', storeId(from))) !== undefined

function addRemove(group: Command, cli: Cli): void {
  const remove = group
    .command('remove')
    .description('take rows away; orders that went to a store keep what they have')
    .argument('<mapping...>', 'ids; "-": one a line from standard input')
    .option('--dry-run', 'print what would be done, change nothing')
  examples(remove, [
    ['orderly mappings list --by rule --json | orderly mappings remove -', 'all that rules have learnt'],
  ])
  remove.action(async (ids: readonly string[], options: VerbOptions) => {
    const { act } = await import('../../operator/act.ts')
    await actOnIds(cli, ids, options, {
      kind: 'record',
      done: 'taken away',
      act: async (at, { record }, acting) =>
        record.kind === 'mapping'
          ? await act(at.ledger, at.current.setup, { verb: 'removeMapping', mapping: record.id }, acting)
          : { kind: 'refused', reason: `it is a ${record.kind}, no mapping` },
    })
  })
}

const fields = ['about', 'company', 'from', 'key', 'target', 'targetVariant', 'description'] as const

function addExport(group: Command, cli: Cli): void {
  const rows = chosen(group.command('export').description('the table as CSV, as an import of kind mappings takes it'))
  examples(rows, [['orderly mappings export > mappings.csv', 'to edit it in a spreadsheet and drop it again']])
  rows.action(async ({ about, company, from }: Chosen) => {
    await look(cli, async ({ ledger, zone }) => {
      const options = { limit: 1_000_000 }
      const filter = recordFilter(
        'mapping',
        options,
        { about, company, from, state: 'active' },
        { now: cli.clock.now(), zone },
      )
      const found = (await ledger.records(filter)) as readonly Mapping[]
      if (cli.out.json) return found.forEach((mapping) => cli.out.value(mapping))
      cli.out.line(fields.join(','))
      for (const mapping of found) cli.out.line(fields.map((field) => cell(mapping[field] ?? '')).join(','))
    })
  })
}

const cell = (text: string): string => (/[",]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
