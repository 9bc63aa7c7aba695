/**
 * Carries out what a person decides about clearing: correct, accept, refuse, reverse; or only shows what would happen.
 *
 * Decides on the ledger as it is and commits under the check that nothing changed. Prints nothing.
 */
import type { Batch } from '../core/batch.ts'
import type { Cause } from '../core/event.ts'
import type { Known } from '../core/known.ts'
import { decideAndCommit, decideOnly } from '../ledger/decide-and-commit.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { type ClearingWish, decideClearing } from '../workflow/clearing/correct.ts'
import type { Decision } from '../workflow/commands/operate.ts'
import type { Setup } from '../workflow/setup.ts'
import type { ActOptions, ActResult } from './act.ts'

export async function actOnClearing(
  ledger: Ledger,
  setup: Setup,
  wish: ClearingWish,
  { actor, now, dryRun }: ActOptions,
): Promise<ActResult> {
  const cause: Cause = { kind: 'person', actor, configHash: setup.configHash }
  const decide = (known: Known): Batch => {
    const decision = decideClearing(setup, wish, known, cause, now)
    if (decision.kind !== 'batch') throw new NoBatch(decision)
    return decision.batch
  }
  try {
    if (dryRun) return { kind: 'wouldDo', batch: await decideOnly(ledger, [], decide) }
    const result = await decideAndCommit(ledger, [], decide)
    return result.kind === 'conflict' ? result : { kind: 'done', batch: result.batch }
  } catch (error) {
    if (!(error instanceof NoBatch)) throw error
    return error.decision
  }
}

/** Carries a decision that wants no commit out of the commit loop. */
class NoBatch extends Error {
  override readonly name = 'NoBatch'
  readonly decision: Exclude<Decision, { kind: 'batch' }>

  constructor(decision: Exclude<Decision, { kind: 'batch' }>) {
    super(decision.kind)
    this.decision = decision
  }
}
