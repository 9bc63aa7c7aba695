/**
 * The disk side of `orderly check`: folders are there, may be used, and lie where they must.
 *
 * A missing folder that could be made is a warning, since it is made at the first start; on a path that cannot be
 * made it is an error. Claim folders must be on the file system of their import, the ledger on a local disk. Writes
 * nothing. Throws only on unexpected I/O errors.
 */
import { X509Certificate } from 'node:crypto'
import { access, constants, lstat, readFile, stat, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Place, Problem } from '../core/problem.ts'
import { hasCode } from '../platform/files.ts'
import type { Finding, Path } from './finding.ts'
import type { LoadedConfig } from './load.ts'

/** Every problem with the folders and files that the config names. */
export async function checkFolders({
  config,
  folder,
  placeOf,
}: Pick<LoadedConfig, 'config' | 'folder' | 'placeOf'>): Promise<readonly Problem[]> {
  const at = (name: string): string => resolve(folder, name)
  const { mail, sms } = config
  const found = await Promise.all([
    usable(at(config.data), ['data']),
    onLocalDisk(at(config.data), ['data']),
    closedToOthers(at(config.data), ['data']),
    ...Object.entries(config.imports).flatMap(([code, entry]) => [
      usable(at(entry.folder), ['imports', code, 'folder']),
      claimable(at(entry.folder), ['imports', code, 'folder']),
    ]),
    ...Object.entries(config.exports).map(([code, entry]) => usable(at(entry.folder), ['exports', code, 'folder'])),
    ...(mail.folder === undefined || mail.transport !== 'files' ? [] : [usable(at(mail.folder), ['mail', 'folder'])]),
    ...(sms.folder === undefined || sms.transport !== 'files' ? [] : [usable(at(sms.folder), ['sms', 'folder'])]),
    ...(mail.caFile === undefined ? [] : [certificate(at(mail.caFile), ['mail', 'caFile'])]),
    ...(sms.caFile === undefined ? [] : [certificate(at(sms.caFile), ['sms', 'caFile'])]),
    ...Object.entries(sms.accounts ?? {}).flatMap(([name, { caFile }]) =>
      caFile === undefined ? [] : [certificate(at(caFile), ['sms', 'accounts', name, 'caFile'])],
    ),
  ])
  return found.flat().map((finding) => toProblem(finding, placeOf(finding.path)))
}

const toProblem = ({ code, severity, message, found, expected, hint }: Finding, place: Place): Problem => ({
  code,
  severity: severity ?? 'error',
  place,
  message,
  ...(found === undefined ? {} : { found }),
  ...(expected === undefined ? {} : { expected }),
  ...(hint === undefined ? {} : { hint }),
})

const { R_OK, W_OK, X_OK } = constants

/** Whether the folder is there and may be read, written and searched by this user. */
export async function usable(folder: string, path: Path): Promise<readonly Finding[]> {
  const state = await stateOf(folder)
  switch (state) {
    case 'missing':
      return [await missing(folder, path)]
    case 'noFolder':
      return [{ code: 'C100', path, message: `${folder} is a file, not a folder` }]
    case 'folder': {
      const lacks = await lackingRights(folder)
      if (lacks.length === 0) return []
      const hint = 'Give the user of the service read, write and search rights.'
      return [{ code: 'C101', path, message: `${folder} may not be ${lacks.join(' or ')} by this user`, hint }]
    }
  }
}

