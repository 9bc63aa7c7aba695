/**
 * Rolls an order back: reads its history, lets the workflow decide, commits; or only shows what would happen.
 *
 * A message or line that is taken in between, or any other change of the order, makes it read and decide anew; what is
 * refused or the same already writes nothing. Prints nothing. Throws errors of the ledger.
 */
import type { Batch } from '../core/batch.ts'
import type { Cause } from '../core/event.ts'
import type { Known } from '../core/known.ts'
import type { Order } from '../core/order.ts'
import { decideAndCommit, decideOnly } from '../ledger/decide-and-commit.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { decideRollBack, type RollBackDecision, type RollBackWish } from '../workflow/undo/roll-back.ts'
import type { Setup } from '../workflow/setup.ts'
import type { ActOptions, ActResult } from './act.ts'
import { loadHistory } from './order-history.ts'

const attempts = 8

export async function rollBack(
  ledger: Ledger,
  setup: Setup,
  id: Order['id'],
  wish: RollBackWish,
  options: ActOptions,
): Promise<ActResult> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const result = await tryOnce(ledger, setup, id, wish, options)
    if (result !== 'again') return result
  }
  return { kind: 'conflict', ids: [id] }
}

async function tryOnce(
  ledger: Ledger,
  setup: Setup,
  id: Order['id'],
  wish: RollBackWish,
  { actor, now, dryRun }: ActOptions,
): Promise<ActResult | 'again'> {
  const history = await loadHistory(ledger, id)
  if (history === undefined) return { kind: 'refused', reason: 'no such order' }
  const cause: Cause = { kind: 'person', actor, configHash: setup.configHash }
  const decide = (known: Known): Batch => {
    const decision = decideRollBack(setup, history, wish, known, cause, now)
    if (decision.kind !== 'batch') throw new NoBatch(decision)
    notes = decision.notes
    return decision.batch
  }
  let notes: readonly string[] = []
  try {
    if (dryRun) return { kind: 'wouldDo', batch: await decideOnly(ledger, [], decide), notes }
    const result = await decideAndCommit(ledger, [], decide, { attempts: 1 })
    return result.kind === 'conflict' ? 'again' : { kind: 'done', batch: result.batch, notes }
  } catch (error) {
    if (!(error instanceof NoBatch)) throw error
    return error.decision.kind === 'stale' ? 'again' : error.decision
  }
}

/** Carries a decision that wants no commit out of the commit loop. */
class NoBatch extends Error {
  override readonly name = 'NoBatch'
  readonly decision: Exclude<RollBackDecision, { kind: 'batch' }>

  constructor(decision: Exclude<RollBackDecision, { kind: 'batch' }>) {
    super(decision.kind)
    this.decision = decision
  }
}
