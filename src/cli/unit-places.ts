/**
 * What a unit must let in: the folders, files and credentials that a config names, and this very program.
 *
 * Finds also what systemd cannot be told or the service could not see, and what is still to be made. Looks at the
 * disk only to say what is missing. Throws the system's error.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inFolder, type LoadedConfig } from '../config/load.ts'
import { secretSources } from '../config/secrets.ts'
import { smsAccounts } from '../config/sms-accounts.ts'
import { hasCode } from '../platform/files.ts'
import { mainFile, programFolder } from '../platform/own-files.ts'
import { whyNoPath, whyNoProgram } from '../platform/unit-syntax.ts'
import type { DropInPlaces, UnitPlaces } from './unit-text.ts'

export interface ServicePlaces {
  readonly unit: UnitPlaces
  readonly dropIn: DropInPlaces
  /** Files that are read, beside those of the program. */
  readonly read: readonly string[]
  /** Variables of the environment that hold secrets. */
  readonly variables: readonly string[]
}

export interface Program {
  /** Absolute path of the runtime, then that of the program. */
  readonly command: readonly [node: string, main: string]
  readonly folder: string
}

/** This installation, from `src/` and from `dist/` alike; the runtime is the one that runs now. */
export function thisProgram(): Program {
  return { command: [process.execPath, mainFile], folder: programFolder }
}

export function servicePlaces(loaded: LoadedConfig, configFile: string, user: string, program: Program): ServicePlaces {
  const { config } = loaded
  const at = (path: string): string => inFolder(loaded, path)
  const { mail, sms } = config
  const dataFolder = at(config.data)
  const messages = [mail, sms].flatMap(({ transport, folder }) =>
    transport === 'files' && folder !== undefined ? [folder] : [],
  )
  const exchanged = [...Object.values(config.imports), ...Object.values(config.exports)].map(({ folder }) => folder)
  const written = [...new Set([...exchanged, ...messages].map(at))].toSorted()
  const { credentials, files, variables } = secretSources(config)
  const gateways = smsAccounts(sms).map(({ settings }) => settings.caFile)
  const authorities = [...new Set([mail.caFile, ...gateways])].filter((file) => file !== undefined)
  return {
    unit: {
      user,
      program: program.command,
      configFile,
      dataFolder,
      pages: [join(program.folder, 'systemd/README.md'), join(program.folder, 'docs/operations.md')],
    },
    dropIn: {
      configFile,
      dataFolder,
      folders: written.filter((path) => !isWithin(path, dataFolder) || path === dataFolder),
      credentials: credentials.map((name) => ({ name, file: join(dirname(loaded.folder), 'credentials', name) })),
    },
    read: [...[...files, ...authorities].map(at), at(config.templates)],
    variables,
  }
}

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)

/** Paths that no unit can name, each with the reason. */
export function unnamable({ unit, dropIn }: ServicePlaces): readonly string[] {
  const [node = ''] = unit.program
  const paths = [
    ...unit.program.slice(1),
    unit.configFile,
    unit.dataFolder,
    ...dropIn.folders,
    ...dropIn.credentials.map(({ file }) => file),
  ]
  const reasons = [[node, whyNoProgram(node)] as const, ...paths.map((path) => [path, whyNoPath(path)] as const)]
  return reasons.flatMap(([path, why]) => (why === undefined ? [] : [`${path}: ${why}`]))
}

/** Folders that the unit hides from the service (ProtectHome=, PrivateTmp=, PrivateDevices=). */
const hidden = ['/home', '/root', '/run/user', '/tmp', '/var/tmp', '/dev']

/** Paths that the service needs and would not see. */
export function unseen({ unit, dropIn, read }: ServicePlaces): readonly string[] {
  const needed = [...unit.program, unit.configFile, unit.dataFolder, ...dropIn.folders, ...read]
  return [...new Set(needed)].filter((path) => hidden.some((folder) => isWithin(path, folder)))
}

/** Folders and files that are not there yet; those that cannot be looked at count as there. */
export function missing({ dropIn }: ServicePlaces): {
  readonly folders: readonly string[]
  readonly credentials: readonly string[]
} {
  return {
    folders: dropIn.folders.filter((path) => !existsSync(path)),
    credentials: dropIn.credentials.map(({ file }) => file).filter((path) => !existsSync(path)),
  }
}

/** Whether /etc/passwd has the user; one of a directory service is not seen. */
export function isLocalUser(name: string): boolean {
  try {
    return readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .some((line) => line.startsWith(`${name}:`))
  } catch (error) {
    if (hasCode(error, ['ENOENT'])) return false
    throw error
  }
}
