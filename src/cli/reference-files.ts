/**
 * The reference files of the config, with the tables of codes of all rooms, and the pages of the command line.
 * The only place that knows all tables of codes. Throws the error of the system when a file cannot be read or written.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { staleReference, writeReference } from '../config/reference.ts'
import { formatProblemCodes } from '../formats/problem-codes.ts'
import { hasCode, replaceAtomic } from '../platform/files.ts'
import { auditCodes } from '../operator/audit/codes.ts'
import { templateCodes } from '../templates/problem-codes.ts'

const moreCodes = [formatProblemCodes, templateCodes, auditCodes]

export interface ReferenceFiles {
  /** Names of the files under the folder that are missing or stale. */
  stale(folder: string): Promise<readonly string[]>
  /** Writes those; gives their names. */
  write(folder: string): Promise<readonly string[]>
}

/** `pages`: further files, by their path under the folder. */
export function ownFiles(pages: ReadonlyMap<string, string>): ReferenceFiles {
  const stalePages = async (folder: string): Promise<readonly string[]> => {
    const names: string[] = []
    for (const [name, content] of pages) if ((await contentOf(join(folder, name))) !== content) names.push(name)
    return names
  }
  return {
    stale: async (folder) => [...(await staleReference(folder, moreCodes)), ...(await stalePages(folder))],
    write: async (folder) => {
      const written = await writeReference(folder, moreCodes)
      const names = await stalePages(folder)
      for (const name of names) await place(join(folder, name), pages.get(name) ?? '')
      return [...written, ...names]
    },
  }
}

async function place(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await replaceAtomic(dirname(path), basename(path), content)
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (hasCode(error, ['ENOENT'])) return undefined
    throw error
  }
}
