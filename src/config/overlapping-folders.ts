/**
 * Folders of imports, exports and data must not be the same or lie in each other.
 *
 * A file would be imported that was just exported, or the ledger taken for input. Compared as real paths: symbolic
 * links are followed as far as the folders exist. Exports may share a folder when their file names differ. Reads
 * the disk only to follow links. Throws only on unexpected I/O errors.
 */
import { realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { hasCode } from '../platform/files.ts'
import type { Finding, Path } from './finding.ts'
import type { Config } from './schema.ts'

interface Use {
  readonly what: string
  readonly kind: 'import' | 'export' | 'data' | 'transport' | 'config'
  readonly path: Path
  readonly real: string
  /** Names of the files that are written. */
  readonly files?: string
}

/** `folder` is that of the main file. */
export async function overlappingFolders(config: Config, folder: string): Promise<readonly Finding[]> {
  const uses = await usedFolders(config, folder)
  return uses.flatMap((use, i) =>
    uses.slice(0, i).flatMap((other) => {
      const message = clash(use, other)
      return message === undefined ? [] : [finding(use, other, message)]
    }),
  )
}

const finding = (use: Use, other: Use, message: string): Finding => {
  const code = use.real === other.real && use.kind === 'export' && other.kind === 'export' ? 'C051' : 'C050'
  return { code, path: use.path, message, hint: 'Give each a folder of its own.' }
}

async function usedFolders(config: Config, folder: string): Promise<readonly Use[]> {
  const use = async (kind: Use['kind'], what: string, name: string, path: Path, files?: string): Promise<Use> => ({
    kind,
    what,
    path,
    real: await realFolder(resolve(folder, name)),
    ...(files === undefined ? {} : { files }),
  })
  const { mail, sms } = config
  return Promise.all([
    use('config', 'the config', folder, []),
    use('data', 'data', config.data, ['data']),
    ...(mail.folder === undefined ? [] : [use('transport', 'mail', mail.folder, ['mail', 'folder'])]),
    ...(sms.folder === undefined ? [] : [use('transport', 'sms', sms.folder, ['sms', 'folder'])]),
    ...Object.entries(config.imports).map(([code, { folder: name }]) =>
      use('import', `import ${code}`, name, ['imports', code, 'folder']),
    ),
    ...Object.entries(config.exports).map(([code, { folder: name, file }]) =>
      use('export', `export ${code}`, name, ['exports', code, 'folder'], file.replaceAll('{export}', code)),
    ),
  ])
}

/** Data, mails and SMS may lie in the config folder or in each other, nothing may hold the config folder. */
function clash(use: Use, other: Use): string | undefined {
  const isFile = (kind: Use['kind']): boolean => kind === 'import' || kind === 'export'
  if (!isFile(use.kind) && !isFile(other.kind)) return undefined
  const same = use.real === other.real
  if (use.kind === 'export' && other.kind === 'export') {
    return same && use.files === other.files ? `the same folder and file names as ${other.what}` : undefined
  }
  if (same) return `the same folder as that of ${other.what}`
  if (isInside(other.real, use.real)) return `the folder of ${other.what} lies in this one`
  if (isInside(use.real, other.real) && other.kind !== 'config') return `this lies in the folder of ${other.what}`
  return undefined
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`)
}

/** The real path; of what does not exist yet, the real path of the nearest folder that does, and the rest. */
async function realFolder(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const parent = dirname(path)
    if (parent === path || !hasCode(error, ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP'])) {
      throw new Error(`${path} could not be looked up`, { cause: error })
    }
    return join(await realFolder(parent), basename(path))
  }
}
