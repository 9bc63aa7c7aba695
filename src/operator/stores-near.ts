/**
 * Which stores there are, and which are near and have what an order wants, as the workflows would see it now (N08).
 *
 * Stores of the config and of files. Changes nothing. Throws errors of the ledger.
 */
import type { CollectWorkflow, Config } from '../config/schema.ts'
import type { Instant } from '../core/date.ts'
import type { Order } from '../core/order.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { allStores, storesNear } from '../workflow/collect/choose-store.ts'
import { storeOf, type StoreLike } from '../workflow/collect/store-of.ts'
import { Draft } from '../workflow/draft.ts'
import type { Setup } from '../workflow/setup.ts'
import type { NearStore } from '../workflow/stock/near-stores.ts'
import { ask } from './ask.ts'

export interface ListedStore extends StoreLike {
  readonly code: string
  /** Of the config, or of a file. */
  readonly from: 'config' | 'file'
}

export async function listStores(ledger: Ledger, setup: Setup, now: Instant): Promise<readonly ListedStore[]> {
  const all = await ask(ledger, (known) => allStores(draftOf(setup, known, now)))
  const { stores } = setup.config
  return all.map(([code, store]) => ({ ...store, code, from: Object.hasOwn(stores, code) ? 'config' : 'file' }))
}

export type StoresNear =
  | { readonly kind: 'found'; readonly stores: readonly NearStore[] }
  | { readonly kind: 'unknownStore' }

/** Without an order only the distance counts. */
export async function storesNearTo(
  ledger: Ledger,
  setup: Setup,
  code: string,
  order: Order | undefined,
  now: Instant,
): Promise<StoresNear> {
  const company = order?.company ?? setup.config.company.code
  const wanted = { company, lines: order?.lines ?? [], fromStore: code }
  return await ask<StoresNear>(ledger, (known) => {
    const draft = draftOf(setup, known, now)
    if (storeOf(draft, code) === undefined) return { kind: 'unknownStore' }
    const { near } = storesNear(draft, wanted, order && workflowOf(setup.config, order))
    return { kind: 'found', stores: near }
  })
}

const draftOf = (setup: Setup, known: ConstructorParameters<typeof Draft>[1], now: Instant): Draft =>
  new Draft(setup, known, { kind: 'person', actor: 'look', configHash: setup.configHash }, now)

/** The one that the order is under or waits for; else the first, for its mapping of items. */
function workflowOf({ workflows }: Config, order: Order): CollectWorkflow | undefined {
  const code = order.collect?.settings.workflow ?? order.waits?.workflow
  const named = code !== undefined && Object.hasOwn(workflows, code) ? workflows[code] : undefined
  const found = named ?? Object.values(workflows).find(({ kind, enabled }) => kind === 'collect' && enabled)
  return found?.kind === 'collect' ? found : undefined
}
