/**
 * Goods over the counter, line by line (N32): what a store hands over, whole or in parts, and what is brought back.
 *
 * Never more is handed over than was ordered and not cancelled, never more brought back than was handed over. What
 * is brought back is not handed over again. The same document told again for the same line and quantity has no effect.
 * Pure: changes nothing; `moveCollect` does. Throws nothing on quantities as the formats give them.
 */
import { compareDecimals, type DecimalText, minusDecimals, plusDecimals } from '../../core/money.ts'
import type { Collect, Handover, LineQuantity, Order, OrderLine } from '../../core/order.ts'
import { keyedLines } from '../line-keys.ts'

type Collected = Order & { readonly collect: Collect }

/** One line of an order at a store; quantities are sums over all handovers so far. */
export interface LineQuantities {
  readonly key: string
  readonly line: OrderLine
  /** Without what was cancelled; 0 for a line that takes something off (a voucher). */
  readonly ordered: DecimalText
  readonly delivered: DecimalText
  readonly returned: DecimalText
  /** What can still be handed over. */
  readonly open: DecimalText
}

export interface HandoverDetails {
  readonly lines?: readonly LineQuantity[] | undefined
  readonly documentType?: string | undefined
  readonly documentNumber?: string | undefined
}

export type PlannedHandover =
  /** `isComplete`: nothing is left to hand over after it. */
  | { readonly kind: 'planned'; readonly lines: readonly LineQuantity[]; readonly isComplete: boolean }
  | { readonly kind: 'same' }
  | { readonly kind: 'refused'; readonly reason: string }

/** Every line of the order, in its order. */
export function quantitiesOf(order: Pick<Order, 'lines' | 'collect'>): readonly LineQuantities[] {
  const handovers = order.collect?.handovers ?? []
  const [delivered, returned] = [sums(handovers, 'delivered'), sums(handovers, 'returned')]
  return keyedLines(order.lines).map(({ line, key }) => {
    const ordered = orderedOf(line)
    const out = delivered.get(key) ?? '0'
    return { key, line, ordered, delivered: out, returned: returned.get(key) ?? '0', open: atLeastNone(ordered, out) }
  })
}

/** For people and the ERP: `1:2, 3:0.5` (line:quantity); undefined when there is none. */
export const linesText = (lines: readonly LineQuantity[]): string | undefined =>
  lines.length === 0 ? undefined : lines.map(({ line, quantity }) => `${line}:${quantity}`).join(', ')

/** What was handed over, or brought back, of every line so far, as `linesText`. */
export function handedOver(order: Pick<Order, 'lines' | 'collect'>, kind: Handover['kind']): string | undefined {
  if (order.collect?.handovers === undefined) return undefined
  const lines = quantitiesOf(order).map((each) => ({ line: each.key, quantity: each[kind] }))
  return linesText(lines.filter(({ quantity }) => isSome(quantity)))
}

export function planHandover(order: Collected, kind: Handover['kind'], details: HandoverDetails): PlannedHandover {
  const all = quantitiesOf(order)
  const told = details.lines === undefined ? undefined : named(all, details.lines)
  if (typeof told === 'string') return { kind: 'refused', reason: told }
  const known = knownLines(order.collect, kind, details)
  if (told === undefined && kind === 'returned' && known.size > 0) return { kind: 'same' }
  const changed = told?.find(
    ({ line, quantity }) => known.has(line) && compareDecimals(known.get(line) ?? '0', quantity),
  )
  if (changed !== undefined) return { kind: 'refused', reason: otherQuantity(changed, known, details) }
  const fresh = told?.filter(({ line }) => !known.has(line)) ?? everything(all, kind)
  if (fresh.length === 0 && (told !== undefined || kind === 'returned')) return { kind: 'same' }
  const tooMuch = fresh.find(({ line, quantity }) => compareDecimals(quantity, leftOf(all, line, kind)) > 0)
  if (tooMuch !== undefined) return { kind: 'refused', reason: tooMuchText(tooMuch, all, kind) }
  return { kind: 'planned', lines: fresh, isComplete: kind === 'delivered' && isWhole(all, fresh) }
}

