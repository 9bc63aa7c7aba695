/**
 * Moves a file into another folder, durably and without ever overwriting one.
 *
 * On one file system it is a link and an unlink, or a rename where links are unsupported. To another file system (a
 * folder that is a mount of its own) the bytes are copied under a hidden name, fsynced and placed before the original
 * goes. Throws the system's error; then the file is still where it was, or there as well: moving again mends that.
 */
import { randomBytes } from 'node:crypto'
import { copyFile, lstat, open, unlink } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import {
  hasCode,
  hashFile,
  type Limit,
  makeFolderBelow,
  orUndefined,
  type Outcome,
  placeNew,
  plainName,
  syncFolder,
  withDeadline,
} from './files.ts'

export type Moved = { readonly kind: 'moved'; readonly path: string } | { readonly kind: 'gone' }

/**
 * Moves a file into a folder (made when missing, see makeFolderFor) and fsyncs both folders. On a clash the name becomes
 * `name-1.ext`, `name-2.ext` … `gone`: somebody else has moved it away.
 */
export async function moveFile(from: string, toFolder: string, name: string, options: Limit = {}): Promise<Moved> {
  return await withDeadline(move(from, toFolder, name), options.deadlineMs, `move ${from} to ${toFolder}`)
}

async function move(from: string, toFolder: string, name: string): Promise<Moved> {
  await makeFolderFor(from, toFolder)
  for (let clash = 0; clash < 100_000; clash++) {
    const target = join(toFolder, numberedName(plainName(name), clash))
    const outcome = await orGone(from, () => place(from, target))
    if (outcome === 'gone') return { kind: 'gone' }
    if (outcome === 'exists') continue
    await syncFolder(toFolder)
    if (dirname(from) !== toFolder) await syncFolder(dirname(from))
    return { kind: 'moved', path: target }
  }
  throw new Error(`cannot move ${from}: ${toFolder} holds 100000 files called ${name}; clear that folder`)
}

/** Makes the folder where a file shall go, but none that holds the file as well: that one is there, or away with it. */
export async function makeFolderFor(from: string, toFolder: string): Promise<void> {
  let base = toFolder
  while (base !== dirname(base) && !`${dirname(from)}/`.startsWith(`${base}/`)) base = dirname(base)
  await makeFolderBelow(base, toFolder)
}

async function place(from: string, target: string): Promise<Outcome> {
  try {
    return await placeNew(from, target)
  } catch (error) {
    if (!hasCode(error, ['EXDEV'])) throw error
  }
  return await copyOver(from, target)
}

/** A copy that was placed before, and whose original could not be removed then, is taken as placed now. */
async function copyOver(from: string, target: string): Promise<Outcome> {
  if ((await orUndefined(lstat(target))) === undefined) {
    const temporary = join(dirname(target), `.${randomBytes(6).toString('hex')}.tmp`)
    try {
      await copyFile(from, temporary)
      await syncFile(temporary)
      if ((await placeNew(temporary, target)) === 'exists') return 'exists'
    } finally {
      await unlink(temporary).catch(() => undefined)
    }
    await syncFolder(dirname(target))
  } else if (!(await isSameContent(from, target))) return 'exists'
  await unlink(from)
  return 'written'
}

/** Whether both are plain files of the same bytes. */
async function isSameContent(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([lstat(one), lstat(other)])
  return b.isFile() && a.size === b.size && (await hashFile(one)) === (await hashFile(other))
}

/** Fsyncs a file that is there already. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

function numberedName(name: string, clash: number): string {
  if (clash === 0) return name
  const extension = extname(name)
  return `${name.slice(0, name.length - extension.length)}-${clash}${extension}`
}

/** ENOENT means `gone` only when it is `from` that is missing, not the folder where it should go, nor its own. */
async function orGone<T>(from: string, step: () => Promise<T>): Promise<T | 'gone'> {
  try {
    return await step()
  } catch (error) {
    const isGone = hasCode(error, ['ENOENT']) && (await orUndefined(lstat(from))) === undefined
    if (isGone && (await orUndefined(lstat(dirname(from)))) !== undefined) return 'gone'
    throw error
  }
}
