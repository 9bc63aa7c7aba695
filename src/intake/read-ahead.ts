/**
 * Reads the next big file while the last slice of the one before it is being committed.
 *
 * One file at most, with the look at it from before it was read, so that a change meanwhile is seen. Small files are not
 * read ahead. Does not commit. A failure is thrown to the one who takes the file, and to nobody else.
 */
import type { Ledger } from '../ledger/ledger.ts'
import type { Claim } from './claims.ts'
import { smallFile } from './import-small-files.ts'
import type { ImportSource } from './import-source.ts'
import { lookAt } from './look-at.ts'
import { type BigFile, readBigFile } from './read-big-file.ts'
import type { Look } from './readiness.ts'

export interface AheadFile {
  readonly look: Look | undefined
  readonly big: Promise<BigFile>
}

export interface ReadAhead {
  /** Begins to read what comes next, when it is one big file. */
  start(next: readonly Claim[]): void
  /** What was read of the file, once; undefined when it was not read ahead. */
  take(path: string): AheadFile | undefined
  /** Forgets what nobody has taken. */
  drop(): void
}

export function readAhead(ledger: Ledger, source: ImportSource, signal: AbortSignal): ReadAhead {
  let read: (AheadFile & { readonly path: string }) | undefined
  return {
    start: ([claim, ...others]) => {
      if (claim === undefined || others.length > 0) return
      const look = lookAt(claim.path)
      if (look === undefined || look.size <= smallFile) return
      const big = readBigFile(ledger, source, claim, { signal })
      big.catch(() => undefined)
      read = { path: claim.path, look, big }
    },
    take: (path) => {
      const taken = read?.path === path ? read : undefined
      read = undefined
      return taken
    },
    drop: () => {
      read = undefined
    },
  }
}
