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
  const causeOf = causesOf(db, batch.cause)
  for (const event of batch.events) {
    const { subject, name, at, because, source } = event
    const about = keys.get(subject) ?? null
    const id = about === null ? subject : null
    const cause = causeOf(source)
    seqs.push(db.run(insertEvent, about, id, name, at, cause, source?.row ?? null, seqOf(because), detailOf(event)).key)
  }
  return seqOf
}

type EventSource = NewEvent['source']

/** Keys of the batch's cause with the source of each event; events of one file come together and ask once. */
function causesOf(db: Sqlite, cause: Batch['cause']): (source: EventSource) => number {
  let last: { readonly source: EventSource; readonly key: number } | undefined
  return (source) => {
    if (last === undefined || !isSameFile(last.source, source)) last = { source, key: causeKey(db, cause, source) }
    return last.key
  }
}

const isSameFile = (a: EventSource, b: EventSource): boolean =>
  a === b || (a?.fileId === b?.fileId && a?.file === b?.file && a?.import === b?.import)

function causeKey(db: Sqlite, { kind, actor, configHash }: Batch['cause'], source: EventSource): number {
  const cause = [kind, actor, configHash, source?.import ?? '', source?.file ?? '', source?.fileId ?? '']
  const known = db.get(selectCause, ...cause)
  return known?.key ?? db.run(insertCause, ...cause).key
}

function detailOf({ trace, before, after, text }: NewEvent): string | null {
  const detail = { trace, before, after, text }
  const json = JSON.stringify(detail satisfies { [K in keyof EventDetail]: EventDetail[K] | undefined })
  return json === '{}' ? null : json
}
