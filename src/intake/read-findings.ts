/**
 * Reads a file from disk: its hash, its chunks, and all that is wrong with it, in bounded memory.
 *
 * Problems and refused rows are kept up to a limit, the rest is counted. An aborted signal ends each
 * read between two chunks. Throws the system's errors and the signal's reason.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Problem } from '../core/problem.ts'
import type { FileToImport, ImportSource } from './import-source.ts'
import { type BadEntry, type Entry, readEntries } from './read-entries.ts'
import { rejectedRows } from './rejected-rows.ts'

/** Problems kept for the problems file. */
export const mostProblems = 1_000
/** Characters of refused rows kept for the file of refused rows. */
const mostText = 64 * 1024 * 1024

export interface Reading {
  /** Told of each chunk. */
  readonly onChunk?: (bytes: number) => void
  readonly signal?: AbortSignal | undefined
}

export async function hashOf(path: string, reading: Reading): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of chunksOf(path, reading)) hash.update(chunk)
  return hash.digest('hex')
}

export async function* chunksOf(path: string, { onChunk, signal }: Reading): AsyncGenerator<Buffer> {
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
    signal?.throwIfAborted()
    onChunk?.(chunk.length)
    yield chunk
  }
}

/** What is wrong with a file, added up entry by entry. */
export class Findings {
  readonly bad: BadEntry[] = []
  readonly #problems: Problem[] = []
  readonly #warnings: Problem[] = []
  #textLeft = mostText
  read = 0
  refused = 0
  fatal = false

  add(entry: Entry): void {
    this.read += 1
    if (entry.kind === 'item') {
      if (entry.warnings.length > 0 && this.#warnings.length < mostProblems) this.#warnings.push(...entry.warnings)
      return
    }
    this.refused += 1
    this.fatal ||= entry.fatal
    if (this.#problems.length < mostProblems) this.#problems.push(...entry.problems)
    this.#textLeft -= entry.text?.length ?? 0
    if (this.#textLeft >= 0) this.bad.push(entry)
  }

  /** The errors first, then the warnings. */
  get problems(): readonly Problem[] {
    return [...this.#problems, ...this.#warnings].slice(0, mostProblems)
  }
}

/** Reads the whole file; `keep` gets its entries, in their order. */
export async function readFindings(
  source: ImportSource,
  file: FileToImport,
  reading: Reading = {},
  keep?: Entry[],
): Promise<Findings> {
  const findings = new Findings()
  for await (const batch of readEntries(chunksOf(file.path, reading), source, file.name)) {
    for (const entry of batch) {
      findings.add(entry)
      keep?.push(entry)
    }
  }
  return findings
}

/** What stands beside a file that was imported in part. */
export async function partialResult(source: ImportSource, file: FileToImport, findings: Findings) {
  const { problems, read, refused, bad } = findings
  const rejected = await rejectedRows(source, file.path, bad)
  return { problems, read, refused, ...(rejected && { rejected }) }
}
