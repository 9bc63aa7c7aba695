/**
 * Files that are ready and cannot be claimed: a folder that is read-only, rights that are missing, a file held open.
 *
 * Told in the log when a name is first refused, and to people when it is refused for a minute: a file that its writer
 * still holds open is no trouble. Forgets names that are gone or were claimed. Throws what raising an alarm throws.
 */
import { dateIn } from '../core/date.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { reasonOf } from '../platform/system-errors.ts'
import type { ImportSource } from './import-source.ts'
import type { RaiseAlarm } from './raise-alarm.ts'

export interface Refused {
  readonly name: string
  readonly error: unknown
}

/** How long a name is refused before people are told, in milliseconds. */
const patienceMs = 60_000

/** Told after each pass what could not be claimed in it. */
export function tellUnclaimed(
  source: ImportSource,
  { clock, log, alarm }: { readonly clock: Clock; readonly log: Log; readonly alarm: RaiseAlarm },
): (refused: readonly Refused[]) => Promise<void> {
  const since = new Map<string, number>()
  return async (refused) => {
    const now = clock.monotonic()
    const present = new Set(refused.map(({ name }) => name))
    for (const name of since.keys()) if (!present.has(name)) since.delete(name)
    for (const { name, error } of refused) {
      if (since.has(name)) continue
      since.set(name, now)
      log.warn({ import: source.name, file: name, err: error }, 'file could not be claimed now')
    }
    const stuck = refused.filter(({ name }) => now - (since.get(name) ?? now) >= patienceMs)
    const [first] = stuck
    if (first === undefined) return
    await alarm({
      key: `unclaimed/${source.name}/${dateIn(clock.now(), source.defaults.zone)}`,
      subject: source.name,
      title: 'Files cannot be taken',
      what: `${stuck.length} files are ready and cannot be moved, e.g. ${first.name}: ${reasonOf(first.error)}`.slice(
        0,
        250,
      ),
      where: source.folder,
      next: 'Give Orderly the right to rename files in this folder; it goes on by itself.',
    })
  }
}
