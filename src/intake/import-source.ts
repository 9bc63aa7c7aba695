/**
 * An import of the config with what reading its files needs, resolved once per config load.
 *
 * Looks at nothing but the config: the folder need not be there. Undefined for a name that the config lacks.
 */
import { resolve } from 'node:path'
import type { Config, Import } from '../config/schema.ts'
import type { Defaults } from '../formats/interpret.ts'

export interface ImportSource {
  readonly name: string
  readonly config: Import
  /** Absolute path of the folder. */
  readonly folder: string
  /** What records lack and the config knows. */
  readonly defaults: Defaults & { readonly zone: string }
}

/** A file that is to be read, and its name for people. */
export interface FileToImport {
  readonly path: string
  readonly name: string
}

export function importSource(config: Config, folder: string, name: string): ImportSource | undefined {
  const source = Object.hasOwn(config.imports, name) ? config.imports[name] : undefined
  if (source === undefined) return undefined
  return {
    name,
    config: source,
    folder: resolve(folder, source.folder),
    defaults: {
      channel: source.channel ?? name,
      company: source.company ?? config.company.code,
      ...(source.channel !== undefined && { statusChannel: source.channel }),
      account: source.account ?? name,
      currency: config.currency,
      country: config.country,
      zone: config.timeZone,
    },
  }
}
