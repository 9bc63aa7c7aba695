/**
 * The order as it stood: its status and the state at the store, with deadlines and timers that fit now.
 *
 * A deadline of the store that has passed is not set again, or the order would expire at once; the days for fetching
 * begin anew then. Content and money of the order are left alone. Pure; throws NotLoaded from `known`.
 */
import type { StoredEvent } from '../../core/event.ts'
import type { Collect, Order } from '../../core/order.ts'
import type { Draft } from '../draft.ts'
import { retentionTimer } from '../collect/archive.ts'
import { setReminders } from '../collect/reminders.ts'
import { collectBy } from '../collect/move-collect.ts'
import type { Standing } from './order-history.ts'

export interface Restored {
  readonly order: Order
  readonly notes: readonly string[]
}

export function restoreOrder(
  draft: Draft,
  order: Order,
  standing: Standing,
  events: readonly StoredEvent[],
  target: number,
): Restored {
  const { collect: _, archivedAt, keepUntil, ...rest } = order
  const collect = order.collect && restoreCollect(draft, order.collect, standing, answerBy(events, target))
  const isLate = standing.processing === 'pending' && collect !== order.collect && !hasDeadline(collect)
  return {
    order: {
      ...rest,
      ...(collect && { collect }),
      // It is in the lists again with what is to be done about it.
      ...(collect === order.collect && archivedAt !== undefined && { archivedAt }),
      ...(collect === order.collect && keepUntil !== undefined && { keepUntil }),
      status: standing.status ?? order.status,
      transition: order.transition + 1,
      round: (order.round ?? 0) + 1,
      updatedAt: draft.now,
    },
    notes:
      isLate && answerBy(events, target) !== undefined
        ? ['the time for the answer of the store has passed: it has none now']
        : [],
  }
}

const hasDeadline = (collect: Collect | undefined): boolean => collect?.processingExpiresAt !== undefined

/** The deadline that the store had, as the first event that ended it tells. */
function answerBy(events: readonly StoredEvent[], target: number): number | undefined {
  const ended = events.find(({ seq, before }) => seq > target && typeof before?.['answerBy'] === 'number')
  return ended?.before?.['answerBy'] as number | undefined
}

/** The same value where nothing changes. */
function restoreCollect(
  draft: Draft,
  collect: Collect,
  standing: Standing,
  deadline: number | undefined,
): Collect | undefined {
  const { processing, delivery } = standing
  if (processing === undefined) return undefined
  if (processing === collect.processing && delivery === collect.delivery) return collect
  const keepUntil = delivery === 'ready' ? fetchBy(draft, collect) : undefined
  return {
    ...unmoved(collect),
    sequence: collect.sequence + 1,
    processing,
    processingAt: standing.processingAt ?? collect.processingAt,
    processingBy: standing.processingBy ?? collect.processingBy,
    ...(processing === 'pending' &&
      deadline !== undefined &&
      deadline > draft.now && { processingExpiresAt: deadline }),
    ...(delivery !== undefined && { delivery }),
    ...(delivery !== undefined && standing.deliveryAt !== undefined && { deliveryAt: standing.deliveryAt }),
    ...(delivery !== undefined && standing.deliveryBy !== undefined && { deliveryBy: standing.deliveryBy }),
    ...(keepUntil !== undefined && { deliveryExpiresAt: keepUntil }),
    ...(standing.reason !== undefined && { reason: standing.reason }),
  }
}

/** Without what its moves have made of it. */
function unmoved(collect: Collect): Omit<Collect, 'processing' | 'processingAt' | 'processingBy'> {
  const {
    processing: _processing,
    processingAt: _processingAt,
    processingBy: _processingBy,
    processingExpiresAt: _answerBy,
    delivery: _delivery,
    deliveryAt: _deliveryAt,
    deliveryBy: _deliveryBy,
    deliveryExpiresAt: _collectBy,
    documentType: _documentType,
    documentNumber: _documentNumber,
    reason: _reason,
    ...kept
  } = collect
  return kept
}

function fetchBy(draft: Draft, collect: Collect): number | undefined {
  const { deliveryExpiresAt } = collect
  return deliveryExpiresAt !== undefined && deliveryExpiresAt > draft.now
    ? deliveryExpiresAt
    : collectBy(draft, collect)
}

export function restoreTimers(draft: Draft, { id, collect }: Order): void {
  draft.cancelTimer(id, 'collect.processing')
  draft.cancelTimer(id, 'collect.delivery')
  draft.cancelTimer(id, retentionTimer)
  if (collect !== undefined) setReminders(draft, id, collect)
  if (collect?.settings.elsewhere) return
  if (collect?.processing === 'pending' && collect.processingExpiresAt !== undefined) {
    draft.timer(id, 'collect.processing', collect.processingExpiresAt)
  }
  if (collect?.delivery === 'ready' && collect.deliveryExpiresAt !== undefined) {
    draft.timer(id, 'collect.delivery', collect.deliveryExpiresAt)
  }
}
