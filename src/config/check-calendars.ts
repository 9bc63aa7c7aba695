/**
 * Calendar rules: the keys must belong together, hours must run forwards, some day must be open.
 *
 * Rules are applied in order and the last that fits a day decides it (N10). A calendar that is never open within a
 * year would let no order expire (N20), so it is refused. Throws nothing.
 */
import { addDays, dateIn, dayOfWeek, isLocalDate } from '../core/date.ts'
import type { LocalDate } from '../core/date.ts'
import type { CheckContext } from './check-context.ts'
import type { Finding, Path } from './finding.ts'
import { eachOf } from './names.ts'
import type { CalendarConfig } from './schema.ts'

type Rule = CalendarConfig['rules'][number]

export function checkCalendars({ config, now }: Pick<CheckContext, 'config' | 'now'>): readonly Finding[] {
  return Object.entries(config.calendars).flatMap(([code, { rules }]) => {
    const path = ['calendars', code, 'rules']
    const findings = rules.flatMap((rule, i) => [...ruleKeys(rule, [...path, i]), ...ruleHours(rule, [...path, i])])
    if (findings.length > 0 || isOpenWithinYear(rules, dateIn(now, safeZone(config.timeZone)))) return findings
    const message = 'no day of the coming year is open'
    return [{ code: 'C072', path: ['calendars', code], at: 'key', message, hint: 'Put closed days after open ones.' }]
  })
}

/** A wrong zone is another check's finding. */
function safeZone(zone: string): string {
  try {
    dateIn(0, zone)
    return zone
  } catch (error) {
    if (error instanceof RangeError) return 'UTC'
    throw error
  }
}

function ruleKeys(rule: Rule, path: Path): readonly Finding[] {
  const findings: Finding[] = []
  const add = (key: string | undefined, message: string, hint?: string): void => {
    const place = key === undefined ? path : [...path, key]
    findings.push({ code: 'C070', path: place, at: 'key', message, ...(hint ? { hint } : {}) })
  }
  if (rule.open === undefined && rule.closed === undefined) add('open', 'the rule says neither open nor closed')
  if (rule.open !== undefined && rule.closed !== undefined) add('closed', 'the rule says both open and closed')
  if (rule.on === 'weekly' && rule.days === undefined) add('days', 'a weekly rule needs days', 'E.g. days: [mon, tue].')
  if (rule.on !== 'weekly' && rule.days !== undefined) add('days', `days do not belong to on: ${rule.on}`)
  const dated = rule.on === 'yearly' || rule.on === 'date'
  if (dated && rule.date === undefined) add('date', `on: ${rule.on} needs a date`)
  if (!dated && rule.date !== undefined) add('date', `a date does not belong to on: ${rule.on}`)
  if (dated && rule.date !== undefined && !dateFits(rule.on, rule.date)) {
    const expected = rule.on === 'yearly' ? 'MM-dd such as "12-25"' : 'yyyy-MM-dd such as "2026-12-25"'
    findings.push({ code: 'C070', path: [...path, 'date'], message: `the date does not fit on: ${rule.on}`, expected })
  }
  return findings
}

/** 29 February is a yearly date. */
const dateFits = (on: Rule['on'], date: string): boolean =>
  on === 'yearly' ? date.length === 5 && isLocalDate(`2024-${date}`) : isLocalDate(date)

function ruleHours(rule: Rule, path: Path): readonly Finding[] {
  let before = ''
  return eachOf(rule.open, [...path, 'open']).flatMap(([hours, place]): readonly Finding[] => {
    const [from = '', to = ''] = hours.split('-')
    const [message, hint] =
      to === '00:00'
        ? ['the hours end before they start', 'Write 24:00 for midnight.']
        : from >= to
          ? ['the hours end before they start', 'Hours over midnight are two rules, of two days.']
          : from < before
            ? ['the hours overlap those before', 'Write them in order, without overlap.']
            : []
    before = to
    return message === undefined ? [] : [{ code: 'C071', path: place, message, hint: hint ?? '' }]
  })
}

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

function isOpenWithinYear(rules: readonly Rule[], from: LocalDate): boolean {
  for (let i = 0, date = from; i <= 366; i++, date = addDays(date, 1)) {
    if (rules.findLast((rule) => fits(rule, date))?.open !== undefined) return true
  }
  return false
}

function fits(rule: Rule, date: LocalDate): boolean {
  if (rule.on === 'everyDay') return true
  if (rule.on === 'weekly') return rule.days?.some((day) => dayNames.indexOf(day) + 1 === dayOfWeek(date)) ?? false
  return rule.on === 'date' ? rule.date === date : rule.date === date.slice(5)
}
