/**
 * A file written in two steps, so that a crash between them can be told from one after the second.
 *
 * `stage` writes and fsyncs a hidden temporary file of a fixed name; `place` renames it to its
 * final name and fsyncs the folder. After a crash: the temporary file is there, so it was never
 * placed; it is not there and the final file neither: either it was never staged, or somebody took it. Others may
 * write in the folder: what lies under the temporary name is replaced, never written into or followed.
 */
import { lstat, readFile, unlink } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import { hasCode, renameNew, replaceAtomic, syncFolder, withDeadline } from './files.ts'
import { syncFile } from './move-file.ts'

/** Milliseconds for each step; a hung share must not hang the caller. */
const deadlineMs = 60_000

export interface StagedFile {
  /** Writes the temporary file anew and makes it durable. */
  stage(bytes: Uint8Array): Promise<void>
  /** Gives it its final name. `exists`: a file of that name is there and is untouched. */
  place(): Promise<'written' | 'exists'>
  /** Makes a final file durable that an earlier try placed: that one may have been cut off before it did. */
  settle(): Promise<void>
  /** What is there now. `sha256` is that of the final file, in hex; of what is no plain file, a text that fits no hash. */
  look(): Promise<{ readonly staged: boolean; readonly sha256: string | undefined }>
  /** Removes the temporary file, if it is there. */
  discard(): Promise<void>
}

/** `name` must be a plain file name; `mark` makes the temporary name the caller's own. */
export function stagedFile(folder: string, name: string, mark: string): StagedFile {
  const target = join(folder, name)
  const temporary = join(folder, `.${mark}.tmp`)
  const limited = <T>(work: Promise<T>, what: string): Promise<T> => withDeadline(work, deadlineMs, `${what} ${target}`)
  return {
    stage: (bytes) => limited(replaceAtomic(folder, basename(temporary), bytes), 'write'),
    place: () =>
      limited(
        renameNew(temporary, target).then(async (outcome) => {
          await syncFolder(folder)
          return outcome
        }),
        'place',
      ),
    settle: () =>
      limited(
        syncFile(target).then(() => syncFolder(folder)),
        'sync',
      ),
    look: () => limited(look(temporary, target), 'look at'),
    discard: () => limited(unlink(temporary).catch(unlessGone), 'discard'),
  }
}

async function look(temporary: string, target: string): Promise<{ staged: boolean; sha256: string | undefined }> {
  const staged = await lstat(temporary).then(() => true, unlessGone)
  return { staged: staged === true, sha256: await hashOf(target) }
}

/** A pipe would be waited for and a link followed, and others may write in the folder. */
async function hashOf(target: string): Promise<string | undefined> {
  const found = await lstat(target).catch(unlessGone)
  if (found === undefined) return undefined
  if (!found.isFile()) return 'no plain file'
  const bytes = await readFile(target).catch(unlessGone)
  return bytes === undefined ? undefined : createHash('sha256').update(bytes).digest('hex')
}

function unlessGone(error: unknown): undefined {
  if (!hasCode(error, ['ENOENT'])) throw error
  return undefined
}
