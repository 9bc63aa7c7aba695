/**
 * Evaluates the scope and the conditions of a rule for an order, and keeps the values seen (C11).
 *
 * Fields are dotted paths into the order (`order.gross`, `order.customer.email`); amounts compare
 * in the currency's units (24990, 12.50), text exactly, lists by membership. A missing field
 * fits only `exists: false`, `ne` and `notIn`.
 */
import type { Condition, Conditions, Scope } from '../config/schema.ts'
import { conditionFields } from '../core/condition-fields.ts'
import type { SeenCondition } from '../core/event.ts'
import { compareDecimals, fromMinor, isDecimal, type Minor } from '../core/money.ts'
import type { Order } from '../core/order.ts'
import { listOf, type Rule } from './compile.ts'
import { openAmount } from './order-state.ts'

export interface Evaluation {
  readonly holds: boolean
  readonly seen: readonly SeenCondition[]
}

export function evaluate(rule: Pick<Rule, 'scope' | 'conditions'>, order: Order): Evaluation {
  const seen: SeenCondition[] = []
  const holds =
    scopeHolds(rule.scope, order, seen) &&
    rule.conditions.every((conditions) => conditionsHold(conditions, order, seen))
  return { holds, seen }
}

function scopeHolds(scope: Scope | undefined, order: Order, seen: SeenCondition[]): boolean {
  if (scope === undefined) return true
  const values: Record<keyof Scope, string | undefined> = {
    channel: order.channel,
    delivery: order.deliveryMethod,
    method: order.paymentMethod,
    store: order.store,
    company: order.company,
    type: order.type,
  }
  return (Object.keys(values) as (keyof Scope)[]).every((key) => {
    const wanted = scope[key]
    if (wanted === undefined) return true
    const value = values[key]
    seen.push({ field: key, expected: listOf<string>(wanted).join(' | '), seen: value ?? '(none)' })
    return value !== undefined && listOf<string>(wanted).includes(value)
  })
}

function conditionsHold(conditions: Conditions, order: Order, seen: SeenCondition[]): boolean {
  return Object.entries(conditions).every(([field, condition]) => {
    const value = fieldOf(order, field)
    seen.push({ field, expected: describe(condition), seen: value ?? '(none)' })
    return conditionHolds(condition, value, isAmount(nameOf(field)))
  })
}

/** Whether a value (undefined = missing) fits one condition. Amounts are numbers also where quotes stand around them. */
export function conditionHolds(condition: Condition, value: string | undefined, isNumber = false): boolean {
  const same = isNumber ? sameNumber : sameText
  if (Array.isArray(condition)) return condition.some((each) => same(each, value))
  if (typeof condition !== 'object') return same(condition, value)
  const { eq, ne, in: any, notIn, gte, lt, exists } = condition
  return (
    (eq === undefined || same(eq, value)) &&
    (ne === undefined || !same(ne, value)) &&
    (any === undefined || any.some((each) => same(each, value))) &&
    (notIn === undefined || !notIn.some((each) => same(each, value))) &&
    (gte === undefined || compared(value, gte, (order) => order >= 0)) &&
    (lt === undefined || compared(value, lt, (order) => order < 0)) &&
    (exists === undefined || (value !== undefined) === exists)
  )
}

type Scalar = string | number | boolean

function sameText(wanted: Scalar, value: string | undefined): boolean {
  return typeof wanted === 'number' ? sameNumber(wanted, value) : value === String(wanted)
}

function sameNumber(wanted: Scalar, value: string | undefined): boolean {
  const text = String(wanted)
  if (value === undefined || !isDecimal(value) || !isDecimal(text)) return value === text
  return compareDecimals(value, text) === 0
}

function compared(value: string | undefined, limit: Scalar, holds: (order: number) => boolean): boolean {
  if (value === undefined) return false
  const text = String(limit)
  if (isDecimal(value) && isDecimal(text)) return holds(compareDecimals(value, text))
  return holds(value < text ? -1 : value > text ? 1 : 0)
}

/** A field of the order as text; amounts in the currency's units. `order.` may be left out. */
export function fieldOf(order: Order, path: string): string | undefined {
  const name = nameOf(path)
  const reckoned = amountsOf(order)
  const value: unknown = Object.hasOwn(reckoned, name) ? reckoned[name] : valueAt(order, partsOf(name))
  if (typeof value === 'number') return isAmount(name) ? fromMinor(value, order.currency) : String(value)
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : undefined
}

const nameOf = (path: string): string => path.replace(/^order\./, '')

/** As messages and exports use the words: `paid` with what was paid before, `remaining` what is still to pay. */
const amountsOf = (order: Order): Readonly<Record<string, Minor>> => ({
  paid: order.prepaid + order.paid,
  remaining: Math.max(0, openAmount(order)),
})

const isAmount = (name: string): boolean =>
  Object.hasOwn(conditionFields, name) && conditionFields[name]?.type === 'amount'

/** The name of an own field may hold a dot. */
const partsOf = (name: string): readonly string[] =>
  name.startsWith('fields.') ? ['fields', name.slice('fields.'.length)] : name.split('.')

function valueAt(order: Order, names: readonly string[]): unknown {
  let value: unknown = order
  for (const name of names) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

function describe(condition: Condition): string {
  if (Array.isArray(condition)) return condition.map(String).join(' | ')
  if (typeof condition !== 'object') return String(condition)
  return Object.entries(condition)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.map(String).join(' | ') : String(value)}`)
    .join(', ')
}
