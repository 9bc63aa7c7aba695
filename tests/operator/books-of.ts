/** The ledger and the setup of a sample shop, with its orders and payments imported. */
import type { LoadedSetup } from '../../src/daemon/load-setup.ts'
import { loadSetup } from '../../src/daemon/load-setup.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { openShop, orders, payments, type Shop } from '../cli/sample-shop.ts'

export interface Office extends AsyncDisposable {
  readonly shop: Shop
  readonly ledger: Ledger
  readonly current: LoadedSetup
}

/** When the files were imported: a Monday noon in Budapest. */
export const importedAt = Date.UTC(2026, 2, 2, 11, 0)

export async function openOffice(): Promise<Office> {
  const shop = await openShop()
  await shop.write('ORD1.csv', orders)
  await shop.write('BANK1.csv', payments)
  const { code, err } = await shop.run(['import', 'ORD1.csv', 'BANK1.csv'], { now: importedAt })
  if (code !== 0) throw new Error(err)
  const setup = await loadSetup(shop.path('config/orderly.yaml'), {})
  if (setup.kind === 'bad') throw new Error('bad config')
  const ledger = await openLedger(shop.path('var/ledger.db'), { busyTimeoutMs: 1_000 })
  return {
    shop,
    ledger,
    current: setup.value,
    [Symbol.asyncDispose]: async () => {
      await ledger[Symbol.asyncDispose]()
      await shop[Symbol.asyncDispose]()
    },
  }
}
