/**
 * What a move of a collect document means for the books between the companies: entries posted, or reversed (N38–N43).
 *
 * Called once for each move, with the order as it is after it. Quantities by line are in hand-over.ts. Entries that
 * are there already are not posted again; a counter-entry of what the ERP refused is void with it, and not written.
 * Throws NotLoaded from `known`.
 */
import { assertNever } from '../../core/assert-never.ts'
import type { ClearingId } from '../../core/ids.ts'
import type { Clearing } from '../../core/clearing.ts'
import { compareDecimals, type DecimalText, minusDecimals } from '../../core/money.ts'
import type { Collect, Order } from '../../core/order.ts'
import { raiseAlarm } from '../messages/alarm.ts'
import { askTogether } from '../ask-together.ts'
import { closeFile } from '../clearing/answer.ts'
import type { Because, Draft } from '../draft.ts'
import type { CollectStep } from '../order-state.ts'
import { clearingEntries } from '../clearing/entries.ts'
import { clearingLine } from '../clearing/line.ts'
import { reductionOf, reversalOf } from '../clearing/reversal.ts'
import { effectiveTerms, type Kept, valueOf } from '../clearing/value.ts'
import { linesText, quantitiesOf } from './hand-over.ts'

type Collected = Order & { readonly collect: Collect }

export function settle(draft: Draft, order: Collected, step: CollectStep, because: Because): void {
  const { settings, fromCompany, toCompany } = order.collect
  if (fromCompany === toCompany) return
  switch (step) {
    case 'confirmed':
      if (settings.postOn === 'processing') post(draft, order, clearingEntries(order, 'processing', draft.now), because)
      return
    case 'delivered':
    case 'partlyDelivered':
      if (settings.postOn === 'delivery') handOver(draft, order, because)
      return
    case 'returned':
      return takeBack(draft, order, because)
    case 'rejected':
    case 'processingExpired':
    case 'deliveryExpired':
      return end(draft, order, step, because)
    default:
      return assertNever(step, 'step of a collect document')
  }
}

function handOver(draft: Draft, order: Collected, because: Because): void {
  const { handovers = [], delivery } = order.collect
  const last = handovers.at(-1)
  const before = keptOf(withHandovers(order, handovers.slice(0, -1)))
  const after = keptOf(order)
  const isWhole = handovers.length <= 1 && delivery === 'delivered'
  const number = handovers.filter(({ kind }) => kind === 'delivered').length
  const part = {
    before,
    after: isWhole ? ('all' as const) : after,
    number: Math.max(1, number),
    lines: isWhole ? undefined : linesText(last?.lines ?? []),
    posted: entriesOf(draft, order),
  }
  post(draft, order, clearingEntries(order, 'delivery', draft.now, part), because)
}

function takeBack(draft: Draft, order: Collected, because: Because): void {
  const { handovers = [], settings } = order.collect
  const posted = entriesOf(draft, order)
  const last = handovers.at(-1)
  const earlier = withHandovers(order, handovers.slice(0, -1))
  // What was posted for the whole order, and has not expired since, stands until it is brought back.
  const isWhole = settings.postOn === 'processing' && order.collect.delivery !== 'expired'
  const kept = isWhole ? notReturned : keptOf
  const why = { now: draft.now, reason: 'brought back', lines: linesText(last?.lines ?? []) }
  const worth = (at: Collected) => valueOf(order, cleared(order, kept(at), posted), settings.agreed)
  post(draft, order, reductionOf(posted, worth(earlier), worth(order), why), because)
}

/** Nothing more will be handed over: what was posted beyond what was is taken back. */
function end(draft: Draft, order: Collected, step: CollectStep, because: Because): void {
  const { clearing, handovers = [], settings, reason } = order.collect
  if (clearing.length === 0) return
  const why = { now: draft.now, reason: step === 'rejected' ? (reason ?? 'rejected') : 'expired' }
  const posted = entriesOf(draft, order)
  if (handovers.length === 0) return post(draft, order, reversalOf(posted, why), because)
  if (settings.postOn !== 'processing') return
  const [before, after] = [notReturned(order), keptOf(order)].map((kept) => valueOf(order, kept, settings.agreed))
  if (before && after) post(draft, order, reductionOf(posted, before, after, why), because)
}

export const entriesOf = (draft: Draft, { collect }: Collected): readonly Clearing[] =>
  askTogether(collect.clearing.map((id) => () => draft.get('clearing', id))).filter((entry) => entry !== undefined)

const withHandovers = (order: Collected, handovers: NonNullable<Collect['handovers']>): Collected => ({
  ...order,
  collect: { ...order.collect, handovers },
})

