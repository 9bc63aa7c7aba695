/**
 * One look into a folder: the names of the plain files in it.
 *
 * Reads names only (no stat of each file), in large pieces, so that tens of thousands of files cost a tenth of a
 * second. Hidden names, folders and links are left out. A folder that cannot be read is `offline`, never empty.
 * Does not recurse, does not decide whether a file is finished. Throws what is no matter of the folder (EMFILE …).
 */
import { lstat, opendir } from 'node:fs/promises'
import type { Dirent } from 'node:fs'
import { join } from 'node:path'
import type { Duration } from '../core/date.ts'
import { Stalled, deviceOf, hasCode, withDeadline } from './files.ts'
import { reasonOf } from './system-errors.ts'

export type FolderLook =
  | {
      readonly kind: 'names'
      /** Plain files, in the order of the file system; hostile text. */
      readonly names: readonly string[]
      /** st_dev of the folder, the same before and after the look. */
      readonly device: number
      /** Names that are not valid UTF-8 and therefore cannot be opened: to be renamed by a person. */
      readonly unreadable: readonly string[]
    }
  | { readonly kind: 'offline'; readonly reason: string }

export interface ScanOptions {
  /** Names fetched at a time; 32, the system's default, doubles the time of a large folder. */
  readonly bufferSize?: number
  /** Milliseconds for the whole look; without it a hung share hangs the look. */
  readonly deadlineMs?: Duration
}

/** Lists the plain files of a folder. */
export async function scanFolder(folder: string, options: ScanOptions = {}): Promise<FolderLook> {
  try {
    return await withDeadline(look(folder, options.bufferSize ?? 1024), options.deadlineMs, `list ${folder}`)
  } catch (error) {
    const reason = offlineReason(error)
    if (reason === undefined) throw error
    return { kind: 'offline', reason }
  }
}

const absentCodes = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM']
const brokenCodes = 'ENOTCONN ESTALE EIO EREMOTEIO ENODEV ENXIO ETIMEDOUT EHOSTDOWN EHOSTUNREACH'.split(' ')
const offlineCodes = [...absentCodes, ...brokenCodes]

/** Why a folder counts as away when a call on it failed so; undefined when the error says nothing about the folder. */
export function offlineReason(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  return error instanceof Stalled || hasCode(error, offlineCodes) ? reasonOf(error) : undefined
}

async function look(folder: string, bufferSize: number): Promise<FolderLook> {
  const device = await deviceOf(folder)
  const names: string[] = []
  const doubtful: string[] = []
  for await (const entry of await opendir(folder, { bufferSize })) {
    if (entry.name.startsWith('.') || !mayBeFile(entry)) continue
    if (entry.name.includes('\uFFFD')) doubtful.push(entry.name)
    else names.push(entry.name)
  }
  if ((await deviceOf(folder)) !== device) {
    return { kind: 'offline', reason: `${folder}: was mounted or unmounted during the look` }
  }
  const unreadable = await sortOut(folder, doubtful, names)
  return { kind: 'names', names, device, unreadable }
}

/** A name that really holds U+FFFD is a name; one that only reads so cannot be found under it. */
async function sortOut(folder: string, doubtful: readonly string[], names: string[]): Promise<readonly string[]> {
  const unreadable: string[] = []
  for (const name of doubtful) {
    const found = await lstat(join(folder, name)).then(
      () => true,
      () => false,
    )
    if (found) names.push(name)
    else unreadable.push(name)
  }
  return unreadable
}

/** Some network file systems do not tell the type of a name; the one who claims it looks again anyway. */
function mayBeFile(entry: Dirent): boolean {
  if (entry.isFile()) return true
  const known = entry.isDirectory() || entry.isSymbolicLink() || entry.isFIFO() || entry.isSocket()
  return !known && !entry.isCharacterDevice() && !entry.isBlockDevice()
}
