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
    for (const child of command.commands) words.set(`${command.name()} ${child.name()}`, [...optionsOf(child), ...global])
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
  const cases = [...wordsByPath(program)].map(([path, words]) => `    '${path}') words='${[...new Set(words)].join(' ')}' ;;`)
  return shell === 'bash' ? bashScript(cases) : zshScript(cases)
}

const bashScript = (cases: readonly string[]): string =>
  [
    '# Completion for orderly, made by: orderly completion bash',
    '_orderly() {',
    "  local cur path='' words='' word count=0",
    '  cur="${COMP_WORDS[COMP_CWORD]}"',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    case "$word" in -*) continue ;; esac',
    '    if [ "$count" -lt 2 ]; then path="${path:+$path }$word"; count=$((count + 1)); fi',
    '  done',
    '  case "$path" in',
    ...cases,
    "    *) path=\"${path%% *}\"; case \"$path\" in",
    ...cases.map((line) => `  ${line}`),
    '    esac ;;',
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$cur"))',
    '  [ ${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- "$cur"))',
    '}',
    'complete -o filenames -F _orderly orderly',
    '',
  ].join('\n')

const zshScript = (cases: readonly string[]): string =>
  [
    '#compdef orderly',
    '# Completion for orderly, made by: orderly completion zsh',
    '_orderly() {',
    "  local typed='' list='' word",
    '  integer count=0',
    '  for word in "${(@)words[2,CURRENT-1]}"; do',
    '    case "$word" in -*) continue ;; esac',
    '    if (( count < 2 )); then typed="${typed:+$typed }$word"; (( count++ )); fi',
    '  done',
    '  case "$typed" in',
    ...cases.map((line) => line.replace("words='", "list='")),
    '    *) case "${typed%% *}" in',
    ...cases.map((line) => `  ${line.replace("words='", "list='")}`),
    '    esac ;;',
    '  esac',
    '  compadd -- ${=list} || _files',
    '}',
    '_orderly "$@"',
    '',
  ].join('\n')
