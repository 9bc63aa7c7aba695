/**
 * Imports one file, or a group of small ones: read, check, decide, commit; the file's records count once.
 *
 * With `rejectFile` the whole file is checked before anything of it is committed. Big files are
 * read twice and committed in slices, each with its position, so that a crash goes on where it
 * was and memory stays bounded. Does not move files. Throws on I/O errors: the file stays claimed.
 */
import { createHash } from 'node:crypto'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import type { FileProgress } from '../core/batch.ts'
import type { Instant } from '../core/date.ts'
import type { Cause } from '../core/event.ts'
import { type FileId, fileId } from '../core/ids.ts'
import { formatProblem, type Problem } from '../core/problem.ts'
import { decideAndCommit } from '../ledger/decide-and-commit.ts'
import type { Ledger, StoredFile } from '../ledger/ledger.ts'
import { decideFiles, type FileSlice, type IncomingItem } from '../workflow/decide.ts'
import { lookupsOf } from '../workflow/lookups.ts'
import type { Setup } from '../workflow/setup.ts'
import type { ImportSource } from './import-source.ts'
import { type BadEntry, type Entry, type ItemEntry, readEntries } from './read-entries.ts'
import { rejectedRows } from './rejected-rows.ts'

export interface ImportTools {
  readonly ledger: Ledger
  readonly setup: Setup
  readonly now: () => Instant
}

export interface FileToImport {
  readonly path: string
  readonly name: string
}

export interface ImportResult {
  readonly id: FileId
  readonly kind: 'done' | 'partial' | 'rejected' | 'known'
  /** Of a known file: how it ended then. */
  readonly known?: StoredFile
  readonly problems: readonly Problem[]
  readonly read: number
  readonly refused: number
  /** Refused rows in the file's own layout, where the format has rows. */
  readonly rejected?: Uint8Array
}

/** Files up to this many bytes are read whole and share commits. */
export const smallFile = 262_144
/** Records in one commit of a big file. */
const sliceRecords = 1_000
/** Problems kept for the problems file; the rest is counted. */
const mostProblems = 1_000

interface Read {
  readonly entries: readonly Entry[]
  readonly file: FileToImport
  readonly id: FileId
  readonly size: number
  readonly sha256: string
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
  const outcome = reads.length === 0 ? undefined : await commitSlices(tools, source, reads.map((read) => wholeSlice(source, read)))
  for (const read of reads) {
    results.set(read.file, outcome === 'already' ? await importAlone(tools, source, read) : await resultOf(source, read))
  }
  // The same bytes twice in one group: the second is known by now.
  for (const file of files) {
    if (results.has(file)) continue
    const { id } = await readSmall(source, file)
    const known = await finished(tools.ledger, id)
    results.set(file, known === undefined ? await importBigFile(tools, source, file) : knownResult(id, known))
  }
  return files.map((file) => results.get(file)).filter((result) => result !== undefined)
}

async function readSmall(source: ImportSource, file: FileToImport): Promise<Read> {
  const bytes = readFileSync(file.path)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const entries: Entry[] = []
  for await (const entry of readEntries([bytes], source, file.name)) entries.push(entry)
  return { entries, file, id: fileId(source.name, sha256), size: bytes.length, sha256 }
}

/** A file that came to its end before; a rejected one had no effect and may come again. */
async function finished(ledger: Ledger, id: FileId): Promise<StoredFile | undefined> {
  const known = await ledger.file(id)
  return known?.state === 'done' || known?.state === 'partial' ? known : undefined
}

const knownResult = (id: FileId, known: StoredFile): ImportResult => ({
  id,
  kind: 'known',
  known,
  problems: [],
  read: known.counts.read,
  refused: known.counts.refused,
})

const isBad = (entry: Entry): entry is BadEntry => entry.kind === 'bad'

/** How a file ends that was read to its end. */
function ending(source: ImportSource, read: number, refused: number, fatal: boolean): 'done' | 'partial' | 'rejected' {
  if (refused === 0) return 'done'
  return fatal || source.config.onBadRecord === 'rejectFile' || read === refused ? 'rejected' : 'partial'
}

function wholeSlice(source: ImportSource, read: Read): FileSlice {
  const bad = read.entries.filter(isBad)
  const done = ending(source, read.entries.length, bad.length, bad.some(({ fatal }) => fatal))
  const first = bad[0]?.problems[0]
  return {
    file: progress(source, read, 0, done === 'rejected' ? 0 : read.entries.length, done),
    items: done === 'rejected' ? [] : read.entries.filter((entry) => entry.kind === 'item').map(itemOf),
    refused: bad.length,
    ...(first && { problem: formatProblem(first) }),
  }
}

const itemOf = (entry: ItemEntry): IncomingItem => ({
  incoming: entry.incoming,
  row: entry.row,
  ...(entry.warnings[0] && { warning: formatProblem(entry.warnings[0]) }),
})

function progress(
  source: ImportSource,
  { id, file, size, sha256 }: Pick<Read, 'id' | 'file' | 'size' | 'sha256'>,
  from: number,
  to: number,
  done: FileProgress['done'],
): FileSlice['file'] {
  return { id, import: source.name, name: file.name, size, sha256, from, to, ...(done !== undefined && { done }) }
}

