/**
 * Writes records with their references, each with its version raised by one.
 *
 * A record whose stored version is not the one that the caller read is a conflict: its id is
 * returned, and the caller takes the whole batch back. With an order that is erased, what its history says of the
 * person goes, too: the only change of an event that there is. Throws RangeError for a record put twice.
 */
import type { Entity } from '../core/model.ts'
import type { Reference } from '../core/references.ts'
import { referencesOf } from '../core/references.ts'
import {
  deleteReference,
  erasePerson,
  insertRecord,
  insertReference,
  selectForUpdate,
  updateRecord,
} from './statements.ts'
import { stateOf } from './state-of.ts'
import type { Sqlite } from './sqlite.ts'
import type { Tally } from './tally.ts'

export interface PutRecords {
  /** Keys of the rows by id. */
  readonly keys: ReadonlyMap<string, number>
  /** Ids of the records that were changed by somebody else; empty when all is written. */
  readonly conflicts: readonly string[]
}

export function putRecords(db: Sqlite, tally: Tally, entities: readonly Entity[]): PutRecords {
  const seen = new Set<string>()
  const keys = new Map<string, number>()
  const conflicts: string[] = []
  for (const entity of entities) {
    if (seen.has(entity.id)) throw new RangeError(`the batch puts ${entity.id} twice: merge it before the commit`)
    seen.add(entity.id)
    const key = entity.version === 0 ? insert(db, tally, entity) : update(db, tally, entity)
    if (key === undefined) conflicts.push(entity.id)
    else keys.set(entity.id, key)
  }
  return { keys, conflicts }
}

function insert(db: Sqlite, tally: Tally, entity: Entity): number | undefined {
  const state = stateOf(entity)
  const references = referencesOf(entity)
  const { id, kind, createdAt } = entity
  const { changes, key } = db.run(
    insertRecord,
    id,
    kind,
    state,
    createdAt,
    JSON.stringify(references),
    JSON.stringify({ ...entity, version: 1 }),
  )
  if (changes === 0) return undefined
  addReferences(db, references, kind, key)
  tally.add('record', kind, state, 1)
  return key
}

function update(db: Sqlite, tally: Tally, entity: Entity): number | undefined {
  const { id, kind, version } = entity
  const stored = db.get(selectForUpdate, id, kind, version)
  if (stored === undefined) return undefined
  const state = stateOf(entity)
  const references = referencesOf(entity)
  const refs = JSON.stringify(references)
  db.run(updateRecord, state, version + 1, refs, JSON.stringify({ ...entity, version: version + 1 }), stored.key)
  if (refs !== stored.refs) {
    const old = JSON.parse(stored.refs) as readonly Reference[]
    for (const [name, value] of without(old, references)) db.run(deleteReference, name, value, kind, stored.key)
    addReferences(db, without(references, old), kind, stored.key)
  }
  if (entity.kind === 'order' && entity.erasedAt === entity.updatedAt) db.run(erasePerson, stored.key)
  tally.add('record', kind, stored.state, -1)
  tally.add('record', kind, state, 1)
  return stored.key
}

const without = (all: readonly Reference[], others: readonly Reference[]): readonly Reference[] =>
  all.filter(([name, value]) => !others.some((other) => other[0] === name && other[1] === value))

function addReferences(db: Sqlite, references: readonly Reference[], kind: string, key: number): void {
  for (const [name, value] of references) db.run(insertReference, name, value, kind, key)
}
