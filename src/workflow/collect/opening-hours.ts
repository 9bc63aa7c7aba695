/**
 * Opening hours of a store: open intervals of a day, and the two deadlines reckoned in them (N10, N20, N21).
 *
 * Rules are read in order and the last that fits a day decides it alone: `open` replaces what was said
 * before, `closed` wipes it. Hours of one rule that touch or overlap are one interval; `24:00` and a
 * closing time of `00:00` are the next midnight; a closing time before the opening time is on the
 * next day. DST as in core/date.ts; an interval that lies wholly in a gap does not exist.
 *
 * Nothing open within a year gives undefined. Throws RangeError on a zone, date or count that is none.
 * The days of a calendar are remembered as long as the calendar itself.
 */
import type { CalendarConfig } from '../../config/schema.ts'
import { assertNever } from '../../core/assert-never.ts'
import {
  addDays,
  type Duration,
  dateIn,
  dayOfWeek,
  type Instant,
  instantOf,
  type LocalDate,
  timeIn,
} from '../../core/date.ts'

/** Open from `from` until just before `to`. */
export interface OpenInterval {
  readonly from: Instant
  readonly to: Instant
}

type Rule = CalendarConfig['rules'][number]
interface Day {
  readonly open: readonly OpenInterval[]
  readonly next: LocalDate
}

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const daysLookedAt = 366
const remembered = new WeakMap<CalendarConfig, Map<string, Day>>()

/** When the store is open on a local date, in order and without overlap; empty when it is closed (N10). */
export function openIntervals(calendar: CalendarConfig, zone: string, date: LocalDate): readonly OpenInterval[] {
  return dayOf(calendar, zone, date).open
}

/**
 * The instant at which `ms` milliseconds of open time have passed since `from` (N20). What ends just at
 * closing time ends at closing time; no time at all ends at `from`. Undefined when the store is not open
 * long enough within a year.
 */
export function addOpenTime(calendar: CalendarConfig, zone: string, from: Instant, ms: Duration): Instant | undefined {
  if (ms <= 0) return from
  let rest = ms
  let now = from
  let date = dayBefore(from, zone)
  for (let looked = 0; looked <= daysLookedAt; looked++) {
    const day = dayOf(calendar, zone, date)
    for (const interval of day.open) {
      if (interval.to <= now) continue
      const start = Math.max(interval.from, now)
      if (start + rest <= interval.to) return start + rest
      rest -= interval.to - start
      now = interval.to
    }
    date = day.next
  }
  return undefined
}

/**
 * The last closing time of the n-th day on which the store is open (N21), n ≥ 1.
 *
 * The day of `from` counts when the store is open at `from` or opens later that day, that is when its
 * last closing time is still to come: "the store still opens later that day" (N21) is read together with
 * "the day of arrival counts only if the store is still open", so that goods ready at 10:00 in a store
 * open from 9 to 18 can be collected that day, and goods ready at 18:00 cannot. Closed days never count.
 * Undefined when the store has no open day for a whole year.
 */
export function closeOfNthOpenDay(
  calendar: CalendarConfig,
  zone: string,
  from: Instant,
  n: number,
): Instant | undefined {
  if (!Number.isSafeInteger(n) || n < 1) throw new RangeError(`${n} is no number of open days: expected 1 or more`)
  let counted = 0
  let date = dayBefore(from, zone)
  for (let closedDays = 0; closedDays <= daysLookedAt; closedDays++) {
    const day = dayOf(calendar, zone, date)
    const close = day.open.at(-1)?.to
    if (close !== undefined && close > from) {
      counted++
      if (counted === n) return close
      closedDays = 0
    }
    date = day.next
  }
  return undefined
}

/** The hours of a local date for people: `09:00-12:00, 13:00-18:00`, or nothing when closed. */
export function hoursText(calendar: CalendarConfig, zone: string, date: LocalDate): string {
  const day = dayOf(calendar, zone, date)
  const midnight = instantOf(date, '24:00', zone)
  return day.open
    .map(({ from, to }) => `${timeIn(from, zone)}-${to === midnight ? '24:00' : timeIn(to, zone)}`)
    .join(', ')
}

/** Hours that pass midnight belong to the day before: so the search begins there. */
const dayBefore = (from: Instant, zone: string): LocalDate => addDays(dateIn(from, zone), -1)

function dayOf(calendar: CalendarConfig, zone: string, date: LocalDate): Day {
  let days = remembered.get(calendar)
  if (days === undefined) remembered.set(calendar, (days = new Map<string, Day>()))
  const key = `${date} ${zone}`
  let day = days.get(key)
  if (day === undefined) {
    day = {
      open: merged(hoursOf(calendar, date).map((hours) => intervalOf(hours, date, zone))),
      next: addDays(date, 1),
    }
    days.set(key, day)
  }
  return day
}

function hoursOf(calendar: CalendarConfig, date: LocalDate): readonly string[] {
  let hours: readonly string[] = []
  for (const rule of calendar.rules) {
    if (!fits(rule, date)) continue
    if (rule.closed === true) hours = []
    else if (rule.open !== undefined) hours = typeof rule.open === 'string' ? [rule.open] : rule.open
  }
  return hours
}

function fits(rule: Rule, date: LocalDate): boolean {
  switch (rule.on) {
    case 'everyDay':
      return true
    case 'weekly': {
      const weekday = weekdays[dayOfWeek(date) - 1]
      return weekday !== undefined && rule.days?.includes(weekday) === true
    }
    case 'yearly':
      return rule.date?.slice(-5) === date.slice(5)
    case 'date':
      return rule.date === date
    default:
      return assertNever(rule.on, 'period of a calendar rule')
  }
}

function intervalOf(hours: string, date: LocalDate, zone: string): OpenInterval {
  const [from = '', to = ''] = hours.split('-')
  const start = instantOf(date, from, zone)
  if (to === '24:00' || to === '00:00') return { from: start, to: instantOf(date, '24:00', zone) }
  return { from: start, to: instantOf(to < from ? addDays(date, 1) : date, to, zone) }
}

function merged(intervals: readonly OpenInterval[]): readonly OpenInterval[] {
  const list: OpenInterval[] = []
  for (const interval of intervals.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from)) {
    const last = list.at(-1)
    if (last !== undefined && interval.from <= last.to) {
      list[list.length - 1] = { from: last.from, to: Math.max(last.to, interval.to) }
    } else {
      list.push(interval)
    }
  }
  return list
}
