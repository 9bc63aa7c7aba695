/**
 * What all that goes on in a soak shares: the yard, what was put in, what was found wrong on the way.
 *
 * Whoever touches the daemon takes turns, so that a reload is not cut off by a kill that the one who asked for it
 * does not know of. Folders that are away are written to where they are, as the other side of a share does.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Seeded } from '../crash/seeded.ts'
import type { Taken } from './check-truth.ts'
import type { Load } from './load.ts'
import type { Yard } from './yard.ts'

export interface Scene {
  readonly yard: Yard
  readonly load: Load
  readonly chance: Seeded
  readonly signal: AbortSignal
  readonly files: Map<string, Map<string, number>>
  readonly doubles: Map<string, string[]>
  readonly broken: Map<string, string[]>
  readonly taken: Taken[]
  readonly done: { readonly paid: Set<string>; readonly confirmed: Set<string> }
  readonly sentByHand: Set<string>
  /** Folders that are away: where they are instead. */
  readonly away: Map<string, string>
  /** What was wrong before the end. */
  readonly wrong: string[]
  /** When the disk was full last, in milliseconds of the clock. */
  readonly diskFull: { at: number }
  /** How often what was done. */
  readonly counts: Map<string, number>
  /** One after the other for what touches the daemon. */
  readonly turns: <T>(work: () => Promise<T>) => Promise<T>
}

export function openScene(yard: Yard, load: Load, chance: Seeded, signal: AbortSignal): Scene {
  return {
    yard,
    load,
    chance,
    signal,
    files: new Map(),
    doubles: new Map(),
    broken: new Map(),
    taken: [],
    away: new Map(),
    done: { paid: new Set(), confirmed: new Set() },
    sentByHand: new Set(),
    wrong: [],
    diskFull: { at: 0 },
    counts: new Map(),
    turns: takeTurns(),
  }
}

function takeTurns(): Scene['turns'] {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work, work)
    last = mine.catch(() => undefined)
    return mine
  }
}

export const count = ({ counts }: Scene, what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1)

/** Until the time is over or the soak ends. */
export async function wait({ signal }: Scene, ms: number): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}

/** Where a folder of the yard is at the moment. */
export function placeOf({ yard, away }: Scene, folder: string): string {
  return away.get(folder) ?? join(yard.folder, folder)
}

export function putIn(scene: Scene, importName: string, name: string, bytes: Uint8Array): void {
  const folder = placeOf(scene, join('in', importName))
  const hidden = join(folder, `.${name}.part`)
  writeFileSync(hidden, bytes)
  renameSync(hidden, join(folder, name))
}

/** Takes a folder away, as when a share is not there any more; gives what brings it back. */
export function takeAway(scene: Scene, folder: string): () => void {
  const at = join(scene.yard.folder, folder)
  mkdirSync(join(scene.yard.folder, 'away'), { recursive: true })
  const elsewhere = join(scene.yard.folder, 'away', folder.replaceAll('/', '-'))
  renameSync(at, elsewhere)
  scene.away.set(folder, elsewhere)
  return () => {
    // Something there by now was made by the daemon: it took the share for a new, empty folder.
    if (existsSync(at)) {
      const held = readdirSync(at, { recursive: true })
      scene.wrong.push(`${folder} was away and was made anew by the daemon; it holds: ${held.join(', ')}`)
      renameSync(at, `${elsewhere}-made-anew-${Date.now()}`)
    }
    renameSync(elsewhere, at)
    scene.away.delete(folder)
  }
}
