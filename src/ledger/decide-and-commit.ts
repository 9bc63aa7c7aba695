/**
 * Lets a pure function decide on what the ledger knows, and commits what it decided.
 *
 * The function is run again with more loaded until nothing that it asked for is missing, and anew
 * when something that it saw has changed before the commit. It may catch NotLoaded for each of many
 * items: a run that missed anything is never used. Throws what the function throws once all is loaded.
 */
import type { Batch, CommitResult } from '../core/batch.ts'
import type { Known, Lookup } from '../core/known.ts'
import { lookupKey, NotLoaded, Snapshot } from '../core/known.ts'
import type { Ledger } from './ledger.ts'

export type Decide = (known: Known) => Batch

export type DecideResult =
  | { readonly kind: 'committed' | 'already'; readonly batch: Batch }
  /** Each attempt met a change by somebody else. */
  | { readonly kind: 'conflict'; readonly ids: readonly string[] }

export interface DecideOptions {
  readonly attempts?: number
  /**
   * Decided before this has come about, committed only then; not committed when it is rejected. What the ledger itself
   * takes for early until then (a slice from the middle of a file) is handed over at once.
   */
  readonly after?: Promise<unknown>
}

/** More rounds than this of "also load …" are a decision that asks for ever new things. */
const maxRounds = 100

export async function decideAndCommit(
  ledger: Pick<Ledger, 'load' | 'commit'>,
  firstLookups: readonly Lookup[],
  decide: Decide,
  { attempts = 8, after }: DecideOptions = {},
): Promise<DecideResult> {
  const wanted = byKey(firstLookups)
  let ids: readonly string[] = []
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { batch, snapshot } = await decideFully(ledger, wanted, decide)
    const result = await commitAfter(ledger, batch, snapshot, after)
    if (result.kind !== 'conflict') return { kind: result.kind, batch }
    ids = result.ids
  }
  return { kind: 'conflict', ids }
}

async function commitAfter(
  ledger: Pick<Ledger, 'commit'>,
  batch: Batch,
  snapshot: Snapshot,
  after: Promise<unknown> | undefined,
): Promise<Exclude<CommitResult, { kind: 'early' }>> {
  if (!goesOn(batch)) await after
  const first = await ledger.commit(batch, snapshot)
  if (first.kind !== 'early') return first
  await after
  const result = await ledger.commit(batch, snapshot)
  if (result.kind === 'early') throw new RangeError(`${result.gap}. Import it again from the start`)
  return result
}

/** Whether the ledger refuses the batch until what stands before it in its file is there. */
const goesOn = ({ files }: Batch): boolean => files.some(({ from }) => from > 0)

/** What would be committed now: for `--dry-run` and `plan`. Changes nothing. */
export async function decideOnly(
  ledger: Pick<Ledger, 'load'>,
  firstLookups: readonly Lookup[],
  decide: Decide,
): Promise<Batch> {
  return (await decideFully(ledger, byKey(firstLookups), decide)).batch
}

/** Adds to `wanted` whatever is asked for on the way, so that a next attempt loads all at once. */
async function decideFully(
  ledger: Pick<Ledger, 'load'>,
  wanted: Map<string, Lookup>,
  decide: Decide,
): Promise<{ readonly batch: Batch; readonly snapshot: Snapshot }> {
  let snapshot = await ledger.load([...wanted.values()])
  for (let round = 0; round < maxRounds; round++) {
    const run = tryToDecide(snapshot, decide)
    if (run.kind === 'decided') return { batch: run.batch, snapshot }
    for (const [key, lookup] of run.missing) wanted.set(key, lookup)
    snapshot = await loadMore(ledger, snapshot, run.missing, wanted)
  }
  throw new Error(`after ${maxRounds} rounds of loading the decision still asks for more`)
}

type Run =
  | { readonly kind: 'decided'; readonly batch: Batch }
  | { readonly kind: 'missing'; readonly missing: ReadonlyMap<string, Lookup> }

function tryToDecide(snapshot: Snapshot, decide: Decide): Run {
  try {
    const batch = decide(snapshot)
    if (snapshot.missing.size === 0) return { kind: 'decided', batch }
  } catch (error) {
    // With something missing, any error may come from not knowing: it counts once all is loaded.
    if (snapshot.missing.size === 0) throw error instanceof NotLoaded ? notOurs(error) : error
  }
  return { kind: 'missing', missing: snapshot.missing }
}

const notOurs = (error: NotLoaded): Error =>
  new Error('the decision asked another snapshot than the one that it was given', { cause: error })

/** Loads only what is missing while nothing has changed; otherwise everything anew, so that all is of one moment. */
async function loadMore(
  ledger: Pick<Ledger, 'load'>,
  before: Snapshot,
  missing: ReadonlyMap<string, Lookup>,
  wanted: ReadonlyMap<string, Lookup>,
): Promise<Snapshot> {
  const more = await ledger.load([...missing.values()])
  if (more.stamp !== before.stamp) return await ledger.load([...wanted.values()])
  return new Snapshot(before.stamp, new Map([...before.loaded, ...more.loaded]))
}

const byKey = (lookups: readonly Lookup[]): Map<string, Lookup> =>
  new Map(lookups.map((lookup) => [lookupKey(lookup), lookup]))
