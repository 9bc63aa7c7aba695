/**
 * `orderly backup`: a whole, checked copy of the ledger, while the daemon goes on.
 *
 * Never overwrites. To restore: stop the daemon, put the copy in the place of ledger.db, start it.
 */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { isoInstant } from '../../core/date.ts'
import { type Cli, look } from '../context.ts'
import { examples } from '../examples.ts'
import { exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'

export function register(program: Command, cli: Cli): void {
  const command = program
    .command('backup')
    .description('copy the ledger while it is in use')
    .argument('<destination>', 'a new file, or a folder')
  examples(command, [
    ['orderly backup /backup/', 'ledger-2026-03-14T103000Z.db in that folder'],
    ['orderly backup /backup/monday.db', 'fails if the file is there'],
  ])
  command.action(async (destination: string) => await backup(cli, destination))
}

async function backup(cli: Cli, destination: string): Promise<void> {
  const path = cli.path(destination)
  const isFolder = existsSync(path) && statSync(path).isDirectory()
  const file = isFolder
    ? join(path, `ledger-${isoInstant(cli.clock.now()).slice(0, 19).replaceAll(':', '')}Z.db`)
    : path
  if (existsSync(file)) throw new Failure(exitCodes.cannotCreate, `${file} is there already; a backup never overwrites`)
  await look(cli, async ({ ledger }) => await ledger.backup(file))
  const { size } = statSync(file)
  cli.out.value({ file, size })
  if (!cli.out.json) cli.out.line(`${file}: ${size} bytes, checked`)
}
