/**
 * A file written in two steps, so that a crash between them can be told from one after the second.
 *
 * `stage` writes and fsyncs a hidden temporary file of a fixed name; `place` renames it to its
 * final name and fsyncs the folder. After a crash: the temporary file is there, so it was never
 * placed; it is not there and the final file neither: either it was never staged, or somebody took it.
 */
import { lstat, mkdir, readFile, unlink } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { hasCode, renameNew, syncFolder, withDeadline, writeSynced } from './files.ts'

/** Milliseconds for each step; a hung share must not hang the caller. */
const deadlineMs = 60_000

export interface StagedFile {
  /** Writes the temporary file anew and makes it durable. */
  stage(bytes: Uint8Array): Promise<void>
  /** Gives it its final name. `exists`: a file of that name is there and is untouched. */
  place(): Promise<'written' | 'exists'>
  /** What is there now. `sha256` is that of the final file, in hex. */
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
    stage: (bytes) =>
      limited(
        mkdir(folder, { recursive: true })
          .then(() => writeSynced(temporary, bytes, 'w'))
          .then(() => syncFolder(folder)),
        'write',
      ),
    place: () =>
      limited(
        renameNew(temporary, target).then(async (outcome) => {
          await syncFolder(folder)
          return outcome
        }),
        'place',
      ),
    look: () => limited(look(temporary, target), 'look at'),
    discard: () => limited(unlink(temporary).catch(unlessGone), 'discard'),
  }
}

async function look(temporary: string, target: string): Promise<{ staged: boolean; sha256: string | undefined }> {
  const staged = await lstat(temporary).then(() => true, unlessGone)
  const bytes = await readFile(target).catch(unlessGone)
  return {
    staged: staged === true,
    sha256: bytes === undefined ? undefined : createHash('sha256').update(bytes).digest('hex'),
  }
}

function unlessGone(error: unknown): undefined {
  if (!hasCode(error, ['ENOENT'])) throw error
  return undefined
}
