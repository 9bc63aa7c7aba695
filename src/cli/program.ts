/**
 * The command line: the tree of commands, its help, and how every end becomes an exit code.
 *
 * Only the file of the command that was given is loaded, none for the version, all of them for help, completion and
 * unknown words. Output goes to the streams that are passed in; never ends the process. Throws nothing.
 */
import { Command, CommanderError, Option } from 'commander'
import { programVersion } from '../daemon/data-files.ts'
import { Cli, type Io } from './context.ts'
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts'
import { failureOf } from './failure.ts'
import { printable } from './print.ts'

/** Adds one command, or one group of them, to the program. */
export type Register = (program: Command, cli: Cli) => void

interface CommandFile {
  readonly register: Register
}

/** By the word that is typed; in the order of the help. */
const files: Readonly<Record<string, () => Promise<CommandFile>>> = {
  run: () => import('./commands/run.ts'),
  check: () => import('./commands/check.ts'),
  status: () => import('./commands/status.ts'),
  import: () => import('./commands/import.ts'),
  plan: () => import('./commands/plan.ts'),
  why: () => import('./commands/why.ts'),
  preview: () => import('./commands/preview.ts'),
  test: () => import('./commands/test.ts'),
  orders: () => import('./commands/orders.ts'),
  payments: () => import('./commands/payments.ts'),
  invoices: () => import('./commands/invoices.ts'),
  messages: () => import('./commands/messages.ts'),
  mappings: () => import('./commands/mappings.ts'),
  stores: () => import('./commands/stores.ts'),
  broadcast: () => import('./commands/broadcast.ts'),
  'opt-outs': () => import('./commands/opt-outs.ts'),
  exports: () => import('./commands/exports.ts'),
  clearing: () => import('./commands/clearing.ts'),
  calendar: () => import('./commands/calendar.ts'),
  backup: () => import('./commands/backup.ts'),
  doctor: () => import('./commands/doctor.ts'),
  audit: () => import('./commands/audit.ts'),
  docs: () => import('./commands/docs.ts'),
  init: () => import('./commands/init.ts'),
  systemd: () => import('./commands/systemd.ts'),
  demo: () => import('./commands/demo.ts'),
  completion: () => import('./commands/completion.ts'),
}

/** Runs the words after the program's name; gives the exit code. */
export async function runProgram(words: readonly string[], io: Io): Promise<ExitCode> {
  const cli = new Cli(io)
  try {
    const program = await buildProgram(cli, words.length === 0 ? ['--help'] : words)
    await program.parseAsync(words.length === 0 ? ['--help'] : words, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    const failure = failureOf(error)
    for (const line of failure.lines) cli.out.complain(line)
    cli.end(failure.exitCode)
  }
  return cli.exitCode
}

/** The tree for these words; with none, the whole tree. */
export async function buildProgram(cli: Cli, words: readonly string[] = []): Promise<Command> {
  const program = bareProgram(cli, words)
  const given = commandIn(words)
  const wanted = isVersionOnly(words) ? [] : wantedFor(given)
  for (const { register } of await Promise.all(wanted.map((load) => load()))) register(program, cli)
  return program
}

const wantedFor = (given: string | undefined): readonly (() => Promise<CommandFile>)[] =>
  given === undefined || given === 'completion' || given === 'docs'
    ? Object.values(files)
    : [files[given]].filter((file) => file !== undefined)

const isVersionOnly = ([word, ...more]: readonly string[]): boolean =>
  more.length === 0 && (word === '--version' || word === '-V')

/** The first word that is no option and no value of a global option, when it is a command. */
function commandIn(words: readonly string[]): string | undefined {
  const takesValue = new Set(['-c', '--config', '--actor'])
  const first = words.find((word, i) => !word.startsWith('-') && !takesValue.has(words[i - 1] ?? ''))
  return first !== undefined && Object.hasOwn(files, first) ? first : undefined
}

function bareProgram(cli: Cli, words: readonly string[]): Command {
  const program = new Command('orderly')
  program
    .description('Turns order and payment files into mail, SMS, status and clearing files, once and for good.')
    .option(
      '-c, --config <file>',
      'main config file; default: $ORDERLY_CONFIG, ./config/orderly.yaml, /etc/orderly/config/orderly.yaml',
    )
    .option(
      '--json',
      'for programs: one JSON value a line; amounts in minor units, times in milliseconds since 1970 UTC',
    )
    .addOption(new Option('--actor <name>', 'who gives the command, for the history; default: the user of the system'))
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true, helpWidth: 110 })
    .configureOutput({
      writeOut: (text) => void cli.io.out.write(text),
      writeErr: (text) => void cli.io.err.write(text),
      outputError: (text, write) => write(`${quoting(text, words).trimEnd()}\n`),
    })
    .addHelpText('after', `\n${exitCodesHelp()}\n\nMore about a command: orderly COMMAND --help`)
    .version(programVersion(), '-V, --version', 'print the version')
    .hook('preAction', () => {
      cli.globals = program.opts()
    })
  return program
}

/** An error text that quotes words as they were typed, with what they hold made harmless. */
const quoting = (text: string, words: readonly string[]): string =>
  words
    .reduce((quoted, word) => (word === '' ? quoted : quoted.replaceAll(word, () => printable(word))), text)
    .split('\n')
    .map(printable)
    .join('\n')
