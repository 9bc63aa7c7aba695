/** A `Known` that answers from a list of records, by id and by the references that the ledger would store. */
import type { Known } from '../../src/core/known.ts'
import type { Entity, EntityKind, EntityOf } from '../../src/core/model.ts'
import type { ReferenceName } from '../../src/core/references.ts'
import { keyOf, referencesOf } from '../../src/core/references.ts'

/** Of two records with one id the later stands; two records of a kind with one business key are a mistake of the test. */
export function knownOf(entities: readonly Entity[]): Known {
  const byId = new Map<string, Entity>()
  for (const entity of entities) byId.set(entity.id, entity)
  const keys = new Set<string>()
  const byReference = new Map<string, Entity[]>()
  for (const entity of [...byId.values()].sort((a, b) => a.createdAt - b.createdAt)) {
    const key = `${entity.kind} ${keyOf(entity)}`
    if (keys.has(key)) throw new Error(`two records with the key "${key}"`)
    keys.add(key)
    for (const [name, value] of referencesOf(entity)) {
      const place = `${entity.kind} ${name} ${value}`
      const found = byReference.get(place) ?? []
      if (!found.includes(entity)) byReference.set(place, [...found, entity])
    }
  }
  return {
    get<K extends EntityKind>(kind: K, id: string): EntityOf<K> | undefined {
      const entity = byId.get(id)
      return entity?.kind === kind ? (entity as EntityOf<K>) : undefined
    },
    find<K extends EntityKind>(kind: K, name: ReferenceName, value: string): readonly EntityOf<K>[] {
      return (byReference.get(`${kind} ${name} ${value}`) ?? []) as unknown as readonly EntityOf<K>[]
    },
  }
}
