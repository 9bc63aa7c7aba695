/**
 * Loads the config: files → checked, frozen value with its secrets apart, or every problem at once.
 *
 * Guarantees: a config that loads has passed the schema and all cross checks; it never changes; its hash
 * is the same for the same settings however they are spread over files. Does not look at the folders that it
 * names (check-folders.ts does) nor at templates. Throws only on unexpected I/O errors.
 */
import { createHash } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import type { Instant } from '../core/date.ts'
import type { Place, Problem } from '../core/problem.ts'
import { systemClock } from '../platform/clock.ts'
import { checkSchema, restsOn } from './check-schema.ts'
import { crossCheck } from './cross-check.ts'
import type { Finding, Path } from './finding.ts'
import { inOrder, locate } from './locate.ts'
import { namesIn } from './names.ts'
import { overlappingFolders } from './overlapping-folders.ts'
import { readConfigFiles, sections } from './read-folder.ts'
import type { ConfigFiles } from './read-folder.ts'
import type { Config } from './schema.ts'
import { isSecretPath, resolveSecrets } from './secrets.ts'
import type { Env, Secrets } from './secrets.ts'

export interface LoadedConfig {
  /** Deep-frozen; passwords stand in it as references or hidden. */
  readonly config: Config
  readonly secrets: Secrets
  /** First 16 hex digits of the SHA-256 of all settings, defaults included, secrets left out. */
  readonly hash: string
  /** All config files, beginning with the folder as it was given. */
  readonly files: readonly string[]
  /** Absolute folder of the main file: relative folders in the config start here. */
  readonly folder: string
  readonly warnings: readonly Problem[]
  /** File, line and column of a key, for problems that other rooms find. */
  readonly placeOf: (path: Path) => Place
}
export type ConfigLoad =
  | { readonly kind: 'ok'; readonly loaded: LoadedConfig }
  /** Errors, and warnings among them, in the order of the files. */
  | { readonly kind: 'bad'; readonly problems: readonly Problem[] }

export interface LoadOptions {
  /** Where `${NAME}` is looked up; undefined: no secret is looked up, and none can be had from the result. */
  readonly env: Env | undefined
  /** Day from which a calendar is searched for an open day; default: the system clock. */
  readonly now?: Instant
}

/** Loads `mainFile` and the folders beside it. */
export async function loadConfig(mainFile: string, options: LoadOptions): Promise<ConfigLoad> {
  const files = await readConfigFiles(mainFile)
  if (!files.parts.some(({ path }) => path.length === 0)) return bad(files.problems, files)
  const folder = resolve(dirname(mainFile))
  const { secrets, findings, data } = await resolveSecrets(files.data, folder, options.env)
  const { config, findings: more } = await check(data as Data, files, folder, options.now ?? systemClock.now())
  const locator = locate(files.parts, (path) => isSecretPath(path, files.data))
  const problems = [...files.problems, ...[...findings, ...more].map(locator.toProblem)]
  if (config === undefined || problems.some(({ severity }) => severity === 'error')) return bad(problems, files)
  const loaded: LoadedConfig = Object.freeze({
    config: freeze(config),
    secrets,
    hash: hashOf(config),
    files: files.files,
    folder,
    warnings: inOrder(problems, files.files),
    placeOf: locator.place,
  })
  return { kind: 'ok', loaded }
}

/** The absolute path of a folder or file that the config names. */
export const inFolder = ({ folder }: Pick<LoadedConfig, 'folder'>, path: string): string => resolve(folder, path)

type Data = Readonly<Record<string, unknown>>

async function check(
  data: Data,
  files: ConfigFiles,
  folder: string,
  now: Instant,
): Promise<{ readonly config?: Config; readonly findings: readonly Finding[] }> {
  const { config, findings, replaced } = checkSchema(data)
  if (config === undefined) return { findings }
  const names = namesIn(data, files.incomplete)
  const crossed = [...crossCheck({ config, names, now }), ...(await overlappingFolders(config, folder))]
  return { config, findings: [...findings, ...crossed.filter((finding) => !restsOn(finding, replaced))] }
}

const bad = (problems: readonly Problem[], { files }: ConfigFiles): ConfigLoad => ({
  kind: 'bad',
  problems: inOrder(problems, files),
})

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.values(value).forEach(freeze)
    Object.freeze(value)
  }
  return value
}

/**
 * Entries of sections in alphabetical order, since files come in any order; elsewhere the order is kept, for it
 * can mean something (columns of an export, steps).
 */
function hashOf(config: Config): string {
  const sorted = Object.entries(config).map(([key, value]): readonly [string, unknown] => {
    if (!sections.some((section) => section === key)) return [key, value]
    return [key, Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1))]
  })
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16)
}
