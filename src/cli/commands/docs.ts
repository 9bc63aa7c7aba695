/**
 * `orderly docs`: the files that are made from schema, tables of codes and command tree; written, or checked.
 *
 * For those who work on the program: config/orderly.schema.json, config/orderly.example.yaml, docs/config.md,
 * docs/fields.md, docs/problems.md, docs/commands.md and systemd/orderly.service. Exit code 3 when one is stale.
 */
import type { Command } from 'commander'
import { programFolder } from '../../platform/own-files.ts'
import { type Cli } from '../context.ts'
import { examples } from '../examples.ts'
import { exitCodes } from '../exit-codes.ts'
import { usage } from '../failure.ts'

interface DocsOptions {
  readonly write?: boolean
  readonly check?: boolean
  readonly folder?: string
}

export function register(program: Command, cli: Cli): void {
  const command = program
    .command('docs')
    .description('write or check the reference files that are made from the program')
  command
    .option('--write', 'write those that are missing or stale')
    .option('--check', 'say which are stale; exit code 3')
  command.option('--folder <folder>', 'in place of the folder of the program')
  examples(command, [['orderly docs --check', 'in CI']])
  command.action(async (options: DocsOptions) => await docs(program, cli, options))
}

async function docs(program: Command, cli: Cli, { write, check, folder }: DocsOptions): Promise<void> {
  if (write === check) throw usage('give either --write or --check')
  const [reference, page, unit] = await Promise.all([
    import('../reference-files.ts'),
    import('../command-page.ts'),
    import('../unit-text.ts'),
  ])
  const target = folder === undefined ? programFolder : cli.path(folder)
  const files = reference.ownFiles(
    new Map([
      ['docs/commands.md', page.commandPage(program)],
      ['systemd/orderly.service', unit.shippedUnit()],
    ]),
  )
  const stale = write === true ? await files.write(target) : await files.stale(target)
  for (const name of stale) {
    cli.out.value({ file: name, state: write === true ? 'written' : 'stale' })
    if (!cli.out.json)
      cli.out.line(write === true ? `${name}: written` : `${name}: stale; write it with: orderly docs --write`)
  }
  if (stale.length === 0 && !cli.out.json) cli.out.line('all up to date')
  if (check === true && stale.length > 0) cli.end(exitCodes.problems)
}
