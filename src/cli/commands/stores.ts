/**
 * `orderly stores`: stores of the config and of files, what lies in them, and which are near and have an order in stock.
 *
 * Only looks. Stock levels come by imports of kind `stock` and are moved on by what Orderly does (N08, N09).
 */
import type { Command } from 'commander'
import { storeId } from '../../core/ids.ts'
import { isoIn } from '../../core/date.ts'
import type { StockLevel } from '../../core/stock-level.ts'
import { compareDecimals, minusDecimals } from '../../core/money.ts'
import type { NearStore } from '../../workflow/stock/near-stores.ts'
import { type Cli, decide, look } from '../context.ts'
import { examples } from '../examples.ts'
import { exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { listOptions, type ListOptions, recordFilter } from '../list-options.ts'
import { theTarget } from '../typed-ids.ts'

export function register(program: Command, cli: Cli): void {
  const group = program.command('stores').description('look at stores and their stock')
  addList(group, cli)
  addNear(group, cli)
  addStock(group, cli)
}

function addList(group: Command, cli: Cli): void {
  const list = group.command('list').description('stores of the config, then those that files brought')
  examples(list, [['orderly stores list', 'each in detail: orderly check store BUD01']])
  list.action(
    async () =>
      await decide(cli, 'lookOrEmpty', async ({ ledger, current }) => {
        const { listStores } = await import('../../operator/stores-near.ts')
        const stores = await listStores(ledger, current.setup, cli.clock.now())
        const own = current.setup.config.company.code
        cli.out.rows(
          stores,
          [
            { head: 'code', of: ({ code }) => code },
            { head: 'name', of: ({ name }) => name },
            { head: 'company', of: ({ company }) => company ?? own },
            { head: 'email', of: ({ email }) => email },
            { head: 'mobile', of: ({ mobile }) => mobile },
            { head: 'calendar', of: ({ calendar }) => calendar },
            { head: 'location', of: ({ location }) => location },
            { head: 'from', of: ({ from }) => from },
          ],
          'no stores',
        )
      }),
  )
}

interface NearOptions {
  readonly order?: string
  readonly inStock?: boolean
}

function addNear(group: Command, cli: Cli): void {
  const near = group
    .command('near')
    .description('stores by their distance to one, and what they have of an order')
    .argument('<store>', 'code of the store from which the distance counts')
    .option('--order <order>', 'what is wanted: number, channel/number or id')
    .option('--in-stock', 'only those that have all of the order')
  examples(near, [
    ['orderly stores near BUD01 --order WEB-100245 --in-stock', 'as chooseStore: nearestInStock would choose'],
  ])
  near.action(async (code: string, options: NearOptions) => await listNear(cli, code, options))
}

async function listNear(cli: Cli, code: string, options: NearOptions): Promise<void> {
  await decide(cli, 'lookOrEmpty', async ({ ledger, current }) => {
    const { storesNearTo } = await import('../../operator/stores-near.ts')
    const target = options.order === undefined ? undefined : await theTarget(ledger, options.order, ['order'])
    const found = await storesNearTo(ledger, current.setup, code, target?.order, cli.clock.now())
    if (found.kind === 'unknownStore')
      throw new Failure(exitCodes.notFound, `there is no store "${code}"`, 'See: orderly stores list')
    const shown = options.inStock === true ? found.stores.filter(({ short }) => short.length === 0) : found.stores
    cli.out.rows<NearStore>(
      shown,
      [
        { head: 'store', of: (store) => store.code },
        { head: 'km', of: ({ km }) => (km === undefined ? '?' : Math.round(km)), right: true },
        ...(target === undefined
          ? []
          : [
              { head: 'has', of: ({ fulfilled }: NearStore) => fulfilled, right: true as const },
              { head: 'of', of: ({ requested }: NearStore) => requested, right: true as const },
              { head: 'short', of: ({ short }: NearStore) => short.join(', ') },
            ]),
      ],
      'no such store',
    )
  })
}

function addStock(group: Command, cli: Cli): void {
  const stock = group
    .command('stock')
    .description('stock levels as last counted, moved on by what Orderly did since')
    .argument('[store]', 'code of the store, or a stock location; default: all')
    .option('--sku <number>', 'of this item')
  examples(listOptions(stock), [['orderly stores stock BUD01 --sku SKU-17', 'one item']])
  stock.action(async (code: string | undefined, options: ListOptions & { readonly sku?: string }) => {
    await look(cli, async ({ ledger, loaded, zone }) => {
      const imported = code === undefined ? undefined : await ledger.record('store', storeId(code))
      const { stores } = loaded.config
      const own = code !== undefined && Object.hasOwn(stores, code) ? stores[code] : undefined
      const location = code === undefined ? undefined : ((own ?? imported)?.location ?? code)
      const filter = recordFilter('stockLevel', options, { location, sku: options.sku }, { now: cli.clock.now(), zone })
      const levels = (await ledger.records(filter)) as readonly StockLevel[]
      cli.out.rows(
        levels,
        [
          { head: 'location', of: (level) => level.location },
          { head: 'sku', of: ({ sku }) => sku },
          { head: 'variant', of: ({ variant }) => variant },
          { head: 'there', of: ({ quantity }) => quantity, right: true },
          {
            head: 'reserved',
            of: ({ reserved }) => (compareDecimals(reserved, '0') === 0 ? '' : reserved),
            right: true,
          },
          { head: 'free', of: ({ quantity, reserved }) => minusDecimals(quantity, reserved), right: true },
          { head: 'counted', of: ({ at }) => isoIn(at, zone) },
        ],
        'no stock levels',
      )
      if (levels.length >= filter.limit)
        cli.out.complain(`more may follow: --after ${levels.at(-1)?.id ?? ''}, or --limit`)
    })
  })
}
