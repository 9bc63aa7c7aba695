/**
 * Tells when the writer of a file is done: same size, time and inode over a while, a done file, or at once.
 *
 * Age is measured from our own first sight on a monotonic clock, never from the file's time
 * (copies keep old times, clocks differ). Knows nothing of the disk: it is given what was seen.
 */
import type { Import } from '../config/schema.ts'
import { assertNever } from '../core/assert-never.ts'
import { durationOf } from '../core/date.ts'

/** What a look at a file found. */
export interface Look {
  readonly size: number
  readonly mtimeMs: number
  readonly ino: number
}

interface Sight {
  readonly look: Look
  /** Monotonic milliseconds since when the file has looked so. */
  readonly since: number
}

export interface Readiness {
  /** Names worth a look at the disk: done files and names outside the pattern are left out. */
  candidates(names: readonly string[]): readonly string[]
  /** Whether the file is complete. `now` is monotonic. */
  isReady(name: string, look: Look, names: ReadonlySet<string>, now: number): boolean
  /** Names of companions to put away with the file. */
  companions(name: string): readonly string[]
  /** Forgets files that are gone. */
  forget(present: ReadonlySet<string>): void
}

export function readinessOf(source: Pick<Import, 'files' | 'ready'>): Readiness {
  const matches = matcher(typeof source.files === 'string' ? [source.files] : source.files)
  const { ready } = source
  const sights = new Map<string, Sight>()
  const doneName = (name: string): string | undefined =>
    typeof ready === 'object' && 'doneFile' in ready ? fill(ready.doneFile, name) : undefined

  const isStable = (name: string, look: Look, now: number, ms: number): boolean => {
    const seen = sights.get(name)
    if (seen === undefined || !same(seen.look, look)) {
      sights.set(name, { look, since: now })
      return ms === 0
    }
    return now - seen.since >= ms
  }
  return {
    candidates: (names) => {
      const all = new Set(names)
      const companions = new Set(
        names.map((name) => doneName(name)).filter((done) => done !== undefined && all.has(done)),
      )
      return names.filter((name) => matches(name) && !companions.has(name))
    },
    isReady: (name, look, names, now) => {
      if (ready === 'renamed') return true
      if ('stableFor' in ready) return isStable(name, look, now, durationOf(ready.stableFor))
      if ('doneFile' in ready) return names.has(fill(ready.doneFile, name))
      return assertNever(ready, 'readiness')
    },
    companions: (name) => [doneName(name)].filter((done) => done !== undefined),
    forget: (present) => {
      for (const name of sights.keys()) if (!present.has(name)) sights.delete(name)
    },
  }
}

const same = (a: Look, b: Look): boolean => a.size === b.size && a.mtimeMs === b.mtimeMs && a.ino === b.ino

/** `{name}` = the whole name of the file. */
const fill = (pattern: string, name: string): string => pattern.replaceAll('{name}', () => name)

/** A test for names by patterns with * and ?; hidden names never match. */
export function matcher(patterns: readonly string[]): (name: string) => boolean {
  const expressions = patterns.map(
    (pattern) =>
      new RegExp(
        `^${pattern
          .replace(/[.+^${}()|[\]\\]/g, '\\$&')
          .replaceAll('*', '.*')
          .replaceAll('?', '.')}$`,
        'su',
      ),
  )
  return (name) => !name.startsWith('.') && expressions.some((expression) => expression.test(name))
}
