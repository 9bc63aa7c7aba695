/**
 * `orderly init`: a folder with the config and the templates that ship, ready to be edited.
 *
 * Never overwrites: files that are there stay as they are, and are named.
 */
import { readdir, readFile } from 'node:fs/promises'
import { mkdir } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import type { Command } from 'commander'
import { writeAtomic } from '../../platform/files.ts'
import { programFolder } from '../../platform/own-files.ts'
import type { Cli } from '../context.ts'
import { examples } from '../examples.ts'

export function register(program: Command, cli: Cli): void {
  const command = program.command('init').description('copy config and templates into a folder; overwrites nothing')
  command.argument('[folder]', 'default: this one')
  examples(command, [['orderly init /etc/orderly', 'then edit config/orderly.yaml, then: orderly check']])
  command.action(async (folder: string | undefined) => await init(cli, cli.path(folder ?? '.')))
}

const shipped = ['config', 'templates'] as const

async function init(cli: Cli, folder: string): Promise<void> {
  const counts = { written: 0, exists: 0 }
  for (const file of (await Promise.all(shipped.map((name) => filesIn(join(programFolder, name))))).flat()) {
    const target = join(folder, relative(programFolder, file))
    await mkdir(dirname(target), { recursive: true })
    const state = await writeAtomic(dirname(target), basename(target), await readFile(file))
    counts[state] += 1
    cli.out.value({ file: target, state })
    if (state === 'exists' && !cli.out.json) cli.out.line(`${target}: there already, not touched`)
  }
  if (cli.out.json) return
  const config = join(folder, 'config', 'orderly.yaml')
  cli.out.line(`${folder}: ${counts.written} files written, ${counts.exists} were there already`)
  cli.out.line(`Next: edit ${config}, then: orderly check --config ${config}`)
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}
