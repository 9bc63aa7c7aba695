/**
 * Who wants no messages: a recipient who wrote STOP, a row of a file, or a person says so, and the other way round.
 *
 * The last word counts, and each is an event with its actor. Messages are judged by it in the moment they leave, so
 * that one which waits is stopped as well. A store of the config that opts out by SMS is alarmed: it would hear of no
 * more orders. Throws NotLoaded from `known`.
 */
import type { Batch } from '../../core/batch.ts'
import type { Instant } from '../../core/date.ts'
import type { Cause } from '../../core/event.ts'
import { optOutId } from '../../core/ids.ts'
import type { Known } from '../../core/known.ts'
import type { IncomingOptOut, OptOut } from '../../core/opt-out.ts'
import type { Taken } from '../accept-order.ts'
import { raiseAlarm } from './alarm.ts'
import { Draft } from '../draft.ts'
import type { Setup } from '../setup.ts'

export type OptOutChange = Omit<IncomingOptOut, 'kind'> & { readonly by: OptOut['by'] }

export function acceptOptOut(draft: Draft, incoming: IncomingOptOut): Taken {
  const known = draft.get('optOut', optOutId(incoming.channel, incoming.address))
  if (!changeOptOut(draft, { ...incoming, by: 'file' })) return 'repeated'
  return known === undefined ? 'applied' : 'updated'
}

export function optOutByHand(
  draft: Draft,
  { action, channel, address, reason }: Omit<IncomingOptOut, 'kind'>,
): { readonly kind: 'same'; readonly reason: string } | undefined {
  const change = { action, channel, address, ...(reason !== undefined && { reason }) }
  if (changeOptOut(draft, { ...change, by: 'hand' })) return undefined
  return { kind: 'same', reason: `${address} stands so already` }
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
  const event = draft.happened({
    name: action === 'add' ? 'optOut.added' : 'optOut.removed',
    subject: id,
    ...(known && { before: { state: known.state } }),
    after: { state },
    text: (reason ?? `by ${by}`).slice(0, 250),
  })
  if (action === 'add' && by === 'recipient') tellOfStore(draft, id, address, event)
  return true
}

function tellOfStore(draft: Draft, id: string, address: string, because: number): void {
  const { stores } = draft.setup.config
  const found = Object.entries(stores).find(([, { mobile }]) => mobile?.replace(/[^\d+]/g, '') === address)
  if (found === undefined) return
  const [code, { name }] = found
  const alarm = {
    key: `optOut/${id}/${draft.now}`,
    subject: id,
    title: 'A store wants no SMS',
    what: `${address} of store ${code} (${name}) wrote that it wants no messages: it hears of no more orders by SMS`,
    next: `If this was by mistake: orderly opt-outs remove ${address}`,
  }
  raiseAlarm(draft, alarm, because)
}
