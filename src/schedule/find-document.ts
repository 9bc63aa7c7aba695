/**
 * Finds the PDF of a document in the folder where the ERP puts it, and reads it when it is complete (F24).
 *
 * A name from outside is one step within that folder, never a path; links and anything that is no plain file are not
 * followed. Complete: it begins as a PDF, ends as one, and was not written to for two seconds. Throws on I/O errors
 * other than a missing file or folder.
 */
import { constants, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Instant } from '../core/date.ts'
import { isPlainFileName } from '../core/file-name.ts'
import { hasCode, withDeadline } from '../platform/files.ts'

export type DocumentLook =
  | { readonly kind: 'found'; readonly name: string; readonly bytes: Buffer }
  | { readonly kind: 'missing'; readonly why: string }

/** Larger ones are refused by most mail servers. */
const mostBytes = 15 * 1024 * 1024
const calmMs = 2_000
const deadlineMs = 30_000

/** Nothing is waited for that never comes: a pipe in the place of a file is opened without blocking, and refused. */
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants

export async function findDocument(folder: string, name: string, now: Instant): Promise<DocumentLook> {
  if (!isPlainFileName(name)) return { kind: 'missing', why: `"${name.slice(0, 80)}" is not the name of a file` }
  return await withDeadline(read(folder, name, now), deadlineMs, `read ${join(folder, name)}`)
}

async function read(folder: string, name: string, now: Instant): Promise<DocumentLook> {
  try {
    await using file = await open(join(folder, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    const stat = await file.stat()
    const { size, mtimeMs } = stat
    if (!stat.isFile()) return { kind: 'missing', why: `${name} is no plain file` }
    if (size > mostBytes) return { kind: 'missing', why: `${name} is larger than ${mostBytes / 1024 / 1024} MB` }
    if (now - mtimeMs < calmMs) return { kind: 'missing', why: `${name} is still being written` }
    const bytes = await file.readFile()
    return isWhole(bytes) ? { kind: 'found', name, bytes } : { kind: 'missing', why: `${name} is no complete PDF` }
  } catch (error) {
    if (hasCode(error, ['ENOENT', 'ENOTDIR'])) return { kind: 'missing', why: `${name} is not there` }
    if (hasCode(error, ['ELOOP'])) return { kind: 'missing', why: `${name} is a symbolic link` }
    if (hasCode(error, ['EACCES', 'EPERM'])) return { kind: 'missing', why: `${name} may not be read` }
    throw new Error(`${join(folder, name)} could not be read`, { cause: error })
  }
}

/** ISO 32000-1, 7.5.2 and 7.5.5: the header, and the end mark within the last 1024 bytes. */
const isWhole = (bytes: Buffer): boolean =>
  bytes.subarray(0, 1024).includes('%PDF-') && bytes.subarray(-1024).includes('%%EOF')
