/**
 * Files written and moved so that a crash at any moment leaves the old state or the new one.
 *
 * Guarantees: a file under its final name is whole and on the disk; nothing is ever overwritten (except by
 * replaceAtomic, which is for that). Folder and names must lie on one file
 * system. Does not retry and does not decide what a clash means. Throws the system's error with the step and the
 * path, and Stalled when a file server does not answer in time: the outcome of that step is then unknown.
 */
import { createHash, randomBytes } from 'node:crypto'
import { link, lstat, mkdir, open, rename, stat, unlink } from 'node:fs/promises'
import { dirname, extname, join, parse } from 'node:path'
import type { Duration } from '../core/date.ts'
import { sleep } from './loop.ts'
import { reasonOf, systemCode } from './system-errors.ts'

/** A file server that did not answer within the time limit; what it was asked to do may still happen. */
export class Stalled extends Error {
  override readonly name = 'Stalled'
  readonly what: string
  readonly afterMs: Duration

  constructor(what: string, afterMs: Duration) {
    super(`${what}: no answer within ${afterMs} ms; the file server is away or overloaded, the outcome is unknown`)
    this.what = what
    this.afterMs = afterMs
  }
}

/** Time limit of each call in milliseconds; without it a call waits for ever, which suits local disks only. */
export interface Limit {
  readonly deadlineMs?: Duration
}

/**
 * The promise's result, or Stalled after `ms` milliseconds (undefined = no limit). The work itself cannot be
 * stopped (a hung NFS call sits in a libuv thread); a late failure of it is ignored, a late result is dropped.
 */
export async function withDeadline<T>(promise: Promise<T>, ms: Duration | undefined, what: string): Promise<T> {
  if (ms === undefined) return await promise
  const over = new AbortController()
  const late = Symbol('late')
  try {
    const outcome = await Promise.race([promise, sleep(ms, over.signal).then(() => late)])
    if (outcome === late) throw new Stalled(what, ms)
    return outcome as T
  } finally {
    over.abort()
  }
}

/**
 * Writes a new file whole or not at all: hidden temporary name in the same folder, written, fsynced and closed
 * (on network file systems close can fail after a good fsync), then given its name without overwriting, then the
 * folder is fsynced. `exists`: a file of that name was there already and is untouched.
 */
export async function writeAtomic(
  folder: string,
  name: string,
  bytes: Uint8Array | string,
  options: Limit & { readonly mode?: number } = {},
): Promise<'written' | 'exists'> {
  const work = writeUnder(folder, name, bytes, options.mode, placeNew)
  return await withDeadline(work, options.deadlineMs, `write ${join(folder, name)}`)
}

/** Like writeAtomic, but takes the place of a file that is there: for status files and the like. */
export async function replaceAtomic(
  folder: string,
  name: string,
  bytes: Uint8Array | string,
  options: Limit & { readonly mode?: number } = {},
): Promise<void> {
  const work = writeUnder(folder, name, bytes, options.mode, placeOver)
  await withDeadline(work, options.deadlineMs, `replace ${join(folder, name)}`)
}

/** SHA-256 of a file's bytes as 64 hex digits, read in pieces; the time limit is for each piece. */
export async function hashFile(path: string, options: Limit = {}): Promise<string> {
  const hash = createHash('sha256')
  const what = `read ${path}`
  const opening = open(path, 'r')
  const file = await withDeadline(opening, options.deadlineMs, what).catch((error: unknown) => {
    opening.then((late) => late.close()).catch(() => undefined) // a handle that comes too late must not stay open
    throw error
  })
  try {
    const buffer = Buffer.allocUnsafe(256 * 1024)
    for (;;) {
      const { bytesRead } = await withDeadline(file.read(buffer, 0, buffer.length, null), options.deadlineMs, what)
      if (bytesRead === 0) return hash.digest('hex')
      hash.update(buffer.subarray(0, bytesRead))
    }
  } finally {
    await withDeadline(file.close(), options.deadlineMs, what)
  }
}