async function resultOf(source: ImportSource, read: Read): Promise<ImportResult> {
  const bad = read.entries.filter(isBad)
  const warnings = read.entries.flatMap((entry) => (entry.kind === 'item' ? entry.warnings : []))
  const kind = ending(source, read.entries.length, bad.length, bad.some(({ fatal }) => fatal))
  const rejected = kind === 'partial' ? await rejectedRows(source, read.file.path, bad) : undefined
  return {
    id: read.id,
    kind,
    problems: [...bad.flatMap(({ problems }) => problems), ...warnings].slice(0, mostProblems),
    read: read.entries.length,
    refused: bad.length,
    ...(rejected && { rejected }),
  }
}

async function importAlone(tools: ImportTools, source: ImportSource, read: Read): Promise<ImportResult> {
  const known = await finished(tools.ledger, read.id)
  return known === undefined ? await importBigFile(tools, source, read.file) : knownResult(read.id, known)
}

async function commitSlices(
  { ledger, setup, now }: ImportTools,
  source: ImportSource,
  slices: readonly FileSlice[],
): Promise<'committed' | 'already'> {
  const cause: Cause = { kind: 'file', actor: `file:${source.name}`, configHash: setup.configHash }
  const at = now()
  const result = await decideAndCommit(ledger, lookupsOf(slices), (known) => decideFiles(setup, slices, known, cause, at))
  if (result.kind === 'conflict') throw new Error(`import ${source.name}: records kept changing: ${result.ids.slice(0, 5).join(', ')}`)
  return result.kind
}

export interface BigFileOptions {
  /** Called with the number of bytes read so far, over both passes. */
  readonly onProgress?: (done: number, total: number) => void
  readonly signal?: AbortSignal
}

/** Imports a file of any size in bounded memory; goes on where an interrupted import stopped. */
export async function importBigFile(
  tools: ImportTools,
  source: ImportSource,
  file: FileToImport,
  options: BigFileOptions = {},
): Promise<ImportResult> {
  const { size } = statSync(file.path)
  const passes = source.config.onBadRecord === 'rejectFile' ? 3 : 2
  let bytes = 0
  const count = (chunk: Buffer): void => {
    bytes += chunk.length
    options.onProgress?.(bytes, size * passes)
  }
  const sha256 = await hashOf(file.path, count)
  const id = fileId(source.name, sha256)
  const stored = await tools.ledger.file(id)
  if (stored?.state === 'done' || stored?.state === 'partial') return knownResult(id, stored)
  const head = { id, file, size, sha256 }
  if (passes === 3) {
    const found = await checkWhole(source, file, count)
    if (found.refused > 0) return await reject(tools, source, head, found)
  }
  const position = stored?.state === 'importing' ? stored.position : 0
  return await commitInSlices(tools, source, head, position, count, options.signal)
}

async function hashOf(path: string, count: (chunk: Buffer) => void): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    count(chunk)
  }
  return hash.digest('hex')
}

async function* chunksOf(path: string, count: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
    count(chunk)
    yield chunk
  }
}

interface Found {
  readonly problems: readonly Problem[]
  readonly read: number
  readonly refused: number
}

async function checkWhole(source: ImportSource, file: FileToImport, count: (chunk: Buffer) => void): Promise<Found> {
  const problems: Problem[] = []
  let read = 0
  let refused = 0
  for await (const entry of readEntries(chunksOf(file.path, count), source, file.name)) {
    read += 1
    if (!isBad(entry)) continue
    refused += 1
    if (problems.length < mostProblems) problems.push(...entry.problems)
  }
  return { problems, read, refused }
}

async function reject(
  tools: ImportTools,
  source: ImportSource,
  head: Pick<Read, 'id' | 'file' | 'size' | 'sha256'>,
  found: Found,
): Promise<ImportResult> {
  const [first] = found.problems
  await commitSlices(tools, source, [
    {
      file: progress(source, head, 0, 0, 'rejected'),
      items: [],
      refused: found.refused,
      ...(first && { problem: formatProblem(first) }),
    },
  ])
  return { id: head.id, kind: 'rejected', ...found }
}

async function commitInSlices(
  tools: ImportTools,
  source: ImportSource,
  head: Pick<Read, 'id' | 'file' | 'size' | 'sha256'>,
  position: number,
  count: (chunk: Buffer) => void,
  signal: AbortSignal | undefined,
): Promise<ImportResult> {
  const bad: BadEntry[] = []
  const warnings: Problem[] = []
  let refused = 0
  let read = 0
  let from = position
  let slice: Entry[] = []
  const flush = async (done: FileProgress['done']): Promise<void> => {
    const items = slice.filter((entry) => entry.kind === 'item').map(itemOf)
    const file = progress(source, head, from, from + slice.length, done)
    const [first] = bad
    const problem = first?.problems[0] && { problem: formatProblem(first.problems[0]) }
    await commitSlices(tools, source, [{ file, items, refused: slice.length - items.length, ...problem }])
    from += slice.length
    slice = []
  }
  for await (const entry of readEntries(chunksOf(head.file.path, count), source, head.file.name)) {
    read += 1
    if (entry.kind === 'bad') {
      refused += 1
      if (bad.length < mostProblems) bad.push(entry)
    } else if (warnings.length < mostProblems) warnings.push(...entry.warnings)
    if (read <= position) continue // committed by an earlier run
    slice.push(entry)
    if (slice.length < sliceRecords) continue
    await flush(undefined)
    signal?.throwIfAborted()
  }
  const kind = ending(source, read, refused, bad.some(({ fatal }) => fatal))
  await flush(kind)
  const rejected = kind === 'partial' ? await rejectedRows(source, head.file.path, bad) : undefined
  const problems = [...bad.flatMap(({ problems: each }) => each), ...warnings].slice(0, mostProblems)
  return { id: head.id, kind, problems, read, refused, ...(rejected && { rejected }) }
}
