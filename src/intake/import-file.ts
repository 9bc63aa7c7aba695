/**
 * Imports one file, or a group of small ones: read, check, decide, commit; the file's records count once.
 *
 * The whole file is checked before anything of it is committed. Big files are committed in slices, each
 * with its position, so that a crash goes on where it was; the largest are read once more for that, so
 * that memory stays bounded. Does not move files. Throws on I/O errors: the file stays claimed.
 */
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import type { FileProgress } from '../core/batch.ts'
import { type FileId, fileId } from '../core/ids.ts'
import { formatProblem } from '../core/problem.ts'
import type { FileSlice } from '../workflow/decide.ts'
import {
  commitSlices,
  ending,
  type FileHead,
  type FileToImport,
  finished,
  type ImportResult,
  type ImportTools,
  isBad,
  itemOf,
  knownResult,
  progressOf,
  rejectedSlice,
} from './import-result.ts'
import type { ImportSource } from './import-source.ts'
import { type Entry, readEntries } from './read-entries.ts'
import { chunksOf, Findings, hashOf, partialResult, type Reading, readFindings } from './read-findings.ts'

export type { FileToImport, ImportResult, ImportTools } from './import-result.ts'

/** Files up to this many bytes are read whole and share commits. */
export const smallFile = 262_144
/** Records of files up to this many bytes are kept from the check to the commit. */
const keptFile = 8 * 1024 * 1024
/** Records in one commit of a big file. */
const sliceRecords = 1_000

interface Read extends FileHead {
  readonly entries: readonly Entry[]
  readonly findings: Findings
}

/** Imports small files in one commit where it can; results in the order of the files. */
export async function importSmallFiles(
  tools: ImportTools,
  source: ImportSource,
  files: readonly FileToImport[],
): Promise<readonly ImportResult[]> {
  const results = new Map<FileToImport, ImportResult>()
  const fresh = new Map<FileId, Read>()
  for (const file of files) {
    const read = await readSmall(source, file)
    const known = fresh.has(read.id) ? undefined : await finished(tools.ledger, read.id)
    if (known !== undefined) results.set(file, knownResult(read.id, known))
    else if (!fresh.has(read.id)) fresh.set(read.id, read)
  }
  const reads = [...fresh.values()]
  const outcome =
    reads.length === 0
      ? undefined
      : await commitSlices(
          tools,
          source,
          reads.map((read) => wholeSlice(source, read)),
        )
  for (const read of reads) {
    results.set(
      read.file,
      outcome === 'already' ? await importAlone(tools, source, read) : await resultOf(source, read),
    )
  }
  // The same bytes twice in one group: the second is known by now.
  for (const file of files) {
    if (!results.has(file)) results.set(file, await importAlone(tools, source, await readSmall(source, file)))
  }
  return files.map((file) => results.get(file)).filter((result) => result !== undefined)
}

async function readSmall(source: ImportSource, file: FileToImport): Promise<Read> {
  const bytes = readFileSync(file.path)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const entries: Entry[] = []
  const findings = new Findings()
  for await (const batch of readEntries([bytes], source, file.name)) {
    for (const entry of batch) {
      entries.push(entry)
      findings.add(entry)
    }
  }
  return { entries, findings, file, id: fileId(source.name, sha256), size: bytes.length, sha256 }
}

const endOf = (source: ImportSource, { read, refused, fatal }: Findings): 'done' | 'partial' | 'rejected' =>
  ending(source, read, refused, fatal)

function wholeSlice(source: ImportSource, read: Read): FileSlice {
  const { entries, findings } = read
  const done = endOf(source, findings)
  const [first] = findings.bad.flatMap(({ problems }) => problems).filter(({ severity }) => severity === 'error')
  if (done === 'rejected') return rejectedSlice(source, read, findings.refused, first)
  return {
    file: progressOf(source, read, [0, entries.length], done),
    items: entries.filter((entry) => entry.kind === 'item').map(itemOf),
    refused: findings.refused,
    ...(first && { problem: formatProblem(first) }),
  }
}

