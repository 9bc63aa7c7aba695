/**
 * What an import of a file would commit, slice by slice, without committing it.
 *
 * For a file of up to a thousand records it is the very batch of the real import. Of a larger one each slice is
 * decided on the ledger as it is now, without the slices before it. Throws errors of reading.
 */
import { createReadStream, statSync } from 'node:fs'
import type { Batch } from '../core/batch.ts'
import type { Instant } from '../core/date.ts'
import type { Cause } from '../core/event.ts'
import { fileId } from '../core/ids.ts'
import type { Problem } from '../core/problem.ts'
import type { FileToImport, ImportSource } from '../intake/import-source.ts'
import { type Entry, readEntries } from '../intake/read-entries.ts'
import { decideOnly } from '../ledger/decide-and-commit.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { hashFile } from '../platform/files.ts'
import { readWhole, rowProblems, wholeSlice } from '../intake/import-whole.ts'
import { decideWhole, type RefusedRow } from '../workflow/decide-whole.ts'
import { decideFiles, type FileSlice } from '../workflow/decide.ts'
import { lookupsOf } from '../workflow/lookups.ts'
import type { Setup } from '../workflow/setup.ts'

export interface DryImport {
  readonly kind: 'done' | 'partial' | 'rejected' | 'known'
  readonly read: number
  readonly refused: number
  readonly problems: readonly Problem[]
}

const sliceRecords = 1_000
const mostProblems = 1_000

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
  const found = await look(source, file)
  if (found.kind === 'rejected') return found
  const head = {
    id: fileId(source.name, sha256),
    import: source.name,
    name: file.name,
    size: statSync(file.path).size,
    sha256,
  }
  const cause: Cause = { kind: 'file', actor, configHash: setup.configHash }
  let from = 0
  for await (const entries of slicesOf(entriesOf(source, file))) {
    const to = from + entries.length
    const done = to === found.read ? { done: found.kind } : {}
    const slices = [sliceOf({ ...head, from, to, ...done }, entries)]
    onBatch(
      await decideOnly(ledger, lookupsOf(slices, setup.config), (known) =>
        decideFiles(setup, slices, known, cause, now),
      ),
    )
    from = to
  }
  return found
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

const entriesOf = (source: ImportSource, { path, name }: FileToImport): AsyncGenerator<readonly Entry[]> =>
  readEntries(createReadStream(path) as AsyncIterable<Buffer>, source, name)

/** Reads the whole file once, as the real import does before it commits anything. */
async function look(
  source: ImportSource,
  file: FileToImport,
): Promise<DryImport & { readonly kind: 'done' | 'partial' | 'rejected' }> {
  const problems: Problem[] = []
  let [read, refused, fatal] = [0, 0, false]
  for await (const batch of entriesOf(source, file)) {
    for (const entry of batch) {
      read += 1
      const more = entry.kind === 'bad' ? entry.problems : entry.warnings
      if (problems.length < mostProblems) problems.push(...more)
      if (entry.kind !== 'bad') continue
      refused += 1
      fatal ||= entry.fatal
    }
  }
  const whole = fatal || source.config.onBadRecord === 'rejectFile' || read === refused
  const kind = refused === 0 ? 'done' : whole ? 'rejected' : 'partial'
  return { kind, read, refused, problems }
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

function sliceOf(file: FileSlice['file'], entries: readonly Entry[]): FileSlice {
  const items = entries.filter((entry) => entry.kind === 'item')
  return {
    file,
    items: items.map(({ incoming, row }) => ({ incoming, row })),
    refused: entries.length - items.length,
  }
}
