/**
 * Which open lines the next file of an export is made of.
 *
 * Clearing files hold whole postings, and, with a period, only what is over. Pure.
 */
import type { Export } from '../../config/schema.ts'
import type { LocalDate } from '../../core/date.ts'
import { periodOf } from '../../core/file-part.ts'
import type { LinesToTake } from '../../ledger/ledger.ts'

export const linesOf = ({ kind, period }: Pick<Export, 'kind' | 'period'>, today: LocalDate): LinesToTake =>
  kind !== 'clearing' ? {} : { whole: true, ...(period !== undefined && { before: periodOf(today, period) }) }
