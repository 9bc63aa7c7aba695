/**
 * Asks a pure function what it makes of the ledger as it is now, and commits nothing.
 *
 * For what only looks: evidence of a match, a view for a preview, the values that conditions see.
 * Throws what the function throws once all that it asked for is loaded.
 */
import { emptyBatch } from '../core/batch.ts'
import type { Known } from '../core/known.ts'
import { decideOnly } from '../ledger/decide-and-commit.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** The answer of the last run, the one that missed nothing. */
export async function ask<T>(ledger: Pick<Ledger, 'load'>, question: (known: Known) => T): Promise<T> {
  const answers: T[] = []
  const nothing = emptyBatch({ kind: 'person', actor: 'ask', configHash: '' }, 0)
  await decideOnly(ledger, [], (known) => {
    answers.push(question(known))
    return nothing
  })
  const last = answers.at(-1)
  if (last === undefined) throw new Error('the question was never answered')
  return last
}
