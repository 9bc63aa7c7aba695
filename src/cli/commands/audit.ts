/**
 * `orderly audit`: proves that the books balance, or names what does not. 0: balanced; 3: something is not.
 *
 * Reads ledger and folders, with the daemon running or not; takes no lock and changes nothing. Each finding is
 * printed as it is found: code, id, found, expected, what to do.
 */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { parseDuration } from '../../core/date.ts'
import { formatProblem } from '../../core/problem.ts'
import type { AuditReads } from '../../ledger/audit-reads.ts'
import type { AuditSummary } from '../../operator/audit/audit.ts'
import type { Finding } from '../../operator/audit/finding.ts'
import type { Cli } from '../context.ts'
import { examples } from '../examples.ts'
import { exitCodes } from '../exit-codes.ts'
import { usage } from '../failure.ts'
import type { Output } from '../print.ts'
import { startProgress } from '../progress.ts'

interface AuditVerbOptions {
  readonly deep?: boolean
  readonly folders: boolean
  readonly exportsKept?: boolean
  readonly patience: string
}

/** Milliseconds of silence after which the daemon counts as not running. */
const silentAfterMs = 30_000
/** Findings of one code that people are shown; `--json` gives all. */
const mostShown = 100

export function register(program: Command, cli: Cli): void {
  const command = program
    .command('audit')
    .description('prove that the books balance: nothing lost, nothing twice, everything explained')
  command
    .option('--deep', 'also every page and every reference of the database file')
    .option('--no-folders', 'the ledger only; import and export folders are not looked at')
    .option('--exports-kept', 'nobody takes export files away: each that was written must be in its folder')
    .option('--patience <duration>', 'how long something may be in flight or claimed before it counts as stuck', '1h')
  examples(command, [
    ['orderly audit', 'exit code 0: balanced; 3: something is not'],
    ['orderly audit --deep --json', 'every finding, then the summary, one JSON value a line'],
    ['orderly audit --exports-kept --patience 5m', 'where nothing reads the export folders yet'],
  ])
  command.action(async (options: AuditVerbOptions) => await runAudit(cli, options))
}

async function runAudit(cli: Cli, options: AuditVerbOptions): Promise<void> {
  const patienceMs = patienceOf(options.patience)
  const loaded = await cli.config()
  const dataFolder = resolve(loaded.folder, loaded.config.data)
  const [{ audit }, { readStatus }] = await Promise.all([
    import('../../operator/audit/audit.ts'),
    import('../../daemon/status-document.ts'),
  ])
  const status = await readStatus(dataFolder)
  const age = cli.clock.now() - Date.parse(status?.updatedAt ?? '')
  const running = status !== undefined && status.state !== 'stopped' && age <= silentAfterMs
  const printer = new Printer(cli.out)
  const progress = startProgress('audit', cli.io.err)
  using reads = await cli.audited(loaded)
  const total = rowsIn(reads)
  let done = 0
  const summary = await audit({
    reads,
    again: () => cli.audited(loaded),
    current: { config: loaded.config, hash: loaded.hash },
    ...(options.folders && {
      folders: {
        folderOf: ({ folder }) => resolve(loaded.folder, folder),
        running,
        kept: options.exportsKept === true,
      },
    }),
    now: cli.clock.now(),
    patienceMs,
    deep: options.deep === true,
    onFinding: (each) => printer.finding(each),
    onProgress: (rows) => progress.update((done += rows), total),
  })
  progress.end()
  printer.summary(summary)
  if (!summary.balanced) cli.end(exitCodes.problems)
}

function patienceOf(text: string): number {
  const duration = parseDuration(text)
  if (duration !== undefined) return duration
  throw usage(`--patience: "${text}" is no duration; expected one such as 5m, 1h or 2d`)
}

const goneOver: ReadonlySet<string> = new Set(['record', 'message', 'file', 'exportFile'])

/** Rows that the audit will go over, for the progress bar. */
const rowsIn = (reads: AuditReads): number =>
  reads.tally().counted.reduce((sum, { what, count }) => sum + (goneOver.has(what) ? count : 0), 0)

class Printer {
  readonly #out: Output
  readonly #shown = new Map<string, number>()

  constructor(out: Output) {
    this.#out = out
  }

  finding(each: Finding): void {
    this.#out.value({ type: 'finding', ...each })
    if (this.#out.json) return
    const count = (this.#shown.get(each.code) ?? 0) + 1
    this.#shown.set(each.code, count)
    if (count <= mostShown) this.#out.line(`${each.id}: ${formatProblem(each)}`)
  }

  summary(summary: AuditSummary): void {
    const { onTheWay, balanced, findings, warnings, ...counts } = summary
    this.#out.value({ type: 'summary', ...summary })
    if (this.#out.json) return
    for (const [code, count] of this.#shown) {
      if (count > mostShown) this.#out.line(`… and ${count - mostShown} more of ${code}: see orderly audit --json`)
    }
    if (onTheWay.length > 0) {
      this.#out.rows(onTheWay, [
        { head: 'on the way', of: ({ what }) => what },
        { head: 'count', of: ({ count }) => count, right: true },
        { head: 'waits for', of: ({ waitsFor }) => waitsFor },
      ])
    }
    this.#out.line(
      `gone over: ${Object.entries(counts)
        .map(([what, count]) => `${count} ${inWords(what)}`)
        .join(', ')}`,
    )
    const warned = warnings === 0 ? '' : `, ${warnings} warnings`
    this.#out.line(balanced ? `the books balance${warned}` : `THE BOOKS DO NOT BALANCE: ${findings} findings${warned}`)
  }
}

const inWords = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
