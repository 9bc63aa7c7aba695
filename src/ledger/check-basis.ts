/**
 * Whether what a decision was based on still holds.
 *
 * While the stamp is the same, no commit has put a record since the snapshot was loaded, and
 * nothing is looked at. Otherwise every record that was loaded must have the same version, what was
 * absent must be absent still, and every reference must find the same records.
 */
import type { EntityKind } from '../core/model.ts'
import type { ReferenceName } from '../core/references.ts'
import { selectIdsByReference, selectMeta, selectVersions } from './statements.ts'
import type { Sqlite } from './sqlite.ts'

/** What a decision saw: the stamp, and for each key of `lookupKey` the records that it found. A snapshot is one. */
export interface Basis {
  readonly stamp: number
  readonly loaded: ReadonlyMap<string, readonly Seen[]>
}

interface Seen {
  readonly id: string
  readonly version: number
}

/** The same without the content of the records. */
export const slimBasis = ({ stamp, loaded }: Basis): Basis => ({
  stamp,
  loaded: new Map([...loaded].map(([key, seen]) => [key, seen.map(({ id, version }) => ({ id, version }))])),
})

/** How often records were put: the stamp of a snapshot. */
export const putStamp = (db: Sqlite): number => db.get(selectMeta, 'puts')?.value ?? 0

/** Ids of what has changed; empty when the snapshot holds. */
export function staleIds(db: Sqlite, { stamp, loaded }: Basis): readonly string[] {
  if (putStamp(db) === stamp) return []
  return [...new Set([...changedRecords(db, loaded), ...changedReferences(db, loaded)])]
}

type Loaded = Basis['loaded']

function changedRecords(db: Sqlite, loaded: Loaded): readonly string[] {
  const expected = new Map<string, number>()
  for (const [key, entities] of loaded) {
    // An id that found nothing is expected to be absent still: version 0.
    if (entities.length === 0 && referenceOf(key) === undefined) expected.set(key, 0)
    for (const { id, version } of entities) expected.set(id, version)
  }
  const stored = db.all(selectVersions, JSON.stringify([...expected.keys()]))
  const now = new Map(stored.map(({ id, version }) => [id, version]))
  return [...expected].filter(([id, version]) => (now.get(id) ?? 0) !== version).map(([id]) => id)
}

function changedReferences(db: Sqlite, loaded: Loaded): readonly string[] {
  const groups = new Map<string, { readonly reference: ReferenceKey; readonly values: string[] }>()
  const expected = new Map<string, readonly string[]>()
  for (const [key, entities] of loaded) {
    const reference = referenceOf(key)
    if (reference === undefined) continue
    const group = `${reference.kind} ${reference.name}`
    const known = groups.get(group)
    if (known === undefined) groups.set(group, { reference, values: [reference.value] })
    else known.values.push(reference.value)
    expected.set(
      key,
      entities.map(({ id }) => id),
    )
  }
  return [...groups.values()].flatMap(({ reference, values }) => changedOf(db, reference, values, expected))
}

function changedOf(
  db: Sqlite,
  { kind, name }: ReferenceKey,
  values: readonly string[],
  expected: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const now = new Map<string, string[]>(values.map((value) => [value, []]))
  for (const { value, id } of db.all(selectIdsByReference, name, JSON.stringify(values), kind)) now.get(value)?.push(id)
  return [...now].flatMap(([value, ids]) => {
    const before = expected.get(`${kind}\u0000${name}\u0000${value}`) ?? []
    return [...before.filter((id) => !ids.includes(id)), ...ids.filter((id) => !before.includes(id))]
  })
}

interface ReferenceKey {
  readonly kind: EntityKind
  readonly name: ReferenceName
  readonly value: string
}

/** The lookup behind a key of `lookupKey`; undefined for a plain id. */
function referenceOf(key: string): ReferenceKey | undefined {
  const kindEnd = key.indexOf('\u0000')
  if (kindEnd < 0) return undefined
  const nameEnd = key.indexOf('\u0000', kindEnd + 1)
  return {
    kind: key.slice(0, kindEnd) as EntityKind,
    name: key.slice(kindEnd + 1, nameEnd) as ReferenceName,
    value: key.slice(nameEnd + 1),
  }
}
