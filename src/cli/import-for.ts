/**
 * Which import of the config a file that is named on the command line belongs to.
 *
 * The one that is named, else the only one whose pattern fits the file's name; a guess is never made. Throws a
 * Failure with code 64 that lists the imports.
 */
import { didYouMean } from '../config/nearest.ts'
import type { Config } from '../config/schema.ts'
import type { ImportSource } from '../intake/import-source.ts'
import type { Acting } from './context.ts'
import { type Failure, usage } from './failure.ts'

export async function sourceFor(
  { config, folder }: Acting['loaded'],
  file: string,
  named: string | undefined,
): Promise<ImportSource> {
  const { importSource } = await import('../intake/import-source.ts')
  const name = named ?? (await fittingImport(config, file))
  const source = importSource(config, folder, name)
  if (source === undefined) throw unknownImport(config, name)
  return source
}

async function fittingImport({ imports }: Config, file: string): Promise<string> {
  const { matcher } = await import('../intake/readiness.ts')
  const fitting = Object.entries(imports).filter(([, { files }]) =>
    matcher(typeof files === 'string' ? [files] : files)(file),
  )
  const [only, ...others] = fitting.map(([name]) => name)
  if (only !== undefined && others.length === 0) return only
  const names = (only === undefined ? Object.keys(imports) : [only, ...others]).join(', ')
  throw usage(
    `${file}: ${only === undefined ? 'fits the pattern of no import' : 'fits several imports'}; say which with --import: ${names}`,
  )
}

function unknownImport({ imports }: Config, name: string): Failure {
  const hint = didYouMean(name, Object.keys(imports))
  return usage(`--import: the config has no import "${name}"${hint === undefined ? '' : `. ${hint}`}`)
}
