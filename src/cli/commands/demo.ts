/**
 * `orderly demo`: the main job on sample files, with a mail server and an SMS gateway of its own.
 *
 * Runs in a temporary folder, which is left to be looked at unless `--clean` is given. Nothing leaves the machine.
 */
import { rm } from 'node:fs/promises'
import type { Command } from 'commander'
import type { Cli } from '../context.ts'
import { examples } from '../examples.ts'
import { exitCodes } from '../exit-codes.ts'

interface DemoOptions {
  readonly clean?: boolean
  readonly quiet?: boolean
}

export function register(program: Command, cli: Cli): void {
  const command = program.command('demo').description('show the main job on sample files; nothing leaves this machine')
  command.option('--clean', 'remove the folder afterwards').option('--quiet', 'only say how it ended')
  examples(command, [
    ['orderly demo', 'play it, and leave the files to be looked at'],
    ['orderly demo --quiet --clean', 'as a test of an installation'],
  ])
  command.action(async (options: DemoOptions) => await demo(cli, options))
}

async function demo(cli: Cli, { clean, quiet }: DemoOptions): Promise<void> {
  const { runDemo } = await import('../../demo/demo.ts')
  const print = (text: string): void => {
    if (quiet !== true) for (const line of text.split('\n')) cli.out.line(line)
  }
  const { ok, folder } = await runDemo({ print, quiet: quiet === true })
  cli.out.line(ok ? 'The demo went well.' : 'The demo did not go well.')
  if (!ok) cli.end(exitCodes.not)
  if (clean === true) await rm(folder, { recursive: true, force: true })
  else cli.out.line(`All files are in ${folder}`)
}
