/**
 * Commits slices of files one after the other, and decides the next ones while those before are being committed.
 *
 * Never more than three under way, of one file handed over before the answer to those before, so that the ledger's thread
 * need not wait for this one. Throws what a commit before throws: nothing that comes after it is committed.
 */
import type { FileSlice } from '../workflow/decide.ts'
import { commitSlices, type ImportTools } from './import-result.ts'
import type { ImportSource } from './import-source.ts'

/** Records in one commit. */
export const sliceRecords = 200

export type Outcome = Awaited<ReturnType<typeof commitSlices>>

export interface CommitPipeline {
  /** Slices that share a commit. Resolves when few others are under way, with the outcome of these to wait for. */
  add(slices: readonly FileSlice[]): Promise<{ readonly outcome: Promise<Outcome> }>
  /** Resolves when all are. */
  end(): Promise<void>
}

export function startPipeline(tools: ImportTools, source: ImportSource): CommitPipeline {
  let beforeLast: Promise<unknown> = Promise.resolve()
  let last = beforeLast
  return {
    add: async (slices) => {
      const outcome = commitSlices(tools, source, slices, last)
      // It is waited for later; until then its failure is nobody's.
      outcome.catch(() => undefined)
      const full = beforeLast
      beforeLast = last
      last = outcome
      await full
      return { outcome }
    },
    end: async () => void (await last),
  }
}
