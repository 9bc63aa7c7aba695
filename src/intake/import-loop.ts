/**
 * The loop of one import folder: look, wait until ready, claim; what is claimed is imported and put away.
 *
 * The scan is the truth, file system events only wake it. A share that is away is waited for,
 * never taken for an empty folder. A name that cannot be used, or claimed, does not stop the others.
 */
import { join } from 'node:path'
import { dateIn, durationOf, type Instant } from '../core/date.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Clock } from '../platform/clock.ts'
import { syncFolder } from '../platform/files.ts'
import { folderAtFirst } from '../platform/first-folder.ts'
import type { Log } from '../platform/log.ts'
import { type Loop, type PassOutcome, startLoop } from '../platform/loop.ts'
import type { MountMemory } from '../platform/mount-memory.ts'
import { type FolderLook, offlineReason, scanFolder } from '../platform/scan.ts'
import { shareGuard } from '../platform/share-guard.ts'
import { reasonOf } from '../platform/system-errors.ts'
import { watchFolder } from '../platform/watch.ts'
import type { Setup } from '../workflow/setup.ts'
import { type Claim, claimFolder, type Claims, claimsIn } from './claims.ts'
import { type ClaimedFiles, claimedFiles } from './import-claims.ts'
import type { ImportSource } from './import-source.ts'
import { changedAt, lookAt } from './look-at.ts'
import { removeCompanion } from './put-away.ts'
import { type RaiseAlarm, raiseOnce } from './raise-alarm.ts'
import { type Readiness, readinessOf } from './readiness.ts'
import { type Refused, tellUnclaimed } from './unclaimed.ts'

export interface ImportLoopTools {
  readonly ledger: Ledger
  readonly setup: Setup
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Letters and digits that name this daemon, the same in each run: its claims are known by it. */
  readonly owner: string
  /** Where shares were mounted in earlier runs. */
  readonly mounts?: MountMemory
  /** Told after each pass, for status and watchdog. */
  readonly onPass: (state: ImportState) => void
}

export interface ImportState {
  readonly import: string
  readonly at: Instant
  readonly online: boolean
  readonly reason?: string
  /** Files seen that are not put away yet. */
  readonly waiting: number
}

/** Time limit of one look at a folder, in milliseconds: a hung share must not hang the loop. */
const lookDeadlineMs = 30_000
/** Most files that are claimed in one pass. */
const mostClaims = 200
/** Between two looks for claims that nobody works on, in milliseconds. */
const lookForLeftEvery = 600_000

/** What one folder's passes share. */
interface Folder {
  readonly source: ImportSource
  readonly tools: ImportLoopTools
  readonly readiness: Readiness
  readonly claims: Claims
  readonly work: ClaimedFiles
  readonly alarm: RaiseAlarm
  readonly tellUnclaimed: (refused: readonly Refused[]) => Promise<void>
  /** Monotonic milliseconds; undefined before the first look. */
  lookedForLeftAt: number | undefined
}

export function startImportLoop(source: ImportSource, tools: ImportLoopTools): Loop {
  const { clock, log, signal, ledger } = tools
  const alarm = raiseOnce(tools)
  const folder: Folder = {
    source,
    tools,
    alarm,
    tellUnclaimed: tellUnclaimed(source, { clock, log, alarm }),
    readiness: readinessOf(source.config),
    claims: claimsIn(source.folder, tools.owner),
    work: claimedFiles(source, { ...tools, alarm }),
    lookedForLeftAt: undefined,
  }
  const { mounts } = tools
  const guard = shareGuard(source.folder, { deadlineMs: lookDeadlineMs, ...(mounts && { memory: mounts }) })
  const wasUsed = async (): Promise<boolean> =>
    (await mounts?.mountOf(source.folder)) !== undefined || (await ledger.lastFileAt(source.name)) !== undefined
  const makeFolder = folderAtFirst(source.folder, wasUsed, lookDeadlineMs)

  const pass = async (): Promise<PassOutcome> => {
    const trouble = await makeFolder().catch(reasonOrThrow)
    const state = trouble === undefined ? await guard.look() : { kind: 'offline' as const, reason: trouble }
    const found = state.kind === 'offline' ? state : await passOver(folder).catch((error) => awayOrThrow(source, error))
    if (found.kind === 'offline') return offline(found.reason)
    tools.onPass({ import: source.name, at: clock.now(), online: true, waiting: found.waiting })
    return found.more ? 'again' : 'idle'
  }
  const offline = (reason: string): PassOutcome => {
    tools.onPass({ import: source.name, at: clock.now(), online: false, reason, waiting: folder.work.count() })
    return 'idle'
  }
  const loop = startLoop({
    name: `import ${source.name}`,
    everyMs: Math.min(durationOf(source.config.every), settleTime(source)),
    signal,
    run: pass,
    onError: (error) => {
      log.error({ import: source.name, err: error }, 'import pass failed')
      offline(reasonOf(error))
    },
    backoff: { firstMs: 1_000, maxMs: 60_000 },
  })
  if (source.config.watch === 'auto') {
    const onError = (error: unknown): void => log.warn({ import: source.name, err: error }, 'folder events failed')
    watchFolder(source.folder, () => loop.nudge(), signal, onError)
  }
  return loop
}

