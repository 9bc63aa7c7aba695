/**
 * A broadcast to the members of a group: decided, committed once, or only shown.
 *
 * What was done under the same name before is not done again. Throws errors of the ledger, and Error when it kept
 * being changed by others.
 */
import type { Cause } from '../core/event.ts'
import type { Known } from '../core/known.ts'
import { decideAndCommit, decideOnly } from '../ledger/decide-and-commit.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { decideGroupBroadcast, type GroupBroadcast, type TellGroup } from '../workflow/messages/broadcast.ts'
import type { Setup } from '../workflow/setup.ts'
import type { ActOptions } from './act.ts'

export async function tellMembers(
  ledger: Ledger,
  setup: Setup,
  tell: TellGroup,
  { actor, now, dryRun }: ActOptions,
): Promise<GroupBroadcast> {
  const cause: Cause = { kind: 'person', actor, configHash: setup.configHash }
  const group = setup.config.groups[tell.group]
  if (group === undefined) throw new Error(`there is no group ${tell.group}`)
  let decision: GroupBroadcast | undefined
  const decide = (known: Known): GroupBroadcast['batch'] => {
    decision = decideGroupBroadcast(setup, tell, group, known, cause, now)
    return decision.batch
  }
  if (dryRun) await decideOnly(ledger, [], decide)
  else {
    const result = await decideAndCommit(ledger, [], decide)
    if (result.kind === 'conflict') throw new Error(`the broadcast kept being changed: ${result.ids.join(', ')}`)
  }
  if (decision === undefined) throw new Error('the broadcast was not decided')
  return decision
}
