/**
 * Reads a file of any size before its import: its hash, and all that is wrong with it.
 *
 * Records of a file of moderate size are kept from this check to the commit, those of a larger one are read once more
 * then, so that memory stays bounded. A file that the ledger knows is not read any further. Changes nothing.
 */
import { statSync } from 'node:fs'
import { fileId } from '../core/ids.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { FileHead } from './import-result.ts'
import type { FileToImport, ImportSource } from './import-source.ts'
import type { Entry } from './read-entries.ts'
import { type Findings, hashOf, type Reading, readFindings } from './read-findings.ts'

/** Records of files up to this many bytes are kept. */
const keptFile = 8 * 1024 * 1024

export interface BigFile {
  readonly head: FileHead
  /** How it was read, for what is to be read again. */
  readonly reading: Reading
  /** Absent: the ledger knew the file. */
  readonly checked?: { readonly findings: Findings; readonly kept: readonly Entry[] | undefined }
}

export interface BigFileOptions {
  /** Called with the number of bytes read so far, over all passes. */
  readonly onProgress?: (done: number, total: number) => void
  readonly signal?: AbortSignal
}

/** Throws the system's errors, and the signal's reason. */
export async function readBigFile(
  ledger: Pick<Ledger, 'file'>,
  source: ImportSource,
  file: FileToImport,
  { onProgress, signal }: BigFileOptions = {},
): Promise<BigFile> {
  const { size } = statSync(file.path)
  const isKept = size <= keptFile
  let bytes = 0
  const onChunk = (length: number): void => {
    bytes += length
    onProgress?.(bytes, size * (isKept ? 2 : 3))
  }
  const reading: Reading = { onChunk, signal }
  const sha256 = await hashOf(file.path, reading)
  const head = { id: fileId(source.name, sha256), file, size, sha256 }
  const stored = await ledger.file(head.id)
  if (stored !== undefined && stored.state !== 'rejected') return { head, reading }
  const kept: Entry[] | undefined = isKept ? [] : undefined
  const findings = await readFindings(source, file, reading, kept)
  return { head, reading, checked: { findings, kept } }
}
