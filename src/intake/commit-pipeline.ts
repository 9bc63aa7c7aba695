/**
 * Commits slices of files one after the other, and decides the next ones while those before are being committed.
 *
 * Never more than two commits at a time. Throws what the commit before throws: nothing that comes after it is committed.
 */
import type { FileSlice } from '../workflow/decide.ts'
import { commitSlices, type ImportTools } from './import-result.ts'
import type { ImportSource } from './import-source.ts'

/** Records in one commit. */
export const sliceRecords = 200

export type Outcome = Awaited<ReturnType<typeof commitSlices>>

export interface CommitPipeline {
  /** Slices that share a commit. Resolves when those before them are committed, with the outcome of these to wait for. */
  add(slices: readonly FileSlice[]): Promise<{ readonly outcome: Promise<Outcome> }>
  /** Resolves when all are. */
  end(): Promise<void>
}

export function startPipeline(tools: ImportTools, source: ImportSource): CommitPipeline {
  let last: Promise<unknown> = Promise.resolve()
  return {
    add: async (slices) => {
      const before = last
      const outcome = commitSlices(tools, source, slices, before)
      last = outcome
      // It is waited for later; until then its failure is nobody's.
      outcome.catch(() => undefined)
      await before
      return { outcome }
    },
    end: async () => void (await last),
  }
}
