/**
 * `orderly doctor`: Node, SQLite, ledger, folders, clock and left-over files; what is not well, and what to do.
 *
 * Reads the whole ledger, so it takes seconds on a large one. Changes nothing. Exit code 3 when something is not well.
 */
import type { Command } from 'commander'
import type { Cli } from '../context.ts'
import { diagnoseAll } from '../diagnose-all.ts'
import { examples } from '../examples.ts'
import { exitCodes } from '../exit-codes.ts'

export function register(program: Command, cli: Cli): void {
  const command = program
    .command('doctor')
    .description('look whether everything is well: program, ledger, folders, clock')
  examples(command, [['orderly doctor', 'exit code 3 when something is not well']])
  command.action(async () => {
    const checks = await diagnoseAll(cli)
    cli.out.rows(checks, [
      { head: 'check', of: ({ check }) => check },
      { head: '', of: ({ ok }) => (ok ? 'ok' : 'NOT WELL') },
      { head: 'detail', of: ({ detail }) => detail },
    ])
    if (checks.some(({ ok }) => !ok)) cli.end(exitCodes.problems)
  })
}
