/**
 * Loads all that an admin writes, config and templates, as one checked whole: a setup, or every problem.
 *
 * The daemon, its reload and the command line use the same function, so what `check` accepts is what runs.
 */
import { join, resolve } from 'node:path'
import { loadConfig, type LoadedConfig } from '../config/load.ts'
import type { Env } from '../config/secrets.ts'
import { readTemplateFiles, type TemplateFiles } from '../config/template-files.ts'
import type { Problem } from '../core/problem.ts'
import { programFolder } from '../platform/own-files.ts'
import { checkExportTemplates } from '../templates/check-exports.ts'
import { checkTemplates } from '../templates/check-templates.ts'
import { createRender } from '../templates/render.ts'
import { neededTemplates } from '../workflow/messages/needed-templates.ts'
import { makeSetup, type Setup } from '../workflow/setup.ts'

export interface LoadedSetup {
  readonly loaded: LoadedConfig
  readonly templates: TemplateFiles
  readonly setup: Setup
  readonly warnings: readonly Problem[]
}

export type SetupLoad =
  | { readonly kind: 'ok'; readonly value: LoadedSetup }
  | { readonly kind: 'bad'; readonly problems: readonly Problem[] }

/** The templates that ship with the program. */
export const packagedTemplates = join(programFolder, 'templates')

export async function loadSetup(mainFile: string, env: Env): Promise<SetupLoad> {
  const read = await loadConfig(mainFile, { env })
  if (read.kind === 'bad') return read
  const { loaded } = read
  const { config } = loaded
  const own = resolve(loaded.folder, config.templates)
  const templates = await readTemplateFiles(own === packagedTemplates ? [own] : [own, packagedTemplates])
  const sms = config.sms.encoding
  const problems = [
    ...checkTemplates(templates, placed(loaded), config.languages, sms),
    ...checkExportTemplates(templates, exportTemplates(loaded)),
  ]
  if (problems.some(({ severity }) => severity === 'error')) {
    return { kind: 'bad', problems: [...loaded.warnings, ...problems] }
  }
  const render = createRender(templates, { languages: config.languages, sms })
  const setup = makeSetup(config, loaded.hash, render)
  return { kind: 'ok', value: { loaded, templates, setup, warnings: [...loaded.warnings, ...problems] } }
}

const placed = ({ config, placeOf }: LoadedConfig) =>
  neededTemplates(config).map(({ path, ...need }) => ({ ...need, place: placeOf([...path]) }))

const exportTemplates = ({ config, placeOf }: LoadedConfig) =>
  Object.entries(config.exports).flatMap(([name, { kind, format }]) =>
    format.type === 'text'
      ? [{ template: format.template, kind, place: placeOf(['exports', name, 'format', 'template']) }]
      : [],
  )
