import { describe, expect, it } from 'vitest'
import type { CalendarConfig } from '../../src/config/schema.ts'
import { Calendar } from '../../src/config/schema.ts'
import { addDays, instantOf, isoIn } from '../../src/core/date.ts'
import { addOpenTime, closeOfNthOpenDay, hoursText, openIntervals } from '../../src/workflow/collect/opening-hours.ts'
import { randomOf } from './sample-records.ts'

const zone = 'Europe/Budapest'
const hour = 3_600_000
const minute = 60_000
type Rules = CalendarConfig['rules']
const calendarOf = (...rules: Rules): CalendarConfig => Calendar.parse({ rules })
const at = (text: string, inZone = zone): number => instantOf(text.slice(0, 10), text.slice(11), inZone)
const shown = (instant: number | undefined, inZone = zone): string | undefined =>
  instant === undefined ? undefined : isoIn(instant, inZone).slice(0, 16)

const weekdays = calendarOf(
  { open: '09:00-18:00', on: 'weekly', days: ['mon', 'tue', 'wed', 'thu', 'fri'] },
  { open: '09:00-13:00', on: 'weekly', days: ['sat'] },
)

describe('the hours of a day', () => {
  const rules: Rules = [
    { open: ['13:00-18:00', '09:00-12:00'], on: 'everyDay' },
    { open: '10:00-14:00', on: 'weekly', days: ['sat'] },
    { closed: true, on: 'weekly', days: ['sun'] },
    { closed: true, on: 'yearly', date: '12-25' },
    { open: '08:00-24:00', on: 'date', date: '2026-12-24' },
    { open: '10:00-11:00', on: 'date', date: '2026-12-27' },
  ]
  it.each([
    ['a split day is shown in the order of the clock', '2026-12-21', '09:00-12:00, 13:00-18:00'],
    ['a later rule replaces the whole day', '2026-12-19', '10:00-14:00'],
    ['a closed day has none', '2026-12-20', ''],
    ['a yearly holiday wipes the day', '2026-12-25', ''],
    ['a yearly holiday comes back next year', '2027-12-25', ''],
    ['a date rule opens to midnight', '2026-12-24', '08:00-24:00'],
    ['a date rule opens a Sunday again', '2026-12-27', '10:00-11:00'],
    ['a date rule is for that year only', '2027-12-24', '09:00-12:00, 13:00-18:00'],
  ])('%s', (_, date, expected) => {
    expect(hoursText(calendarOf(...rules), zone, date)).toBe(expected)
  })

  it('ends at the next midnight for 24:00 and for 00:00', () => {
    for (const open of ['18:00-24:00', '18:00-00:00']) {
      const calendar = calendarOf({ open, on: 'everyDay' })
      expect(openIntervals(calendar, zone, '2026-03-28')).toEqual([
        { from: at('2026-03-28 18:00'), to: at('2026-03-29 00:00') },
      ])
      expect(hoursText(calendar, zone, '2026-03-28')).toBe('18:00-24:00')
    }
  })

  it('joins hours that touch or overlap, so that no minute counts twice', () => {
    const calendar = calendarOf({ open: ['09:00-12:00', '12:00-15:00', '14:00-16:00'], on: 'everyDay' })
    expect(hoursText(calendar, zone, '2026-05-04')).toBe('09:00-16:00')
  })

  it('lets a closed rule wipe only what stands before it', () => {
    const before = calendarOf({ closed: true, on: 'everyDay' }, { open: '09:00-10:00', on: 'everyDay' })
    expect(hoursText(before, zone, '2026-05-04')).toBe('09:00-10:00')
  })

  it('keeps 29 February closed in leap years only', () => {
    const calendar = calendarOf({ open: '09:00-10:00', on: 'everyDay' }, { closed: true, on: 'yearly', date: '02-29' })
    expect(hoursText(calendar, zone, '2028-02-29')).toBe('')
    expect(hoursText(calendar, zone, '2027-03-01')).toBe('09:00-10:00')
  })

  it('has 23 and 25 hours on the days when clocks change, and opens after a gap at midnight', () => {
    const always = calendarOf({ open: '00:00-24:00', on: 'everyDay' })
    const length = (date: string, inZone: string): number =>
      openIntervals(always, inZone, date).reduce((sum, { from, to }) => sum + to - from, 0) / hour
    expect(length('2026-03-29', zone)).toBe(23)
    expect(length('2026-10-25', zone)).toBe(25)
    expect(length('2026-09-06', 'America/Santiago')).toBe(23)
    expect(hoursText(always, 'America/Santiago', '2026-09-06')).toBe('01:00-24:00')
    expect(hoursText(always, 'America/Santiago', '2026-09-05')).toBe('00:00-24:00')
  })

  it('drops hours that lie wholly in the gap', () => {
    const calendar = calendarOf({ open: '02:00-03:00', on: 'everyDay' })
    expect(openIntervals(calendar, zone, '2026-03-29')).toEqual([])
  })
})

