/**
 * Cron: when a schedule is due, and a tick that says "look whether something is due".
 *
 * node-cron reads the expression; due times are reckoned here, since node-cron skips what falls
 * into a DST gap. A time that the clocks jump over is due at the first minute after, a time that comes twice is due
 * once; what runs in every hour goes by elapsed time. Missed slots are found with lastSlot, never by ticks: a tick is
 * only a hint. Throws on a broken expression (ask cronProblems first) or an unknown zone.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { parse, validateDetailed } from 'node-cron'
import { addDays, dateIn, dayOfWeek, daysInMonth } from '../core/date.ts'
import type { Instant, LocalDate } from '../core/date.ts'
import { instantsOf, localDay } from './local-day.ts'

/**
 * What is wrong with a cron expression, as one sentence; undefined when nothing is.
 *
 * `[second] minute hour day-of-month month day-of-week` with lists, ranges (`22-6` wraps), steps, English names,
 * `L` (last day of the month), `1#2` (second Monday), `5L` (last Friday), and `@hourly @daily @weekly @monthly
 * @yearly`. As in crontab(5), day of month and day of week are joined by "or" unless one of them begins with `*`.
 */
export function cronProblems(expression: string): string | undefined {
  const { errors } = validateDetailed(expression)
  if (errors.length > 0) return errors.map(describe).join('; ')
  const odd = read(expression).daysOfMonth.find((day) => typeof day === 'string' && day !== 'L')
  if (odd !== undefined) return `day of month "${odd}" is not supported; use a day, or L for the last day`
  return nextDate(parsed(expression), '2000-01-01') === undefined ? 'there is no such day in the calendar' : undefined
}

/** The first due time after an instant (not at it), on the wall clock of the zone. */
export function nextSlot(expression: string, after: Instant, zone: string): Instant {
  const schedule = parsed(expression)
  for (let date = dayBefore(dateIn(after, zone)); ; date = addDays(date, 1)) {
    const found = nextDate(schedule, date)
    if (found === undefined) throw new Error(`"${expression}" is never due: there is no such day in the calendar`)
    date = found
    for (const slot of instantsOf(localDay(date, zone), schedule.times, schedule.everyHour, after)) return slot
  }
}

/**
 * The last due time at or before `at` and after `since`, on the wall clock of the zone; undefined when there is none.
 * With the time of the last run as `since` it says whether a run is owed, be it one slot or a hundred.
 */
export function lastSlot(expression: string, at: Instant, since: Instant, zone: string): Instant | undefined {
  const schedule = parsed(expression)
  const earliest = dayBefore(dateIn(since, zone))
  for (let date = addDays(dateIn(at, zone), 1); date >= earliest; date = dayBefore(date)) {
    if (!isDue(schedule, date)) continue
    let last: Instant | undefined
    for (const slot of instantsOf(localDay(date, zone), schedule.times, schedule.everyHour, since)) {
      if (slot > at) break
      last = slot
    }
    if (last !== undefined) return last
  }
  return undefined
}

/**
 * Calls onTick about once a second until the signal aborts or it is disposed. Ticks can be late or missing (suspended
 * machine, busy process) and carry no time. Does not keep the process alive. Goes by elapsed time, not by node-cron:
 * that one reckons every second that the wall clock jumped over, and a machine that slept for a day stands still for a minute.
 */
export function startTicker(onTick: () => void, signal: AbortSignal): AsyncDisposable {
  const stop = new AbortController()
  const ended = tick(onTick, AbortSignal.any([signal, stop.signal]))
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await ended
    },
  }
}

const tickMs = 1_000

async function tick(onTick: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(tickMs, undefined, { signal, ref: false }).catch(() => undefined) // aborted: seen below
    if (!signal.aborted) onTick()
  }
}

interface Schedule {
  /** Seconds of the local day, ascending. */
  readonly times: readonly number[]
  readonly everyHour: boolean
  readonly months: ReadonlySet<number>
  readonly daysOfMonth: readonly (number | string)[]
  /** 0 = Sunday … 6, or `1#2`, `5L`. */
  readonly daysOfWeek: readonly (number | string)[]
  readonly joined: 'and' | 'or'
}

