/**
 * Instants, local dates, durations and zones.
 *
 * An instant is epoch milliseconds (UTC); a local date is `yyyy-MM-dd` text and stays a date.
 * Zone arithmetic follows Temporal: a time in a DST gap moves forward, an overlap takes the
 * first occurrence. The clock is never read here: "now" is always passed in.
 */
import { Temporal } from 'temporal-polyfill'

/** Epoch milliseconds, UTC. */
export type Instant = number
/** `yyyy-MM-dd`, without a zone. */
export type LocalDate = string
/** Milliseconds. */
export type Duration = number

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, y: 31_536_000_000 } as const
type Unit = keyof typeof unitMs

/** `2s`, `15m`, `4h`, `3d`, `1y` to milliseconds; undefined when it is none (d = 24 h, y = 365 d). */
export function parseDuration(text: string): Duration | undefined {
  const match = /^(\d{1,9})(ms|s|m|h|d|w|y)$/.exec(text)
  return match ? Number(match[1]) * unitMs[match[2] as Unit] : undefined
}

/** Milliseconds to the shortest exact text: 90000 → `90s`, 3600000 → `1h`. */
export function formatDuration(ms: Duration): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (ms >= unitMs[unit] && ms % unitMs[unit] === 0) return `${ms / unitMs[unit]}${unit}`
  }
  return `${ms}ms`
}

export const isLocalDate = (text: string): boolean => {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (!match) return false
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month)
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

/** The local date of an instant in a zone. */
export const dateIn = keepingLast((instant: Instant, zone: string): LocalDate =>
  zoned(instant, zone).toPlainDate().toString(),
)

/** The local wall time `HH:mm` of an instant in a zone. */
export function timeIn(instant: Instant, zone: string): string {
  return zoned(instant, zone).toPlainTime().toString({ smallestUnit: 'minute' })
}

/** The instant of a local date and time (`HH:mm[:ss]`, `24:00` = next midnight) in a zone. */
export function instantOf(date: LocalDate, time: string, zone: string): Instant {
  const plainDate = Temporal.PlainDate.from(date)
  const midnight = time === '24:00'
  const day = midnight ? plainDate.add({ days: 1 }) : plainDate
  return day.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from(midnight ? '00:00' : time) })
    .epochMilliseconds
}

export const addDays = (date: LocalDate, days: number): LocalDate =>
  Temporal.PlainDate.from(date).add({ days }).toString()

/** 1 = Monday … 7 = Sunday. */
export const dayOfWeek = (date: LocalDate): number => Temporal.PlainDate.from(date).dayOfWeek

/** ISO 8601 in UTC with milliseconds, for logs and exports. */
export const isoInstant = (instant: Instant): string => new Date(instant).toISOString()

/** ISO 8601 with the zone's offset and no fraction, e.g. `2026-11-22T10:15:00+01:00`. */
export const isoIn = keepingLast((instant: Instant, zone: string): string =>
  zoned(instant, zone).toString({ smallestUnit: 'second', timeZoneName: 'never' }),
)

export function isTimeZone(zone: string): boolean {
  try {
    zoned(0, zone)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** Remembers the last answer: all that one batch decides has the same instant, and reckoning in a zone is slow. */
function keepingLast(reckon: (instant: Instant, zone: string) => string): (instant: Instant, zone: string) => string {
  let last = { instant: Number.NaN, zone: '', text: '' }
  return (instant, zone) => {
    if (last.instant !== instant || last.zone !== zone) last = { instant, zone, text: reckon(instant, zone) }
    return last.text
  }
}

function zoned(instant: Instant, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone)
}

/** Milliseconds of a duration that the config check has accepted. Throws RangeError on any other text. */
export function durationOf(text: string): Duration {
  const ms = parseDuration(text)
  if (ms === undefined) throw new RangeError(`"${text}" is no duration such as 15m or 3d`)
  return ms
}
