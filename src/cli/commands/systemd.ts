/**
 * `orderly systemd install`: the unit of this installation, and a drop-in that lets in what the config names.
 *
 * Changes nothing when run again on the same config; never overwrites what a person wrote or changed (73), and leaves
 * other drop-ins alone. Does not start anything: it says what to do next.
 */
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { loadConfig } from '../../config/load.ts'
import { formatProblem } from '../../core/problem.ts'
import type { Cli } from '../context.ts'
import { examples } from '../examples.ts'
import { exitCodes } from '../exit-codes.ts'
import { Failure, usage } from '../failure.ts'
import { obstacle } from '../unit-obstacle.ts'
import { type FileState, stateOf, unitFiles, type UnitFile, writeUnitFile } from '../unit-files.ts'
import { nextSteps } from '../unit-next-steps.ts'
import { type ServicePlaces, servicePlaces, thisProgram, unnamable } from '../unit-places.ts'
import { dropInText, unitText } from '../unit-text.ts'

interface InstallOptions {
  readonly dryRun?: boolean
  readonly print?: boolean
  readonly user: string
  readonly unitDir: string
}

const systemFolder = '/etc/systemd/system'

export function register(program: Command, cli: Cli): void {
  const group = program.command('systemd').description('run Orderly as a service')
  const install = group
    .command('install')
    .description('write the unit of this installation, and a drop-in for the folders and credentials of the config')
  install
    .option('--dry-run', 'say what would be written; write nothing')
    .option('--print', 'print the files; write nothing')
    .option('--user <name>', 'user that the service runs as', 'orderly')
    .option('--unit-dir <folder>', 'where the files go', systemFolder)
  examples(install, [
    ['orderly systemd install --config /etc/orderly/config/orderly.yaml', 'as root; again after folders changed'],
    ['orderly systemd install --print', 'only look'],
  ])
  install.action(async (options: InstallOptions) => await installUnit(cli, options))
}

async function installUnit(cli: Cli, options: InstallOptions): Promise<void> {
  checkUser(options.user)
  const folder = cli.path(options.unitDir)
  const looksOnly = options.print === true || options.dryRun === true
  if (!looksOnly && folder === systemFolder) refuseObstacle()
  const places = await placesOf(cli, options.user)
  const files = unitFiles(folder, unitText(places.unit), dropInText(places.dropIn))
  if (options.print === true) return print(cli, files)
  const done = await writeAll(cli, files, options.dryRun === true)
  if (!cli.out.json) for (const line of nextSteps(places, done, options.dryRun === true)) cli.out.line(line)
  const edited = done.filter(({ state }) => state === 'edited').map(({ path }) => path)
  if (edited.length > 0) throw new Failure(exitCodes.cannotCreate, ...edited.flatMap(editedByPerson))
}

/** As useradd(8) and systemd take it. */
function checkUser(name: string): void {
  if (!/^[A-Za-z_][\w-]{0,30}$/.test(name))
    throw usage(`"${name}" is no name of a user; expected letters, digits, _ and -`)
  if (name === 'root') throw usage('the service must not run as root; make a user for it, or take the default: orderly')
}

function refuseObstacle(): void {
  const found = obstacle({
    platform: process.platform,
    uid: process.getuid?.(),
    booted: existsSync('/run/systemd/system'),
  })
  if (found !== undefined) throw found
}

/** Secrets stay unread: root has neither the credentials nor the environment of the service. */
async function placesOf(cli: Cli, user: string): Promise<ServicePlaces> {
  const configFile = cli.configFile()
  const read = await loadConfig(configFile, { env: undefined, now: cli.clock.now() })
  if (read.kind === 'bad') {
    const hint = 'The config cannot be used; no unit was written. Look again with: orderly check'
    throw new Failure(exitCodes.config, ...read.problems.map(formatProblem), hint)
  }
  const places = servicePlaces(read.loaded, configFile, user, thisProgram())
  const bad = unnamable(places)
  if (bad.length > 0) throw new Failure(exitCodes.config, 'systemd cannot be told of these paths; rename them:', ...bad)
  return places
}

function print(cli: Cli, files: readonly UnitFile[]): void {
  for (const { path, text } of files) {
    cli.out.value({ file: path, text })
    if (cli.out.json) continue
    for (const line of [`# ${path}`, ...text.split('\n')]) cli.out.line(line)
  }
}

export interface Done {
  readonly path: string
  readonly state: FileState
}

const words: Readonly<Record<FileState, readonly [done: string, planned: string]>> = {
  missing: ['written', 'would be written'],
  stale: ['replaced', 'would be replaced'],
  same: ['unchanged', 'unchanged'],
  edited: ['left alone: a person wrote it', 'would be left alone: a person wrote it'],
}

async function writeAll(cli: Cli, files: readonly UnitFile[], dryRun: boolean): Promise<readonly Done[]> {
  const done: Done[] = []
  for (const file of files) {
    const state = await stateOf(file)
    if (!dryRun && (state === 'missing' || state === 'stale')) await writeUnitFile(file)
    done.push({ path: file.path, state })
    cli.out.value({ file: file.path, state: words[state][0].split(':')[0], dryRun })
    if (!cli.out.json) cli.out.line(`${file.path}: ${words[state][dryRun ? 1 : 0]}`)
  }
  return done
}

const editedByPerson = (path: string): readonly string[] => [
  `${path} was not written by this command, or was changed since; it is left as it is.`,
  `Put your changes into a drop-in (systemctl edit orderly), move the file away, and give the command again.`,
]