const known = new Map<string, Schedule>()

/** Expressions come from the config and are few; they are read once. */
function parsed(expression: string): Schedule {
  const before = known.get(expression)
  if (before) return before
  const schedule = read(expression)
  if (known.size >= 1000) known.clear()
  known.set(expression, schedule)
  return schedule
}

function read(expression: string): Schedule {
  const fields = parse(expression)
  const times = fields.hour.flatMap((hour) =>
    fields.minute.flatMap((minute) => fields.second.map((second) => hour * 3600 + minute * 60 + second)),
  )
  const texts = expression.trim().split(/\s+/)
  const [dayOfMonth, , dayOfWeek] = texts.slice(-3)
  const restricted = texts.length >= 5 && !dayOfMonth?.startsWith('*') && !dayOfWeek?.startsWith('*')
  return {
    times: [...new Set(times)].sort((a, b) => a - b),
    everyHour: new Set(fields.hour).size === 24,
    months: new Set(fields.month),
    daysOfMonth: fields.dayOfMonth,
    daysOfWeek: fields.dayOfWeek,
    joined: restricted ? 'or' : 'and',
  }
}

const lookAheadYears = 40 // the same date falls on each weekday, 29 February too, within 40 years

/** The first date from `from` on that the schedule names. */
function nextDate(schedule: Schedule, from: LocalDate): LocalDate | undefined {
  const last = `${Number(from.slice(0, 4)) + lookAheadYears}${from.slice(4)}`
  for (let date = from; date <= last;) {
    if (!schedule.months.has(monthOf(date))) date = addDays(`${date.slice(0, 8)}01`, daysIn(date))
    else if (isDue(schedule, date)) return date
    else date = addDays(date, 1)
  }
  return undefined
}

function isDue(schedule: Schedule, date: LocalDate): boolean {
  if (!schedule.months.has(monthOf(date))) return false
  const byDay = schedule.daysOfMonth.some((day) => isDayOfMonth(day, date))
  const byWeekday = schedule.daysOfWeek.some((day) => isDayOfWeek(day, date))
  return schedule.joined === 'or' ? byDay || byWeekday : byDay && byWeekday
}

function isDayOfMonth(wanted: number | string, date: LocalDate): boolean {
  const day = dayOf(date)
  return wanted === 'L' ? day === daysIn(date) : wanted === day
}

function isDayOfWeek(wanted: number | string, date: LocalDate): boolean {
  const weekday = dayOfWeek(date) % 7
  if (typeof wanted === 'number') return wanted === weekday
  if (Number(wanted.charAt(0)) !== weekday) return false
  if (wanted.endsWith('L')) return dayOf(date) + 7 > daysIn(date)
  return Math.ceil(dayOf(date) / 7) === Number(wanted.slice(2))
}

const monthOf = (date: LocalDate): number => Number(date.slice(5, 7))
const dayOf = (date: LocalDate): number => Number(date.slice(8))
const daysIn = (date: LocalDate): number => daysInMonth(Number(date.slice(0, 4)), monthOf(date))
const dayBefore = (date: LocalDate): LocalDate => addDays(date, -1)

function describe(error: { readonly field: string; readonly value?: string; readonly message: string }): string {
  const field = fieldNames.get(error.field)
  if (field === undefined || error.message.includes('impossible')) return error.message
  return `${field.name} "${error.value ?? ''}": expected ${field.range}, a list, a range, a step or *`
}

const fieldNames: ReadonlyMap<string, { readonly name: string; readonly range: string }> = new Map([
  ['second', { name: 'second', range: '0-59' }],
  ['minute', { name: 'minute', range: '0-59' }],
  ['hour', { name: 'hour', range: '0-23' }],
  ['dayOfMonth', { name: 'day of month', range: '1-31 or L' }],
  ['month', { name: 'month', range: '1-12 or jan-dec' }],
  ['dayOfWeek', { name: 'day of week', range: '0-7 or sun-sat, 1#2, 5L' }],
])
