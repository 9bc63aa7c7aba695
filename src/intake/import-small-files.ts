/**
 * Imports a group of small files: read, check, decide, commit; the records of each count once.
 *
 * Each file is checked whole before anything of it is committed, and is committed whole; several share a commit.
 * Does not move files. Throws on I/O errors: the files stay claimed.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type FileId, fileId } from '../core/ids.ts'
import type { FileSlice } from '../workflow/decide.ts'
import { type Outcome, sliceRecords, startPipeline } from './commit-pipeline.ts'
import {
  endOf,
  type FileHead,
  finished,
  type ImportResult,
  type ImportTools,
  knownResult,
  rejectedSlice,
  sliceOf,
} from './import-result.ts'
import type { FileToImport, ImportSource } from './import-source.ts'
import { importBigFile } from './import-big-file.ts'
import { type Entry, readEntries } from './read-entries.ts'
import { Findings, partialResult } from './read-findings.ts'

/** Files up to this many bytes are read whole and share commits. */
export const smallFile = 262_144

interface Read extends FileHead {
  readonly entries: readonly Entry[]
  readonly findings: Findings
}

/** Imports small files, as many in a commit as make a slice; results in the order of the files. */
export async function importSmallFiles(
  tools: ImportTools,
  source: ImportSource,
  files: readonly FileToImport[],
): Promise<readonly ImportResult[]> {
  const { results, groups } = await commitFresh(tools, source, files)
  for (const { reads, outcome } of groups) {
    const isAlready = (await outcome) === 'already'
    for (const read of reads)
      results.set(read.file, isAlready ? await importAlone(tools, source, read) : await resultOf(source, read))
  }
  // The same bytes twice among them: the second is known by now.
  for (const file of files) {
    if (!results.has(file)) results.set(file, await importAlone(tools, source, await readSmall(source, file)))
  }
  return files.map((file) => results.get(file)).filter((result) => result !== undefined)
}

interface Begun {
  /** Of the files that the ledger knew. */
  readonly results: Map<FileToImport, ImportResult>
  /** Files that share a commit, which may be on its way still. */
  readonly groups: readonly { readonly reads: readonly Read[]; readonly outcome: Promise<Outcome> }[]
}

/** Of the same bytes only the first is taken. */
async function commitFresh(tools: ImportTools, source: ImportSource, files: readonly FileToImport[]): Promise<Begun> {
  const results = new Map<FileToImport, ImportResult>()
  const seen = new Set<FileId>()
  const groups: Begun['groups'][number][] = []
  const pipeline = startPipeline(tools, source)
  let reads: Read[] = []
  const flush = async (): Promise<void> => {
    const group = reads
    reads = []
    if (group.length === 0) return
    groups.push({ reads: group, ...(await pipeline.add(group.map((read) => wholeSlice(source, read)))) })
  }
  for (const file of files) {
    const read = await readSmall(source, file)
    if (seen.has(read.id)) continue
    seen.add(read.id)
    const known = await finished(tools.ledger, read.id)
    if (known !== undefined) results.set(file, knownResult(read.id, known))
    else reads.push(read)
    if (countOf(reads) >= sliceRecords) await flush()
  }
  await flush()
  return { results, groups }
}

const countOf = (reads: readonly Read[]): number => reads.reduce((sum, { entries }) => sum + entries.length, 0)

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

function wholeSlice(source: ImportSource, read: Read): FileSlice {
  const { entries, findings } = read
  const done = endOf(source, findings)
  const [first] = findings.bad.flatMap(({ problems }) => problems).filter(({ severity }) => severity === 'error')
  if (done === 'rejected') return rejectedSlice(source, read, findings.refused, first)
  return sliceOf(source, read, 0, entries, findings, done)
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
