/**
 * Static completion scripts: the words that can follow each command, and its options.
 *
 * The words come from the command tree only; nothing is run while a person types. Pure.
 */
import type { Command } from 'commander'

/** Words after each command path, e.g. `orders confirm` → `--dry-run …`. */
function wordsByPath(program: Command): ReadonlyMap<string, readonly string[]> {
  const global = optionsOf(program)
  const words = new Map<string, readonly string[]>([['', [...program.commands.map((one) => one.name()), ...global]]])
  for (const command of program.commands) {
    const children = command.commands.map((one) => one.name())
    words.set(command.name(), [...children, ...optionsOf(command), ...choicesOf(command), ...global])
    for (const child of command.commands)
      words.set(`${command.name()} ${child.name()}`, [...optionsOf(child), ...global])
  }
  return words
}

const optionsOf = (command: Command): readonly string[] => [
  ...command.options.map(({ long }) => long).filter((long) => typeof long === 'string'),
  '--help',
]
const choicesOf = (command: Command): readonly string[] =>
  command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? [])

export function completionScript(program: Command, shell: 'bash' | 'zsh'): string {
  const cases = [...wordsByPath(program)].map(
    ([path, words]) => `    '${path}') echo '${[...new Set(words)].join(' ')}' ;;`,
  )
  const head = shell === 'bash' ? [] : ['#compdef orderly']
  const lines = [
    ...head,
    `# Completion for orderly, made by: orderly completion ${shell}`,
    '_orderly_words() {',
    '  case "$1" in',
    ...cases,
    '    *) return 1 ;;',
    '  esac',
    '}',
    ...(shell === 'bash' ? bash : zsh),
  ]
  return `${lines.join('\n')}\n`
}

/** The first two words that are no options are the command; further ones are its arguments. */
const bash = [
  '_orderly() {',
  "  local cur path='' first='' word",
  '  cur="${COMP_WORDS[COMP_CWORD]}"',
  '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
  '    case "$word" in -*) continue ;; esac',
  '    if [ -z "$first" ]; then first="$word"; path="$word"',
  '    elif [ "$path" = "$first" ]; then path="$first $word"; fi',
  '  done',
  '  COMPREPLY=($(compgen -W "$(_orderly_words "$path" || _orderly_words "$first")" -- "$cur"))',
  '  if [ ${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "$cur")); fi',
  '}',
  'complete -o filenames -F _orderly orderly',
]

const zsh = [
  '_orderly() {',
  "  local typed='' first='' list word",
  '  for word in "${(@)words[2,CURRENT-1]}"; do',
  '    case "$word" in -*) continue ;; esac',
  '    if [[ -z "$first" ]]; then first="$word"; typed="$word"',
  '    elif [[ "$typed" == "$first" ]]; then typed="$first $word"; fi',
  '  done',
  '  list=$(_orderly_words "$typed" || _orderly_words "$first")',
  '  compadd -- ${=list} || _files',
  '}',
  '_orderly "$@"',
]
