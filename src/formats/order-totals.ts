/**
 * The total of an order by its lines, to fill a missing total and to check a stated one.
 *
 * A line counts with its stated amount, else quantity × unit price − discount; VAT is added where
 * prices do not include it. The order adds shipping and takes off the discount. A stated total may
 * hold VAT or not (UBL leaves it open), so either sum is accepted. Throws nothing.
 */
import { fromMinor, lineAmount, percentOf } from '../core/money.ts'
import type { Minor } from '../core/money.ts'
import type { OrderLine } from '../core/order.ts'
import type { RecordFields } from './record-fields.ts'

export interface Priced {
  readonly currency: string
  readonly pricesIncludeVat: boolean
  readonly lines: readonly OrderLine[]
  readonly net: Minor | undefined
  readonly vat: Minor | undefined
  readonly discount: Minor | undefined
  readonly shipping: Minor | undefined
}

interface Sums {
  readonly net: Minor
  readonly gross: Minor
}

/** The total where the file has none; 0 with a problem noted when there are no prices. */
export function reckonGross(fields: RecordFields, order: Priced): Minor {
  if (fields.has('gross')) return 0
  if (order.net !== undefined && order.vat !== undefined) return order.net + order.vat
  const sums = sumLines(order)
  if (sums) {
    const lines = !order.pricesIncludeVat && order.vat !== undefined ? sums.net + order.vat : sums.gross
    return lines + (order.shipping ?? 0) - (order.discount ?? 0)
  }
  if (!fields.failed) fields.note('D039', 'gross')
  return 0
}

/** Warns when lines, shipping and discount do not make the stated total, more than rounding explains. */
export function warnWhenOff(fields: RecordFields, gross: Minor, order: Priced): void {
  const sums = sumLines(order)
  if (!sums) return
  const rest = (order.shipping ?? 0) - (order.discount ?? 0)
  const vat = order.vat ?? 0
  const accepted = order.pricesIncludeVat ? [sums.gross] : [sums.gross, sums.net, sums.net + vat]
  if (accepted.some((sum) => Math.abs(sum + rest - gross) <= order.lines.length)) return
  const { currency } = order
  fields.note(
    'D050',
    'gross',
    fromMinor(gross, currency),
    `${fromMinor((accepted[0] ?? 0) + rest, currency)} by the lines`,
  )
}

/** Undefined when there are no lines, or one has neither amount nor price. */
function sumLines(order: Priced): Sums | undefined {
  if (order.lines.length === 0) return undefined
  let [net, gross] = [0, 0]
  for (const line of order.lines) {
    const sums = sumLine(line, order)
    if (!sums) return undefined
    net += sums.net
    gross += sums.gross
  }
  return Number.isSafeInteger(net) && Number.isSafeInteger(gross) ? { net, gross } : undefined
}

function sumLine(line: OrderLine, order: Priced): Sums | undefined {
  const base = priceOf(line, order.currency)
  if (order.pricesIncludeVat) {
    const stated = line.net !== undefined && line.vat !== undefined ? line.net + line.vat : undefined
    const gross = line.gross ?? stated ?? base
    return gross === undefined ? undefined : { net: line.net ?? gross, gross }
  }
  const net = line.net ?? base ?? (line.gross === undefined ? undefined : line.gross - (line.vat ?? 0))
  if (net === undefined) return undefined
  return { net, gross: line.gross ?? net + (line.vat ?? percentOf(net, line.vatPercent ?? '0')) }
}

function priceOf(line: OrderLine, currency: string): Minor | undefined {
  if (line.unitPrice === undefined) return undefined
  try {
    return lineAmount(line.quantity, line.unitPrice, currency) - (line.discount ?? 0)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
