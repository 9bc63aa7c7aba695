/**
 * `orderly check`: config, templates, calendars and folders as the daemon would see them; every problem at once.
 *
 * Changes nothing. Exit code 3 when there is an error; warnings alone are no failure.
 */
import type { Command } from 'commander'
import type { LoadedConfig } from '../../config/load.ts'
import { formatProblem, type Problem } from '../../core/problem.ts'
import type { Cli } from '../context.ts'
import { examples } from '../examples.ts'
import { exitCodes } from '../exit-codes.ts'

export function register(program: Command, cli: Cli): void {
  const command = program.command('check').description('check config, templates and folders; exit code 3 on problems')
  command.option('--no-folders', 'do not look at the folders, e.g. on another machine')
  examples(command, [
    ['orderly check', 'before each reload'],
    ['orderly check --json', 'one problem a line'],
  ])
  command.action(async (options: { readonly folders: boolean }) => await check(cli, options.folders))
  const store = command.command('store').description('one store with all that its orders need; exit code 3 on problems')
  store.argument('<code>', 'store of the config, or one that a file brought')
  examples(store, [['orderly check store BUD01', 'contact, opening hours, workflows, and the files for its ERP']])
  store.action(async (code: string) => {
    const { checkOneStore } = await import('../check-store.ts')
    await checkOneStore(cli, code, command.opts<{ readonly folders: boolean }>().folders)
  })
}

async function check(cli: Cli, withFolders: boolean): Promise<void> {
  const { out } = cli
  const file = cli.configFile()
  const found = await problemsOf(cli, file, withFolders)
  for (const problem of found.problems) {
    out.value(problem)
    if (!out.json) out.line(formatProblem(problem))
  }
  const errors = found.problems.filter(({ severity }) => severity === 'error').length
  if (errors > 0) cli.end(exitCodes.problems)
  if (out.json) return
  const warnings = found.problems.length - errors
  if (errors > 0) out.line(`${file}: ${errors} errors, ${warnings} warnings`)
  else
    out.line(`${file}: in order, ${warnings} warnings${found.loaded === undefined ? '' : `; ${summary(found.loaded)}`}`)
}

async function problemsOf(
  cli: Cli,
  file: string,
  withFolders: boolean,
): Promise<{ readonly problems: readonly Problem[]; readonly loaded?: LoadedConfig }> {
  const [{ loadConfig }, { loadSetup }, { checkFolders }] = await Promise.all([
    import('../../config/load.ts'),
    import('../../daemon/load-setup.ts'),
    import('../../config/check-folders.ts'),
  ])
  const read = await loadConfig(file, { env: cli.io.env, now: cli.clock.now() })
  if (read.kind === 'bad') return { problems: read.problems }
  const setup = await loadSetup(file, cli.io.env)
  const problems = setup.kind === 'bad' ? setup.problems : setup.value.warnings
  const folders = withFolders ? await checkFolders(read.loaded) : []
  return { problems: [...problems, ...folders], loaded: read.loaded }
}

function summary({ config, hash }: LoadedConfig): string {
  const counts = (['imports', 'exports', 'workflows', 'stores', 'channels', 'calendars'] as const).map(
    (section) => `${Object.keys(config[section]).length} ${section}`,
  )
  return `${counts.join(', ')}; config ${hash}`
}
