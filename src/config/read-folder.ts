/**
 * Gathers the files of a config: the main file and the folders and files beside it.
 *
 * `workflows/x.yaml` holds the entry `x` of `workflows`, `stores.yaml` the whole map; both may stand
 * beside a map in the main file. The same code in two places is a problem that names both. Yields one
 * raw value for all, unchecked, and the parts for locate.ts. Throws only on unexpected I/O errors.
 */
import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { Place, Problem } from '../core/problem.ts'
import { hasCode } from '../platform/files.ts'
import type { Path } from './finding.ts'
import { placeIn } from './locate.ts'
import { nearest } from './nearest.ts'
import type { ConfigCode } from './problem-codes.ts'
import { readSource } from './yaml-source.ts'
import type { Part } from './yaml-source.ts'

export interface ConfigFiles {
  /** The main file first. */
  readonly parts: readonly Part[]
  /** All files that were looked at, readable or not. */
  readonly files: readonly string[]
  readonly data: Readonly<Record<string, unknown>>
  readonly problems: readonly Problem[]
  /** Sections of which a file could not be read: their codes are not all known. */
  readonly incomplete: ReadonlySet<Section>
}

export const sections = [
  'imports',
  'exports',
  'workflows',
  'stores',
  'channels',
  'calendars',
  'carriers',
  'groups',
] as const
export type Section = (typeof sections)[number]
/** Form of a code; the schema says the same of keys. */
const codePattern = /^[A-Za-z0-9][\w.-]{0,39}$/

interface Candidate {
  readonly file: string
  readonly path: Path
}

/** Reads everything; file names are shown beginning with the folder of `mainFile` as it was given. */
export async function readConfigFiles(mainFile: string): Promise<ConfigFiles> {
  const beside = await listBeside(dirname(mainFile))
  const candidates: Candidate[] = [{ file: mainFile, path: [] }, ...beside.candidates]
  const parts: Part[] = []
  const problems: Problem[] = [...beside.problems]
  const incomplete = new Set<Section>()
  for (const { file, path } of candidates) {
    const { source, problems: found } = await readSource(file, file)
    problems.push(...found)
    if (source) parts.push({ path, source })
    else for (const section of sections) if (path.length === 0 || path[0] === section) incomplete.add(section)
  }
  const merged = merge(parts)
  const files = candidates.map(({ file }) => file)
  return { parts, files, data: merged.data, problems: [...problems, ...merged.problems], incomplete }
}

interface Beside {
  readonly candidates: readonly Candidate[]
  readonly problems: readonly Problem[]
}

async function listBeside(folder: string): Promise<Beside> {
  const candidates: Candidate[] = []
  const problems: Problem[] = []
  for (const entry of await entriesOf(folder)) {
    const section = sections.find((name) => name === nameOf(entry))
    if (section === undefined) problems.push(...strayEntry(folder, entry))
    else if (!isFolder(entry)) candidates.push({ file: join(folder, entry.name), path: [section] })
    else {
      const inside = await listSection(join(folder, entry.name), section)
      candidates.push(...inside.candidates)
      problems.push(...inside.problems)
    }
  }
  return { candidates, problems }
}

/** A folder keeps its name; a file loses `.yaml`. Other files have no name. */
const nameOf = (entry: Dirent): string | undefined =>
  isFolder(entry) ? entry.name : entry.name.endsWith('.yaml') ? basename(entry.name, '.yaml') : undefined
const isFolder = (entry: Dirent): boolean =>
  entry.isDirectory() || (entry.isSymbolicLink() && extname(entry.name) === '')

async function listSection(folder: string, section: Section): Promise<Beside> {
  const candidates: Candidate[] = []
  const problems: Problem[] = []
  for (const entry of await entriesOf(folder)) {
    const file = join(folder, entry.name)
    const code = nameOf(entry)
    if (entry.name.startsWith('.')) continue
    if (isFolder(entry) || code === undefined) problems.push(notRead(file, 'only NAME.yaml is read here'))
    else if (codePattern.test(code)) candidates.push({ file, path: [section, code] })
    else problems.push(badName(file, code))
  }
  return { candidates, problems }
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    // the main file in such a folder is reported as unreadable
    if (hasCode(error, ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'])) return []
    throw new Error(`folder ${folder} could not be read`, { cause: error })
  }
}

/** Only what looks like a mistyped section is worth a word; other files are none of our business. */
function strayEntry(folder: string, entry: Dirent): readonly Problem[] {
  const name = entry.name.replace(/\.ya?ml$/, '')
  if (!isFolder(entry) && name === entry.name) return []
  const meant = nearest(name, sections)
  if (meant === undefined) return []
  const expected = isFolder(entry) ? `${meant}/` : `${meant}.yaml`
  return [{ ...notRead(join(folder, entry.name), 'this is not read'), hint: `Did you mean "${expected}"?` }]
}

const notRead = (file: string, message: string): Problem => ({
  code: 'C009' satisfies ConfigCode,
  severity: 'warning',
  place: { file },
  message,
})

const badName = (file: string, name: string): Problem => ({
  code: 'C017' satisfies ConfigCode,
  severity: 'error',
  place: { file },
  message: 'the file name is the code, and cannot be one',
  found: JSON.stringify(name),
  expected: 'letters, digits, "-", "_" and ".", at most 40',
  hint: 'Rename the file.',
})

interface Merged {
  readonly data: Readonly<Record<string, unknown>>
  readonly problems: readonly Problem[]
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function merge(parts: readonly Part[]): Merged {
  const main = parts.find(({ path }) => path.length === 0)
  const data: Record<string, unknown> = isRecord(main?.source.data) ? { ...main.source.data } : {}
  const origin = new Map<string, Place>()
  const problems: Problem[] = []
  for (const section of sections) {
    const entries = entriesBySource(parts, section)
    if (entries.length === 0) continue
    // what is no map is left for the schema to refuse
    if (data[section] !== undefined && data[section] !== null && !isRecord(data[section])) continue
    const all: [string, unknown][] = []
    for (const { code, value, part } of entries) {
      const place = placeIn(part, [section, code], 'key')
      const before = origin.get(`${section}.${code}`)
      if (before === undefined) all.push([code, value])
      else problems.push(twice(code, before, place))
      origin.set(`${section}.${code}`, before ?? place)
    }
    data[section] = Object.fromEntries(all)
  }
  return { data, problems }
}

interface Entry {
  readonly code: string
  readonly value: unknown
  readonly part: Part
}

function entriesBySource(parts: readonly Part[], section: Section): readonly Entry[] {
  return parts.flatMap((part): readonly Entry[] => {
    const { path, source } = part
    if (path.length === 2 && path[0] === section) return [{ code: String(path[1]), value: source.data, part }]
    const main = path.length === 0 && isRecord(source.data) ? source.data[section] : undefined
    const map = path.length === 1 && path[0] === section ? source.data : main
    return isRecord(map) ? Object.entries(map).map(([code, value]) => ({ code, value, part })) : []
  })
}

const twice = (code: string, first: Place, second: Place): Problem => ({
  code: 'C020' satisfies ConfigCode,
  severity: 'error',
  place: second,
  message: `"${code}" stands in two places: ${first.file}:${first.line} and ${second.file}:${second.line}`,
  hint: 'Keep one of the two.',
})
