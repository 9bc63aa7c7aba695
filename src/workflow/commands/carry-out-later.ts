/**
 * Carries out a command of a file that had to wait: with what was read for it, and its answer in the same batch.
 *
 * A command that was carried out meanwhile is told, and so is one whose material is out of date. Pure; throws
 * NotLoaded from `known`.
 */
import type { Batch } from '../../core/batch.ts'
import type { Instant } from '../../core/date.ts'
import type { Cause } from '../../core/event.ts'
import type { Known } from '../../core/known.ts'
import type { CommandRecord } from '../../core/model.ts'
import { type Answer, carriedOut, finish, refuse } from './accept-command.ts'
import { Draft } from '../draft.ts'
import { mutedBy, type Setup } from '../setup.ts'
import type { OrderHistory } from '../undo/order-records.ts'
import { rollBackIn } from '../undo/roll-back.ts'

/** What a decision on records cannot see alone. */
export interface Material {
  /** Of the order that is rolled back. */
  readonly history?: OrderHistory
  /** Why nothing is to be done, found before. */
  readonly stop?: Answer
}

export type LaterDecision =
  | { readonly kind: 'batch'; readonly batch: Batch }
  /** Somebody else was quicker. */
  | { readonly kind: 'over' }
  /** What was read has changed: read it again. */
  | { readonly kind: 'stale' }

export function decideLater(
  setup: Setup,
  id: CommandRecord['id'],
  material: Material,
  known: Known,
  cause: Cause,
  now: Instant,
): LaterDecision {
  const draft = new Draft(setup, known, cause, now)
  const record = draft.get('command', id)
  if (record?.state !== 'waiting') return { kind: 'over' }
  draft.source = record.source
  draft.muted = mutedBy(setup, record.source.import)
  const answer = answerTo(draft, record, material)
  if (answer === 'stale') return { kind: 'stale' }
  finish(draft, record, answer)
  return { kind: 'batch', batch: draft.toBatch() }
}

function answerTo(draft: Draft, { command }: CommandRecord, { history, stop }: Material): Answer | 'stale' {
  if (stop !== undefined) return stop
  if (command.verb !== 'rollBack') return carriedOut(draft, command)
  if (history === undefined) return refuse('no order is named')
  const wish = { freePayments: command.freePayments === true, ...(command.to !== undefined && { to: command.to }) }
  const done = rollBackIn(draft, history, wish)
  switch (done.kind) {
    case 'done':
      return { state: 'done', ...(done.notes.length > 0 && { reason: done.notes.join('; ') }) }
    case 'stale':
      return 'stale'
    case 'refused':
    case 'same':
      return { state: done.kind, reason: done.reason }
  }
}