describe('a time counted in open hours (N20)', () => {
  it.each([
    ['expires on Monday three hours after opening', '2026-05-09 12:00', 4 * hour, '2026-05-11T12:00'],
    ['ends at closing time when it fills the day exactly', '2026-05-09 12:00', hour, '2026-05-09T13:00'],
    ['goes on next morning one minute later', '2026-05-09 12:00', hour + minute, '2026-05-11T09:01'],
    ['starts at opening when it begins at night', '2026-05-04 03:00', 2 * hour, '2026-05-04T11:00'],
    ['starts next day when it begins at closing time', '2026-05-04 18:00', hour, '2026-05-05T10:00'],
    ['does not count the hour that spring takes', '2026-03-28 12:30', hour, '2026-03-30T09:30'],
  ])('%s', (_, from, ms, expected) => {
    expect(shown(addOpenTime(weekdays, zone, at(from), ms))).toBe(expected)
  })

  it('is over at once when it is no time', () => {
    expect(addOpenTime(weekdays, zone, 5, 0)).toBe(5)
  })

  it('counts real hours through the change to summer time', () => {
    const nights = calendarOf({ open: '00:00-24:00', on: 'everyDay' })
    expect(shown(addOpenTime(nights, zone, at('2026-03-29 00:00'), 4 * hour))).toBe('2026-03-29T05:00')
    expect(shown(addOpenTime(nights, zone, at('2026-10-25 00:00'), 4 * hour))).toBe('2026-10-25T03:00')
  })

  it('goes on after midnight within the hours of the day before', () => {
    const bar = calendarOf({ open: '20:00-02:00', on: 'weekly', days: ['fri'] })
    expect(shown(addOpenTime(bar, zone, at('2026-05-09 01:30'), 30 * minute))).toBe('2026-05-09T02:00')
    expect(shown(addOpenTime(bar, zone, at('2026-05-09 01:30'), 31 * minute))).toBe('2026-05-15T20:01')
  })

  it('has no end when the store is never open, or not long enough within a year', () => {
    const never = calendarOf({ open: '09:00-18:00', on: 'everyDay' }, { closed: true, on: 'everyDay' })
    expect(addOpenTime(never, zone, at('2026-05-04 10:00'), 1)).toBeUndefined()
    const once = calendarOf({ open: '09:00-10:00', on: 'date', date: '2026-06-01' })
    expect(shown(addOpenTime(once, zone, at('2026-05-04 10:00'), hour))).toBe('2026-06-01T10:00')
    expect(addOpenTime(once, zone, at('2026-05-04 10:00'), hour + 1)).toBeUndefined()
    expect(addOpenTime(once, zone, at('2024-05-04 10:00'), 1)).toBeUndefined()
  })
})

