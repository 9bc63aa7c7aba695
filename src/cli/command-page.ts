/**
 * docs/commands.md: the help of every command and the exit codes, made from the command tree.
 * Gives text only; writing and checking it is for `orderly docs`. Pure; throws nothing.
 */
import type { Command } from 'commander'
import { exitMeanings } from './exit-codes.ts'

export function commandPage(program: Command): string {
  const codes = exitMeanings.map(({ code, meaning }) => `| ${code} | ${meaning} |`)
  return [
    '# Commands',
    '',
    'Made by `orderly docs --write`; do not edit.',
    '',
    '## Exit codes',
    '',
    '| code | meaning |',
    '| --- | --- |',
    ...codes,
    '',
    ...program.commands.flatMap((command) => sectionsOf(command, 'orderly')),
  ].join('\n')
}

function sectionsOf(command: Command, parent: string): readonly string[] {
  const name = `${parent} ${command.name()}`
  const own = command.commands.filter((child) => child.name() !== 'help')
  const children = own.flatMap((child) => leaf(child, name, '###'))
  // A group has no options; a command that has both can be given on its own, too.
  const isGroup = own.length > 0 && command.options.length === 0
  return [...(isGroup ? [`## ${name}`, '', `${command.description()}.`, ''] : leaf(command, parent, '##')), ...children]
}

/** With what `--help` adds below: the examples. */
function leaf(command: Command, parent: string, heading: string): readonly string[] {
  let text = ''
  command.configureOutput({ writeOut: (part) => void (text += part) })
  command.outputHelp()
  return [`${heading} ${parent} ${command.name()}`, '', '```', text.trim(), '```', '']
}
