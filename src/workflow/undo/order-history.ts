/**
 * Reads the history of an order: what it was just after an event, what changed last, and what was rolled back since.
 *
 * Roll backs make a line of undone stretches: what lies in one counts no more, and the state after a roll back is the one
 * of the event that it went back to. Content (lines, addresses, amounts) and money are not part of the state here. Pure;
 * throws nothing.
 */
import type { Instant } from '../../core/date.ts'
import type { StoredEvent } from '../../core/event.ts'
import type { Collect } from '../../core/order.ts'

/** Where an order stood, as far as a roll back puts it there again. */
export interface Standing {
  readonly status?: string
  readonly processing?: Collect['processing']
  readonly processingAt?: Instant
  readonly processingBy?: string
  readonly delivery?: Collect['delivery']
  readonly deliveryAt?: Instant
  readonly deliveryBy?: string
  /** How often goods had gone over the counter. */
  readonly handovers?: number
  readonly reason?: string
}

/** A stretch of the history that a roll back undid: events after `to`, up to the roll back itself. */
interface Undone {
  readonly to: number
  readonly at: number
}

export const undoneStretches = (events: readonly StoredEvent[]): readonly Undone[] =>
  events.flatMap(({ name, seq, after }) =>
    name === 'order.rolledBack' ? [{ to: Number(after?.['to'] ?? 0), at: seq }] : [],
  )

/** The roll back that undid what has this number; undefined when it stands. */
export const undoneBy = (stretches: readonly Undone[], seq: number): number | undefined =>
  stretches.find(({ to, at }) => seq > to && seq < at)?.at

/** How the order stood just after the event of that number. */
export function standingAfter(events: readonly StoredEvent[], seq: number): Standing {
  const states: { readonly seq: number; readonly standing: Standing }[] = []
  const at = (limit: number): Standing => states.findLast((state) => state.seq <= limit)?.standing ?? {}
  for (const event of events) {
    if (event.seq > seq) break
    const before = states.at(-1)?.standing ?? {}
    const standing = event.name === 'order.rolledBack' ? at(Number(event.after?.['to'] ?? 0)) : moved(before, event)
    states.push({ seq: event.seq, standing })
  }
  return at(seq)
}

function moved(before: Standing, { name, at, actor, after = {}, text }: StoredEvent): Standing {
  const status = after['status']
  const standing = typeof status === 'string' ? { ...before, status } : before
  if (!name.startsWith('collect.')) return standing
  const { processing, delivery, handovers } = after as Pick<Standing, 'processing' | 'delivery' | 'handovers'>
  const { delivery: _, ...rest } = standing
  return {
    ...rest,
    ...(processing !== undefined &&
      processing !== before.processing && { processing, processingAt: at, processingBy: actor }),
    ...(delivery !== undefined && { delivery }),
    ...(delivery !== undefined && delivery !== before.delivery && { deliveryAt: at, deliveryBy: actor }),
    ...(handovers !== undefined && { handovers }),
    ...(text !== undefined && { reason: text }),
  }
}

const changes: ReadonlySet<string> = new Set([
  'order.imported',
  'order.statusChanged',
  'order.paid',
  'order.applied',
  'order.rolledBack',
  'payment.partial',
  'payment.overpaid',
  'payment.reversed',
  'payment.unmatchedByHand',
])

const isChange = ({ name }: StoredEvent): boolean => changes.has(name) || name.startsWith('collect.')

export type LastChange =
  /** All that has a greater number came with the last change or after it. */
  | { readonly kind: 'before'; readonly to: number }
  /** Nothing has changed since the roll back of that number. */
  | { readonly kind: 'rolledBack'; readonly by: number }
  | { readonly kind: 'none' }

/**
 * The point before the last change that stands. One cause is one change: a payment with the status, the documents and
 * the messages that followed from it at once. `chain` gives the events that led to one of the order's.
 */
export function lastChange(
  events: readonly StoredEvent[],
  chain: (event: StoredEvent) => readonly StoredEvent[],
): LastChange {
  const stretches = undoneStretches(events)
  const last = events.findLast((event) => isChange(event) && undoneBy(stretches, event.seq) === undefined)
  if (last === undefined) return { kind: 'none' }
  const cause = [last, ...chain(last)].filter(({ at, actor }) => at === last.at && actor === last.actor)
  const rolledBack = cause.find(({ name }) => name === 'order.rolledBack')
  if (rolledBack !== undefined) return { kind: 'rolledBack', by: rolledBack.seq }
  const first = cause.at(-1) ?? last
  const imported = events.find(({ name }) => name === 'order.imported')?.seq ?? 0
  return { kind: 'before', to: Math.max(imported, first.seq - 1) }
}
