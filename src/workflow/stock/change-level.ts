/**
 * Moves the stock levels on that a file has counted, as orders take, promise and bring back goods (N09).
 *
 * An order at a store that gives goods of its own promises what is not handed over yet, takes what is, and brings back
 * what is returned; for other orders the movements count. An item that was never counted at a place has no level, and
 * none is made up. Only where the config has an import of kind stock. Throws NotLoaded from `known`.
 */
import { stockLevelId } from '../../core/ids.ts'
import type { Movement } from '../../core/model.ts'
import type { StockLevel } from '../../core/stock-level.ts'
import { compareDecimals, type DecimalText, minusDecimals, plusDecimals } from '../../core/money.ts'
import type { Order, OrderLine } from '../../core/order.ts'
import { quantitiesOf } from '../collect/hand-over.ts'
import { locationOf } from '../collect/store-of.ts'
import { levelName, releaseWaiting } from '../collect/wait-to-start.ts'
import type { Because, Draft } from '../draft.ts'

interface Place {
  readonly location: string
  readonly sku: string
  readonly variant?: string | undefined
}

/** What was promised and what has left, of one line at one place. */
interface Claim extends Place {
  readonly reserved: DecimalText
  readonly left: DecimalText
}

const isCounted = ({ setup }: Draft): boolean =>
  Object.values(setup.config.imports).some(({ kind }) => kind === 'stock')

/** `before` is the order as it stood; both may be at no store. */
export function orderChangedLevels(draft: Draft, before: Order, after: Order, because: Because): void {
  if (!isCounted(draft)) return
  const old = claimsOf(draft, before)
  const now = claimsOf(draft, after)
  for (const key of new Set([...old.keys(), ...now.keys()])) {
    const place = now.get(key) ?? old.get(key)
    if (place === undefined) continue
    const [was, is] = [old.get(key) ?? none, now.get(key) ?? none]
    const change = { reserved: minusDecimals(is.reserved, was.reserved), quantity: minusDecimals(was.left, is.left) }
    changeLevel(draft, place, change, after, because)
  }
}

const none = { reserved: '0', left: '0' }

/** By line: what the order claims of the stock of its store; nothing where the goods are those of the origin (N41). */
function claimsOf(draft: Draft, order: Order): ReadonlyMap<string, Claim> {
  const { collect } = order
  if (collect === undefined || !collect.settings.storeStock) return new Map()
  const isOpen = collect.processing === 'pending' || collect.delivery === 'ready'
  const location = locationOf(draft, collect.store)
  return new Map(
    quantitiesOf(order).flatMap(({ key, line, delivered, returned, open }): [string, Claim][] => {
      const item = collect.items?.find((each) => each.line === key) ?? line
      if (item.sku === undefined) return []
      const left = minusDecimals(delivered, returned)
      return [[key, { location, sku: item.sku, variant: item.variant, reserved: isOpen ? open : '0', left }]]
    }),
  )
}

/** A movement of an order that is at no store with goods of its own. `isReserved`: the line had been reserved before. */
export function movementChangedLevel(
  draft: Draft,
  order: Order,
  line: OrderLine,
  { move, sku, quantity, from, to }: Movement,
  isReserved: boolean,
  because: Because,
): void {
  const location = move === 'return' ? (to ?? from) : (from ?? to)
  if (location === undefined || order.collect?.settings.storeStock === true || !isCounted(draft)) return
  const change = changeBy(move, quantity, isReserved)
  if (change !== undefined) changeLevel(draft, { location, sku, variant: line.variant }, change, order, because)
}

type Change = { readonly quantity?: DecimalText; readonly reserved?: DecimalText }

function changeBy(move: Movement['move'], quantity: DecimalText, isReserved: boolean): Change | undefined {
  const less = minusDecimals('0', quantity)
  switch (move) {
    case 'reserve':
      return { reserved: quantity }
    case 'release':
      return { reserved: less }
    case 'issue':
      return { quantity: less, ...(isReserved && { reserved: less }) }
    case 'return':
      return { quantity }
    case 'transfer':
      return undefined
  }
}

function changeLevel(
  draft: Draft,
  { location, sku, variant }: Place,
  { quantity = '0', reserved = '0' }: Change,
  order: Order,
  because: Because,
): void {
  if (compareDecimals(quantity, '0') === 0 && compareDecimals(reserved, '0') === 0) return
  const known = draft.get('stockLevel', stockLevelId(location, sku, variant ?? ''))
  if (known === undefined) return
  const level = draft.put<StockLevel>({
    ...known,
    quantity: plusDecimals(known.quantity, quantity),
    reserved: notBelowNone(plusDecimals(known.reserved, reserved)),
    updatedAt: draft.now,
  })
  const event = draft.happened({
    name: 'stockLevel.moved',
    subject: known.id,
    before: { quantity: known.quantity, reserved: known.reserved },
    after: { quantity: level.quantity, reserved: level.reserved },
    text: `by order ${order.number}`.slice(0, 250),
    because: because.event,
    ...(because.trace && { trace: because.trace }),
  })
  const isMore = compareDecimals(minusDecimals(quantity, reserved), '0') > 0
  if (isMore) releaseWaiting(draft, [levelName(sku)], `level/${known.id}`, event)
}

const notBelowNone = (quantity: DecimalText): DecimalText => (compareDecimals(quantity, '0') < 0 ? '0' : quantity)
