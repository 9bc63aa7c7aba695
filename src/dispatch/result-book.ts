/**
 * Results of attempts that are not in the ledger yet, written together.
 *
 * All that has come since the last time is one commit, so that a quick transport does not wait for
 * the disk once for each message. A result stays in the book until it is in the ledger: when the
 * ledger refuses, `flush` throws and the next one tries again.
 */
import type { Batch } from '../core/batch.ts'
import { mergeBatches } from '../core/merge-batches.ts'
import type { Ledger } from '../ledger/ledger.ts'

interface Entry {
  readonly batch: Batch
  /** Told once: true when it was written, false when the message had changed and nothing was. */
  readonly onDone: (written: boolean) => void
}

export interface ResultBook {
  /** Resolves when the result is in the ledger: true, or false when the message had changed meanwhile. */
  enter(batch: Batch): Promise<boolean>
  /** Writes all that has been entered. Throws what the ledger throws; nothing is lost then. */
  flush(): Promise<void>
  /** Results not written yet. */
  size(): number
}

/** `onEntered` is called for each new result: it should see to a flush. */
export function openResultBook(ledger: Pick<Ledger, 'commit'>, onEntered: () => void): ResultBook {
  let entries: Entry[] = []
  let flushing: Promise<void> = Promise.resolve()

  async function write(): Promise<void> {
    if (entries.length === 0) return
    const taken = entries
    entries = []
    try {
      await writeAll(ledger, taken)
    } catch (error) {
      entries = [...taken, ...entries]
      throw error
    }
  }
  return {
    enter: (batch) =>
      new Promise((resolve) => {
        entries.push({ batch, onDone: resolve })
        onEntered()
      }),
    flush: () => {
      const next = flushing.then(write, write)
      flushing = next
      return next
    },
    size: () => entries.length,
  }
}

async function writeAll(ledger: Pick<Ledger, 'commit'>, entries: readonly Entry[]): Promise<void> {
  const result = await ledger.commit(mergeBatches(entries.map(({ batch }) => batch)))
  if (result.kind !== 'conflict') {
    for (const { onDone } of entries) onDone(true)
    return
  }
  // One message has changed meanwhile: the others must not suffer for it.
  for (const { batch, onDone } of entries) onDone((await ledger.commit(batch)).kind !== 'conflict')
}