/** Makes the names in a folder durable (fsync). File systems that know no such thing are taken as they are. */
export async function syncFolder(path: string, options: Limit = {}): Promise<void> {
  const sync = async (): Promise<void> => {
    const folder = await open(path, 'r')
    try {
      await folder.sync()
    } catch (error) {
      if (!hasCode(error, ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EBADF'])) throw error
    } finally {
      await folder.close()
    }
  }
  await withDeadline(sync(), options.deadlineMs, `fsync ${path}`)
}

/**
 * Makes a folder and those above it, and makes their names durable: else a power cut takes what was put into them.
 * Level by level, since of a failure further down `recursive` tells another cause. Throws EEXIST for what is no folder.
 */
export async function makeFolder(path: string): Promise<void> {
  await makeFolderBelow(parse(path).root, path)
  if ((await stat(path)).isDirectory()) return
  throw Object.assign(new Error(`EEXIST: there is a file in the place of the folder ${path}`), { code: 'EEXIST' })
}

/**
 * Makes a folder below one that must be there already, and makes the new names durable. A `base` that is missing is a
 * share that is away: nothing is made in its place, and ENOENT is thrown.
 */
export async function makeFolderBelow(base: string, path: string): Promise<void> {
  if (path === base) return
  try {
    await mkdir(path)
  } catch (error) {
    if (hasCode(error, ['EEXIST'])) return
    if (!hasCode(error, ['ENOENT']) || dirname(path) === base) throw error
    await makeFolderBelow(base, dirname(path))
    return await makeFolderBelow(base, path)
  }
  await syncFolder(dirname(path))
}

/** The number of the file system that a path lies on (st_dev); it changes when a share is mounted or unmounted. */
export async function deviceOf(path: string, options: Limit = {}): Promise<number> {
  return (await withDeadline(stat(path), options.deadlineMs, `stat ${path}`)).dev
}

/** Whether an error, or what caused it, carries one of these system codes, e.g. `ENOENT`. */
export function hasCode(error: unknown, codes: readonly string[]): boolean {
  if (!(error instanceof Error)) return false
  if (codes.includes(systemCode(error) ?? '')) return true
  return hasCode(error.cause, codes)
}

/**
 * A file name from text that came from outside: letters and digits of any language, spaces and `._()+,@=-` stay,
 * everything else becomes `_`; no leading dot or dash, no trailing dot or space, no device name of Windows; at most
 * 120 characters and 200 bytes, the extension kept. Never empty. Two texts can yield the same name.
 */
export function safeName(text: string): string {
  const plain = text
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{M}\p{N} ._()+,@=-]/gu, '_')
    .replaceAll(/\.{2,}/g, '_')
    .replace(/^[. -]+/u, (start) => '_'.repeat(start.length))
    .replace(/[. ]+$/u, '')
  const extension = cut(/.\.[^. ]{1,16}$/u.test(plain) ? extname(plain) : '', 17, 40)
  const stem = cut(plain.slice(0, plain.length - extension.length), 120 - extension.length, 200 - byteLength(extension))
  if (stem === '') return `unnamed${extension}`
  return /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(stem)
    ? `_${stem}${extension}`.slice(0, 120)
    : `${stem}${extension}`
}

/** The longest beginning of at most so many characters (UTF-16 units) and bytes that splits no character. */
function cut(text: string, characters: number, bytes: number): string {
  let short = ''
  for (const { segment } of new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(text)) {
    if (short.length + segment.length > characters || byteLength(short) + byteLength(segment) > bytes) break
    short += segment
  }
  return short
}

const byteLength = (text: string): number => Buffer.byteLength(text, 'utf8')

export type Outcome = 'written' | 'exists'

async function writeUnder(
  folder: string,
  name: string,
  bytes: Uint8Array | string,
  mode: number | undefined,
  place: (temporary: string, target: string) => Promise<Outcome>,
): Promise<Outcome> {
  const target = join(folder, plainName(name))
  const temporary = join(folder, `.${cut(name, 120, 200)}.tmp-${randomBytes(6).toString('hex')}`)
  try {
    await writeSynced(temporary, bytes, 'wx', mode)
    const outcome = await place(temporary, target)
    if (outcome === 'exists') await unlink(temporary)
    await syncFolder(folder)
    return outcome
  } catch (error) {
    await unlink(temporary).catch(() => undefined) // the first error is the one that counts
    throw new Error(`cannot write ${target}: ${reasonOf(error)}`, { cause: error })
  }
}

/** Writes a whole file and fsyncs it; the error of close counts too. Not the folder: its name may be lost still. */
export async function writeSynced(path: string, bytes: Uint8Array | string, flags: 'wx', mode?: number): Promise<void> {
  const file = await open(path, flags, mode)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * Gives `from` the name `to` unless that is taken. A hard link is the atomic way; where links are unsupported
 * (CIFS, FAT) or forbidden (folders, fs.protected_hardlinks) it is a look and a rename, which two writers of one
 * name could still slip between.
 */
export async function placeNew(from: string, to: string): Promise<Outcome> {
  try {
    await link(from, to)
  } catch (error) {
    if (hasCode(error, ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])) return await renameNew(from, to)
    // Our own link is no clash: a repeated NFS request answers EEXIST, and a move may have been cut off halfway.
    if (!hasCode(error, ['EEXIST']) || !(await isSameFile(from, to))) return existsOrThrow(error)
  }
  await unlink(from)
  return 'written'
}

async function placeOver(from: string, to: string): Promise<Outcome> {
  await rename(from, to)
  return 'written'
}

/** A look and a rename: for a name that nobody else gives out. */
export async function renameNew(from: string, to: string): Promise<Outcome> {
  const taken = await orUndefined(lstat(to))
  if (taken) return 'exists'
  await rename(from, to)
  return 'written'
}

function existsOrThrow(error: unknown): 'exists' {
  if (hasCode(error, ['EEXIST'])) return 'exists'
  throw error
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([lstat(one), orUndefined(lstat(other))])
  return b !== undefined && a.ino === b.ino && a.dev === b.dev
}

/** Undefined for what is not there (ENOENT); throws all else. */
export async function orUndefined<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found
  } catch (error) {
    if (hasCode(error, ['ENOENT'])) return undefined
    throw error
  }
}

/** The name itself; throws when it is none, or a path. */
export function plainName(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
    throw new Error(`"${name}" is no file name: expected one without "/" (make it with safeName)`)
  }
  return name
}
