/**
 * Account statements as links of a chain: each opens with the balance at which the one before it closed.
 *
 * What a file says of a statement, and the record that is kept of it. Movements are payments of their own. Only
 * whole statements (camt.053, MT940, CODA, BAI2) are links: intraday reports and notifications are not.
 */
import type { Instant, LocalDate } from './date.ts'
import type { StatementId } from './ids.ts'
import type { Minor } from './money.ts'
import type { Source } from './order.ts'

/** What makes a link: balances and numbers, balances alone (banks that skip numbers), or nothing. */
export const chainChecks = ['full', 'balances', 'none'] as const
export type ChainCheck = (typeof chainChecks)[number]

export interface IncomingStatement {
  readonly kind: 'statement'
  /** Kind of file: `camt.053`, `mt940` …; the statements of one kind for one account are one chain. */
  readonly origin: string
  readonly account: string
  readonly currency: string
  /** The bank's own name for it. */
  readonly reference?: string
  /** Number within the year. */
  readonly number?: number
  /** 1, 2, 3 … where a statement is cut into pages. */
  readonly page?: number
  /** Negative: overdrawn. */
  readonly opening?: Minor
  readonly closing?: Minor
  /** Day of the closing balance. */
  readonly date: LocalDate
}

/** `first`: nothing is known before it. `gap`: what comes before it is missing. */
export type StatementState = 'first' | 'linked' | 'gap'

export interface Statement extends IncomingStatement {
  readonly id: StatementId
  readonly version: number
  readonly state: StatementState
  /** What is missing before it, for people. */
  readonly missing?: string
  /** Somebody was told that something is missing before it. */
  readonly alarmed?: true
  /** How its link to the one before is checked: as its import said when it came. */
  readonly check: ChainCheck
  readonly contentHash: string
  readonly source: Source
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** The statements of a year that belong together; the record's secondary name. */
export const feedName = ({ account, origin, currency }: IncomingStatement | Statement, year: number): string =>
  `${account}/${origin}/${currency}/${year}`

export const yearOf = ({ date }: { readonly date: LocalDate }): number => Number(date.slice(0, 4))
