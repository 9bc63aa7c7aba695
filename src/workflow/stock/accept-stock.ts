/**
 * Takes a counted stock level: how much of an item lies at a location (N09).
 *
 * The count replaces what Orderly has reckoned since the one before; an older count than the one that stands changes
 * nothing. What Orderly has reserved stays reserved. Throws NotLoaded from `known`.
 */
import type { Instant } from '../../core/date.ts'
import { stockLevelId } from '../../core/ids.ts'
import type { IncomingStock, StockLevel } from '../../core/stock-level.ts'
import { compareDecimals } from '../../core/money.ts'
import type { Taken } from '../accept-order.ts'
import { locationOf } from '../collect/store-of.ts'
import { levelName, releaseWaiting } from '../collect/wait-to-start.ts'
import type { Draft } from '../draft.ts'
import { runRules } from '../run-rules.ts'

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
  const event = draft.happened({
    name: 'stockLevel.counted',
    subject: id,
    ...(known && { before: { quantity: known.quantity } }),
    after: { quantity },
  })
  if (choosesStores(draft)) {
    releaseWaiting(draft, [levelName(sku)], `level/${id}`, event)
    runRules(draft)
  }
  return known === undefined ? 'applied' : 'updated'
}

/** Files of levels are long: whether an order waits for one is asked only where a workflow chooses stores. */
const choosesStores = ({ setup }: Draft): boolean =>
  Object.values(setup.config.workflows).some((each) => each.kind === 'collect' && each.chooseStore !== 'named')

const isSame = (known: StockLevel, quantity: string, at: Instant): boolean =>
  compareDecimals(known.quantity, quantity) === 0 && known.at === at

/** A date counts from its beginning. */
function timeOf(text: string | undefined): Instant | undefined {
  const at = text === undefined ? NaN : Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}
