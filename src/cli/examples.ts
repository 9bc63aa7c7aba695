/**
 * The examples under every `--help`: a line to type, and what it is for.
 * A help without examples is found by a test. Throws nothing.
 */
import type { Command } from 'commander'

export function examples(command: Command, lines: readonly (readonly [typed: string, about: string])[]): Command {
  const longest = Math.max(...lines.map(([typed]) => typed.length))
  const text = lines.map(([typed, about]) => `  ${typed.padEnd(longest)}  # ${about}`)
  return command.addHelpText('after', ['', lines.length === 1 ? 'Example:' : 'Examples:', ...text].join('\n'))
}
