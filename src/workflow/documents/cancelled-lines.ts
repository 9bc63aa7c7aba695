/**
 * Lines of an order that were cancelled in part or whole, as the file says (`lines.cancelled`).
 *
 * Amounts are shares of the line's gross amount by quantity, rounded half away from zero to minor units. Lines
 * without a price have none. Pure, never throws.
 */
import { compareDecimals, type Minor, shareOf } from '../../core/money.ts'
import type { Order, OrderLine } from '../../core/order.ts'
import { keyedLines } from '../line-keys.ts'
import { lineGross } from '../order-vat.ts'

type Cancelled = OrderLine & { readonly cancelled: string }

const isPartCancelled = (line: OrderLine): line is Cancelled =>
  line.cancelled !== undefined && compareDecimals(line.cancelled, '0') > 0 && compareDecimals(line.quantity, '0') > 0

/** What the cancelled quantities cost, in minor units of the order's currency; undefined when no line is cancelled. */
export function cancelledAmount(order: Order): Minor | undefined {
  const lines = order.lines.filter(isPartCancelled)
  if (lines.length === 0) return undefined
  return lines.reduce((sum, line) => sum + amountOf(line, order), 0)
}

function amountOf(line: Cancelled, order: Order): Minor {
  const gross = lineGross(line, order) ?? 0
  return compareDecimals(line.cancelled, line.quantity) >= 0 ? gross : shareOf(gross, line.cancelled, line.quantity)
}

/** For the ERP: `1:2, 3:0.5` (line:quantity), all that is cancelled by now. */
export const cancelledLines = ({ lines }: Order): string =>
  keyedLines(lines)
    .flatMap(({ line, key }) => (isPartCancelled(line) ? [`${key}:${line.cancelled}`] : []))
    .join(', ')

/** Whether lines were cancelled that were not before. */
export function hasMoreCancelled(before: Order, after: Order): boolean {
  const known = new Map(keyedLines(before.lines).map(({ line, key }) => [key, line.cancelled ?? '0']))
  return keyedLines(after.lines).some(
    ({ line, key }) => isPartCancelled(line) && compareDecimals(line.cancelled, known.get(key) ?? '0') > 0,
  )
}
