/**
 * Settlement of a collected order between the company that took it ("origin") and the company
 * whose store hands it over ("collector") (N38–N43). Which entries arise, and why: see `positions`.
 *
 * Each entry has its counter-entry for the other company, so the entries of an order sum to zero, and
 * net + vat = gross in each. A collector's balance is what the origin still owes it:
 * goods + fee − prepayment transferred − money taken at the till ("net due", N43).
 *
 * Does not post, store or export. Ids follow from order, type, company and event: decided twice, they
 * are the same entries. Throws RangeError on amounts beyond the safe range.
 */
import type { Instant } from '../../core/date.ts'
import { type ClearingId, clearingId } from '../../core/ids.ts'
import type { Clearing, ClearingType } from '../../core/model.ts'
import { fromMinor, type Minor } from '../../core/money.ts'
import type { Collect, CollectSettings, Order } from '../../core/order.ts'
import { openAmount } from '../order-state.ts'
import { vatOfOrder } from '../order-vat.ts'

export type ClearingEvent = 'delivery' | 'processing'
type BillVia = CollectSettings['billVia']
type Collected = Order & { readonly collect: Collect }

/** What one kind of entry says of the collector; the origin has the opposite. */
interface Position {
  readonly type: Exclude<ClearingType, 'reversal'>
  readonly gross: Minor
  readonly vat: Minor
}

/**
 * The entries that `event` causes, with version 0; none when the order has no collect document, when
 * both sides are one company, for returns, quotes and credits (they are cleared by reversal), or when
 * the settings post on the other event (N39).
 */
export function clearingEntries(order: Order, event: ClearingEvent, now: Instant): readonly Clearing[] {
  const { collect } = order
  if (collect === undefined || collect.fromCompany === collect.toCompany) return []
  if (order.type !== 'order' || collect.settings.postOn !== event) return []
  const collected: Collected = { ...order, collect }
  return positions(collected).flatMap((position) => {
    const { fromCompany, toCompany } = collect
    const counter: Position = { type: position.type, gross: -position.gross, vat: minus(position.vat) }
    return [
      entryOf(collected, position, toCompany, fromCompany, event, now),
      entryOf(collected, counter, fromCompany, toCompany, event, now),
    ]
  })
}

/**
 * Who owes whom, seen from the collector (positive = it has a claim on the origin).
 *
 * - `goods` (+): the origin has sold and bills the customer; the collector gave goods from its own stock
 *   for that sale, so the origin owes it their value, with VAT. Not with `storeStock: false` (N41): the
 *   goods were the origin's all along and only passed over the counter; not with `billVia: pos` (N40):
 *   then the till of the collector sells its own goods on its own account.
 * - `prepaymentTransfer` (−): what the customer paid at the origin (`prepaid` and matched payments) is
 *   passed on to the collector and covers that much of the goods. Only beside `goods`: otherwise the
 *   collector has no claim that it could cover, and the money stays where it belongs.
 * - `storeReceipt` (−): the rest, which the collector takes at its till. It is the origin's money, since
 *   the sale is the origin's (or, with `pos` and `storeStock: false`, the goods were). The collector
 *   keeps it against its claim, or owes it. Not when the till sells the collector's own goods.
 * - `fee` (+): the agreed fee for handing over.
 *
 * Money and fee carry no VAT: VAT is on the goods, and the fee is taken as stated.
 *
 * Example, own stock: gross 127.00 with VAT 27.00, prepaid 50.00, fee 2.00. Collector: goods +127.00,
 * prepaymentTransfer −50.00, storeReceipt −77.00, fee +2.00; balance +2.00: the origin passes on the
 * 50.00 and owes 2.00. Origin: the opposite. With the origin's stock: storeReceipt −77.00, fee +2.00;
 * balance −75.00: the collector pays over what it took, less the fee, and the origin keeps the 50.00.
 */
function positions(order: Collected): readonly Position[] {
  const { storeStock, billVia: configured, fee = 0 } = order.collect.settings
  const soldAtTill = effectiveBillVia(order, configured).billVia === 'pos'
  const goods = storeStock && !soldAtTill ? order.gross : 0
  const taken = storeStock && soldAtTill ? 0 : remainingAmount(order)
  const list: Position[] = [
    { type: 'goods', gross: goods, vat: goods === 0 ? 0 : vatOfOrder(order) },
    { type: 'prepaymentTransfer', gross: minus(Math.max(0, Math.min(goods, order.prepaid + order.paid))), vat: 0 },
    { type: 'storeReceipt', gross: minus(taken), vat: 0 },
    { type: 'fee', gross: fee, vat: 0 },
  ]
  return list.filter(({ gross }) => gross !== 0)
}

/** What is to be taken at the till (N40): total − prepaid − paid, less what was written off; never below 0. */
export const remainingAmount = (order: Order): Minor => Math.max(0, openAmount(order))

/**
 * How the order is billed in fact (N40): the till cannot deduct what was paid before, so an order with a
 * prepaid or paid amount falls back to the sales document, and the reason says so.
 */
export function effectiveBillVia(order: Order, configured: BillVia): { billVia: BillVia; reason?: string } {
  const before = order.prepaid + order.paid
  if (configured === 'salesDocument' || (order.prepaid === 0 && order.paid === 0)) return { billVia: configured }
  const amount = `${fromMinor(before, order.currency)} ${order.currency}`
  const reason = `${amount} was paid before: the till cannot deduct it, so a sales document bills the order`
  return { billVia: 'salesDocument', reason }
}

/** Counter-entries of what is not reversed yet; reversals among `entries` say what is. Version 0. */
export function reversalOf(entries: readonly Clearing[], now: Instant): readonly Clearing[] {
  const reversed = new Set(entries.map(({ reverses }) => reverses))
  return entries
    .filter(({ id, type }) => type !== 'reversal' && !reversed.has(id))
    .map((entry) => ({
      ...entry,
      id: reversalIdOf(entry.id),
      version: 0,
      type: 'reversal',
      net: minus(entry.net),
      vat: minus(entry.vat),
      gross: minus(entry.gross),
      event: 'reversal',
      reverses: entry.id,
      createdAt: now,
      updatedAt: now,
    }))
}

const reversalIdOf = (id: ClearingId): ClearingId => clearingId(`${id}/reversal`)

function entryOf(
  order: Collected,
  { type, gross, vat }: Position,
  company: string,
  counterCompany: string,
  event: ClearingEvent,
  now: Instant,
): Clearing {
  return {
    kind: 'clearing',
    id: entryId(order, type, company, event),
    version: 0,
    type,
    order: order.id,
    orderNumber: order.number,
    company,
    counterCompany,
    net: gross - vat,
    vat,
    gross,
    currency: order.currency,
    event,
    createdAt: now,
    updatedAt: now,
  }
}

/** The same entry once more, after it was reversed. */
export const repeated = (order: Collected, entry: Clearing, now: Instant): Clearing => ({
  ...entry,
  id: entryId(order, entry.type, entry.company, entry.event as ClearingEvent),
  version: 0,
  createdAt: now,
  updatedAt: now,
})

/** An order that was put back, reversed and handed over again gets new entries under the next id. */
function entryId(order: Collected, type: ClearingType, company: string, event: ClearingEvent): ClearingId {
  const key = `${order.id}/${type}/${company}/${event}`
  let id = clearingId(key)
  for (let time = 2; order.collect.clearing.includes(reversalIdOf(id)); time++) id = clearingId(`${key}/${time}`)
  return id
}

const minus = (amount: Minor): Minor => (amount === 0 ? 0 : -amount)
