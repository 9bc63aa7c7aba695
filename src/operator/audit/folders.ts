/**
 * Looks into import folders: what waits, what is claimed, and the copies in processed/ and duplicate/ by their hash.
 *
 * Claims are looked at before the copies, in the order in which files move, so that a file that moves meanwhile is
 * seen at least once. Reads only; links are not followed. A folder that is away is told, not taken for empty.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileId } from '../../core/ids.ts'
import { hasCode } from '../../platform/files.ts'

export interface Claim {
  readonly path: string
  /** Since when, epoch milliseconds. */
  readonly since: number
}

/** A file whose bytes no known file has, so far as the ledger was asked. */
export interface Stranger {
  readonly path: string
  readonly place: 'processed' | 'duplicate'
  readonly sha256: string
}

export interface FolderView {
  readonly folder: string
  /** Why it cannot be looked at. */
  readonly away?: string
  /** Names of files that nobody has claimed yet. */
  readonly waiting: readonly string[]
  readonly claims: readonly Claim[]
  /** Days that have a folder in processed/. */
  readonly days: ReadonlySet<string>
  /** Ids of all files that lie claimed or in processed/. */
  readonly ids: ReadonlySet<string>
  readonly strangers: readonly Stranger[]
  /** Files read. */
  readonly read: number
}

/** `known`: those of the ids that the ledger has. */
export async function viewFolder(
  folder: string,
  imports: readonly string[],
  known: (ids: readonly string[]) => ReadonlySet<string>,
): Promise<FolderView> {
  const view = new View(folder, imports, known)
  try {
    return await view.look()
  } catch (error) {
    if (!hasCode(error, ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EIO', 'ESTALE', 'EHOSTDOWN', 'ENOTCONN'])) throw error
    const away = error instanceof Error ? error.message : String(error)
    return { folder, away, waiting: [], claims: [], days: new Set(), ids: new Set(), strangers: [], read: 0 }
  }
}

class View {
  readonly #folder: string
  readonly #imports: readonly string[]
  readonly #known: (ids: readonly string[]) => ReadonlySet<string>
  readonly #ids = new Set<string>()
  readonly #strangers: Stranger[] = []
  #read = 0

  constructor(folder: string, imports: readonly string[], known: (ids: readonly string[]) => ReadonlySet<string>) {
    this.#folder = folder
    this.#imports = imports
    this.#known = known
  }

  async look(): Promise<FolderView> {
    const waiting = (await plainFiles(this.#folder)).filter((name) => !name.startsWith('.'))
    const claims = await this.#claims(join(this.#folder, '.orderly'))
    const processed = join(this.#folder, 'processed')
    const days = await unlessGone(readdir(processed), [])
    for (const day of days) await this.#copies(join(processed, day), 'processed')
    await this.#copies(join(this.#folder, 'duplicate'), 'duplicate')
    return {
      folder: this.#folder,
      waiting,
      claims,
      days: new Set(days),
      ids: this.#ids,
      strangers: this.#strangers,
      read: this.#read,
    }
  }

  async #claims(folder: string): Promise<readonly Claim[]> {
    const claims: Claim[] = []
    for (const name of (await unlessGone(plainFiles(folder), [])).filter((each) => each.includes('~'))) {
      const path = join(folder, name)
      const stat = await unlessGone(lstat(path), undefined)
      const sha256 = stat && (await this.#hashOf(path))
      if (sha256 === undefined) continue // put away meanwhile: it is seen among the copies
      for (const id of this.#idsOf(sha256)) this.#ids.add(id)
      claims.push({ path, since: stat?.ctimeMs ?? 0 })
    }
    return claims
  }

  async #copies(folder: string, place: Stranger['place']): Promise<void> {
    const names = await unlessGone(plainFiles(folder), [])
    const there = new Set(names)
    for (const name of names) {
      if (name.startsWith('.') || isFinding(name, there)) continue
      const path = join(folder, name)
      const sha256 = await this.#hashOf(path)
      if (sha256 === undefined) continue
      const known = this.#known(this.#idsOf(sha256))
      if (known.size === 0) this.#strangers.push({ path, place, sha256 })
      if (place === 'processed') for (const id of known) this.#ids.add(id)
    }
  }

  /** Undefined when the file is gone. */
  async #hashOf(path: string): Promise<string | undefined> {
    const sha256 = await unlessGone(hashOf(path), undefined)
    if (sha256 !== undefined) this.#read += 1
    return sha256
  }

  /** The ids that a file of the hash has, one for each import of the folder. */
  #idsOf(sha256: string): readonly string[] {
    return this.#imports.map((name) => fileId(name, sha256))
  }
}

/** What stands beside an imported file for people and machines. */
function isFinding(name: string, names: ReadonlySet<string>): boolean {
  const about = /^(.+)\.problems\.(txt|json)$/.exec(name)?.[1]
  if (about !== undefined && names.has(about)) return true
  const [, stem = '', extension = ''] = /^(.+)\.rejected(\.[^.]*)?$/.exec(name) ?? []
  return stem !== '' && names.has(`${stem}${extension}.problems.txt`)
}

async function plainFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}

/** SHA-256 of a file in hex, read in pieces. Throws the system's error. */
export async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

export async function unlessGone<T, U>(work: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await work
  } catch (error) {
    if (hasCode(error, ['ENOENT', 'ENOTDIR'])) return otherwise
    throw error
  }
}
