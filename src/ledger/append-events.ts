/**
 * Appends the events of a batch and turns "because of the n-th event of this batch" into its number.
 *
 * The cause (kind, actor, config) is stored once for all events that share it.
 * Throws RangeError when an event refers to one that does not stand before it.
 */
import type { PackedBatch } from './pack-batch.ts'
import { insertCause, insertEvent, selectCause } from './statements.ts'
import type { Sqlite } from './sqlite.ts'

/** Sequence number of the event at an index of the batch; null for none. */
export type SeqOf = (because: number | undefined) => number | null

/** `keys`: records that the batch has just put; their events are found by key, all others by the id of the subject. */
export function appendEvents(
  db: Sqlite,
  { cause, sources, events }: Pick<PackedBatch, 'cause' | 'sources' | 'events'>,
  keys: ReadonlyMap<string, number>,
): SeqOf {
  const seqs: number[] = []
  const seqOf: SeqOf = (because) => {
    if (because === undefined) return null
    const seq = seqs[because]
    if (seq === undefined) throw new RangeError(`because: ${because} is not an earlier event of the batch`)
    return seq
  }
  const causes = sources.map((source) => causeKey(db, cause, source))
  for (const { subject, name, at, because, source, row, data } of events) {
    const about = keys.get(subject) ?? null
    const id = about === null ? subject : null
    seqs.push(db.run(insertEvent, about, id, name, at, causes[source] ?? null, row, seqOf(because), data).key)
  }
  return seqOf
}

function causeKey(
  db: Sqlite,
  { kind, actor, configHash }: PackedBatch['cause'],
  source: PackedBatch['sources'][number],
): number {
  const cause = [kind, actor, configHash, source.import, source.file, source.fileId]
  return db.get(selectCause, ...cause)?.key ?? db.run(insertCause, ...cause).key
}
