/**
 * One slice of a run over many orders: the verb on each, its result, and how far the run is, in one batch.
 *
 * The position is committed with the effects, so that a run goes on after a kill where it was and does
 * nothing twice. An order that refuses keeps the others going. Pure; throws NotLoaded from `known`, and Error when
 * another process has gone on with the run in between.
 */
import { assertNever } from '../../core/assert-never.ts'
import type { Batch } from '../../core/batch.ts'
import type { Instant } from '../../core/date.ts'
import type { Cause } from '../../core/event.ts'
import { type Known, NotLoaded } from '../../core/known.ts'
import type { BulkVerb, Run } from '../../core/run.ts'
import type { Order } from '../../core/order.ts'
import { applyWorkflow } from './apply-workflow.ts'
import { tellCustomer } from '../messages/broadcast.ts'
import { Draft } from '../draft.ts'
import { archiveByHand, changeStatus, markPaid, step } from './operate.ts'
import { runRules } from '../run-rules.ts'
import type { Setup } from '../setup.ts'

export interface BulkResult {
  readonly order: Order['id']
  readonly number: string
  readonly result: 'done' | 'same' | 'refused'
  readonly reason?: string
}

export interface BulkSlice {
  readonly run: Run
  readonly orders: readonly Order['id'][]
  /** Nothing comes after these. */
  readonly last: boolean
  /** What the orders were told before: dedupe keys without their occurrence. */
  readonly told: ReadonlySet<string>
}

export interface BulkDecision {
  readonly batch: Batch
  readonly run: Run
  readonly results: readonly BulkResult[]
}

export const muteReason = 'the run was begun with --no-send'

export function decideBulk(setup: Setup, slice: BulkSlice, known: Known, cause: Cause, now: Instant): BulkDecision {
  const draft = new Draft(setup, known, cause, now)
  const { run, orders, last } = slice
  if (run.noSend) draft.muted = muteReason
  draft.told = slice.told
  const stored = draft.get('run', run.id) ?? run
  if (stored.position !== run.position) throw new Error(`${run.id} goes on elsewhere: see orderly orders runs`)
  if (stored.version === 0) draft.happened({ name: 'run.begun', subject: run.id, text: wordsOf(run).slice(0, 250) })
  const results = orders.flatMap((id) => resultOf(draft, run.bulk, id) ?? [])
  const count = (result: BulkResult['result']): number => results.filter((each) => each.result === result).length
  const after = draft.put<Run>({
    ...stored,
    state: last ? 'done' : 'running',
    ...(orders.at(-1) !== undefined && { position: orders.at(-1) as Order['id'] }),
    done: stored.done + count('done'),
    same: stored.same + count('same'),
    refused: stored.refused + count('refused'),
    updatedAt: now,
  })
  if (last) draft.happened({ name: 'run.done', subject: run.id, text: countsOf(after) })
  return { batch: draft.toBatch(), run: after, results }
}

export const wordsOf = ({ bulk }: Pick<Run, 'bulk'>): string => {
  switch (bulk.verb) {
    case 'apply':
      return `apply ${bulk.workflow}`
    case 'setStatus':
      return `set-status ${bulk.status}`
    case 'markPaid':
      return 'mark-paid'
    case 'next':
    case 'send':
    case 'archive':
      return bulk.verb
    case 'notify':
      return `notify ${bulk.whom}${bulk.state === undefined ? '' : ` of "${bulk.state}"`}`
    case 'tell':
      return `broadcast ${bulk.template} (${bulk.channel}), ${bulk.name}`
    case 'tellGroup':
      return `broadcast ${bulk.template} (${bulk.channel}) to group ${bulk.group}, ${bulk.name}`
    default:
      return assertNever(bulk, 'verb')
  }
}

export const countsOf = ({ done, same, refused }: Run): string =>
  `${done} done, ${same} as they were, ${refused} refused`

/** Undefined when something is still to be loaded: the others go on, so that one round finds all. */
function resultOf(draft: Draft, verb: BulkVerb, id: Order['id']): BulkResult | undefined {
  try {
    const order = draft.get('order', id)
    if (order === undefined) return { order: id, number: '', result: 'refused', reason: 'no such order' }
    const stop = carryOut(draft, order, verb)
    runRules(draft)
    const { kind, reason } = stop ?? { kind: 'done' as const, reason: undefined }
    return { order: id, number: order.number, result: kind, ...(reason !== undefined && { reason }) }
  } catch (error) {
    if (error instanceof NotLoaded) return undefined
    throw error
  }
}

type Stop = { readonly kind: 'same' | 'refused'; readonly reason: string }

function carryOut(draft: Draft, order: Order, verb: BulkVerb): Stop | undefined {
  switch (verb.verb) {
    case 'apply': {
      const applied = applyWorkflow(draft, order, verb.workflow)
      return applied.kind === 'same' ? applied : undefined
    }
    case 'setStatus':
      return changeStatus(draft, { ...verb, order: order.id })
    case 'next':
    case 'send':
    case 'notify':
      return step(draft, order, verb)
    case 'archive':
      return archiveByHand(draft, { ...verb, order: order.id })
    case 'markPaid':
      return markPaid(draft, { ...verb, order: order.id })
    case 'tell':
      return tellCustomer(draft, order, verb)
    case 'tellGroup':
      return { kind: 'refused', reason: 'a broadcast to a group is not about orders' }
    default:
      return assertNever(verb, 'verb')
  }
}
