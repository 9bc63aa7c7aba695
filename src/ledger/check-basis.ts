/**
 * Whether what a decision was based on still holds.
 *
 * While the stamp is the same, no commit has put a record since the snapshot was loaded, and
 * nothing is looked at. Otherwise every record that was loaded must have the same version, what was
 * absent must be absent still, and every reference must find the same records.
 */
import type { Entity, EntityKind } from '../core/model.ts'
import type { ReferenceName } from '../core/references.ts'
import { selectIdsByReference, selectMeta, selectVersions } from './statements.ts'
import type { Sqlite } from './sqlite.ts'

/** What a decision saw: the stamp, and for each key of `lookupKey` the records that it found. A snapshot is one. */
export interface Basis {
  readonly stamp: number
  readonly loaded: ReadonlyMap<string, readonly Pick<Entity, 'id' | 'version'>[]>
}

/** The same as few plain lists, without the content of the records. */
export interface PackedBasis {
  readonly stamp: number
  readonly ids: readonly string[]
  /** Version of each id; 0 for what is expected to be absent still. */
  readonly versions: readonly number[]
  readonly references: readonly PackedReferences[]
}

/** What each value of a reference found. */
interface PackedReferences {
  readonly kind: EntityKind
  readonly name: ReferenceName
  readonly values: readonly string[]
  readonly found: readonly (readonly string[])[]
}

export function packBasis({ stamp, loaded }: Basis): PackedBasis {
  const versions = new Map<string, number>()
  const groups = new Map<string, Group>()
  for (const [key, entities] of loaded) {
    for (const { id, version } of entities) versions.set(id, version)
    const kindEnd = key.indexOf('\u0000')
    if (kindEnd < 0) {
      if (entities.length === 0) versions.set(key, 0)
      continue
    }
    const nameEnd = key.indexOf('\u0000', kindEnd + 1)
    const group = groupOf(groups, key.slice(0, kindEnd), key.slice(kindEnd + 1, nameEnd))
    group.values.push(key.slice(nameEnd + 1))
    group.found.push(entities.map(({ id }) => id))
  }
  return { stamp, ids: [...versions.keys()], versions: [...versions.values()], references: [...groups.values()] }
}

interface Group extends PackedReferences {
  readonly values: string[]
  readonly found: string[][]
}

function groupOf(groups: Map<string, Group>, kind: string, name: string): Group {
  const key = `${kind} ${name}`
  const group = groups.get(key) ?? { kind: kind as EntityKind, name: name as ReferenceName, values: [], found: [] }
  groups.set(key, group)
  return group
}

/** How often records were put: the stamp of a snapshot. */
export const putStamp = (db: Sqlite): number => db.get(selectMeta, 'puts')?.value ?? 0

/** Ids of what has changed; empty when the snapshot holds. */
export function staleIds(db: Sqlite, basis: PackedBasis): readonly string[] {
  if (putStamp(db) === basis.stamp) return []
  const changed = [...changedRecords(db, basis), ...basis.references.flatMap((group) => changedOf(db, group))]
  return [...new Set(changed)]
}

function changedRecords(db: Sqlite, { ids, versions }: PackedBasis): readonly string[] {
  const now = new Map(db.all(selectVersions, JSON.stringify(ids)).map(({ id, version }) => [id, version]))
  return ids.filter((id, i) => (now.get(id) ?? 0) !== versions[i])
}

function changedOf(db: Sqlite, { kind, name, values, found }: PackedReferences): readonly string[] {
  const now = new Map<string, string[]>()
  for (const { value, id } of db.all(selectIdsByReference, name, JSON.stringify(values), kind)) {
    const ids = now.get(value)
    if (ids) ids.push(id)
    else now.set(value, [id])
  }
  return values.flatMap((value, i) => {
    const [before = none, ids = none] = [found[i], now.get(value)]
    if (before.length === 0 && ids.length === 0) return none
    return [...before.filter((id) => !ids.includes(id)), ...ids.filter((id) => !before.includes(id))]
  })
}

const none: readonly string[] = []
