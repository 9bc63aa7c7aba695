/**
 * What is known when something is decided: a snapshot of the records that were looked up.
 *
 * `decide` asks by id or by reference. What was not loaded yet is noted and `NotLoaded` is
 * thrown: the caller loads all that was noted, in one query per kind, and decides again.
 * So deciding stays pure, and lookups need not be foreseen one by one.
 */
import type { Entity, EntityKind, EntityOf } from './model.ts'
import type { ReferenceName } from './references.ts'

export type Lookup =
  | { readonly by: 'id'; readonly kind: EntityKind; readonly id: string }
  | { readonly by: 'reference'; readonly kind: EntityKind; readonly name: ReferenceName; readonly value: string }

export interface Known {
  /** The record, or undefined when there is none. Throws NotLoaded when it was not looked up yet. */
  get<K extends EntityKind>(kind: K, id: string): EntityOf<K> | undefined
  /** All records of the kind under the reference, oldest first. Throws NotLoaded likewise. */
  find<K extends EntityKind>(kind: K, name: ReferenceName, value: string): readonly EntityOf<K>[]
}

/** Thrown for control flow only, thousands of times in a slice: one instance, since its stack tells nothing. */
export class NotLoaded extends Error {
  override readonly name = 'NotLoaded'
}
const notLoaded = new NotLoaded('something that was not looked up was asked for: see what the snapshot misses')

export const lookupKey = (lookup: Lookup): string =>
  lookup.by === 'id' ? lookup.id : `${lookup.kind}\u0000${lookup.name}\u0000${lookup.value}`

/** What one load of the ledger returned, with the stamp that tells whether records changed since. */
export class Snapshot implements Known {
  /** Lookups asked for and not loaded, by key. */
  readonly missing = new Map<string, Lookup>()
  readonly stamp: number
  readonly loaded: ReadonlyMap<string, readonly Entity[]>

  /** Records by id, whatever they were found by; made when first asked for. */
  #byId: Map<string, Entity> | undefined

  /** `loaded` maps `lookupKey` to the records found (one or none for ids). */
  constructor(stamp: number, loaded: ReadonlyMap<string, readonly Entity[]>) {
    this.stamp = stamp
    this.loaded = loaded
  }

  get<K extends EntityKind>(kind: K, id: string): EntityOf<K> | undefined {
    return (this.#found(id) ?? this.#look({ by: 'id', kind, id })[0]) as EntityOf<K> | undefined
  }

  find<K extends EntityKind>(kind: K, name: ReferenceName, value: string): readonly EntityOf<K>[] {
    return this.#look({ by: 'reference', kind, name, value }) as readonly EntityOf<K>[]
  }

  #found(id: string): Entity | undefined {
    if (this.#byId === undefined) {
      this.#byId = new Map()
      for (const entities of this.loaded.values()) for (const entity of entities) this.#byId.set(entity.id, entity)
    }
    return this.#byId.get(id)
  }

  #look(lookup: Lookup): readonly Entity[] {
    const key = lookupKey(lookup)
    const found = this.loaded.get(key)
    if (found !== undefined) return found
    this.missing.set(key, lookup)
    throw notLoaded
  }
}
