/**
 * The loop of one import folder: look, wait until ready, claim, import, put away.
 *
 * The scan is the truth, file system events only wake it. A share that is away is waited for,
 * never taken for an empty folder. A file that cannot be read now stays claimed and is tried
 * again; one bad file does not stop the others.
 */
import { lstatSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { dateIn, durationOf, type Instant } from '../core/date.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Clock } from '../platform/clock.ts'
import { hasCode } from '../platform/files.ts'
import type { Log } from '../platform/log.ts'
import { type Loop, type PassOutcome, startLoop } from '../platform/loop.ts'
import { scanFolder } from '../platform/scan.ts'
import { shareGuard } from '../platform/share-guard.ts'
import { watchFolder } from '../platform/watch.ts'
import type { Setup } from '../workflow/setup.ts'
import { type Claim, claimsIn } from './claims.ts'
import { importBigFile, type ImportResult, importSmallFiles, smallFile } from './import-file.ts'
import type { ImportSource } from './import-source.ts'
import { putAway, removeCompanion } from './put-away.ts'
import { type Look, readinessOf } from './readiness.ts'

export interface ImportLoopTools {
  readonly ledger: Ledger
  readonly setup: Setup
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Told after each pass, for status and watchdog. */
  readonly onPass: (state: ImportState) => void
}

export interface ImportState {
  readonly import: string
  readonly at: Instant
  readonly online: boolean
  readonly reason?: string
  /** Files seen that are not ready yet. */
  readonly waiting: number
}

/** Time limit of one look at a folder, in milliseconds: a hung share must not hang the loop. */
const lookDeadlineMs = 30_000
/** Most small files that share one commit. */
const groupSize = 200

export function startImportLoop(source: ImportSource, tools: ImportLoopTools): Loop {
  const { clock, log, signal } = tools
  mkdirSync(source.folder, { recursive: true })
  const claims = claimsIn(source.folder, clock.now().toString(36))
  const readiness = readinessOf(source.config)
  const guard = shareGuard(source.folder, { deadlineMs: lookDeadlineMs })
  let recovered: readonly Claim[] | undefined

  const pass = async (): Promise<PassOutcome> => {
    const state = await guard.look()
    if (state.kind === 'offline') return offline(state.reason)
    recovered ??= claims.left()
    if (recovered.length > 0) {
      await importClaims(source, tools, recovered)
      recovered = []
    }
    const found = await scanFolder(source.folder, { deadlineMs: lookDeadlineMs })
    if (found.kind === 'offline') return offline(found.reason)
    const names = new Set(found.names)
    readiness.forget(names)
    const candidates = readiness.candidates(found.names).toSorted()
    const ready = candidates.filter((name) => isReady(name, names))
    const claimed = ready.slice(0, groupSize).map((name) => claims.take(name)).filter((claim) => claim !== undefined)
    await importClaims(source, tools, claimed)
    for (const { name } of claimed) {
      for (const companion of readiness.companions(name)) await removeCompanion(source.folder, companion)
    }
    tools.onPass({ import: source.name, at: clock.now(), online: true, waiting: candidates.length - claimed.length })
    return ready.length > groupSize ? 'again' : 'idle'
  }
  const isReady = (name: string, names: ReadonlySet<string>): boolean => {
    const look = lookAt(join(source.folder, name))
    return look !== undefined && readiness.isReady(name, look, names, clock.monotonic())
  }
  const offline = (reason: string): PassOutcome => {
    tools.onPass({ import: source.name, at: clock.now(), online: false, reason, waiting: 0 })
    return 'idle'
  }

  const loop = startLoop({
    name: `import ${source.name}`,
    everyMs: Math.min(durationOf(source.config.every), settleTime(source)),
    signal,
    run: pass,
    onError: (error) => log.error({ import: source.name, err: error }, 'import pass failed'),
    backoff: { firstMs: 1_000, maxMs: 60_000 },
  })
  if (source.config.watch === 'auto') {
    watchFolder(
      source.folder,
      () => loop.nudge(),
      signal,
      (error) => log.warn({ import: source.name, err: error }, 'folder events failed'),
    )
  }
  return loop
}

/** A look at least as often as the settle time, so that a file waits once, not twice. */
const settleTime = ({ config: { ready, every } }: ImportSource): number =>
  typeof ready === 'object' && 'stableFor' in ready ? Math.max(200, durationOf(ready.stableFor) / 2) : durationOf(every)

/** Size, time and inode of a plain file; undefined for what is gone or no file. Links are not followed. */
function lookAt(path: string): Look | undefined {
  try {
    const stat = lstatSync(path)
    return stat.isFile() ? { size: stat.size, mtimeMs: stat.mtimeMs, ino: stat.ino } : undefined
  } catch (error) {
    if (hasCode(error, ['ENOENT'])) return undefined
    throw error
  }
}

/** Imports claimed files: small ones in groups, big ones one by one; each is put away when it is committed. */
export async function importClaims(source: ImportSource, tools: ImportLoopTools, claims: readonly Claim[]): Promise<void> {
  const present = claims.filter(({ path }) => lookAt(path) !== undefined)
  const small = present.filter(({ path }) => statSync(path).size <= smallFile)
  const big = present.filter((claim) => !small.includes(claim))
  const access = { ledger: tools.ledger, setup: tools.setup, now: () => tools.clock.now() }
  for (let i = 0; i < small.length; i += groupSize) {
    const group = small.slice(i, i + groupSize)
    const results = await importSmallFiles(access, source, group)
    for (const [index, result] of results.entries()) {
      const claim = group[index]
      if (claim !== undefined) await conclude(source, tools, claim, result)
    }
  }
  for (const claim of big) {
    const result = await importBigFile(access, source, claim, { signal: tools.signal })
    await conclude(source, tools, claim, result)
  }
}

async function conclude(source: ImportSource, tools: ImportLoopTools, claim: Claim, result: ImportResult): Promise<void> {
  const { clock, log } = tools
  const day = dateIn(clock.now(), source.defaults.zone)
  const done = { kind: 'processed', day, delete: source.config.after === 'delete' } as const
  const fields = { import: source.name, file: claim.name, id: result.id, read: result.read, refused: result.refused }
  const findings = { problems: result.problems, read: result.read, refused: result.refused, ...(result.rejected && { rejected: result.rejected }) }
  switch (result.kind) {
    case 'done':
      log.info(fields, 'file imported')
      return await putAway(source.folder, claim, done)
    case 'partial':
      log.warn(fields, 'file imported in part')
      return await putAway(source.folder, claim, done, findings)
    case 'rejected':
      log.warn(fields, 'file rejected')
      return await putAway(source.folder, claim, { kind: 'rejected' }, findings)
    case 'known':
      // Found claimed after a crash, it is the file itself that was committed, not a second copy.
      if (claim.recovered) return await putAway(source.folder, claim, done)
      log.info(fields, 'file known already')
      return await putAway(source.folder, claim, { kind: 'duplicate' })
  }
}
