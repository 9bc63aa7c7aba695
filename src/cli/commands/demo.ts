/**
 * `orderly demo`: the main job on sample files, with a mail server and an SMS gateway of its own.
 *
 * Runs in a temporary folder, which is removed afterwards unless it is to be kept. Nothing leaves the machine.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Cli } from '../context.ts'
import { examples } from '../examples.ts'
import { exitCodes } from '../exit-codes.ts'

interface DemoOptions {
  readonly keep?: boolean
  readonly quiet?: boolean
}

export function register(program: Command, cli: Cli): void {
  const command = program.command('demo').description('show the main job on sample files; nothing leaves this machine')
  command.option('--keep', 'keep the folder with all files').option('--quiet', 'only say how it ended')
  examples(command, [['orderly demo --keep', 'look at the files afterwards']])
  command.action(async (options: DemoOptions) => await demo(cli, options))
}

async function demo(cli: Cli, { keep, quiet }: DemoOptions): Promise<void> {
  const { runDemo } = await import('../../demo/demo.ts')
  const folder = await mkdtemp(join(tmpdir(), 'orderly-demo-'))
  try {
    const print = (text: string): void => {
      if (quiet !== true) for (const line of text.split('\n')) cli.out.line(line)
    }
    const { ok } = await runDemo({ print, folder })
    cli.out.line(ok ? 'The demo went well.' : 'The demo did not go well.')
    if (!ok) cli.end(exitCodes.not)
  } finally {
    if (keep === true) cli.out.line(`All files are in ${folder}`)
    else await rm(folder, { recursive: true, force: true })
  }
}
