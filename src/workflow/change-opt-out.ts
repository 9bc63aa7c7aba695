/**
 * Who wants no messages: a recipient who wrote STOP, a row of a file, or a person says so, and the other way round.
 *
 * The last word counts, and each is an event with its actor. Messages are judged by it in the moment they leave, so
 * that one which waits is stopped as well. Throws NotLoaded from `known`.
 */
import type { Batch } from '../core/batch.ts'
import type { Instant } from '../core/date.ts'
import type { Cause } from '../core/event.ts'
import { optOutId } from '../core/ids.ts'
import type { IncomingOptOut } from '../core/incoming.ts'
import type { Known } from '../core/known.ts'
import type { OptOut } from '../core/model.ts'
import type { Taken } from './accept-order.ts'
import { Draft } from './draft.ts'
import type { Setup } from './setup.ts'

export type OptOutChange = Omit<IncomingOptOut, 'kind'> & { readonly by: OptOut['by'] }

export function acceptOptOut(draft: Draft, { kind: _, ...incoming }: IncomingOptOut): Taken {
  const known = draft.get('optOut', optOutId(incoming.channel, incoming.address))
  if (!changeOptOut(draft, { ...incoming, by: 'file' })) return 'repeated'
  return known === undefined ? 'applied' : 'updated'
}

/** A batch with nothing in it where it stands so already. */
export function decideOptOut(setup: Setup, wanted: OptOutChange, known: Known, cause: Cause, now: Instant): Batch {
  const draft = new Draft(setup, known, cause, now)
  changeOptOut(draft, wanted)
  return draft.toBatch()
}

/** False where it stands so already. */
export function changeOptOut(draft: Draft, { action, channel, address, reason, by }: OptOutChange): boolean {
  const id = optOutId(channel, address)
  const known = draft.get('optOut', id)
  const state = action === 'add' ? 'active' : 'removed'
  if ((known?.state ?? 'removed') === state) return false
  draft.put<OptOut>({
    kind: 'optOut',
    id,
    version: known?.version ?? 0,
    channel,
    address,
    state,
    by,
    ...(reason !== undefined && { reason: reason.slice(0, 250) }),
    actor: draft.cause.actor,
    source: draft.source ?? { import: draft.cause.actor },
    createdAt: known?.createdAt ?? draft.now,
    updatedAt: draft.now,
  })
  draft.happened({
    name: action === 'add' ? 'optOut.added' : 'optOut.removed',
    subject: id,
    ...(known && { before: { state: known.state } }),
    after: { state },
    text: (reason ?? `by ${by}`).slice(0, 250),
  })
  return true
}
