/**
 * Accounts whose statements have a gap: what is missing before which statement.
 *
 * Asks the ledger for them only where its totals count any. Changes nothing. Throws errors of the ledger.
 */
import type { LocalDate } from '../core/date.ts'
import type { Statement } from '../core/statement.ts'
import type { Ledger, Totals } from '../ledger/ledger.ts'

export interface IncompleteFeed {
  readonly account: string
  readonly origin: string
  /** Day of the statement that stands behind the gap. */
  readonly before: LocalDate
  readonly missing: string
  readonly file?: string
}

const most = 50

/** The oldest first. `totals` where they are known already. */
export async function incompleteFeeds(ledger: Ledger, totals?: Totals): Promise<readonly IncompleteFeed[]> {
  const { records } = totals ?? (await ledger.totals())
  if (!records.some(({ kind, state, count }) => kind === 'statement' && state === 'gap' && count > 0)) return []
  const found = await ledger.records({ kind: 'statement', where: { state: 'gap' }, limit: most })
  return (found as readonly Statement[])
    .map(({ account, origin, date, missing = '', source }) => ({
      account,
      origin,
      before: date,
      missing,
      ...(source.file !== undefined && { file: source.file }),
    }))
    .toSorted((a, b) => a.before.localeCompare(b.before))
}

export const incompleteText = ({ account, origin, missing, file }: IncompleteFeed): string =>
  `account ${account} (${origin}) is incomplete: ${missing}${file === undefined ? '' : ` (before ${file})`}`
