/**
 * `orderly run`: the daemon in the foreground, until SIGTERM or SIGINT.
 *
 * Prints only what keeps it from starting; its log goes to standard output. 75: another one runs on the same
 * data folder; 78: config or ledger needs a person.
 */
import type { Command } from 'commander'
import { formatProblem } from '../../core/problem.ts'
import { growLittle } from '../../platform/memory.ts'
import type { Cli } from '../context.ts'
import { examples } from '../examples.ts'
import { exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'

export function register(program: Command, cli: Cli): void {
  const command = program.command('run').description('run the daemon until it is stopped; SIGHUP loads the config anew')
  examples(command, [['orderly run --config /etc/orderly/config/orderly.yaml', 'log lines in JSON on standard output']])
  command.action(async () => await run(cli))
}

async function run(cli: Cli): Promise<void> {
  const configFile = cli.configFile()
  growLittle()
  const [{ runDaemon }, { listenForStop }] = await Promise.all([
    import('../../daemon/daemon.ts'),
    import('../../daemon/stop.ts'),
  ])
  using stop = listenForStop((why) => cli.out.complain(`orderly was ended by force: ${why}`))
  const end = await runDaemon({ configFile, env: cli.io.env, signal: stop.signal, clock: cli.clock })
  if (end.kind === 'stopped') return
  if (end.kind === 'alreadyRunning') {
    throw new Failure(exitCodes.tryAgain, `orderly runs already on ${end.dataFolder}. Look at it with: orderly status`)
  }
  const lines = end.problems.map(formatProblem)
  throw new Failure(
    exitCodes.config,
    ...lines,
    'The daemon does not start with this config. Look again with: orderly check',
  )
}
