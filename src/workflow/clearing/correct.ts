/**
 * What a person decides about clearing: write refused entries again, reverse an order, say what the ERP said (N43).
 *
 * A corrected copy has the amounts of the refused entry and the accounts of today, stands in a file of its own with
 * the next number, and names the refused one. Only what is refused is written again. Pure; throws NotLoaded.
 */
import { assertNever } from '../../core/assert-never.ts'
import type { Refused } from '../../core/command.ts'
import type { Instant } from '../../core/date.ts'
import type { Cause } from '../../core/event.ts'
import type { OrderId } from '../../core/ids.ts'
import type { Known } from '../../core/known.ts'
import type { Clearing, ClearingFile } from '../../core/clearing.ts'
import { copyLine } from './line.ts'
import { restsOf, reversalOf } from './reversal.ts'
import { entriesOf, post } from '../collect/settle.ts'
import { Draft } from '../draft.ts'
import type { Decision } from '../commands/operate.ts'
import type { Setup } from '../setup.ts'
import { answerClearing, closeFile, entriesIn, meantBy } from './answer.ts'
import { targetOf } from './written.ts'

export type ClearingWish =
  | { readonly verb: 'correct'; readonly document: string; readonly reason?: string }
  | { readonly verb: 'accept'; readonly document: string; readonly number?: string }
  | { readonly verb: 'refuse'; readonly document: string; readonly reason?: string }
  | {
      readonly verb: 'reverse'
      readonly order: OrderId
      readonly reason?: string
      /** Only these entries, of both companies. */
      readonly position?: Clearing['position']
    }

export function decideClearing(setup: Setup, wish: ClearingWish, known: Known, cause: Cause, now: Instant): Decision {
  const draft = new Draft(setup, known, cause, now)
  const stop = carryOut(draft, wish)
  return stop ?? { kind: 'batch', batch: draft.toBatch() }
}

type Stop = Refused | { readonly kind: 'same'; readonly reason: string }
const refuse = (reason: string): Refused => ({ kind: 'refused', reason })

function carryOut(draft: Draft, wish: ClearingWish): Stop | undefined {
  switch (wish.verb) {
    case 'correct':
      return correct(draft, wish.document, wish.reason)
    case 'accept':
      return answer(draft, wish.document, { accepted: true, ...(wish.number !== undefined && { number: wish.number }) })
    case 'refuse':
      return answer(draft, wish.document, { accepted: false, reason: wish.reason ?? 'refused by hand' })
    case 'reverse':
      return reverse(draft, wish)
    default:
      return assertNever(wish, 'wish about clearing')
  }
}

function answer(draft: Draft, document: string, said: Parameters<typeof answerClearing>[2]): Stop | undefined {
  const answered = answerClearing(draft, document, said)
  if (answered.kind === 'unknown' || answered.kind === 'refused') return refuse(answered.reason)
  const word = said.accepted ? 'booked' : 'refused'
  return answered.kind === 'repeated' ? { kind: 'same', reason: `it is ${word} already` } : undefined
}

function correct(draft: Draft, document: string, reason: string | undefined): Stop | undefined {
  const meant = meantBy(draft, document)
  if (meant.kind === 'unknown') return refuse(meant.reason)
  const id = meant.kind === 'file' ? meant.file.id : meant.entry.file
  const file = id === undefined ? undefined : draft.get('clearingFile', id)
  if (file === undefined) return refuse('it was in no file yet')
  const entries = meant.kind === 'file' ? entriesIn(draft, meant.file) : [meant.entry]
  const refused = entries.filter(({ state }) => state === 'rejected')
  if (refused.length === 0) return nothingRefused(file, entries)
  const target = targetOf(draft, file.export)
  if (target?.kind !== 'clearing') return refuse(`there is no clearing export "${file.export}" any more`)
  const event = draft.happened({
    name: 'clearing.corrected',
    subject: file.id,
    text: `${refused.length} refused entries are written again${reason === undefined ? '' : `: ${reason}`}`.slice(
      0,
      250,
    ),
  })
  for (const entry of refused) again(draft, entry, file, event)
  closeFile(draft, file, event)
  return undefined
}

function nothingRefused({ name, state }: ClearingFile, entries: readonly Clearing[]): Stop {
  if (entries.some((entry) => entry.state === 'exported') && state === 'exported') {
    return refuse(
      `${name} was not refused: a second copy could be booked as well; if the ERP does not have it, say so first: orderly clearing refuse ${name}`,
    )
  }
  return { kind: 'same', reason: 'nothing of it is refused' }
}

function again(draft: Draft, entry: Clearing, file: ClearingFile, because: number): void {
  const copied = draft.put({
    ...entry,
    state: 'open' as const,
    copies: (entry.copies ?? 0) + 1,
    updatedAt: draft.now,
  })
  const order = draft.get('order', entry.order)
  if (order !== undefined) copyLine(draft, order, copied, file, { event: because })
}

function reverse(
  draft: Draft,
  { order: id, reason, position }: Extract<ClearingWish, { verb: 'reverse' }>,
): Stop | undefined {
  const order = draft.get('order', id)
  if (order?.collect === undefined) return refuse('the order was at no store: there is nothing to clear')
  const collected = { ...order, collect: order.collect }
  const entries = entriesOf(draft, collected)
  const standing = restsOf(entries).filter(({ entry }) => position === undefined || entry.position === position)
  if (standing.length === 0) return { kind: 'same', reason: 'no entry of it stands' }
  const why = { now: draft.now, reason: reason ?? 'reversed by hand' }
  const counters = reversalOf(entries, why, new Set(standing.map(({ entry }) => entry.id)))
  post(draft, collected, counters)
  return undefined
}
