/**
 * Writes records with their references, each with its version raised by one.
 *
 * A record whose stored version is not the one that the caller read is a conflict: its id is
 * returned, and the caller takes the whole batch back. With an order that is erased, what its history says of the
 * person goes, too: the only change of an event that there is. Throws RangeError for a record put twice.
 */
import type { Reference } from '../core/references.ts'
import type { PackedRecord } from './pack-batch.ts'
import {
  deleteReference,
  erasePerson,
  insertRecord,
  insertReference,
  selectForUpdate,
  updateRecord,
} from './statements.ts'
import type { Sqlite } from './sqlite.ts'
import type { Tally } from './tally.ts'

export interface PutRecords {
  /** Keys of the rows by id. */
  readonly keys: ReadonlyMap<string, number>
  /** Ids of the records that were changed by somebody else; empty when all is written. */
  readonly conflicts: readonly string[]
}

export function putRecords(db: Sqlite, tally: Tally, records: readonly PackedRecord[]): PutRecords {
  const seen = new Set<string>()
  const keys = new Map<string, number>()
  const conflicts: string[] = []
  for (const record of records) {
    if (seen.has(record.id)) throw new RangeError(`the batch puts ${record.id} twice: merge it before the commit`)
    seen.add(record.id)
    const key = record.version === 0 ? insert(db, tally, record) : update(db, tally, record)
    if (key === undefined) conflicts.push(record.id)
    else keys.set(record.id, key)
  }
  return { keys, conflicts }
}

function insert(
  db: Sqlite,
  tally: Tally,
  { id, kind, state, createdAt, refs, data }: PackedRecord,
): number | undefined {
  const { changes, key } = db.run(insertRecord, id, kind, state, createdAt, refs, data)
  if (changes === 0) return undefined
  addReferences(db, referencesIn(refs), kind, key)
  tally.add('record', kind, state, 1)
  return key
}

function update(db: Sqlite, tally: Tally, record: PackedRecord): number | undefined {
  const { id, kind, version, state, refs, data } = record
  const stored = db.get(selectForUpdate, id, kind, version)
  if (stored === undefined) return undefined
  db.run(updateRecord, state, version + 1, refs, data, stored.key)
  if (refs !== stored.refs) {
    const [old, references] = [referencesIn(stored.refs), referencesIn(refs)]
    for (const [name, value] of without(old, references)) db.run(deleteReference, name, value, kind, stored.key)
    addReferences(db, without(references, old), kind, stored.key)
  }
  if (record.erases) db.run(erasePerson, stored.key)
  tally.add('record', kind, stored.state, -1)
  tally.add('record', kind, state, 1)
  return stored.key
}

const referencesIn = (refs: string): readonly Reference[] => JSON.parse(refs) as readonly Reference[]

const without = (all: readonly Reference[], others: readonly Reference[]): readonly Reference[] =>
  all.filter(([name, value]) => !others.some((other) => other[0] === name && other[1] === value))

function addReferences(db: Sqlite, references: readonly Reference[], kind: string, key: number): void {
  for (const [name, value] of references) db.run(insertReference, name, value, kind, key)
}