/** A share that goes away during a pass is away, and no more: the next pass finds out when it is back. */
function awayOrThrow({ folder }: ImportSource, error: unknown): Passed {
  if (changedAt(folder) !== undefined) throw error
  return { kind: 'offline', reason: reasonOf(error) }
}

function reasonOrThrow(error: unknown): string {
  const reason = offlineReason(error)
  if (reason === undefined) throw error
  return reason
}

/** A look at least as often as the settle time, so that a file waits once, not twice. */
const settleTime = ({ config: { ready, every } }: ImportSource): number =>
  typeof ready === 'object' && 'stableFor' in ready ? Math.max(200, durationOf(ready.stableFor) / 2) : durationOf(every)

type Passed =
  | { readonly kind: 'online'; readonly waiting: number; readonly more: boolean }
  | { readonly kind: 'offline'; readonly reason: string }

async function passOver(folder: Folder): Promise<Passed> {
  const { source, readiness, work } = folder
  await takeLeft(folder)
  await work.work()
  const found = await scanFolder(source.folder, { deadlineMs: lookDeadlineMs })
  if (found.kind === 'offline') return found
  await tellUnreadable(folder, found)
  const names = new Set(found.names)
  readiness.forget(names)
  const candidates = readiness.candidates(found.names).toSorted()
  const ready = readyOf(folder, candidates, names)
  const { claimed, refused } = claimAll(folder, ready.slice(0, mostClaims))
  for (const { name } of claimed) names.delete(name)
  // A later file of the same name is another one: it is seen for the first time.
  readiness.forget(names)
  work.add(claimed)
  await folder.tellUnclaimed(refused)
  if (claimed.length > 0) await makeClaimsDurable(source.folder)
  await removeCompanions(folder, claimed)
  await work.work()
  const waiting = candidates.length - claimed.length + work.count()
  return { kind: 'online', waiting, more: ready.length > mostClaims && claimed.length > 0 }
}

/** Ready names, one more than can be claimed at most: that one says that there are more. */
function readyOf(
  { source, tools, readiness }: Folder,
  candidates: readonly string[],
  names: ReadonlySet<string>,
): readonly string[] {
  const ready: string[] = []
  for (const name of candidates) {
    const look = lookAt(join(source.folder, name))
    if (look !== undefined && readiness.isReady(name, look, names, tools.clock.monotonic())) ready.push(name)
    if (ready.length > mostClaims) break
  }
  return ready
}

function claimAll({ claims }: Folder, names: readonly string[]): { claimed: Claim[]; refused: Refused[] } {
  const [claimed, refused]: [Claim[], Refused[]] = [[], []]
  for (const name of names) {
    try {
      const taken = claims.take(name)
      if (taken !== undefined) claimed.push(taken)
    } catch (error) {
      refused.push({ name, error })
    }
  }
  return { claimed, refused }
}

/** What is recorded of a file must not find it unclaimed after a power cut: it would count as a second copy then. */
async function makeClaimsDurable(folder: string): Promise<void> {
  await syncFolder(join(folder, claimFolder), { deadlineMs: lookDeadlineMs })
  await syncFolder(folder, { deadlineMs: lookDeadlineMs })
}

/** Claims of earlier runs; their done files go, unless they belong to a newer file of the same name. */
async function takeLeft(folder: Folder): Promise<void> {
  const { source, tools, readiness, claims, work } = folder
  const now = tools.clock.monotonic()
  if (folder.lookedForLeftAt !== undefined && now - folder.lookedForLeftAt < lookForLeftEvery) return
  const left = claims.left(now)
  folder.lookedForLeftAt = now
  work.add(left)
  for (const { name, path } of left) {
    const [claimedAt, isNewFile] = [changedAt(path) ?? 0, lookAt(join(source.folder, name)) !== undefined]
    for (const companion of readiness.companions(name)) {
      const saidAt = changedAt(join(source.folder, companion)) ?? 0
      if (!isNewFile || saidAt <= claimedAt) await removeCompanion(source.folder, companion)
    }
  }
}

/** A done file that stayed would make the next file of the name look complete before it is. */
async function removeCompanions({ source, readiness }: Folder, claimed: readonly Claim[]): Promise<void> {
  const companions = claimed.flatMap(({ name }) => readiness.companions(name))
  for (const companion of companions) await removeCompanion(source.folder, companion)
}

async function tellUnreadable(
  { source, tools, alarm }: Folder,
  { unreadable }: FolderLook & { kind: 'names' },
): Promise<void> {
  const [first] = unreadable
  if (first === undefined) return
  const key = `unreadable-names/${source.name}/${dateIn(tools.clock.now(), source.defaults.zone)}`
  const isNew = await alarm({
    key,
    subject: source.name,
    title: 'File names cannot be read',
    what: `${unreadable.length} names are not valid UTF-8, e.g. ${JSON.stringify(first)}`.slice(0, 250),
    where: source.folder,
    next: 'Rename them: they are left where they are and nothing of them is imported.',
  })
  if (isNew) tools.log.warn({ import: source.name, count: unreadable.length, first }, 'file names are not valid UTF-8')
}
