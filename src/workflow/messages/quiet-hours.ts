/**
 * Hours in which no SMS is to disturb anybody: when a message may go at the earliest.
 *
 * Reckoned in the zones of the recipient's number, else in that of the config; of a country of several zones all
 * must be awake. Hours without end (whole days that touch) are waited for up to eight days. Pure; throws nothing for a
 * checked config.
 */
import type { Config, QuietHours } from '../../config/schema.ts'
import { zonesOfNumber } from '../../core/calling-zones.ts'
import { addDays, dateIn, dayOfWeek, type Instant, instantOf } from '../../core/date.ts'

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const mostSteps = 64

/** The end of the quiet hours that the instant lies in; the instant itself outside of them. */
export function awakeAt({ sms, timeZone }: Pick<Config, 'sms' | 'timeZone'>, number: string, at: Instant): Instant {
  if (sms.quiet === undefined) return at
  const hours = Array.isArray(sms.quiet) ? sms.quiet : [sms.quiet]
  const known = zonesOfNumber(number)
  const zones = known.length === 0 ? [timeZone] : known
  let now = at
  for (let step = 0; step < mostSteps; step++) {
    const end = Math.max(...zones.flatMap((zone) => hours.map((quiet) => endOf(quiet, zone, now))))
    if (end <= now) return now
    now = end
  }
  return now
}

/** The end of these hours when the instant lies in them, else the instant. What passes midnight began the day before. */
function endOf(quiet: QuietHours, zone: string, at: Instant): Instant {
  const today = dateIn(at, zone)
  for (const date of [addDays(today, -1), today]) {
    const day = weekdays[dayOfWeek(date) - 1]
    if (quiet.days !== undefined && (day === undefined || !quiet.days.includes(day))) continue
    const from = instantOf(date, quiet.from, zone)
    const to = instantOf(quiet.to > quiet.from ? date : addDays(date, 1), quiet.to, zone)
    if (from <= at && at < to) return to
  }
  return at
}
