/**
 * Settlement of a collected order between the company that took it ("origin") and the company
 * whose store hands it over ("collector") (N38–N43). Which entries arise, and why: see `positions`.
 *
 * Each entry has its counter-entry for the other company, so the entries of an order sum to zero, and
 * net + vat = gross in each. A collector's balance is what the origin still owes it ("net due", N43):
 * goods + fee − prepayment transferred − money taken at the till.
 *
 * Does not post, store or export. Ids follow from order, type, company, event and part: decided twice, they
 * are the same entries. Throws RangeError on amounts beyond the safe range.
 */
import type { Instant } from '../../core/date.ts'
import { type ClearingId, clearingId } from '../../core/ids.ts'
import type { Clearing } from '../../core/clearing.ts'
import { fromMinor, type Minor, percentOf } from '../../core/money.ts'
import type { CollectSettings, Collect, Order } from '../../core/order.ts'
import { openAmount } from '../order-state.ts'
import { reversalIdOf, standingOf, withNetDue } from './reversal.ts'
import { effectiveTerms, type Kept, valueOf } from './value.ts'

export type ClearingEvent = 'delivery' | 'processing'
type BillVia = CollectSettings['billVia']
type Collected = Order & { readonly collect: Collect }

/** What one kind of entry says of the collector; the origin has the opposite. */
interface Position {
  readonly type: Clearing['position']
  readonly gross: Minor
  readonly vat: Minor
}

/** What is posted: the step from what was handed over before to what is handed over now (N32). */
export interface Part {
  readonly before: Kept
  readonly after: Kept
  /** 1 for the first handover. */
  readonly number: number
  /** Lines and quantities, when it is not the whole. */
  readonly lines?: string | undefined
  /** All entries of the order so far. */
  readonly posted: readonly Clearing[]
}

const wholeOrder: Part = { before: 'none', after: 'all', number: 1, posted: [] }

/**
 * The entries that `event` causes, with version 0; none when the order has no collect document, when
 * both sides are one company, for returns, quotes and credits (they are cleared by reversal), or when
 * the settings post on the other event (N39).
 */
export function clearingEntries(
  order: Order,
  event: ClearingEvent,
  now: Instant,
  part: Part = wholeOrder,
): readonly Clearing[] {
  const { collect } = order
  if (collect === undefined || collect.fromCompany === collect.toCompany) return []
  if (order.type !== 'order' || collect.settings.postOn !== event) return []
  const collected: Collected = { ...order, collect }
  const entries = positions(collected, part).flatMap((position) => {
    const { fromCompany, toCompany } = collect
    const counter: Position = { type: position.type, gross: -position.gross, vat: minus(position.vat) }
    return [
      entryOf(collected, position, toCompany, fromCompany, { event, part, now }),
      entryOf(collected, counter, fromCompany, toCompany, { event, part, now }),
    ]
  })
  return withNetDue(entries)
}

/**
 * Who owes whom, seen from the collector (positive = it has a claim on the origin).
 *
 * - `goods` (+): the origin has sold and bills the customer; the collector gave goods from its own stock
 *   for that sale, so the origin owes it their value, with VAT: the sales price, or what the two agreed. Not with
 *   `storeStock: false` (N41): the goods were the origin's all along and only passed over the counter; not with
 *   `billVia: pos` (N40): then the till of the collector sells its own goods on its own account.
 * - `prepaymentTransfer` (−): what the customer paid at the origin (`prepaid` and matched payments) is
 *   passed on to the collector and covers that much of the goods. Only beside `goods`: otherwise the
 *   collector has no claim that it could cover, and the money stays where it belongs.
 * - `storeReceipt` (−): the rest, which the collector takes at its till. It is the origin's money, since
 *   the sale is the origin's (or, with `pos` and `storeStock: false`, the goods were). The collector
 *   keeps it against its claim, or owes it. Not when the till sells the collector's own goods.
 * - `fee` (+): the agreed fee for handing over, with the first part.
 *
 * Money carries no VAT: VAT is on the goods, and on the fee where the companies agreed so. Of an order that is
 * handed over in parts, what was paid before covers the first parts, and the customer pays the rest with the last ones.
 *
 * Example, own stock: gross 127.00 with VAT 27.00, prepaid 50.00, fee 2.00. Collector: goods +127.00,
 * prepaymentTransfer −50.00, storeReceipt −77.00, fee +2.00; balance +2.00: the origin passes on the
 * 50.00 and owes 2.00. Origin: the opposite. With the origin's stock: storeReceipt −77.00, fee +2.00;
 * balance −75.00: the collector pays over what it took, less the fee, and the origin keeps the 50.00.
 */
