/**
 * The parts of an export: lines of different parts are in different files.
 *
 * A clearing file holds one period, and the corrected copy of a refused file holds nothing else. A part is a text:
 * '' for lines of any time, `2026-11-22`, `2026-W47` or `2026-11` for those of a period, and `!PERIOD/FILE` for a copy.
 * In the order of the alphabet copies come first and periods one after the other. Pure; a date that is none throws
 * what Temporal throws.
 */
import { addDays, dayOfWeek, daysInMonth, type LocalDate } from './date.ts'

export const periods = ['day', 'week', 'month'] as const
export type Period = (typeof periods)[number]

/** The period in which a day lies; weeks are those of ISO 8601. */
export function periodOf(date: LocalDate, period: Period): string {
  if (period === 'day') return date
  if (period === 'month') return date.slice(0, 7)
  const thursday = addDays(date, 4 - dayOfWeek(date))
  const year = thursday.slice(0, 4)
  const day = daysBetween(`${year}-01-01`, thursday)
  return `${year}-W${String(Math.floor(day / 7) + 1).padStart(2, '0')}`
}

/** First and last day of a period as `periodOf` writes it; undefined for another text. */
export function daysOf(period: string): { readonly from: LocalDate; readonly to: LocalDate } | undefined {
  if (/^\d{4}-\d{2}-\d{2}$/.test(period)) return { from: period, to: period }
  const [, year = '', month, week] = /^(\d{4})-(?:(\d{2})|W(\d{2}))$/.exec(period) ?? []
  if (month !== undefined) {
    return {
      from: `${period}-01`,
      to: `${period}-${String(daysInMonth(Number(year), Number(month))).padStart(2, '0')}`,
    }
  }
  if (week === undefined) return undefined
  // 4 January is always in the first week.
  const monday = addDays(`${year}-01-04`, 1 - dayOfWeek(`${year}-01-04`) + 7 * (Number(week) - 1))
  return { from: monday, to: addDays(monday, 6) }
}

const daysBetween = (from: LocalDate, to: LocalDate): number => (Date.parse(to) - Date.parse(from)) / 86_400_000

/** The part of a corrected copy; `period` is that of the refused file, '' where it had none. */
export const copyPart = (period: string, file: string): string => `!${period}/${file}`

/** Parts of copies are from `!` on and before `"`. */
export const copyParts = { from: '!', before: '"' } as const

/** The period in a part; undefined where it has none. */
export const periodIn = (part: string): string | undefined => {
  const text = part.startsWith('!') ? part.slice(1, part.indexOf('/')) : part
  return text === '' ? undefined : text
}