async function stateOf(path: string): Promise<'missing' | 'folder' | 'noFolder'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'noFolder'
  } catch (error) {
    if (hasCode(error, ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP'])) return 'missing'
    throw new Error(`${path} could not be looked up`, { cause: error })
  }
}

async function lackingRights(folder: string): Promise<readonly string[]> {
  const rights = [
    ['read', R_OK],
    ['written', W_OK],
    ['searched', X_OK],
  ] as const
  const results = await Promise.all(rights.map(async ([word, mode]) => ((await allowed(folder, mode)) ? [] : [word])))
  return results.flat()
}

async function allowed(path: string, mode: number): Promise<boolean> {
  try {
    await access(path, mode)
    return true
  } catch (error) {
    if (hasCode(error, ['EACCES', 'EPERM', 'EROFS', 'ENOENT'])) return false
    throw new Error(`${path} could not be looked up`, { cause: error })
  }
}

async function missing(folder: string, path: Path): Promise<Finding> {
  let parent = dirname(folder)
  while ((await stateOf(parent)) === 'missing' && dirname(parent) !== parent) parent = dirname(parent)
  const canBeMade = (await stateOf(parent)) === 'folder' && (await allowed(parent, W_OK))
  const message = `${folder} does not exist`
  const hint = `Mount the share, or: mkdir -p ${folder}`
  return canBeMade ? { code: 'C100', path, severity: 'warning', message, hint } : { code: 'C100', path, message, hint }
}

/** Folders into which files of an import are renamed. */
const renameTargets = ['.orderly', 'processed', 'rejected', 'duplicate'] as const

async function claimable(folder: string, path: Path): Promise<readonly Finding[]> {
  if ((await stateOf(folder)) !== 'folder') return []
  const { dev } = await stat(folder)
  const findings = await Promise.all(
    renameTargets.map(async (name): Promise<readonly Finding[]> => {
      const target = join(folder, name)
      const state = await stateOf(target)
      if (state === 'missing') return []
      if (state === 'noFolder') return [{ code: 'C100', path, message: `${target} is a file, not a folder` }]
      const isLink = (await lstat(target)).isSymbolicLink()
      if ((await stat(target)).dev === dev) return isLink ? [linked(target, path)] : usable(target, path)
      const message = `${target} is on another file system than ${folder}: files cannot be renamed into it`
      return [{ code: 'C102', path, message }]
    }),
  )
  return findings.flat()
}

/** Whoever may write in the import folder could lead files into folders that only the service may write to. */
const linked = (target: string, path: Path): Finding => ({
  code: 'C105',
  path,
  message: `${target} is a symbolic link; files are moved into real folders only`,
  hint: 'Remove the link.',
})

/** Rights of users who are neither the owner nor of the group. */
const rightsOfOthers = 0o007

async function closedToOthers(folder: string, path: Path): Promise<readonly Finding[]> {
  if ((await stateOf(folder)) !== 'folder') return []
  const { mode } = await stat(folder)
  if ((mode & rightsOfOthers) === 0) return []
  const message = `${folder} is open to every user of this machine; it holds addresses, payments and texts of messages`
  return [{ code: 'C106', path, severity: 'warning', message, hint: `chmod o-rwx ${folder}` }]
}

/** f_type of statfs(2): NFS, SMB, CIFS, SMB2. */
const networkTypes: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
])

/** Name of the network file system of that type number, as statfs gives it (signed or unsigned), or undefined. */
export const networkFileSystem = (type: number): string | undefined => networkTypes.get(type >>> 0)

async function onLocalDisk(folder: string, path: Path): Promise<readonly Finding[]> {
  let existing = folder
  while ((await stateOf(existing)) === 'missing' && dirname(existing) !== existing) existing = dirname(existing)
  const name = networkFileSystem((await statfs(existing)).type)
  if (name === undefined) return []
  const hint = 'Put data on a local disk; imports and exports may be on shares.'
  const message = `${folder} is on a network share (${name}), where the ledger cannot be locked safely`
  return [{ code: 'C103', path, severity: 'warning', message, hint }]
}

async function certificate(file: string, path: Path): Promise<readonly Finding[]> {
  try {
    void new X509Certificate(await readFile(file))
    return []
  } catch (error) {
    if (hasCode(error, ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EISDIR'])) {
      return [{ code: 'C104', path, message: `${file} cannot be read`, hint: 'Check path and permissions.' }]
    }
    // OpenSSL has many codes for bytes that are no certificate
    if (hasOpenSslCode(error)) return [{ code: 'C104', path, message: `${file} holds no certificate`, expected: 'PEM' }]
    throw new Error(`${file} could not be read`, { cause: error })
  }
}

const hasOpenSslCode = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^ERR_OSSL|^ERR_CRYPTO/.test(String(error.code))
