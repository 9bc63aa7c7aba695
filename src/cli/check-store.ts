/**
 * `orderly check store`: one store with all that its orders need, also of a store that a file brought (N06).
 *
 * Changes nothing. Exit code 3 when there is an error; 66 when there is no such store.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { usable } from '../config/check-folders.ts'
import type { Finding } from '../config/finding.ts'
import type { LoadedConfig } from '../config/load.ts'
import { didYouMean } from '../config/nearest.ts'
import { storeId } from '../core/ids.ts'
import type { Store } from '../core/store.ts'
import { formatProblem, type Problem } from '../core/problem.ts'
import { type CheckedStore, checkStore } from '../operator/check-store.ts'
import { asStore, type StoreLike } from '../workflow/collect/store-of.ts'
import type { Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { Failure } from './failure.ts'
import { printFacts } from './print-facts.ts'

interface Found {
  readonly store: StoreLike
  /** Of a store that a file brought. */
  readonly record?: Store
}

export async function checkOneStore(cli: Cli, code: string, withFolders: boolean): Promise<void> {
  const loaded = await cli.config()
  const found = await storeCalled(cli, loaded, code)
  const checked = checkStore(loaded.config, code, found.store, cli.clock.now())
  const folders = withFolders ? await foldersOf(loaded, checked) : []
  const problems = [...checked.findings, ...folders].map((finding) => asProblem(loaded, found, finding))
  const errors = problems.filter(({ severity }) => severity === 'error').length
  if (errors > 0) cli.end(exitCodes.problems)
  if (cli.out.json) {
    for (const problem of problems) cli.out.value(problem)
    return
  }
  tell(cli, loaded, code, found, checked)
  for (const problem of problems) cli.out.line(formatProblem(problem))
  cli.out.line(errors > 0 ? `${code}: ${errors} errors` : `${code}: in order, ${problems.length} warnings`)
}

async function storeCalled(cli: Cli, loaded: LoadedConfig, code: string): Promise<Found> {
  const { stores } = loaded.config
  const own = Object.hasOwn(stores, code) ? stores[code] : undefined
  if (own !== undefined) return { store: own }
  if (await cli.hasLedger(loaded)) {
    await using ledger = await cli.ledger(loaded, 'look')
    const record = await ledger.record('store', storeId(code))
    if (record !== undefined) return { store: asStore(record), record }
  }
  const hint = didYouMean(code, Object.keys(stores)) ?? 'Stores are listed by: orderly stores list'
  throw new Failure(exitCodes.notFound, `neither the config nor a file has a store "${code}"`, hint)
}

async function foldersOf({ folder }: LoadedConfig, { folders }: CheckedStore): Promise<readonly Finding[]> {
  const found = await Promise.all(
    folders.map(({ section, name, folder: at }) => usable(resolve(folder, at), [section, name, 'folder'])),
  )
  return found.flat()
}

/** At the key of the config where there is one; a store of a file is named with its file. */
function asProblem(loaded: LoadedConfig, { record }: Found, finding: Finding): Problem {
  const { code, severity = 'error', message, path, found, expected, hint } = finding
  const isOfFile = record !== undefined && path[0] === 'stores'
  const { file } = record?.source ?? {}
  const place = isOfFile ? { ...(file !== undefined && { file }), path: path.join('.') } : loaded.placeOf([...path])
  return {
    code,
    severity,
    place,
    message,
    ...(found !== undefined && { found }),
    ...(expected !== undefined && { expected }),
    ...(hint !== undefined && { hint }),
  }
}

function tell(
  cli: Cli,
  { config, folder }: LoadedConfig,
  code: string,
  { store, record }: Found,
  checked: CheckedStore,
): void {
  printFacts(cli.out, [
    ['store', `${code}, ${store.name}`],
    ['from', record === undefined ? 'the config' : (record.source.file ?? record.source.import)],
    ['company', store.company ?? config.company.code],
    ['email', store.email],
    ['mobile', store.mobile],
    ['calendar', store.calendar],
    ['workflows', checked.workflows.join(', ')],
    ...checked.folders.map(({ section, name, folder: at }) => {
      const path = resolve(folder, at)
      return [`${section.slice(0, -1)} ${name}`, existsSync(path) ? path : `${path} (not there)`] as const
    }),
  ])
}
