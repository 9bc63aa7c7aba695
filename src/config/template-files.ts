/**
 * Reads the template folders into one value: own files first, those of the package for what they lack.
 *
 * `<topic>/<name>/<lang>.{html,txt,sms}.mustache`, `partials/<name>[.<lang>].mustache`, images in
 * `assets/` and `exports/*.mustache`. Nothing outside the given folders is read, not even through a
 * symbolic link; sizes and the number of files are bounded. What can't be used is a problem (T001, T002)
 * and is left out. A folder that does not exist counts as empty. Does not look into the templates.
 * Throws when a folder can't be read for another reason.
 */
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, join, sep } from 'node:path'
import type { Problem } from '../core/problem.ts'

export type TemplatePart = 'html' | 'txt' | 'sms'

export interface TemplateFile {
  readonly text: string
  /** As a person finds it on the disk. */
  readonly file: string
  /** false: it came with the package. */
  readonly own: boolean
}

export interface TemplateAsset {
  readonly name: string
  readonly contentType: string
  /** Base64. */
  readonly content: string
  readonly file: string
}

export type TemplateParts = Readonly<Partial<Record<TemplatePart, TemplateFile>>>

export interface TemplateFiles {
  /** `customer/ready` → language → part. */
  readonly templates: ReadonlyMap<string, ReadonlyMap<string, TemplateParts>>
  /** `footer` → language, or '' for all languages. */
  readonly partials: ReadonlyMap<string, ReadonlyMap<string, TemplateFile>>
  /** `logo.png` → image. */
  readonly assets: ReadonlyMap<string, TemplateAsset>
  /** `exports/clearing.xml.mustache` → file. */
  readonly exports: ReadonlyMap<string, TemplateFile>
  readonly problems: readonly Problem[]
}

const maxTextBytes = 256 * 1024
const maxAssetBytes = 1024 * 1024
const maxFiles = 5000
const maxDepth = 6

const imageTypes: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
}

const folderPattern = /^[a-z0-9][\w-]*$/i
const partPattern = /^([a-z]{2,3}(?:-[a-z0-9]{2,8})*)\.(html|txt|sms)\.mustache$/i
const partialPattern = /^([a-z0-9][\w-]*)(?:\.([a-z]{2,3}(?:-[a-z0-9]{2,8})*))?\.mustache$/i
const exportPattern = /^[a-z0-9][\w.-]*\.mustache$/i
const assetPattern = /^[a-z0-9][\w.-]*\.([a-z]+)$/i

interface Found {
  readonly templates: Map<string, Map<string, Partial<Record<TemplatePart, TemplateFile>>>>
  readonly partials: Map<string, Map<string, TemplateFile>>
  readonly assets: Map<string, TemplateAsset>
  readonly exports: Map<string, TemplateFile>
  readonly problems: Problem[]
}

/** One file on the disk: its path, and its path below the folder, always with `/`. */
interface OnDisk {
  readonly file: string
  readonly path: readonly string[]
  readonly own: boolean
}

/**
 * Reads the folders, the admin's own first and the packaged one last: a file of an earlier folder stands in for the
 * same (template, language, part), partial, image or export template of a later one (P15).
 */
export async function readTemplateFiles(folders: readonly string[]): Promise<TemplateFiles> {
  const found: Found = {
    templates: new Map(),
    partials: new Map(),
    assets: new Map(),
    exports: new Map(),
    problems: [],
  }
  for (const [index, folder] of folders.entries()) {
    const own = folders.length > 1 && index < folders.length - 1
    for (const onDisk of await listFolder(folder, own, found.problems)) await take(onDisk, found)
  }
  return found
}

async function listFolder(folder: string, own: boolean, problems: Problem[]): Promise<readonly OnDisk[]> {
  const root = await realpath(folder).catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw new Error(`the template folder ${folder} can't be read`, { cause: error })
  })
  if (root === undefined) return []
  const files: OnDisk[] = []
  await walk(root, [], async (path) => {
    files.push({ file: join(folder, ...path), path, own })
    if (files.length <= maxFiles) return true
    problems.push(unusable(folder, `more than ${maxFiles} files`, 'a folder that holds templates only'))
    return false
  })
  const outside: OnDisk[] = []
  for (const onDisk of files) if (!(await isInside(onDisk.file, root))) outside.push(onDisk)
  for (const { file } of outside) {
    problems.push(unusable(file, 'a link to a place outside the template folder', 'a file in the template folder'))
  }
  return files.filter((onDisk) => !outside.includes(onDisk)).sort((a, b) => (a.file < b.file ? -1 : 1))
}

