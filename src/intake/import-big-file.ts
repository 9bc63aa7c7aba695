/**
 * Imports one file of any size in bounded memory; goes on where an interrupted import stopped.
 *
 * It was checked whole before (`read-big-file.ts`). It is committed in slices, each with its position, so that a crash
 * goes on where it was; while one slice is being committed, the next one is decided. Does not move files.
 * Throws on I/O errors: the file stays claimed.
 */
import type { FileProgress } from '../core/batch.ts'
import { sliceRecords, startPipeline } from './commit-pipeline.ts'
import {
  commitSlices,
  endOf,
  type FileHead,
  type ImportResult,
  type ImportTools,
  knownResult,
  rejectedSlice,
  sliceOf,
} from './import-result.ts'
import type { FileToImport, ImportSource } from './import-source.ts'
import { type BigFile, type BigFileOptions, readBigFile } from './read-big-file.ts'
import { type Entry, readEntries } from './read-entries.ts'
import { chunksOf, Findings, partialResult, readFindings, type Reading } from './read-findings.ts'

export async function importBigFile(
  tools: ImportTools,
  source: ImportSource,
  file: FileToImport,
  options: BigFileOptions = {},
): Promise<ImportResult> {
  return await importReadFile(tools, source, await readBigFile(tools.ledger, source, file, options))
}

/** `onLastSlice`: called when all is decided and only the last commit is waited for. */
export async function importReadFile(
  tools: ImportTools,
  source: ImportSource,
  { head, reading, checked }: BigFile,
  onLastSlice?: () => void,
): Promise<ImportResult> {
  const stored = await tools.ledger.file(head.id)
  if (stored?.state === 'done' || stored?.state === 'partial') return knownResult(head.id, stored)
  const position = stored?.state === 'importing' ? stored.position : 0
  const commit = { reading, onLastSlice }
  // What an earlier run has begun to commit it had checked before.
  if (position > 0) return await commitInSlices(tools, source, head, { ...commit, position })
  const { findings, kept } = checked ?? { findings: await readFindings(source, head.file, reading) }
  if (endOf(source, findings) === 'rejected') return await reject(tools, source, head, findings)
  return await commitInSlices(tools, source, head, { ...commit, position, kept })
}

interface Commit {
  /** Records that were committed before. */
  readonly position: number
  readonly reading: Reading
  /** What was read, where it is not to be read again. */
  readonly kept?: readonly Entry[] | undefined
  readonly onLastSlice: (() => void) | undefined
}

async function reject(
  tools: ImportTools,
  source: ImportSource,
  head: FileHead,
  findings: Findings,
): Promise<ImportResult> {
  const { problems, read, refused } = findings
  await commitSlices(tools, source, [rejectedSlice(source, head, refused, problems[0])])
  return { id: head.id, kind: 'rejected', problems, read, refused }
}

async function commitInSlices(
  tools: ImportTools,
  source: ImportSource,
  head: FileHead,
  { position, reading, kept, onLastSlice }: Commit,
): Promise<ImportResult> {
  const findings = new Findings()
  const pipeline = startPipeline(tools, source)
  let from = position
  let slice: Entry[] = []
  const flush = async (done: FileProgress['done']): Promise<void> => {
    const next = sliceOf(source, head, from, slice, findings, done)
    from += slice.length
    slice = []
    await pipeline.add([next])
  }
  const batches = kept ? [kept] : readEntries(chunksOf(head.file.path, reading), source, head.file.name)
  for await (const batch of batches) {
    for (const entry of batch) {
      if (slice.length === sliceRecords) {
        await flush(undefined)
        if (reading.signal?.aborted === true) await pipeline.end()
        reading.signal?.throwIfAborted()
      }
      findings.add(entry)
      if (findings.read > position) slice.push(entry) // else committed by an earlier run
    }
  }
  // The check before has found nothing to reject the file for; what a changed config sees otherwise counts in part.
  const kind = findings.refused === 0 ? 'done' : 'partial'
  await flush(kind)
  onLastSlice?.()
  await pipeline.end()
  return { id: head.id, kind, ...(await partialResult(source, head.file, findings)) }
}
