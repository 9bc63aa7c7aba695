/**
 * Whether account statements follow each other: the opening balance is the last closing one, the number the next
 * within the year (mechanisms 1.8).
 *
 * The answer depends on which statements are known, never on the order in which they came. Numbers that say
 * nothing (the same each day, or falling within a year) are left to the balances. Pure; throws nothing.
 */
import { fromMinor } from '../../core/money.ts'
import { type Statement, yearOf } from '../../core/statement.ts'

export interface Link {
  readonly statement: Statement
  readonly state: Statement['state']
  readonly missing?: string
}

/** The statements of one feed in the order of their days, each with its link to the one before. */
export function chainOf(statements: readonly Statement[]): readonly Link[] {
  const ordered = inOrder(statements)
  return ordered.map((statement, i) => {
    const before = ordered[i - 1]
    if (before === undefined) return { statement, state: 'first' }
    const missing = statement.check === 'none' ? undefined : missingBetween(before, statement)
    return missing === undefined ? { statement, state: 'linked' } : { statement, state: 'gap', missing }
  })
}

function inOrder(statements: readonly Statement[]): readonly Statement[] {
  const days = Map.groupBy(statements.toSorted(byPlace), ({ date }) => date)
  const ordered: Statement[] = []
  for (const day of days.values()) ordered.push(...(day.length === 1 ? day : ofOneDay(day, ordered.at(-1))))
  return ordered
}

/** By text at last, so that the order never depends on that of arrival. */
const byPlace = (a: Statement, b: Statement): number =>
  compared(a.date, b.date) || (a.number ?? 0) - (b.number ?? 0) || (a.page ?? 0) - (b.page ?? 0) || compared(a.id, b.id)
const compared = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Those that numbers do not tell apart stand as their balances join. */
function ofOneDay(day: readonly Statement[], before: Statement | undefined): readonly Statement[] {
  const places = new Set(day.map(({ number, page }) => (number === undefined ? '' : `${number}/${page ?? ''}`)))
  if (places.size === day.length && !places.has('')) return day
  const left = [...day]
  const ordered: Statement[] = []
  let closing = before?.closing
  while (left.length > 0) {
    const opens = left.findIndex(({ opening }) => opening !== undefined && opening === closing)
    const [next] = left.splice(Math.max(0, opens < 0 ? firstOf(left) : opens), 1)
    if (next === undefined) break
    ordered.push(next)
    closing = next.closing
  }
  return ordered
}

/** One that no other of them leads to. */
const firstOf = (day: readonly Statement[]): number =>
  day.findIndex(({ opening, id }) => day.every((other) => other.id === id || other.closing !== opening))

/** What is missing between two statements, in words; undefined where they join. */
function missingBetween(before: Statement, after: Statement): string | undefined {
  const numbers = after.check === 'balances' ? undefined : numbersBetween(before, after)
  const joins = before.closing === undefined || after.opening === undefined || before.closing === after.opening
  if (numbers === undefined && joins) return undefined
  const balances = joins ? '' : `closing ${closingOf(before)}, then opening ${openingOf(after)}`
  return [numbers ?? `statements after ${nameOf(before)}`, balances].filter((text) => text !== '').join(': ')
}

/** The numbers that are missing, in words. */
function numbersBetween(before: Statement, after: Statement): string | undefined {
  const [from, to] = [before.number, after.number]
  if (from === undefined || to === undefined) return undefined
  if (from === to) return pagesBetween(before, after)
  if (isDayOfYear(before) && isDayOfYear(after)) return undefined
  const page = (after.page ?? 1) > 1 ? `page 1 of statement ${to}` : undefined
  if (to === from + 1) return page
  if (to > from) return range(from + 1, to - 1, '')
  if (yearOf(before) === yearOf(after)) return undefined
  return to === 1 ? page : range(1, to - 1, ` of ${yearOf(after)}`)
}

/** Some banks number by the days of the year, and send nothing on some. */
const isDayOfYear = ({ number = 0, date }: Statement): boolean =>
  Date.parse(date) - Date.parse(`${date.slice(0, 4)}-01-01`) === (number - 1) * 86_400_000

function pagesBetween(before: Statement, after: Statement): string | undefined {
  const [from, to] = [before.page, after.page]
  if (from === undefined || to === undefined || to <= from + 1) return undefined
  const pages = to === from + 2 ? `page ${from + 1}` : `pages ${from + 1} to ${to - 1}`
  return `${pages} of statement ${after.number ?? ''}`
}

const range = (first: number, last: number, year: string): string =>
  first === last ? `statement ${first}${year}` : `statements ${first} to ${last}${year}`

const nameOf = ({ number, reference, date }: Statement): string => `${number ?? reference ?? 'that'} of ${date}`
const closingOf = ({ closing = 0, currency, date }: Statement): string =>
  `${fromMinor(closing, currency)} ${currency} on ${date}`
const openingOf = ({ opening = 0, currency, date }: Statement): string =>
  `${fromMinor(opening, currency)} ${currency} on ${date}`
