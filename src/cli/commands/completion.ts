/**
 * `orderly completion`: a script for bash or zsh, made from the command tree.
 * Prints to standard output and installs nothing.
 */
import { type Command, Argument } from 'commander'
import { completionScript } from '../completion-script.ts'
import type { Cli } from '../context.ts'
import { examples } from '../examples.ts'

const shells = ['bash', 'zsh'] as const

export function register(program: Command, cli: Cli): void {
  const command = program.command('completion').description('print a completion script for the shell')
  command.addArgument(new Argument('<shell>', 'of which shell').choices(shells))
  examples(command, [
    ['orderly completion bash > /etc/bash_completion.d/orderly', 'for all users'],
    ['orderly completion zsh > "${fpath[1]}/_orderly"', 'for zsh'],
  ])
  command.action((shell: (typeof shells)[number]) => void cli.io.out.write(completionScript(program, shell)))
}