describe('the closing time of the n-th open day (N21)', () => {
  const holiday = calendarOf(...weekdays.rules, { closed: true, on: 'yearly', date: '05-05' })
  it.each([
    ['counts today while the store is open', weekdays, '2026-05-04 10:00', 1, '2026-05-04T18:00'],
    ['counts today before the store opens', weekdays, '2026-05-04 07:00', 1, '2026-05-04T18:00'],
    ['does not count today from closing time on', weekdays, '2026-05-04 18:00', 1, '2026-05-05T18:00'],
    ['counts today to the last minute', weekdays, '2026-05-04 17:59', 1, '2026-05-04T18:00'],
    ['skips Sunday', weekdays, '2026-05-09 12:00', 2, '2026-05-11T18:00'],
    ['skips a yearly holiday', holiday, '2026-05-04 10:00', 2, '2026-05-06T18:00'],
    ['survives the change to summer time', weekdays, '2026-03-28 10:00', 2, '2026-03-30T18:00'],
    ['survives the change to winter time', weekdays, '2026-10-24 14:00', 1, '2026-10-26T18:00'],
  ])('%s', (_, calendar, from, n, expected) => {
    expect(shown(closeOfNthOpenDay(calendar, zone, at(from), n))).toBe(expected)
  })

  it('takes the last closing of a split day', () => {
    const split = calendarOf({ open: ['09:00-12:00', '14:00-17:30'], on: 'everyDay' })
    expect(shown(closeOfNthOpenDay(split, zone, at('2026-05-04 13:00'), 2))).toBe('2026-05-05T17:30')
  })

  it('counts many days of a store that opens once a week, and none when a year passes without one', () => {
    const sundays = calendarOf({ open: '09:00-12:00', on: 'weekly', days: ['sun'] })
    expect(shown(closeOfNthOpenDay(sundays, zone, at('2026-05-04 10:00'), 60))).toBe('2027-06-27T12:00')
    const past = calendarOf({ open: '09:00-12:00', on: 'date', date: '2026-05-05' })
    expect(shown(closeOfNthOpenDay(past, zone, at('2026-05-04 10:00'), 1))).toBe('2026-05-05T12:00')
    expect(closeOfNthOpenDay(past, zone, at('2026-05-04 10:00'), 2)).toBeUndefined()
  })

  it('refuses a number of days that is none', () => {
    for (const n of [0, -1, 1.5, Number.NaN]) {
      expect(() => closeOfNthOpenDay(weekdays, zone, 0, n)).toThrow(/no number of open days/)
    }
  })
})

/**
 * The oracle knows nothing of Temporal: it asks Intl for the wall time of every minute of some days. A time
 * of the clock is the first minute that shows it, or what it would be an hour later when none does (a gap).
 */
class MinuteByMinute {
  readonly #minutes = new Map<string, number>()
  readonly #days: readonly string[]
  readonly #calendar: CalendarConfig

  constructor(calendar: CalendarConfig, days: readonly string[], minutes: ReadonlyMap<string, number>) {
    this.#calendar = calendar
    this.#days = days
    this.#minutes = new Map(minutes)
  }

  #instant(date: string, time: string): number {
    const [hours = '', minutes = ''] = time.split(':')
    const found = this.#minutes.get(`${date} ${time}`)
    if (found !== undefined) return found
    if (time === '24:00') return this.#instant(addDays(date, 1), '00:00')
    return this.#instant(date, `${String(Number(hours) + 1).padStart(2, '0')}:${minutes}`)
  }

  #hours(date: string): readonly string[] {
    const weekday = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][new Date(`${date}T00:00Z`).getUTCDay()]
    const rule = this.#calendar.rules.findLast(
      ({ on, days, date: day }) =>
        on === 'everyDay' ||
        (on === 'weekly' && days?.some((name) => name === weekday)) ||
        (on === 'yearly' && date.endsWith(day ?? '-')) ||
        (on === 'date' && day === date),
    )
    return rule?.closed ? [] : [rule?.open ?? []].flat()
  }

  /** Instants of the minutes in which the store is open, in order, with their business day. */
  openMinutes(): readonly { instant: number; day: string }[] {
    const open = new Map<number, string>()
    for (const day of this.#days) {
      for (const hours of this.#hours(day)) {
        const [from = '', to = ''] = hours.split('-')
        const end = this.#instant(to < from ? addDays(day, 1) : day, to)
        for (let instant = this.#instant(day, from); instant < end; instant += minute) {
          if (!open.has(instant)) open.set(instant, day)
        }
      }
    }
    return [...open].map(([instant, day]) => ({ instant, day })).sort((a, b) => a.instant - b.instant)
  }
}

