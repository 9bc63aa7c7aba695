/**
 * Reads the clearing entries of a time, page by page, and lays the two sides of each pair side by side.
 *
 * Only reads. Throws errors of the ledger.
 */
import type { Clearing } from '../core/clearing.ts'
import type { Ledger, RecordFilter } from '../ledger/ledger.ts'
import { reconcile, type Reconciliation } from '../workflow/clearing/reconcile.ts'

const page = 5_000

export async function reconcileClearing(
  ledger: Ledger,
  time: Pick<RecordFilter, 'since' | 'until'>,
  company?: string,
): Promise<Reconciliation> {
  return reconcile(await clearingEntriesOf(ledger, time), company)
}

async function clearingEntriesOf(
  ledger: Ledger,
  time: Pick<RecordFilter, 'since' | 'until'>,
): Promise<readonly Clearing[]> {
  const all: Clearing[] = []
  for (let after: string | undefined; ;) {
    const filter = { kind: 'clearing' as const, ...time, limit: page, ...(after !== undefined && { after }) }
    const found = (await ledger.records(filter)) as readonly Clearing[]
    all.push(...found)
    after = found.at(-1)?.id
    if (found.length < page) return all
  }
}