async function resultOf(source: ImportSource, read: Read): Promise<ImportResult> {
  const { id, file, findings } = read
  const kind = endOf(source, findings)
  if (kind === 'partial') return { id, kind, ...(await partialResult(source, file, findings)) }
  return { id, kind, problems: findings.problems, read: findings.read, refused: findings.refused }
}

async function importAlone(tools: ImportTools, source: ImportSource, read: Read): Promise<ImportResult> {
  const known = await finished(tools.ledger, read.id)
  return known === undefined ? await importBigFile(tools, source, read.file) : knownResult(read.id, known)
}

export interface BigFileOptions {
  /** Called with the number of bytes read so far, over all passes. */
  readonly onProgress?: (done: number, total: number) => void
  readonly signal?: AbortSignal
}

/** Imports a file of any size in bounded memory; goes on where an interrupted import stopped. */
export async function importBigFile(
  tools: ImportTools,
  source: ImportSource,
  file: FileToImport,
  { onProgress, signal }: BigFileOptions = {},
): Promise<ImportResult> {
  const { size } = statSync(file.path)
  let bytes = 0
  const onChunk = (length: number): void => {
    bytes += length
    onProgress?.(bytes, size * (size <= keptFile ? 2 : 3))
  }
  const reading: Reading = { onChunk, signal }
  const sha256 = await hashOf(file.path, reading)
  const head = { id: fileId(source.name, sha256), file, size, sha256 }
  const stored = await tools.ledger.file(head.id)
  if (stored?.state === 'done' || stored?.state === 'partial') return knownResult(head.id, stored)
  const position = stored?.state === 'importing' ? stored.position : 0
  // What an earlier run has begun to commit it had checked before.
  if (position > 0) return await commitInSlices(tools, source, head, { position, reading })
  const kept: Entry[] = []
  const findings = await readFindings(source, file, reading, size <= keptFile ? kept : undefined)
  if (endOf(source, findings) === 'rejected') return await reject(tools, source, head, findings)
  return await commitInSlices(tools, source, head, { position, reading, ...(kept.length > 0 && { kept }) })
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
  {
    position,
    reading,
    kept,
  }: { readonly position: number; readonly reading: Reading; readonly kept?: readonly Entry[] },
): Promise<ImportResult> {
  const findings = new Findings()
  let from = position
  let slice: Entry[] = []
  const flush = async (done: FileProgress['done']): Promise<void> => {
    await commitSlices(tools, source, [sliceOf(source, head, from, slice, findings, done)])
    from += slice.length
    slice = []
  }
  const batches = kept ? [kept] : readEntries(chunksOf(head.file.path, reading), source, head.file.name)
  for await (const batch of batches) {
    for (const entry of batch) {
      findings.add(entry)
      if (findings.read <= position) continue // committed by an earlier run
      slice.push(entry)
      if (slice.length < sliceRecords) continue
      await flush(undefined)
      reading.signal?.throwIfAborted()
    }
  }
  // The check before has found nothing to reject the file for; what a changed config sees otherwise counts in part.
  const kind = findings.refused === 0 ? 'done' : 'partial'
  await flush(kind)
  return { id: head.id, kind, ...(await partialResult(source, head.file, findings)) }
}

function sliceOf(
  source: ImportSource,
  head: FileHead,
  from: number,
  entries: readonly Entry[],
  { problems }: Findings,
  done: FileProgress['done'],
): FileSlice {
  const items = entries.filter((entry) => !isBad(entry)).map(itemOf)
  const [first] = problems.filter(({ severity }) => severity === 'error')
  return {
    file: progressOf(source, head, [from, from + entries.length], done),
    items,
    refused: entries.length - items.length,
    ...(first && { problem: formatProblem(first) }),
  }
}