/** What the customer has. */
function keptOf(order: Collected): Kept {
  if ((order.collect.handovers ?? []).length === 0) return 'none'
  const all = quantitiesOf(order)
  if (all.every(({ open, returned }) => open === '0' && returned === '0')) return 'all'
  return new Map(all.map(({ key, delivered, returned }) => [key, minusDecimals(delivered, returned)]))
}

/**
 * Of the kept goods those that were cleared. An order of which parts were sold at the till before money for it came in
 * is cleared from then on only (N40); what the till sold counts as brought back first.
 */
function cleared(order: Collected, kept: Kept, posted: readonly Clearing[]): Kept {
  const { handovers = [], settings, toCompany } = order.collect
  if (!settings.storeStock || settings.billVia !== 'pos') return kept
  const goods = posted.filter(({ type, company }) => type === 'goods' && company === toCompany)
  const times = new Set(goods.map(({ createdAt }) => createdAt))
  const sold = handovers.filter(({ kind, at }) => kind === 'delivered' && times.has(at))
  const most = quantitiesOf(withHandovers(order, sold))
  const amount = (key: string, ordered: string): string =>
    kept === 'all' ? ordered : kept === 'none' ? '0' : (kept.get(key) ?? '0')
  return new Map(most.map(({ key, ordered, delivered }) => [key, least(amount(key, ordered), delivered)]))
}

const least = (a: DecimalText, b: DecimalText): DecimalText => (compareDecimals(a, b) < 0 ? a : b)

/** What was ordered and not brought back. */
function notReturned(order: Collected): Kept {
  const all = quantitiesOf(order)
  if (all.every(({ returned }) => returned === '0')) return 'all'
  return new Map(all.map(({ key, ordered, returned }) => [key, minusDecimals(ordered, returned)]))
}

export function post(draft: Draft, order: Collected, entries: readonly Clearing[], because?: Because): void {
  const fresh = entries.filter(({ id }) => draft.get('clearing', id) === undefined)
  const [first] = fresh
  if (first === undefined) return
  const ids: readonly ClearingId[] = fresh.map(({ id }) => id)
  const event = draft.happened({
    name: first.type === 'reversal' ? 'clearing.reversed' : 'clearing.posted',
    subject: order.id,
    after: { entries: fresh.length, ids },
    ...(first.reason !== undefined && { text: first.reason.slice(0, 250) }),
    ...(because && { because: because.event }),
    ...(because?.trace && { trace: because.trace }),
  })
  for (const entry of fresh) putEntry(draft, order, entry, { ...because, event })
  const current = draft.get('order', order.id) as Collected
  draft.put({ ...current, collect: { ...current.collect, clearing: [...current.collect.clearing, ...ids] } })
  if (first.type !== 'reversal') tellWithoutCost(draft, order, event)
}

function putEntry(draft: Draft, order: Order, entry: Clearing, because: Because): void {
  const original = entry.reverses === undefined ? undefined : draft.get('clearing', entry.reverses)
  const isVoid = original?.state === 'rejected' && original.gross === -entry.gross
  draft.put(isVoid ? { ...entry, state: 'void' as const } : entry)
  clearingLine(draft, order, entry, because)
  if (!isVoid) return
  draft.put({ ...original, state: 'void' as const, updatedAt: draft.now })
  voidRefused(draft, entry, original, because.event)
}

/** The ERP that refused the entry is not told of its counter-entry; whoever has read the entry is. */
export function voidRefused(draft: Draft, entry: Clearing, refused: Clearing, because: number): void {
  const file = refused.file === undefined ? undefined : draft.get('clearingFile', refused.file)
  for (const { id, export: name } of draft.linesAbout(entry.id)) {
    if (file !== undefined && name !== file.export) continue
    draft.voidLine({ id, reason: 'the ERP refused the entry that it takes back', because })
  }
  if (file !== undefined) closeFile(draft, file, because)
}

/** N43: cleared at the sales price instead of the cost, since that is not known. */
function tellWithoutCost(draft: Draft, order: Collected, because: number): void {
  const { reason } = effectiveTerms(order, order.collect.settings.agreed)
  if (reason === undefined) return
  raiseAlarm(
    draft,
    {
      key: `clearing-cost/${draft.source?.fileId ?? order.id}`,
      subject: order.id,
      title: 'Goods were cleared without their cost',
      what: `order ${order.number}: ${reason}`.slice(0, 250),
      where: `companies ${order.collect.fromCompany} and ${order.collect.toCompany}, clearing.pairs`,
      next: 'Let the order file bring the cost of each line; settle the difference between the companies.',
    },
    because,
  )
}
