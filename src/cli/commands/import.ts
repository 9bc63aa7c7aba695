/**
 * `orderly import`: takes files in by hand, as the daemon does from its folders; the files stay where they are.
 *
 * Without `--import` the one whose pattern fits the file's name is taken. The same bytes a second time have no
 * effect. 65: a file, or records of it, were rejected.
 */
import { statSync } from 'node:fs'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { formatProblem } from '../../core/problem.ts'
import type { ImportResult } from '../../intake/import-result.ts'
import type { ImportSource } from '../../intake/import-source.ts'
import { type Acting, type Cli, decide } from '../context.ts'
import { examples } from '../examples.ts'
import { exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { sourceFor } from '../import-for.ts'
import { batchLines } from '../print-batch.ts'
import { startProgress } from '../progress.ts'

interface ImportOptions {
  readonly import?: string
  readonly dryRun?: boolean
  /** Commander's `--no-send`. */
  readonly send: boolean
  readonly force?: boolean
}

export function register(program: Command, cli: Cli): void {
  const command = program
    .command('import')
    .description('take files in by hand; they stay where they are')
    .argument('<file...>', 'files')
  command.option('--import <name>', 'as which import of the config; default: the one whose pattern fits')
  command.option('--dry-run', 'show what would happen; change nothing')
  command.option('--no-send', 'book all and tell nobody: messages are recorded as suppressed, for files of the past')
  command.option('--force', 'change orders that were delivered, too; the history says by whom')
  examples(command, [
    ['orderly import ORD_20260314.csv --dry-run', 'what the file would change'],
    ['orderly import 2025-*.xml --import bank --no-send', 'a year of statements'],
    ['orderly import statement.xml --import bank', 'as files of the import "bank"'],
  ])
  command.action(async (files: string[], options: ImportOptions) => await importFiles(cli, files, options))
}

/** Problems that are printed for one file; the rest is counted. */
const mostProblems = 50

async function importFiles(cli: Cli, files: readonly string[], options: ImportOptions): Promise<void> {
  const paths = files.map((file) => cli.path(file))
  const missing = paths.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
  if (missing !== undefined) throw new Failure(exitCodes.notFound, `${missing} is no file`)
  await decide(cli, options.dryRun === true ? 'lookOrEmpty' : 'change', async (acting) => {
    const at = forced(options.send ? acting : muted(acting), options.force)
    for (const path of paths) {
      const source = await sourceFor(at.loaded, basename(path), options.import)
      if (options.dryRun === true) await dryRun(cli, at, source, path)
      else await importOne(cli, at, source, path)
    }
    if (options.dryRun !== true) await carryOutWaiting(cli, at)
  })
}

/** What commands of the files wait for needs no daemon. */
async function carryOutWaiting(cli: Cli, { ledger, current }: Acting): Promise<void> {
  if (!Object.values(current.setup.config.imports).some(({ kind }) => kind === 'commands')) return
  const { carryOutCommands } = await import('../../operator/carry-out-commands.ts')
  await carryOutCommands(ledger, current.setup, () => cli.clock.now())
}

const forced = (at: Acting, force = false): Acting =>
  force ? { ...at, current: { ...at.current, setup: { ...at.current.setup, forced: true } } } : at

const muted = (at: Acting): Acting => {
  const setup = { ...at.current.setup, muted: 'imported with --no-send' }
  return { ...at, current: { ...at.current, setup } }
}

async function importOne(cli: Cli, { ledger, current }: Acting, source: ImportSource, path: string): Promise<void> {
  const { importBigFile } = await import('../../intake/import-big-file.ts')
  const { importWhole } = await import('../../intake/import-whole.ts')
  const { importSmallFiles, smallFile } = await import('../../intake/import-small-files.ts')
  const tools = { ledger, setup: current.setup, now: () => cli.clock.now(), actor: cli.actor() }
  const file = { path, name: basename(path) }
  const progress = startProgress(file.name, cli.io.err)
  try {
    const small = statSync(path).size <= smallFile
    const results = source.config.atomic
      ? [await importWhole(tools, source, file)]
      : small
        ? await importSmallFiles(tools, source, [file])
        : [await importBigFile(tools, source, file, { onProgress: (done, total) => progress.update(done, total) })]
    progress.end()
    for (const result of results) tellImported(cli, source, file.name, result)
  } finally {
    progress.end()
  }
}

function tellImported(cli: Cli, source: ImportSource, name: string, result: ImportResult): void {
  const { out } = cli
  const { kind, read, refused, id, problems, known } = result
  if (kind === 'rejected' || kind === 'partial') cli.end(exitCodes.data)
  if (out.json) return out.value({ file: name, import: source.name, id, result: kind, read, refused, problems, known })
  out.line(`${name}: ${resultText(result)}  ${id}`)
  for (const problem of problems.slice(0, mostProblems)) out.complain(formatProblem(problem))
  if (problems.length > mostProblems) out.complain(`… and ${problems.length - mostProblems} more problems`)
}

function resultText({ kind, read, refused, known }: ImportResult): string {
  switch (kind) {
    case 'done':
      return `${read} records imported`
    case 'partial':
      return `${read - refused} records imported, ${refused} refused`
    case 'rejected':
      return `rejected: ${refused} of ${read} records have errors; nothing was imported`
    case 'known':
      return `imported before, as ${known?.name ?? 'another file'}; no effect`
  }
}

async function dryRun(cli: Cli, at: Acting, source: ImportSource, path: string): Promise<void> {
  const { dryImport } = await import('../dry-import.ts')
  const name = basename(path)
  const { out } = cli
  const by = { now: cli.clock.now(), actor: cli.actor() }
  const found = await dryImport(at.ledger, at.current.setup, source, { path, name }, by, (batch) => {
    out.value({ file: name, batch })
    if (!out.json) for (const line of batchLines(batch, at.zone)) out.line(`  ${line}`)
  })
  for (const problem of found.problems.slice(0, mostProblems)) out.complain(formatProblem(problem))
  if (found.kind === 'rejected' || found.kind === 'partial') cli.end(exitCodes.data)
  out.value({ file: name, import: source.name, wouldBe: found.kind, read: found.read, refused: found.refused })
  const words = {
    done: 'imported',
    partial: 'imported in part',
    rejected: 'rejected',
    known: 'known already, without effect',
  }
  if (!out.json) out.line(`${name} would be ${words[found.kind]}: ${found.read} records, ${found.refused} refused`)
}
