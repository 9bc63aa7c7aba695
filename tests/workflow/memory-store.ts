/**
 * A ledger in memory: knows what batches put, and refuses what the real one would refuse.
 *
 * Versions are checked, messages and export lines are unique by their keys, one timer is live per subject and name,
 * a file slice counts once. Keeps what was ever written, for tests to look at.
 */
import type { Batch, NewExportLine, NewTimer } from '../../src/core/batch.ts'
import type { NewEvent } from '../../src/core/event.ts'
import type { Known } from '../../src/core/known.ts'
import { lookupKey, NotLoaded, Snapshot } from '../../src/core/known.ts'
import type { NewMessage } from '../../src/core/message.ts'
import type { Entity, EntityKind, EntityOf } from '../../src/core/model.ts'
import type { ReferenceName } from '../../src/core/references.ts'
import { referencesOf } from '../../src/core/references.ts'

export class MemoryStore implements Known {
  readonly entities = new Map<string, Entity>()
  readonly messages = new Map<string, NewMessage>()
  readonly lines = new Map<string, NewExportLine>()
  readonly timers = new Map<string, NewTimer>()
  readonly events: NewEvent[] = []
  readonly #positions = new Map<string, number | 'done'>()

  get<K extends EntityKind>(kind: K, id: string): EntityOf<K> | undefined {
    const entity = this.entities.get(id)
    return entity?.kind === kind ? (entity as EntityOf<K>) : undefined
  }

  find<K extends EntityKind>(kind: K, name: ReferenceName, value: string): readonly EntityOf<K>[] {
    const fits = (entity: Entity): boolean =>
      entity.kind === kind && referencesOf(entity).some((each) => each[0] === name && each[1] === value)
    return [...this.entities.values()].filter(fits) as unknown as readonly EntityOf<K>[]
  }

  all<K extends EntityKind>(kind: K): readonly EntityOf<K>[] {
    return [...this.entities.values()].filter((entity) => entity.kind === kind) as unknown as readonly EntityOf<K>[]
  }

  commit(batch: Batch): 'committed' | 'already' {
    for (const { id, from } of batch.files) {
      if ((this.#positions.get(id) ?? 0) !== from) return 'already'
    }
    for (const { id, to, done } of batch.files) this.#positions.set(id, done === undefined ? to : 'done')
    for (const entity of batch.put) this.#put(entity)
    batch.events.forEach(({ because }, i) => {
      if (because !== undefined && because >= i) throw new Error(`event ${i} is because of ${because}`)
    })
    this.events.push(...batch.events)
    for (const message of batch.messages) {
      if (!this.messages.has(message.dedupeKey)) this.messages.set(message.dedupeKey, message)
    }
    for (const line of batch.exports) {
      const key = `${line.export} ${line.dedupeKey}`
      if (this.lines.has(key)) throw new Error(`the export line ${key} was decided before: one of the two is lost`)
      this.lines.set(key, line)
    }
    this.#setTimers(batch)
    return 'committed'
  }

  #put(entity: Entity): void {
    const stored = this.entities.get(entity.id)?.version ?? 0
    if (stored !== entity.version) throw new Error(`${entity.id} is at version ${stored}, not ${entity.version}`)
    this.entities.set(entity.id, { ...entity, version: stored + 1 })
  }

  #setTimers({ firedTimers, cancelTimers, timers }: Batch): void {
    for (const id of firedTimers) {
      const fired = [...this.timers].find(([, timer]) => timer.id === id)
      if (fired === undefined) throw new Error(`timer ${id} is not live`)
      this.timers.delete(fired[0])
    }
    for (const { subject, name } of cancelTimers) this.timers.delete(`${subject} ${name}`)
    for (const timer of timers) this.timers.set(`${timer.subject} ${timer.name}`, timer)
  }
}

/** Decides as the ledger lets it: what is asked for is loaded in rounds. Gives the batch and the number of rounds. */
export function decideInRounds<T>(
  store: Known,
  decide: (known: Known) => T,
): { readonly result: T; readonly rounds: number } {
  const loaded = new Map<string, readonly Entity[]>()
  for (let rounds = 1; rounds < 50; rounds++) {
    const snapshot = new Snapshot(0, loaded)
    try {
      const result = decide(snapshot)
      if (snapshot.missing.size === 0) return { result, rounds }
    } catch (error) {
      if (!(error instanceof NotLoaded) && snapshot.missing.size === 0) throw error
    }
    for (const lookup of snapshot.missing.values()) {
      const found =
        lookup.by === 'id' ? store.get(lookup.kind, lookup.id) : store.find(lookup.kind, lookup.name, lookup.value)
      loaded.set(lookupKey(lookup), found === undefined ? [] : Array.isArray(found) ? found : [found as Entity])
    }
  }
  throw new Error('the decision asks for ever more')
}
