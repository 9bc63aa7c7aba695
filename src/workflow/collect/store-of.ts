/**
 * The store behind a code: the config's record, else one that a file of kind `stores` brought (N03, N07).
 *
 * The config wins as a whole, so that an import can't override what the admin wrote.
 */
import type { StoreConfig } from '../../config/schema.ts'
import { storeId } from '../../core/ids.ts'
import type { Store } from '../../core/store.ts'
import type { Draft } from '../draft.ts'

export type StoreLike = { readonly [K in keyof StoreConfig]: StoreConfig[K] }

export function storeOf(draft: Draft, code: string | undefined): StoreLike | undefined {
  if (code === undefined) return undefined
  const { stores } = draft.setup.config
  if (Object.hasOwn(stores, code)) return stores[code]
  const imported = draft.get('store', storeId(code))
  return imported && asStore(imported)
}

/** A store of a file as the config would say it. */
export function asStore(imported: Store): StoreLike {
  const { kind: _, id: _id, version: _version, code, name, fields: _fields, ...known } = imported
  const { contentHash: _hash, source: _source, createdAt: _created, updatedAt: _updated, ...said } = known
  return { name: name ?? code, ...said }
}

/** Stock location of a store; its code where it names none. */
export const locationOf = (draft: Draft, store: string): string => storeOf(draft, store)?.location ?? store

/** Opening hours and zone of a store, as configured now. */
export function hoursOf(draft: Draft, code: string) {
  const { config } = draft.setup
  const store = storeOf(draft, code)
  const calendar =
    store?.calendar !== undefined && Object.hasOwn(config.calendars, store.calendar)
      ? config.calendars[store.calendar]
      : undefined
  return { calendar, zone: store?.timeZone ?? config.timeZone }
}
