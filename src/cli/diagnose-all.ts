/**
 * The checks of `doctor`, one after the other; one that cannot be done says why and does not stop the others.
 *
 * Only looks. A broken config leaves only the checks that need none.
 */
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { LoadedConfig } from '../config/load.ts'
import { isoInstant } from '../core/date.ts'
import { formatProblem } from '../core/problem.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { hasCode } from '../platform/files.ts'
import type { Cli } from './context.ts'
import { failureOf } from './failure.ts'

export interface Check {
  readonly check: string
  readonly ok: boolean
  readonly detail: string
}

/** Milliseconds after which a temporary file was left by a crash. */
const staleAfterMs = 3_600_000
const year2026 = Date.UTC(2026, 0, 1)

export async function diagnoseAll(cli: Cli): Promise<readonly Check[]> {
  const general = [node(), clock(cli)]
  const loaded = await cli.config().catch((error: unknown) => failureOf(error))
  if (loaded instanceof Error) {
    return [...general, { check: 'config', ok: false, detail: loaded.lines.join('; ') }]
  }
  return [
    ...general,
    { check: 'config', ok: true, detail: `${loaded.hash}, ${loaded.files.length} files` },
    ...(await guarded('folders', () => folders(loaded))),
    ...(await guarded('ledger', () => ledgerChecks(cli, loaded))),
    ...(await guarded('left-over files', () => leftOvers(cli, loaded))),
  ]
}

async function guarded(check: string, work: () => Promise<readonly Check[]>): Promise<readonly Check[]> {
  try {
    return await work()
  } catch (error) {
    return [{ check, ok: false, detail: failureOf(error).lines.join('; ') }]
  }
}

const node = (): Check => ({
  check: 'node',
  ok: true,
  detail: `${process.versions.node}, ${process.platform} ${process.arch}, SQLite ${process.versions.sqlite ?? 'unknown'}`,
})

function clock(cli: Cli): Check {
  const now = cli.clock.now()
  return {
    check: 'clock',
    ok: now > year2026,
    detail: `${isoInstant(now)}${now > year2026 ? '' : '; the clock is not set'}`,
  }
}

async function folders(loaded: LoadedConfig): Promise<readonly Check[]> {
  const { checkFolders } = await import('../config/check-folders.ts')
  const problems = await checkFolders(loaded)
  if (problems.length === 0) return [{ check: 'folders', ok: true, detail: 'all there and usable' }]
  return problems.map((problem) => ({
    check: 'folders',
    ok: problem.severity === 'warning',
    detail: formatProblem(problem),
  }))
}

async function ledgerChecks(cli: Cli, loaded: LoadedConfig): Promise<readonly Check[]> {
  const { ledgerFile } = await import('../daemon/data-files.ts')
  const file = ledgerFile(resolve(loaded.folder, loaded.config.data))
  if (!existsSync(file)) return [{ check: 'ledger', ok: true, detail: `${file} is not there yet` }]
  await using ledger = await cli.ledger(loaded, 'look')
  const checks = await ledger.diagnose()
  return [
    ...checks.map(({ check, ok, detail }) => ({ check: `ledger: ${check}`, ok, detail })),
    await books(ledger),
    await clockAgainst(cli, ledger),
  ]
}

async function books(ledger: Ledger): Promise<Check> {
  const { booksOf } = await import('../operator/books.ts')
  const { balanced } = booksOf(await ledger.totals())
  return { check: 'books', ok: balanced, detail: balanced ? 'balanced' : 'do not balance; see: orderly status' }
}

/** What was recorded later than now says that the clock went back. */
async function clockAgainst(cli: Cli, ledger: Ledger): Promise<Check> {
  const [newest] = await ledger.files(undefined, 1)
  const ahead = (newest?.lastAt ?? 0) - cli.clock.now()
  const detail =
    ahead > 60_000
      ? `the ledger was written at ${isoInstant(newest?.lastAt ?? 0)}: the clock went back`
      : 'not behind the ledger'
  return { check: 'clock against ledger', ok: ahead <= 60_000, detail }
}

async function leftOvers(cli: Cli, { config, folder }: LoadedConfig): Promise<readonly Check[]> {
  const places = [
    config.data,
    ...[...Object.values(config.imports), ...Object.values(config.exports)].map((one) => one.folder),
  ]
  const found = await Promise.all(
    [...new Set(places.map((place) => resolve(folder, place)))].map((place) => staleIn(cli, place)),
  )
  const names = found.flat()
  if (names.length === 0) return [{ check: 'left-over files', ok: true, detail: 'none' }]
  return names.map((name) => ({
    check: 'left-over files',
    ok: false,
    detail: `${name} was left by a crash; it can be removed`,
  }))
}

/** Temporary files by the names that this program gives them. */
async function staleIn(cli: Cli, folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (hasCode(error, ['ENOENT', 'EACCES', 'ENOTDIR'])) return []
    throw error
  })
  const temporary = names.filter((name) => /^\..+\.tmp(-[0-9a-f]{12})?$|\.partial$/.test(name))
  const stale = await Promise.all(
    temporary.map(async (name) => {
      const age = cli.clock.now() - (await stat(join(folder, name))).mtimeMs
      return age > staleAfterMs ? [join(folder, name)] : []
    }),
  )
  return stale.flat()
}
