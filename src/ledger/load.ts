/**
 * Loads the records behind a list of lookups: one query for all ids, one per kind and reference name.
 *
 * Everything asked for stands in the result; what does not exist is there as an empty list, so that
 * it is known to be absent.
 */
import type { Lookup } from '../core/known.ts'
import { lookupKey, Snapshot } from '../core/known.ts'
import type { Entity } from '../core/model.ts'
import { putStamp } from './check-basis.ts'
import { entityOf } from './rows.ts'
import { selectByReference, selectRecords } from './statements.ts'
import type { Sqlite } from './sqlite.ts'

type ByReference = Extract<Lookup, { by: 'reference' }>

export function loadSnapshot(db: Sqlite, lookups: readonly Lookup[]): Snapshot {
  const loaded = new Map<string, Entity[]>(lookups.map((lookup) => [lookupKey(lookup), []]))
  const stamp = putStamp(db)
  loadIds(db, lookups, loaded)
  const references = lookups.filter((lookup) => lookup.by === 'reference')
  for (const group of Map.groupBy(references, ({ kind, name }) => `${kind} ${name}`).values()) {
    loadReferences(db, group, loaded)
  }
  return new Snapshot(stamp, loaded)
}

function loadIds(db: Sqlite, lookups: readonly Lookup[], loaded: Map<string, Entity[]>): void {
  const ids = lookups.filter((lookup) => lookup.by === 'id').map(({ id }) => id)
  if (ids.length === 0) return
  for (const row of db.all(selectRecords, JSON.stringify([...new Set(ids)]))) loaded.get(row.id)?.push(entityOf(row))
}

function loadReferences(db: Sqlite, group: readonly ByReference[], loaded: Map<string, Entity[]>): void {
  const [first] = group
  if (first === undefined) return
  const { kind, name } = first
  const values = [...new Set(group.map(({ value }) => value))]
  for (const row of db.all(selectByReference, name, JSON.stringify(values), kind)) {
    loaded.get(lookupKey({ by: 'reference', kind, name, value: row.value }))?.push(entityOf(row))
  }
}
