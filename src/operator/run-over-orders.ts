/**
 * A run over many orders: page by page in order of arrival, each slice decided and committed with its position.
 *
 * Killed at any moment, it goes on after the last committed slice; with `dryRun` the same decisions are
 * made and nothing is written. Only orders that were there when it was begun are looked at. Throws errors
 * of the ledger, and Error when a slice keeps being changed by others.
 */
import type { Instant } from '../core/date.ts'
import type { Cause } from '../core/event.ts'
import { runId } from '../core/ids.ts'
import type { NewMessage } from '../core/message.ts'
import type { BulkVerb, Run } from '../core/run.ts'
import { decideAndCommit, decideOnly } from '../ledger/decide-and-commit.ts'
import type { Ledger, RecordFilter } from '../ledger/ledger.ts'
import { type BulkDecision, type BulkResult, decideBulk } from '../workflow/commands/decide-bulk.ts'
import { withoutOccurrence } from '../workflow/messages/send.ts'
import type { Setup } from '../workflow/setup.ts'

export interface RunOptions {
  readonly actor: string
  readonly now: () => Instant
  readonly dryRun: boolean
}

export interface RunStep {
  readonly run: Run
  /** What it plans to send; a broadcast is told with it what it costs. */
  readonly messages: readonly NewMessage[]
  readonly results: readonly BulkResult[]
}

/** What a person asks for; a run of it is begun by the first slice. */
export type RunWish = Pick<Run, 'bulk' | 'where' | 'noSend'> & Partial<Pick<Run, 'since' | 'limit'>>

/** Orders in one commit. */
const sliceOrders = 100

/** `salt` tells two runs of one wish apart that are begun in the same millisecond. */
export const newRun = (wish: RunWish, now: Instant, salt: string): Run => ({
  kind: 'run',
  id: runId(`${now}/${salt}/${JSON.stringify(wish)}`),
  version: 0,
  state: 'running',
  until: now,
  done: 0,
  same: 0,
  refused: 0,
  createdAt: now,
  updatedAt: now,
  ...wish,
})

/** Goes on from the run's position to its end; yields after each slice that is durable. */
export async function* runOverOrders(
  ledger: Ledger,
  setup: Setup,
  begun: Run,
  options: RunOptions,
): AsyncGenerator<RunStep> {
  let run = begun
  while (run.state === 'running') {
    const orders = (await ledger.records(pageOf(run))).map(({ id }) => id as RunStep['results'][number]['order'])
    const last = orders.length < sliceOrders || looked(run) + orders.length >= (run.limit ?? Infinity)
    const told = await toldTo(ledger, run.bulk, orders)
    const step = await decideSlice(ledger, setup, { run, orders, last, told }, options)
    run = step.run
    yield step
  }
}

const looked = ({ done, same, refused }: Run): number => done + same + refused

function pageOf(run: Run): RecordFilter {
  const { where, since, until, position, limit } = run
  return {
    kind: 'order',
    where,
    until,
    ...(since !== undefined && { since }),
    ...(position !== undefined && { after: position }),
    limit: Math.min(sliceOrders, (limit ?? Infinity) - looked(run)),
  }
}

/** What the orders were told before. Only applying a workflow can say a thing twice. */
async function toldTo(ledger: Ledger, bulk: BulkVerb, orders: readonly string[]): Promise<ReadonlySet<string>> {
  const told = new Set<string>()
  for (const id of bulk.verb === 'apply' ? orders : []) {
    for (const { dedupeKey, state } of (await ledger.aboutSubject(id)).messages) {
      if (state !== 'cancelled') told.add(withoutOccurrence(dedupeKey))
    }
  }
  return told
}

async function decideSlice(
  ledger: Ledger,
  setup: Setup,
  slice: Parameters<typeof decideBulk>[1],
  { actor, now, dryRun }: RunOptions,
): Promise<RunStep> {
  const cause: Cause = { kind: 'person', actor, configHash: setup.configHash }
  const at = now()
  let decision: BulkDecision | undefined
  const decide = (known: Parameters<typeof decideBulk>[2]): BulkDecision['batch'] => {
    decision = decideBulk(setup, slice, known, cause, at)
    return decision.batch
  }
  if (dryRun) await decideOnly(ledger, [], decide)
  else {
    const result = await decideAndCommit(ledger, [], decide)
    if (result.kind === 'conflict') throw new Error(`orders kept changing: ${result.ids.slice(0, 5).join(', ')}`)
  }
  if (decision === undefined) throw new Error('a slice was not decided')
  // The ledger stores a record under the next version.
  const { run, results, batch } = decision
  return { run: dryRun ? run : { ...run, version: run.version + 1 }, results, messages: batch.messages }
}