/** Calls `visit` for each file; false from it ends the walk. Links to folders are not followed. */
async function walk(
  root: string,
  path: readonly string[],
  visit: (path: readonly string[]) => Promise<boolean>,
): Promise<boolean> {
  const entries = await readdir(join(root, ...path), { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (isLitter(entry.name)) continue
    const below = [...path, entry.name]
    const goOn = entry.isDirectory() && below.length < maxDepth ? await walk(root, below, visit) : await visit(below)
    if (!goOn) return false
  }
  return true
}

/** What editors and version control leave about, and notes for people. */
const isLitter = (name: string): boolean => name.startsWith('.') || name.endsWith('~') || /\.(md|bak|orig)$/i.test(name)

async function isInside(file: string, root: string): Promise<boolean> {
  const real = await realpath(file).catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
  return real !== undefined && real.startsWith(root.endsWith(sep) ? root : root + sep)
}

async function take(onDisk: OnDisk, found: Found): Promise<void> {
  const [top, ...rest] = onDisk.path
  const name = basename(onDisk.file)
  if (top === 'assets') return takeAsset(onDisk, rest, found)
  if (top === 'exports') return takeExport(onDisk, name, found)
  if (top === 'partials') return takePartial(onDisk, rest, name, found)
  return takeTemplate(onDisk, name, found)
}

async function takeTemplate(onDisk: OnDisk, fileName: string, found: Found): Promise<void> {
  const match = partPattern.exec(fileName)
  const folders = onDisk.path.slice(0, -1)
  if (!match || folders.length < 2 || !folders.every((folder) => folderPattern.test(folder))) {
    return notUnderstood(onDisk, '<topic>/<name>/<language>.{html,txt,sms}.mustache', found)
  }
  const [language, part] = [languageTag(match[1] ?? ''), match[2] as TemplatePart]
  if (language === undefined) return notUnderstood(onDisk, 'a language such as hu or de-AT', found)
  const versions =
    found.templates.get(folders.join('/')) ?? new Map<string, Partial<Record<TemplatePart, TemplateFile>>>()
  const parts = versions.get(language) ?? {}
  if (parts[part]) return
  const file = await readText(onDisk, found.problems)
  if (!file) return
  parts[part] = file
  versions.set(language, parts)
  found.templates.set(folders.join('/'), versions)
}

async function takePartial(onDisk: OnDisk, rest: readonly string[], fileName: string, found: Found): Promise<void> {
  const match = partialPattern.exec(fileName)
  const language = match?.[2] === undefined ? '' : languageTag(match[2])
  if (!match || language === undefined) return notUnderstood(onDisk, 'partials/<name>[.<language>].mustache', found)
  const name = [...rest.slice(0, -1), match[1]].join('/')
  const versions = found.partials.get(name) ?? new Map<string, TemplateFile>()
  if (versions.has(language)) return
  const file = await readText(onDisk, found.problems)
  if (file) found.partials.set(name, versions.set(language, file))
}

async function takeExport(onDisk: OnDisk, fileName: string, found: Found): Promise<void> {
  const path = onDisk.path.join('/')
  if (!exportPattern.test(fileName)) return notUnderstood(onDisk, 'exports/<name>.mustache', found)
  if (found.exports.has(path)) return
  const file = await readText(onDisk, found.problems)
  if (file) found.exports.set(path, file)
}

async function takeAsset(onDisk: OnDisk, rest: readonly string[], found: Found): Promise<void> {
  const [name, deeper] = rest
  const contentType = imageTypes[assetPattern.exec(name ?? '')?.[1]?.toLowerCase() ?? '']
  if (name === undefined || deeper !== undefined || contentType === undefined) {
    return notUnderstood(onDisk, 'assets/<name>.{png,jpg,gif,webp}', found)
  }
  if (found.assets.has(name)) return
  const bytes = await readBounded(onDisk, maxAssetBytes, found.problems)
  if (bytes) found.assets.set(name, { name, contentType, content: bytes.toString('base64'), file: onDisk.file })
}

async function readText(onDisk: OnDisk, problems: Problem[]): Promise<TemplateFile | undefined> {
  const bytes = await readBounded(onDisk, maxTextBytes, problems)
  if (!bytes) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\r\n', '\n')
    return { text, file: onDisk.file, own: onDisk.own }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    problems.push(unusable(onDisk.file, 'bytes that are not UTF-8', 'text in UTF-8'))
    return undefined
  }
}

async function readBounded(onDisk: OnDisk, limit: number, problems: Problem[]): Promise<Buffer | undefined> {
  const status = await stat(onDisk.file)
  if (!status.isFile()) {
    problems.push(unusable(onDisk.file, 'no regular file', 'a file'))
    return undefined
  }
  if (status.size > limit) {
    problems.push(unusable(onDisk.file, `${status.size} bytes`, `at most ${limit} bytes`))
    return undefined
  }
  return readFile(onDisk.file)
}

function unusable(file: string, found: string, expected: string): Problem {
  return { code: 'T001', severity: 'error', place: { file }, found, expected, message: 'This file can’t be used' }
}

function notUnderstood(onDisk: OnDisk, expected: string, found: Found): void {
  found.problems.push({
    code: 'T002',
    severity: 'warning',
    place: { file: onDisk.file },
    found: onDisk.path.join('/'),
    expected,
    message: 'A file among the templates has a name that says nothing to Orderly; it is not used',
  })
}

/** The tag in canonical form (`hu`, `de-AT`); undefined when Intl knows no such form. */
function languageTag(text: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(text)[0]
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