function wallMinutes(inZone: string, first: string, days: number): ReadonlyMap<string, number> {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: inZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  const wall = new Map<string, number>()
  const start = Date.parse(`${first}T00:00Z`) - 26 * hour
  for (let instant = start; instant < start + (days + 3) * 24 * hour; instant += minute) {
    const text = format.format(instant).replace(',', '')
    if (!wall.has(text)) wall.set(text, instant)
  }
  return wall
}

const two = (n: number): string => String(n).padStart(2, '0')

function randomCalendar(next: (below: number) => number, first: string): CalendarConfig {
  const hours = (): string => {
    const from = next(23)
    const to = from + 1 + next(24 - from)
    return `${two(from)}:${two(next(4) * 15)}-${to === 24 ? '24:00' : `${two(to)}:${two(next(60))}`}`
  }
  const day = (): Rules[number] =>
    next(4) === 0 ? { closed: true, on: 'everyDay' } : { open: [hours(), hours()], on: 'everyDay' }
  const names = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
  const rules: Rules = [{ open: hours(), on: 'everyDay' }]
  for (let i = next(4); i > 0; i--)
    rules.push({ ...day(), on: 'weekly', days: [names[next(7)] ?? 'mon', names[next(7)] ?? 'sun'] })
  if (next(2) === 0) rules.push({ ...day(), on: 'yearly', date: addDays(first, next(6)).slice(5) })
  if (next(2) === 0) rules.push({ ...day(), on: 'date', date: addDays(first, next(6)) })
  return calendarOf(...rules)
}

describe('opening hours agree with a count of every minute', () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  it.each([
    ['Europe/Budapest', '2026-03-26'],
    ['Europe/Budapest', '2026-10-22'],
    ['America/Santiago', '2026-09-03'],
    ['America/Santiago', '2026-04-02'],
    ['Australia/Lord_Howe', '2026-07-01'],
  ])(`in %s from %s (seed ${seed})`, (inZone, first) => {
    const next = randomOf(seed)
    const days = Array.from({ length: 7 }, (_, i) => addDays(first, i))
    const wall = wallMinutes(inZone, first, days.length)
    for (let round = 0; round < 40; round++) {
      const calendar = randomCalendar(next, first)
      const open = new MinuteByMinute(calendar, days, wall).openMinutes()
      const counted = days
        .flatMap((day) => openIntervals(calendar, inZone, day))
        .reduce((sum, { from, to }) => sum + to - from, 0)
      expect(counted / minute, JSON.stringify(calendar)).toBe(open.length)
      if (open.length === 0) continue

      const from = (wall.get(`${first} 00:00`) ?? wall.get(`${first} 01:00`) ?? 0) + next(2 * 24 * 60) * minute
      const left = open.filter(({ instant }) => instant >= from)
      const wanted = 1 + next(Math.max(1, left.length))
      const last = left[wanted - 1]
      if (last !== undefined) {
        expect(shown(addOpenTime(calendar, inZone, from, wanted * minute), inZone)).toBe(
          shown(last.instant + minute, inZone),
        )
      }
      const openDays = [...new Set(left.map(({ day }) => day))]
      const nth = 1 + next(Math.max(1, openDays.length))
      const close = left.findLast(({ day }) => day === openDays[nth - 1])
      if (close !== undefined) {
        expect(shown(closeOfNthOpenDay(calendar, inZone, from, nth), inZone)).toBe(
          shown(close.instant + minute, inZone),
        )
      }
    }
  })
})

describe('the cost of a deadline', () => {
  it('is small, since the days of a calendar are remembered', () => {
    const began = performance.now()
    for (let i = 0; i < 2000; i++) {
      addOpenTime(weekdays, zone, at('2026-05-04 10:00') + i * minute, 20 * hour)
      closeOfNthOpenDay(weekdays, zone, at('2026-05-04 10:00') + i * minute, 5)
    }
    expect(performance.now() - began).toBeLessThan(3000)
  })
})
