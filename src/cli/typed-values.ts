/**
 * What people type as options, read strictly: dates, amounts, numbers, filters.
 *
 * Each text has one meaning or is refused with what was expected. Throws a Failure with code 64.
 */
import { addDays, type Instant, instantOf, isLocalDate, parseDuration } from '../core/date.ts'
import { currencyDigits, isDecimal, type Minor, toMinor } from '../core/money.ts'
import type { LineQuantity } from '../core/order.ts'
import { usage } from './failure.ts'

export interface WhenOptions {
  readonly now: Instant
  readonly zone: string
  /** A duration counts from now: back (`--since 2d`) or ahead (`--date 2d`). */
  readonly towards: 'past' | 'future'
  /** A bare date means the end of that day. */
  readonly endOfDay?: boolean
}

/** `2026-03-14`, `2026-03-14T10:30` in the zone of the config, a full ISO time, or a duration such as `2d`. */
export function whenOf(text: string, option: string, { now, zone, towards, endOfDay }: WhenOptions): Instant {
  const duration = parseDuration(text)
  if (duration !== undefined) return towards === 'past' ? now - duration : now + duration
  if (isLocalDate(text))
    return endOfDay === true ? instantOf(addDays(text, 1), '00:00', zone) : instantOf(text, '00:00', zone)
  const [date = '', time = ''] = text.split('T')
  if (isLocalDate(date) && /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(time)) return instantOf(date, time, zone)
  const whole = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN
  if (!Number.isNaN(whole)) return whole
  throw usage(`${option}: "${text}" is no time; expected 2026-03-14, 2026-03-14T10:30 or a duration such as 2d`)
}

/** A local date and nothing else. */
export function dateOf(text: string, option: string): string {
  if (isLocalDate(text)) return text
  throw usage(`${option}: "${text}" is no date; expected one such as 2026-03-14`)
}

/** Decimal text in the currency, e.g. `24990` or `12.50`, in minor units; never rounded. */
export function amountOf(text: string, currency: string): Minor {
  const digits = currencyDigits(currency)
  const [, fraction = ''] = text.split('.')
  if (!isDecimal(text) || fraction.length > digits) {
    const example = digits === 0 ? '1250' : `12.${'5'.padEnd(digits, '0')}`
    throw usage(`--amount: "${text}" is no amount in ${currency}; expected a number with a point such as ${example}`)
  }
  return toMinor(text, currency)
}

/** Collects `line:quantity`, with commas between them, given any number of times: `1:2,3:0.5`. */
export function lineQuantity(text: string, before: readonly LineQuantity[] = []): readonly LineQuantity[] {
  const more = text.split(',').map((each): LineQuantity => {
    const at = each.lastIndexOf(':')
    const [line, quantity] = [each.slice(0, at).trim(), each.slice(at + 1).trim()]
    if (at > 0 && line !== '' && isDecimal(quantity)) return { line, quantity }
    throw usage(`--lines: "${each}" is no line with its quantity; expected LINE:QUANTITY, e.g. 1:2 or 3:0.5`)
  })
  return [...before, ...more]
}

/** A whole number from 1 to `most`. */
export const countOf =
  (option: string, most: number) =>
  (text: string): number => {
    const count = /^\d{1,9}$/.test(text) ? Number(text) : 0
    if (count >= 1 && count <= most) return count
    throw usage(`${option}: "${text}" is not possible; expected a whole number from 1 to ${most}`)
  }

/** Collects `--filter field=value`, given any number of times. */
export function collectFilter(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=')
  const field = text.slice(0, at)
  if (at < 1 || !/^[A-Za-z]\w{0,63}(\.[A-Za-z]\w{0,63}){0,5}$/.test(field)) {
    throw usage(`--filter: "${text}" is no filter; expected FIELD=VALUE, e.g. customer.email=anna@example.com`)
  }
  return { ...before, [field]: text.slice(at + 1) }
}

/** One of the words, or a usage error that names them all. */
export function wordOf<W extends string>(text: string, option: string, words: readonly W[]): W {
  const found = words.find((word) => word === text)
  if (found !== undefined) return found
  throw usage(`${option}: "${text}" is not possible; expected ${words.join(', ')}`)
}
