/**
 * Remembers on which mounted file system each folder lay when it was last used, over restarts.
 *
 * The mount point of a share that is away is an ordinary empty folder: without a memory, a daemon that starts before the
 * share is mounted would write beneath it, where nobody looks. One small file in the data folder, names only, no
 * device numbers (they differ after each boot). A file that is missing or cut is an empty memory. Throws the system's error.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode, replaceAtomic } from './files.ts'

export interface MountMemory {
  /** Where a person can look and strike out what holds no more. */
  readonly file: string
  /** The mount point that a folder lay on; undefined: none, or never seen. */
  mountOf(folder: string): Promise<string | undefined>
  remember(folder: string, mount: string | undefined): Promise<void>
}

const fileName = 'mounts.json'

export function mountMemory(dataFolder: string): MountMemory {
  const file = join(dataFolder, fileName)
  let known: Promise<Map<string, string>> | undefined
  let writing: Promise<void> = Promise.resolve()
  const all = (): Promise<Map<string, string>> => (known ??= readAll(file))
  return {
    file,
    mountOf: async (folder) => (await all()).get(folder),
    remember: async (folder, mount) => {
      const mounts = await all()
      if (mounts.get(folder) === mount) return
      if (mount === undefined) mounts.delete(folder)
      else mounts.set(folder, mount)
      const text = `${JSON.stringify(Object.fromEntries(mounts), undefined, 2)}\n`
      writing = writing.catch(() => undefined).then(() => replaceAtomic(dataFolder, fileName, text))
      await writing
    },
  }
}

async function readAll(file: string): Promise<Map<string, string>> {
  try {
    const found: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (typeof found !== 'object' || found === null) return new Map()
    return new Map(Object.entries(found).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  } catch (error) {
    if (error instanceof SyntaxError || hasCode(error, ['ENOENT'])) return new Map()
    throw error
  }
}
