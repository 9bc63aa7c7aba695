/**
 * What an import of a file would commit, without committing it.
 *
 * Up to a thousand records are decided together: what the real import decides in smaller slices, each after the one
 * before. Of a larger file each thousand is decided on the ledger as it is now, without those before it. Throws errors of
 * reading.
 */
import { statSync } from 'node:fs'
import type { Batch } from '../core/batch.ts'
import type { Instant } from '../core/date.ts'
import type { Cause } from '../core/event.ts'
import { fileId } from '../core/ids.ts'
import type { Problem } from '../core/problem.ts'
import type { FileToImport, ImportSource } from '../intake/import-source.ts'
import { endOf, sliceOf } from '../intake/import-result.ts'
import { type Entry, readEntries } from '../intake/read-entries.ts'
import { chunksOf, Findings, readFindings } from '../intake/read-findings.ts'
import { decideOnly } from '../ledger/decide-and-commit.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { hashFile } from '../platform/files.ts'
import { readWhole, rowProblems, wholeSlice } from '../intake/import-whole.ts'
import { decideWhole, type RefusedRow } from '../workflow/decide-whole.ts'
import { decideFiles } from '../workflow/decide.ts'
import { lookupsOf } from '../workflow/lookups.ts'
import type { Setup } from '../workflow/setup.ts'

export interface DryImport {
  readonly kind: 'done' | 'partial' | 'rejected' | 'known'
  readonly read: number
  readonly refused: number
  readonly problems: readonly Problem[]
}

const sliceRecords = 1_000

/** `onBatch` gets each slice; none where the file would be rejected or is known. */
export async function dryImport(
  ledger: Ledger,
  setup: Setup,
  source: ImportSource,
  file: FileToImport,
  { now, actor }: { readonly now: Instant; readonly actor: string },
  onBatch: (batch: Batch) => void,
): Promise<DryImport> {
  const sha256 = await hashFile(file.path)
  const known = await ledger.file(fileId(source.name, sha256))
  if (known?.state === 'done' || known?.state === 'partial') {
    return { kind: 'known', read: known.counts.read, refused: known.counts.refused, problems: [] }
  }
  if (source.config.atomic) return await dryWhole(ledger, setup, source, file, sha256, { now, actor }, onBatch)
  const found = await readFindings(source, file)
  const { read, refused, problems } = found
  const kind = endOf(source, found)
  if (kind === 'rejected') return { kind, read, refused, problems }
  const head = { id: fileId(source.name, sha256), file, size: statSync(file.path).size, sha256 }
  const cause: Cause = { kind: 'file', actor, configHash: setup.configHash }
  const soFar = new Findings()
  for await (const entries of slicesOf(readEntries(chunksOf(file.path, {}), source, file.name))) {
    const from = soFar.read
    for (const entry of entries) soFar.add(entry)
    const slices = [sliceOf(source, head, from, entries, soFar, soFar.read === read ? kind : undefined)]
    onBatch(
      await decideOnly(ledger, lookupsOf(slices, setup.config), (known) =>
        decideFiles(setup, slices, known, cause, now),
      ),
    )
  }
  return { kind, read, refused, problems }
}

/** One file as a whole (N27): its rows are tried, as the real import does. */
async function dryWhole(
  ledger: Ledger,
  setup: Setup,
  source: ImportSource,
  file: FileToImport,
  sha256: string,
  { now, actor }: { readonly now: Instant; readonly actor: string },
  onBatch: (batch: Batch) => void,
): Promise<DryImport> {
  const { entries, findings } = await readWhole(source, file)
  const head = { id: fileId(source.name, sha256), file, size: statSync(file.path).size, sha256 }
  const slice = wholeSlice(source, head, entries, findings)
  const cause: Cause = { kind: 'file', actor, configHash: setup.configHash }
  let refused: readonly RefusedRow[] = []
  const batch = await decideOnly(ledger, lookupsOf([slice], setup.config), (known) => {
    const decision = decideWhole(setup, slice, known, cause, now)
    refused = decision.refused
    return decision.batch
  })
  const count = findings.refused + refused.length
  if (count === 0) onBatch(batch)
  const problems = [...findings.problems, ...rowProblems(file.name, refused)]
  return { kind: count === 0 ? 'done' : 'rejected', read: findings.read, refused: count, problems }
}

/** An empty file is one empty slice. */
async function* slicesOf(batches: AsyncIterable<readonly Entry[]>): AsyncGenerator<readonly Entry[]> {
  let slice: Entry[] = []
  let any = false
  for await (const batch of batches) {
    for (const entry of batch) {
      slice.push(entry)
      if (slice.length < sliceRecords) continue
      any = true
      yield slice
      slice = []
    }
  }
  if (slice.length > 0 || !any) yield slice
}
