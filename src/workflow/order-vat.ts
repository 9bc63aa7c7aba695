/**
 * The VAT contained in what an order costs.
 *
 * What the order states wins: its VAT, else its net amount, else the VAT of its lines when they explain
 * the whole gross amount. Otherwise VAT is reckoned by rate: the gross amount (which holds document
 * discount and shipping) is shared over the rates in proportion to their lines by largest remainder, and
 * the VAT is taken out of each share. Lines without a rate carry none, nor does an order whose lines have
 * several rates and no amounts: no rate is guessed.
 */
import { allocate, lineAmount, type Minor, percentOf, vatInGross } from '../core/money.ts'
import type { Order, OrderLine } from '../core/order.ts'

/** Minor units; `order.gross` minus this is the net amount. */
export function vatOfOrder(order: Order): Minor {
  if (order.vat !== undefined) return order.vat
  if (order.net !== undefined) return order.gross - order.net
  return statedByLines(order) ?? byRate(order)
}

function statedByLines(order: Order): Minor | undefined {
  let vat = 0
  let gross = 0
  for (const line of order.lines) {
    if (line.vat === undefined) return undefined
    vat += line.vat
    gross += grossOfLine(line, order)
  }
  return order.lines.length > 0 && gross === order.gross ? vat : undefined
}

function byRate(order: Order): Minor {
  const grossByRate = new Map<string, Minor>()
  for (const line of order.lines) {
    const rate = rateOf(line)
    grossByRate.set(rate, (grossByRate.get(rate) ?? 0) + grossOfLine(line, order))
  }
  const rates = [...grossByRate.keys()]
  const shares = sharesOf([...grossByRate.values()], order.gross)
  return rates.reduce((sum, rate, i) => sum + vatInGross(shares[i] ?? 0, rate), 0)
}

/**
 * What the rates have of the gross amount. Lines that add up to it are taken as they are, vouchers and
 * other negative ones too; where they do not, a negative sum is no proportion and gets no share.
 */
function sharesOf(sums: readonly Minor[], gross: Minor): readonly Minor[] {
  if (sums.reduce((a, b) => a + b, 0) === gross) return sums
  const weights = sums.map((sum) => Math.max(0, sum))
  if (weights.length > 1 && weights.every((weight) => weight === 0)) return []
  return allocate(gross, weights)
}

/** `27`, `27.0` and `27.00` are one rate. */
const rateOf = (line: OrderLine): string => String(Number(line.vatPercent ?? '0'))

const grossOfLine = (line: OrderLine, order: Order): Minor => lineGross(line, order) ?? 0

/**
 * The line's gross amount: as stated, or from net, or from quantity × price less the line's discount. Undefined
 * where the line has no price, or one that makes no amount: a wild number in a file must not stop the order.
 */
export function lineGross(line: OrderLine, order: Order): Minor | undefined {
  if (line.gross !== undefined) return line.gross
  try {
    if (line.net !== undefined) return line.net + (line.vat ?? percentOf(line.net, rateOf(line)))
    if (line.unitPrice === undefined) return undefined
    const amount = lineAmount(line.quantity, line.unitPrice, order.currency) - (line.discount ?? 0)
    return order.pricesIncludeVat ? amount : amount + percentOf(amount, rateOf(line))
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
