/**
 * Claiming files: a rename into `.orderly/` beside them, so that of two daemons one gets each file.
 *
 * A claimed file keeps its name behind a mark of its own (`<mark>~<name>`). What lies claimed at
 * start was left by a crash and is imported again: the ledger says what of it is known already.
 */
import { mkdirSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../platform/files.ts'

export const claimFolder = '.orderly'

export interface Claim {
  /** Where the file lies now. */
  readonly path: string
  /** The name that its writer gave it. */
  readonly name: string
  /** Found claimed at start: an earlier run may have recorded it. */
  readonly recovered: boolean
}

export interface Claims {
  /** Undefined when somebody else was quicker. Throws the system's error for anything else. */
  take(name: string): Claim | undefined
  /** Files that an earlier run claimed and did not put away. */
  left(): readonly Claim[]
}

/** `mark` must be unique to this run, e.g. the start time in base 36. Synchronous calls: they are quicker for small files. */
export function claimsIn(folder: string, mark: string): Claims {
  const target = join(folder, claimFolder)
  let count = 0
  return {
    take: (name) => {
      count += 1
      const path = join(target, `${mark}-${count.toString(36)}~${name}`)
      return renamed(() => renameSync(join(folder, name), path), target) ? { path, name, recovered: false } : undefined
    },
    left: () => {
      mkdirSync(target, { recursive: true })
      const names = readdirSync(target).filter((name) => name.includes('~') && !name.startsWith('.'))
      return names.sort(byOriginal).map((name) => ({ path: join(target, name), name: originalName(name), recovered: true }))
    },
  }
}

const originalName = (claimed: string): string => claimed.slice(claimed.indexOf('~') + 1)
const byOriginal = (a: string, b: string): number => (originalName(a) < originalName(b) ? -1 : 1)

function renamed(rename: () => void, target: string): boolean {
  try {
    rename()
    return true
  } catch (error) {
    if (!hasCode(error, ['ENOENT'])) throw error
  }
  mkdirSync(target, { recursive: true }) // the claim folder itself may be missing: make it and try once more
  try {
    rename()
    return true
  } catch (error) {
    if (hasCode(error, ['ENOENT'])) return false
    throw error
  }
}
