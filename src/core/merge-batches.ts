/**
 * Several batches of one cause as one, to be committed together.
 *
 * Their order is kept; references to events by index are moved along. Nothing is dropped and
 * nothing is compared: whether they may stand together is for the caller to know.
 */
import type { Batch } from './batch.ts'

/** The first batch gives cause and time; throws RangeError when there is none. */
export function mergeBatches(batches: readonly Batch[]): Batch {
  const [first, ...others] = batches
  if (first === undefined) throw new RangeError('nothing to merge')
  if (others.length === 0) return first
  const merged = {
    ...first,
    events: [...first.events],
    messages: [...first.messages],
    exports: [...first.exports],
    voidLines: [...first.voidLines],
  }
  for (const batch of others) {
    const moved = <T extends { readonly because?: number }>(item: T): T =>
      item.because === undefined ? item : { ...item, because: item.because + offset }
    const offset = merged.events.length
    merged.events.push(...batch.events.map(moved))
    merged.messages.push(...batch.messages.map(moved))
    merged.exports.push(...batch.exports.map(moved))
    merged.voidLines.push(...batch.voidLines.map(moved))
  }
  const all = <K extends keyof Batch>(name: K): Batch[K] => batches.flatMap((batch) => batch[name] as never[]) as never
  return {
    ...merged,
    put: all('put'),
    timers: all('timers'),
    cancelTimers: all('cancelTimers'),
    firedTimers: all('firedTimers'),
    files: all('files'),
    messageUpdates: all('messageUpdates'),
    receipts: all('receipts'),
    exportFiles: all('exportFiles'),
    slots: all('slots'),
  }
}
