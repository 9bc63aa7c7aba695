/**
 * Makes a folder that was never used; one that was used and is missing is away, not new.
 *
 * So a share that is not mounted at start is waited for, instead of a folder in its place on the local
 * disk. Looks until the folder was there once, then never again. Throws the system's error and Stalled.
 */
import { stat } from 'node:fs/promises'
import { hasCode, makeFolder, withDeadline } from './files.ts'

/** `wasUsed` is asked only while the folder is missing. */
export function folderAtFirst(
  folder: string,
  wasUsed: () => Promise<boolean>,
  deadlineMs: number,
): () => Promise<void> {
  let settled = false
  const make = async (): Promise<void> => {
    if (!(await isThere(folder))) {
      if (await wasUsed()) return
      await makeFolder(folder)
    }
    settled = true
  }
  return async () => {
    if (!settled) await withDeadline(make(), deadlineMs, `make ${folder}`)
  }
}

async function isThere(folder: string): Promise<boolean> {
  try {
    await stat(folder)
    return true
  } catch (error) {
    if (hasCode(error, ['ENOENT'])) return false
    throw error
  }
}
