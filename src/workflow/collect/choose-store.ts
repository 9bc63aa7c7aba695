/**
 * Chooses the store of an order that names none: the nearest that has all of it (N08).
 *
 * Near to the store that sent the order; without a place the first by code. What was found is told with distance and
 * shortfall. Where no store has everything, the order waits until a level changes that it needs, or a person names a
 * store: nothing is split and nothing guessed. Throws NotLoaded from `known`.
 */
import type { CollectWorkflow } from '../../config/schema.ts'
import type { Order } from '../../core/order.ts'
import { askTogether } from '../ask-together.ts'
import type { Because, Draft } from '../draft.ts'
import { type Candidate, type NearStore, nearStores } from '../stock/near-stores.ts'
import { keyedLines } from '../line-keys.ts'
import { relationFor } from './choose-workflow.ts'
import { findItems } from '../mapping/find-items.ts'
import { asStore, locationOf, storeOf, type StoreLike } from './store-of.ts'
import { levelName, waitToStart } from './wait-to-start.ts'

/** The order with its store; undefined where it waits for one. */
export function chooseStore(
  draft: Draft,
  order: Order,
  code: string,
  workflow: CollectWorkflow,
  because: Because,
): Order | undefined {
  const { stores, near } = storesNear(
    draft,
    order,
    workflow,
    (name, store) => relationFor(draft, { ...order, store: name }, store, code) !== undefined,
  )
  const chosen = near.find(({ short }) => short.length === 0)
  if (chosen === undefined) {
    const best = near.toSorted((a, b) => a.short.length - b.short.length)[0]
    const reason = best === undefined ? 'there is no store for it' : `no store has all of it; ${textOf(best)}`
    waitToStart(
      draft,
      order,
      { workflow: code, lacks: 'store', store: '', reason: reason.slice(0, 200), awaits: itemNames(stores) },
      because,
    )
    return undefined
  }
  const placed = draft.put({ ...order, store: chosen.code, updatedAt: draft.now })
  draft.happened({
    name: 'order.storeChosen',
    subject: order.id,
    after: { store: chosen.code },
    text: `the nearest with all of it: ${textOf(chosen)}`.slice(0, 250),
    because: because.event,
    ...(because.trace && { trace: because.trace }),
  })
  return placed
}

/** What is wanted, by whom, and from where it is near. */
export type WantedThere = Pick<Order, 'company' | 'lines' | 'fromStore'>

interface Near {
  readonly stores: readonly Candidate[]
  readonly near: readonly NearStore[]
}

/** Stores by distance; `may`: which of them come into question. */
export function storesNear(
  draft: Draft,
  order: WantedThere,
  workflow: CollectWorkflow | undefined,
  may: (code: string, store: StoreLike) => boolean = () => true,
): Near {
  const all = allStores(draft).filter(([name, store]) => name !== order.fromStore && may(name, store))
  const stores = askTogether(
    all.map(
      ([name, store]) =>
        () =>
          candidate(draft, order, name, store, workflow),
    ),
  )
  const skus = [...new Set(stores.flatMap(({ wanted }) => wanted.map(({ sku }) => sku)))]
  const levels = askTogether(skus.map((sku) => () => draft.find('stockLevel', 'item', sku))).flat()
  return { stores, near: nearStores(storeOf(draft, order.fromStore), stores, levels, draft.setup.config.stock.buffer) }
}

/** Those of the config, and those of files that the config does not have. */
export function allStores(draft: Draft): readonly (readonly [string, StoreLike])[] {
  const own = Object.entries(draft.setup.config.stores)
  const names = new Set(own.map(([name]) => name))
  const imported = draft.find('store', 'all', '*').filter(({ code }) => !names.has(code))
  return [...own, ...imported.map((store) => [store.code, asStore(store)] as const)]
}

function candidate(
  draft: Draft,
  order: WantedThere,
  code: string,
  store: StoreLike,
  workflow: CollectWorkflow | undefined,
): Candidate {
  const company = store.company ?? draft.setup.config.company.code
  const mapping = company === order.company ? undefined : workflow?.itemMapping
  const items = mapping && findItems(order, { ...mapping, onUnmapped: 'pass' }, company, draft).items
  const wanted = keyedLines(order.lines).flatMap(({ line, key }) => {
    const item = items?.find((each) => each.line === key) ?? line
    return item.sku === undefined ? [] : [{ sku: item.sku, variant: item.variant, quantity: line.quantity }]
  })
  const { latitude, longitude } = store
  return { code, latitude, longitude, location: locationOf(draft, code), wanted }
}

const itemNames = (stores: readonly Candidate[]): readonly string[] =>
  stores.flatMap(({ wanted }) => wanted.map(({ sku }) => levelName(sku)))

/** `KOS01, 12 km, 3 of 3`, with what is short. */
export function textOf({ code, km, requested, fulfilled, short }: NearStore): string {
  const far = km === undefined ? 'at an unknown distance' : `${Math.round(km)} km`
  const lack = short.length === 0 ? '' : `: ${short.slice(0, 3).join(', ')}`
  return `${code}, ${far}, ${fulfilled} of ${requested}${lack}`
}
