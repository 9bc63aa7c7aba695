/**
 * Claiming files: a rename into `.orderly/` beside them, so that of two daemons one gets each file.
 *
 * A claimed file keeps its name behind a mark that names its daemon and run (`<owner>-<run>-<n>~<name>`).
 * What an earlier run of the same owner left claimed is imported again: the ledger says what of it is known.
 * Claims of another daemon are its own while it lives; they are taken over when they lie for an hour. Only plain files
 * are claims: nothing else among them is ever opened.
 */
import { randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { extname, join } from 'node:path'
import { hasCode } from '../platform/files.ts'
import { refuseLink } from '../platform/refuse-link.ts'

export const claimFolder = '.orderly'

export interface Claim {
  /** Where the file lies now. */
  readonly path: string
  /** The name that its writer gave it. */
  readonly name: string
  /** Found claimed, or tried before: it may be recorded already. */
  readonly recovered: boolean
}

export interface Claims {
  /** Undefined when somebody else was quicker. Throws the system's error for anything else. */
  take(name: string): Claim | undefined
  /** Files that were claimed and not put away, each told once. `now` is monotonic milliseconds. */
  left(now: number): readonly Claim[]
}

/** How long a claim of another daemon must lie before it counts as abandoned, in milliseconds. */
export const abandonedAfter = 3_600_000

/** `owner`: letters and digits, the same for all runs of one daemon. Synchronous calls: they are quicker for small files. */
export function claimsIn(folder: string, owner: string): Claims {
  const target = join(folder, claimFolder)
  const run = `${owner}-${randomBytes(5).toString('hex')}-`
  const seen = new Map<string, number>()
  const told = new Set<string>()
  let count = 0

  const isLeft = (name: string, now: number): boolean => {
    if (!name.includes('~') || name.startsWith('.') || name.startsWith(run) || told.has(name)) return false
    if (name.startsWith(`${owner}-`)) return true
    const since = seen.get(name) ?? now
    seen.set(name, since)
    return now - since >= abandonedAfter
  }
  return {
    take: (name) => {
      count += 1
      refuseLink(target)
      const path = join(target, `${run}${count.toString(36)}~${fittingName(name)}`)
      const taken = renamed(() => renameSync(join(folder, name), path), target) && isPlainFile(path)
      return taken ? { path, name, recovered: false } : undefined
    },
    left: (now) => {
      refuseLink(target)
      makeClaimFolder(target)
      const names = readdirSync(target).filter((name) => isLeft(name, now) && isPlainFile(join(target, name)))
      for (const name of names) told.add(name)
      return names
        .sort(byOriginal)
        .map((name) => ({ path: join(target, name), name: originalName(name), recovered: true }))
    },
  }
}

/**
 * Looked at under its claimed name, where its writer has no more say: a link or a pipe that was put in the place of the
 * file just before the rename is left lying, neither followed nor waited for.
 */
const isPlainFile = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isFile() === true

/** Bytes that a name may have, so that marks, numbers and `.problems.json` fit behind it (255 on most file systems). */
const longestName = 200

/** The name itself, or its beginning and its extension. */
export function fittingName(name: string): string {
  if (Buffer.byteLength(name) <= longestName) return name
  const extension = Buffer.byteLength(extname(name)) <= 20 ? extname(name) : ''
  let stem = name.slice(0, name.length - extension.length)
  while (Buffer.byteLength(stem) > longestName - Buffer.byteLength(extension)) stem = stem.slice(0, -1)
  return stem.toWellFormed() + extension
}

const originalName = (claimed: string): string => claimed.slice(claimed.indexOf('~') + 1)
const byOriginal = (a: string, b: string): number => (originalName(a) < originalName(b) ? -1 : 1)

/** Never the import folder above it: one that is missing is a share that is away. Throws ENOENT then. */
function makeClaimFolder(target: string): void {
  try {
    mkdirSync(target)
  } catch (error) {
    if (!hasCode(error, ['EEXIST'])) throw error
  }
}

function renamed(rename: () => void, target: string): boolean {
  try {
    rename()
    return true
  } catch (error) {
    if (!hasCode(error, ['ENOENT'])) throw error
  }
  makeClaimFolder(target) // it may be missing itself: make it and try once more
  try {
    rename()
    return true
  } catch (error) {
    if (hasCode(error, ['ENOENT'])) return false
    throw error
  }
}
