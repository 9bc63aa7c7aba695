/**
 * `orderly status`: whether the daemon lives, what it does, and whether the books balance.
 *
 * 0: running and heard of lately; 1: not. For health checks of containers and monitoring. Reads the status
 * file of the daemon and the totals of the ledger; changes nothing, and takes no lock.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { formatDuration } from '../../core/date.ts'
import { readStatus, type StatusDocument } from '../../daemon/status-document.ts'
import { type Books, booksOf } from '../../operator/books.ts'
import { type IncompleteFeed, incompleteFeeds, incompleteText } from '../../operator/incomplete-feeds.ts'
import { type Estimate, estimate, estimateWords, pricedPrefixes } from '../../workflow/messages/sms-cost.ts'
import type { Cli } from '../context.ts'
import { examples } from '../examples.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Output } from '../print.ts'
import { printBooks } from '../print-books.ts'

/** Milliseconds of silence after which the daemon counts as stuck; it writes every two seconds. */
const staleAfterMs = 30_000

interface StatusOptions {
  readonly data?: string
}

export function register(program: Command, cli: Cli): void {
  const command = program.command('status').description('whether the daemon is running, and what it does')
  command.option('--data <folder>', 'data folder, in place of the one that the config names')
  examples(command, [
    ['orderly status', 'for people'],
    ['orderly status --json', 'for monitoring'],
    ['orderly status --data /var/lib/orderly', 'health check that does not read the config'],
  ])
  command.action(async (options: StatusOptions) => await status(cli, options))
}

type Verdict = 'running' | 'silent' | 'notRunning'

async function status(cli: Cli, { data }: StatusOptions): Promise<void> {
  const { out } = cli
  const folder = data === undefined ? await dataFolder(cli) : cli.path(data)
  const document = await readStatus(folder)
  const age = document === undefined ? undefined : cli.clock.now() - Date.parse(document.updatedAt)
  const verdict = verdictOf(document, age)
  const prices = data === undefined ? (await cli.config()).config.sms.prices : []
  const { books, incomplete, sms } = await readBooks(folder, prices, cli.clock.now() - dayMs)
  if (verdict !== 'running') cli.end(exitCodes.not)
  if (out.json)
    return out.value({ verdict, ageMs: age, daemon: document, books, smsLastDay: sms, incompleteFeeds: incomplete })
  out.line(verdictText(verdict, folder, document, age))
  if (document !== undefined && verdict !== 'notRunning') printDaemon(out, document)
  if (books !== undefined) printBooks(out, books)
  const cost = sms && estimateWords(sms)
  if (cost !== undefined) out.line(`SMS of the last 24 hours: ${cost}`)
  for (const feed of incomplete) out.line(incompleteText(feed))
}

const dayMs = 86_400_000

async function dataFolder(cli: Cli): Promise<string> {
  const loaded = await cli.config()
  return resolve(loaded.folder, loaded.config.data)
}

function verdictOf(document: StatusDocument | undefined, age: number | undefined): Verdict {
  if (document === undefined || age === undefined || document.state === 'stopped') return 'notRunning'
  return age > staleAfterMs || Number.isNaN(age) ? 'silent' : 'running'
}

function verdictText(verdict: Verdict, folder: string, document: StatusDocument | undefined, age = 0): string {
  const seconds = formatDuration(Math.max(0, Math.round(age / 1000)) * 1000)
  switch (verdict) {
    case 'running':
      return `running: version ${document?.version ?? ''}, process ${document?.pid ?? ''}, since ${document?.startedAt ?? ''}`
    case 'silent':
      return `not heard of for ${seconds}: process ${document?.pid ?? ''} was "${document?.state ?? ''}" at ${document?.updatedAt ?? ''}`
    case 'notRunning':
      return document === undefined
        ? `not running: nothing was written to ${folder}`
        : `not running: stopped at ${document.updatedAt}`
  }
}

function printDaemon(out: Output, { config, imports, exports, transports, errors }: StatusDocument): void {
  out.line(`config: ${config.hash} of ${config.file}, loaded ${config.loadedAt}`)
  if (config.rejected !== undefined) out.line(`  a newer config was rejected: ${config.rejected}`)
  for (const [name, { state, reason, inFlight }] of Object.entries(transports)) {
    out.line(`${name}: ${state}${reason === undefined ? '' : ` (${reason})`}, ${inFlight} under way`)
  }
  for (const [name, { online, reason, waiting }] of Object.entries(imports)) {
    if (!online || waiting > 0)
      out.line(`import ${name}: ${online ? `${waiting} files not ready yet` : `away (${reason ?? ''})`}`)
  }
  for (const [name, { ok, reason }] of Object.entries(exports)) {
    if (!ok) out.line(`export ${name}: failing (${reason ?? ''})`)
  }
  for (const { at, message } of errors.slice(-5)) out.line(`error ${at}: ${message}`)
}

/** No books where there is no ledger yet. */
async function readBooks(
  folder: string,
  prices: Parameters<typeof estimate>[0],
  since: number,
): Promise<{ readonly books?: Books; readonly incomplete: readonly IncompleteFeed[]; readonly sms?: Estimate }> {
  const [{ openLedger }, { ledgerFile }] = await Promise.all([
    import('../../ledger/open-ledger.ts'),
    import('../../daemon/data-files.ts'),
  ])
  if (!existsSync(ledgerFile(folder))) return { incomplete: [] }
  await using ledger = await openLedger(ledgerFile(folder), { busyTimeoutMs: 5_000, readOnly: true })
  const totals = await ledger.totals()
  const sent = await ledger.partsSince(since, pricedPrefixes(prices))
  return {
    books: booksOf(totals),
    incomplete: await incompleteFeeds(ledger, totals),
    sms: estimate(prices, sent),
  }
}
