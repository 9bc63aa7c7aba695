/**
 * Files of systemd that this program writes, and may write again: never over what a person changed.
 *
 * The second line of each file holds a hash of the rest. Where it fits, the file is ours and may be replaced; where it
 * does not, or is missing, a person wrote it and it is left as it is. Throws the system's error.
 */
import { createHash } from 'node:crypto'
import { chmod, lstat, mkdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { hasCode, replaceAtomic } from '../platform/files.ts'

export interface UnitFile {
  readonly path: string
  readonly text: string
}

/** `edited`: of a person, or no plain file (a masked unit is a link). */
export type FileState = 'missing' | 'same' | 'stale' | 'edited'

export const unitName = 'orderly.service'

export const unitFiles = (folder: string, unit: string, dropIn: string): readonly UnitFile[] => [
  { path: join(folder, unitName), text: signed(unit) },
  { path: join(folder, `${unitName}.d`, '10-config.conf'), text: signed(dropIn) },
]

export async function stateOf({ path, text }: UnitFile): Promise<FileState> {
  try {
    if (!(await lstat(path)).isFile()) return 'edited'
    const found = await readFile(path, 'utf8')
    if (found === text) return 'same'
    return isSigned(found) ? 'stale' : 'edited'
  } catch (error) {
    if (hasCode(error, ['ENOENT'])) return 'missing'
    throw error
  }
}

/** Readable for everybody, as units are, whatever the umask. */
export async function writeUnitFile({ path, text }: UnitFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 })
  await replaceAtomic(dirname(path), basename(path), text, { mode: 0o644 })
  await chmod(path, 0o644)
}

const head =
  '# Written by "orderly systemd install", and written anew by it. For changes of your own: systemctl edit orderly'
const mark = '# Content: sha256 '

const signed = (text: string): string => `${head}\n${mark}${hashOf(text)}\n\n${text}`

function isSigned(text: string): boolean {
  const [first, second = '', third, ...rest] = text.split('\n')
  return first !== undefined && third === '' && second === `${mark}${hashOf(rest.join('\n'))}`
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')