function positions(order: Collected, { before, after, posted }: Part): readonly Position[] {
  const { storeStock, billVia: configured, agreed } = order.collect.settings
  const soldAtTill = effectiveBillVia(order, configured).billVia === 'pos'
  const [from, to] = [valueOf(order, before, agreed), valueOf(order, after, agreed)]
  const standing = standingOf(posted, order.collect.toCompany)
  const sales = Math.max(0, to.sales - from.sales)
  const hasGoods = storeStock && !soldAtTill
  const vat = hasGoods ? to.vat - from.vat : 0
  const goods = hasGoods ? to.net - from.net + vat : 0
  const covered = order.gross - openAmount(order) - (from.sales + standing.storeReceipt)
  const taken = storeStock && soldAtTill ? 0 : sales - Math.min(sales, Math.max(0, covered))
  const passedOn = Math.max(0, Math.min(goods, order.prepaid + order.paid + standing.prepaymentTransfer))
  const list: Position[] = [
    { type: 'goods', gross: goods, vat },
    { type: 'prepaymentTransfer', gross: minus(passedOn), vat: 0 },
    { type: 'storeReceipt', gross: minus(taken), vat: 0 },
    ...(standing.fee === 0 ? [feeOf(order)] : []),
  ]
  return list.filter(({ gross }) => gross !== 0)
}

function feeOf({ collect }: Collected): Position {
  const { fee = 0, agreed } = collect.settings
  const vat = agreed?.feeVat === undefined ? 0 : percentOf(fee, agreed.feeVat)
  return { type: 'fee', gross: fee + vat, vat }
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

interface About {
  readonly event: ClearingEvent
  readonly part: Part
  readonly now: Instant
}

function entryOf(
  order: Collected,
  { type, gross, vat }: Position,
  company: string,
  counterCompany: string,
  { event, part, now }: About,
): Clearing {
  const terms = effectiveTerms(order, order.collect.settings.agreed)
  const isGoods = type === 'goods'
  return {
    kind: 'clearing',
    id: entryId(order, type, company, event, part.number),
    version: 0,
    type,
    position: type,
    state: 'open',
    order: order.id,
    orderNumber: order.number,
    company,
    counterCompany,
    net: gross - vat,
    vat,
    gross,
    currency: order.currency,
    event,
    netDue: 0,
    ...(isGoods && terms.basis !== 'sales' && { basis: terms.basis }),
    ...(part.lines !== undefined && { lines: part.lines }),
    ...(isGoods && terms.reason !== undefined && { reason: terms.reason }),
    createdAt: now,
    updatedAt: now,
  }
}

/** The same entries once more, with what was left of them before they were reversed. */
export function repeated(order: Collected, entries: readonly Clearing[], now: Instant): readonly Clearing[] {
  const repeats = entries.map((entry): Clearing => {
    // Without what became of it.
    const { file: _file, copies: _copies, postedNumber: _number, refusal: _refusal, ...said } = entry
    let id = clearingId(`${entry.id}/again`)
    for (let time = 2; order.collect.clearing.includes(id); time++) id = clearingId(`${entry.id}/again/${time}`)
    return { ...said, id, version: 0, state: 'open', createdAt: now, updatedAt: now }
  })
  return withNetDue(repeats)
}

/** A part has a number; an order that was put back, reversed and handed over again gets new entries under the next id. */
function entryId(
  order: Collected,
  type: Clearing['position'],
  company: string,
  event: ClearingEvent,
  part: number,
): ClearingId {
  const key = `${order.id}/${type}/${company}/${event}${part === 1 ? '' : `/part ${part}`}`
  let id = clearingId(key)
  for (let time = 2; order.collect.clearing.includes(reversalIdOf(id)); time++) id = clearingId(`${key}/${time}`)
  return id
}

const minus = (amount: Minor): Minor => (amount === 0 ? 0 : -amount)