/** Whether a file or person tells of a handover that is known already, whatever state the order is in. */
export function isToldAgain(order: Collected, kind: Handover['kind'], details: HandoverDetails): boolean {
  if (details.lines === undefined) return false
  const told = named(quantitiesOf(order), details.lines)
  const known = knownLines(order.collect, kind, details)
  return (
    typeof told !== 'string' &&
    told.every(({ line, quantity }) => known.has(line) && compareDecimals(known.get(line) ?? '0', quantity) === 0)
  )
}

const isSome = (quantity: DecimalText): boolean => compareDecimals(quantity, '0') > 0

const atLeastNone = (a: DecimalText, b: DecimalText): DecimalText => {
  const rest = minusDecimals(a, b)
  return isSome(rest) ? rest : '0'
}

const orderedOf = ({ quantity, cancelled }: OrderLine): DecimalText => atLeastNone(quantity, cancelled ?? '0')

function sums(handovers: readonly Handover[], kind: Handover['kind']): Map<string, DecimalText> {
  return summed(handovers.filter((each) => each.kind === kind).flatMap(({ lines }) => lines))
}

function summed(lines: readonly LineQuantity[]): Map<string, DecimalText> {
  const sum = new Map<string, DecimalText>()
  for (const { line, quantity } of lines) sum.set(line, plusDecimals(sum.get(line) ?? '0', quantity))
  return sum
}

/** Each line once, by its key; a text says what is wrong. */
function named(all: readonly LineQuantities[], lines: readonly LineQuantity[]): readonly LineQuantity[] | string {
  const keyed: LineQuantity[] = []
  for (const { line, quantity } of lines) {
    if (!isSome(quantity)) return `the quantity of line ${line} is ${quantity}; expected more than 0`
    const fitting = all.some(({ key }) => key === line)
      ? [line]
      : all.filter((each) => each.line.sku === line || each.line.ean === line).map(({ key }) => key)
    const [key] = fitting
    if (key === undefined) return `the order has no line "${line}"; it has ${all.map((each) => each.key).join(', ')}`
    if (fitting.length > 1) return `item ${line} is on lines ${fitting.join(' and ')}: name the line`
    keyed.push({ line: key, quantity })
  }
  return [...summed(keyed)].map(([line, quantity]) => ({ line, quantity }))
}

/** What a document of that number has said before, by line; nothing without a number. */
function knownLines(
  { handovers = [] }: Collect,
  kind: Handover['kind'],
  { documentType, documentNumber }: HandoverDetails,
): Map<string, DecimalText> {
  if (documentNumber === undefined) return new Map()
  return sums(
    handovers.filter((each) => each.documentNumber === documentNumber && each.documentType === documentType),
    kind,
  )
}

const otherQuantity = (
  { line, quantity }: LineQuantity,
  known: ReadonlyMap<string, DecimalText>,
  { documentNumber = '' }: HandoverDetails,
): string =>
  `document ${documentNumber} said ${known.get(line) ?? '0'} of line ${line} before, and ${quantity} now: another handover needs another number`

const everything = (all: readonly LineQuantities[], kind: Handover['kind']): readonly LineQuantity[] =>
  all.map(({ key }) => ({ line: key, quantity: leftOf(all, key, kind) })).filter(({ quantity }) => isSome(quantity))

function leftOf(all: readonly LineQuantities[], key: string, kind: Handover['kind']): DecimalText {
  const line = all.find((each) => each.key === key)
  if (line === undefined) return '0'
  return kind === 'delivered' ? line.open : atLeastNone(line.delivered, line.returned)
}

function tooMuchText({ line, quantity }: LineQuantity, all: readonly LineQuantities[], kind: Handover['kind']): string {
  const left = leftOf(all, line, kind)
  return kind === 'delivered'
    ? `line ${line}: ${quantity} cannot be handed over, ${left} are left to hand over`
    : `line ${line}: ${quantity} cannot be brought back, ${left} are with the customer`
}

const isWhole = (all: readonly LineQuantities[], lines: readonly LineQuantity[]): boolean => {
  const now = summed(lines)
  return all.every(({ key, open }) => compareDecimals(now.get(key) ?? '0', open) >= 0)
}
