/**
 * Takes a counted stock level: how much of an item lies at a location (N09).
 *
 * The count replaces what Orderly has reckoned since the one before; an older count than the one that stands changes
 * nothing. What Orderly has reserved stays reserved. Throws NotLoaded from `known`.
 */
import type { Instant } from '../../core/date.ts'
import { stockLevelId } from '../../core/ids.ts'
import type { IncomingStock } from '../../core/incoming.ts'
import type { StockLevel } from '../../core/model.ts'
import { compareDecimals } from '../../core/money.ts'
import type { Taken } from '../accept-order.ts'
import { storeOf } from '../collect/store-of.ts'
import type { Draft } from '../draft.ts'

export function acceptStock(draft: Draft, incoming: IncomingStock): Taken {
  const { sku, variant, quantity } = incoming
  const location = incoming.location ?? locationOf(draft, incoming.store ?? '')
  const id = stockLevelId(location, sku, variant ?? '')
  const known = draft.get('stockLevel', id)
  const at = timeOf(incoming.at) ?? draft.now
  if (known !== undefined && (at < known.at || isSame(known, quantity, at))) return 'repeated'
  draft.put<StockLevel>({
    kind: 'stockLevel',
    id,
    version: known?.version ?? 0,
    location,
    sku,
    ...(variant !== undefined && { variant }),
    quantity,
    reserved: known?.reserved ?? '0',
    at,
    source: draft.source ?? { import: draft.cause.actor },
    createdAt: known?.createdAt ?? draft.now,
    updatedAt: draft.now,
  })
  draft.happened({
    name: 'stockLevel.counted',
    subject: id,
    ...(known && { before: { quantity: known.quantity } }),
    after: { quantity },
  })
  return known === undefined ? 'applied' : 'updated'
}

const isSame = (known: StockLevel, quantity: string, at: Instant): boolean =>
  compareDecimals(known.quantity, quantity) === 0 && known.at === at

/** Stock location of a store; its code where it names none. */
export const locationOf = (draft: Draft, store: string): string => storeOf(draft, store)?.location ?? store

/** A date counts from its beginning. */
function timeOf(text: string | undefined): Instant | undefined {
  const at = text === undefined ? NaN : Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}
