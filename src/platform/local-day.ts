/**
 * One local day of a zone as stretches of constant UTC offset, and the instants of its wall-clock times.
 *
 * An ordinary day is one stretch; the day of a clock change is two. From that the rules of decision 9 follow: a time
 * that the clocks jump over is due at the first moment after the jump, a time that comes twice is due the first time
 * (or both, for what runs in every hour anyway). Pure. Throws RangeError on an unknown zone or a broken date.
 */
import { Temporal } from 'temporal-polyfill'
import type { Instant, LocalDate } from '../core/date.ts'

interface Stretch {
  readonly start: Instant
  /** Seconds of the local day at the start and the end; the end is not part of it. */
  readonly from: number
  readonly to: number
}

export interface LocalDay {
  readonly start: Instant
  /** Start of the next local day. */
  readonly end: Instant
  readonly stretches: readonly Stretch[]
}

const daySeconds = 86_400

export function localDay(date: LocalDate, zone: string): LocalDay {
  const day = Temporal.PlainDate.from(date)
  const first = day.toZonedDateTime(zone)
  const start = first.epochMilliseconds
  const end = day.add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds
  if (end - start === daySeconds * 1000) return { start, end, stretches: [{ start, from: 0, to: daySeconds }] }
  const stretches: Stretch[] = []
  for (let at: Temporal.ZonedDateTime | null = first; at && at.epochMilliseconds < end;) {
    const next: Temporal.ZonedDateTime | null = at.getTimeZoneTransition('next')
    const stop = next ? Math.min(next.epochMilliseconds, end) : end
    const from = secondOfDay(at, day)
    stretches.push({ start: at.epochMilliseconds, from, to: from + (stop - at.epochMilliseconds) / 1000 })
    at = next
  }
  return { start, end, stretches }
}

/**
 * The instants after `after` at which the wall-clock times (seconds of the day, ascending) are due on that day, in
 * order. `everyHour`: what runs in every hour goes by elapsed time: both passes of an overlap, nothing for a gap.
 */
export function* instantsOf(
  day: LocalDay,
  times: readonly number[],
  everyHour: boolean,
  after: Instant,
): Generator<Instant> {
  let reached = 0
  for (const { start, from, to } of day.stretches) {
    if (start > after && !everyHour && anyWithin(times, reached, from)) yield start // jumped over
    const passed = from + Math.floor((after - start) / 1000) + 1
    const first = Math.max(from, passed, everyHour ? 0 : reached)
    for (let i = firstAtLeast(times, first); i < times.length; i++) {
      const time = times[i] ?? to
      if (time >= to) break
      yield start + (time - from) * 1000
    }
    reached = Math.max(reached, to)
  }
  if (day.end > after && !everyHour && anyWithin(times, reached, daySeconds)) yield day.end
}

/** Local wall seconds since the midnight of `day`; negative while the clocks show the day before once more. */
function secondOfDay(at: Temporal.ZonedDateTime, day: Temporal.PlainDate): number {
  return at.toPlainDateTime().since(day.toPlainDateTime(), { largestUnit: 'second' }).seconds
}

const anyWithin = (times: readonly number[], from: number, to: number): boolean =>
  (times[firstAtLeast(times, from)] ?? Infinity) < to

/** Index of the first element that is at least `least` (binary search in an ascending list). */
function firstAtLeast(times: readonly number[], least: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? Infinity) < least) low = middle + 1
    else high = middle
  }
  return low
}
