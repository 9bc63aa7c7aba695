/**
 * Appends the events of a batch and turns "because of the n-th event of this batch" into its number.
 *
 * The cause (kind, actor, config) is stored once for all events that share it.
 * Throws RangeError when an event refers to one that does not stand before it.
 */
import type { Batch } from '../core/batch.ts'
import type { NewEvent } from '../core/event.ts'
import type { EventDetail } from './rows.ts'
import { insertCause, insertEvent, selectCause } from './statements.ts'
import type { Sqlite } from './sqlite.ts'

/** Sequence number of the event at an index of the batch; null for none. */
export type SeqOf = (because: number | undefined) => number | null

/** `keys`: records that the batch has just put; their events are found by key, all others by the id of the subject. */
export function appendEvents(
  db: Sqlite,
  batch: Pick<Batch, 'cause' | 'events'>,
  keys: ReadonlyMap<string, number>,
): SeqOf {
  const seqs: number[] = []
  const seqOf: SeqOf = (because) => {
    if (because === undefined) return null
    const seq = seqs[because]
    if (seq === undefined) throw new RangeError(`because: ${because} is not an earlier event of the batch`)
    return seq
  }
  if (batch.events.length === 0) return seqOf
  const cause = causeKey(db, batch.cause)
  for (const event of batch.events) {
    const { subject, name, at, because } = event
    const about = keys.get(subject)
    const id = about === undefined ? subject : null
    seqs.push(db.run(insertEvent, about ?? null, id, name, at, cause, seqOf(because), detailOf(event)).key)
  }
  return seqOf
}

function causeKey(db: Sqlite, { kind, actor, configHash }: Batch['cause']): number {
  db.run(insertCause, kind, actor, configHash)
  const row = db.get(selectCause, kind, actor, configHash)
  if (row === undefined) throw new Error(`cause ${kind} ${actor} was not stored`)
  return row.key
}

function detailOf({ source, trace, before, after, text }: NewEvent): string | null {
  const detail = { source, trace, before, after, text }
  const json = JSON.stringify(detail satisfies { [K in keyof EventDetail]: EventDetail[K] | undefined })
  return json === '{}' ? null : json
}
