/**
 * What the goods of an order are worth between two companies, whole or in part.
 *
 * A part is worth what its lines are, VAT by line; document discount and shipping are shared in proportion. All parts
 * together are worth exactly what the whole is: amounts are reckoned for all that went before and after a move, and
 * their difference is cleared. Lines without prices are shared by quantity. Pure; throws RangeError on amounts
 * beyond the safe range.
 */
import { assertNever } from '../../core/assert-never.ts'
import {
  type DecimalText,
  lineAmount,
  type Minor,
  percentOf,
  plusDecimals,
  shareOf,
  vatInGross,
} from '../../core/money.ts'
import type { ClearingTerms, Order } from '../../core/order.ts'
import { lineGross, vatOfOrder } from '../order-vat.ts'
import { type LineQuantities, quantitiesOf } from '../collect/hand-over.ts'

/** Quantities by line key that are handed over, or not brought back. */
export type Kept = 'none' | 'all' | ReadonlyMap<string, DecimalText>

export interface Value {
  /** What the customer pays for it, with VAT. */
  readonly sales: Minor
  /** What the companies clear it at. */
  readonly net: Minor
  readonly vat: Minor
}

const salesTerms: ClearingTerms = { basis: 'sales', vat: 'order' }

/** The terms by which the order is cleared in fact: without a cost of each line it is the sales price, with the reason. */
export function effectiveTerms(
  order: Order,
  agreed: ClearingTerms = salesTerms,
): ClearingTerms & { readonly reason?: string } {
  if (agreed.basis !== 'cost') return agreed
  const field = costFieldOf(agreed)
  const without = quantitiesOf(order).find(
    ({ line, ordered }) => ordered !== '0' && costOf(line.fields, field) === undefined,
  )
  if (without === undefined && order.lines.length > 0) return agreed
  const reason = `line ${without?.key ?? '1'} has no cost (own field ${field}): cleared at the sales price`
  return { ...agreed, basis: 'sales', reason }
}

export function valueOf(order: Order, kept: Kept, agreed?: ClearingTerms): Value {
  if (kept === 'none') return { sales: 0, net: 0, vat: 0 }
  const terms = effectiveTerms(order, agreed)
  const { gross, vat } = salesOf(order, kept)
  const net = netOf(order, kept, terms, gross - vat)
  return { sales: gross, net, vat: vatOf(terms, net, gross - vat, vat) }
}

function netOf(order: Order, kept: Kept, terms: ClearingTerms, sales: Minor): Minor {
  switch (terms.basis) {
    case 'sales':
      return sales
    case 'percent':
      return percentOf(sales, terms.percent ?? '100')
    case 'cost':
      return sum(
        quantitiesOf(order).map(({ key, line, ordered }) =>
          lineAmount(quantityIn(kept, key, ordered), costOf(line.fields, costFieldOf(terms)) ?? '0', order.currency),
        ),
      )
    default:
      return assertNever(terms.basis, 'basis of clearing')
  }
}

function vatOf({ vat, basis }: ClearingTerms, net: Minor, salesNet: Minor, salesVat: Minor): Minor {
  if (vat === 'none') return 0
  if (vat !== 'order') return percentOf(net, vat)
  if (basis === 'sales') return salesVat
  return salesNet === 0 ? 0 : shareOf(salesVat, String(net), String(salesNet))
}

/** The sales price of what is kept. */
function salesOf(order: Order, kept: Kept): { readonly gross: Minor; readonly vat: Minor } {
  const vat = vatOfOrder(order)
  if (kept === 'all') return { gross: order.gross, vat }
  const all = quantitiesOf(order)
  const priced = partOf(all, kept, (each) => lineGross(each.line, order) ?? 0)
  const { part, whole } =
    priced.whole > 0 ? { part: String(priced.part), whole: String(priced.whole) } : counted(all, kept)
  if (whole === '0') return { gross: order.gross, vat }
  const taxed = partOf(all, kept, (each) => vatOfLine(each, order))
  return {
    gross: shareOf(order.gross, part, whole),
    vat: taxed.whole > 0 ? shareOf(vat, String(taxed.part), String(taxed.whole)) : shareOf(vat, part, whole),
  }
}

function partOf(all: readonly LineQuantities[], kept: Kept, amountOf: (each: LineQuantities) => Minor) {
  const amounts = all.map((each) => {
    const { key, line, ordered } = each
    const amount = amountOf(each)
    if (ordered === '0' || amount <= 0) return { part: 0, whole: 0 }
    return {
      part: shareOf(amount, quantityIn(kept, key, ordered), line.quantity),
      whole: shareOf(amount, ordered, line.quantity),
    }
  })
  return { part: sum(amounts.map(({ part }) => part)), whole: sum(amounts.map(({ whole }) => whole)) }
}

const counted = (
  all: readonly LineQuantities[],
  kept: Kept,
): { readonly part: DecimalText; readonly whole: DecimalText } => ({
  part: all.reduce((total, { key, ordered }) => plusDecimals(total, quantityIn(kept, key, ordered)), '0'),
  whole: all.reduce((total, { ordered }) => plusDecimals(total, ordered), '0'),
})

function vatOfLine({ line }: LineQuantities, order: Order): Minor {
  if (line.vat !== undefined) return line.vat
  return vatInGross(lineGross(line, order) ?? 0, line.vatPercent ?? '0')
}

const quantityIn = (kept: Kept, key: string, ordered: DecimalText): DecimalText =>
  kept === 'all' ? ordered : kept === 'none' ? '0' : (kept.get(key) ?? '0')

const costFieldOf = ({ costField }: ClearingTerms): string => costField ?? 'cost'

/** A wild text in a file is no cost. */
function costOf(fields: Readonly<Record<string, string>> | undefined, field: string): DecimalText | undefined {
  const text = fields !== undefined && Object.hasOwn(fields, field) ? fields[field] : undefined
  return text !== undefined && /^\d{1,12}(\.\d{1,8})?$/.test(text) ? text : undefined
}

const sum = (amounts: readonly Minor[]): Minor => amounts.reduce((total, amount) => total + amount, 0)
