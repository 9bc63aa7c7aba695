/**
 * Claimed files until they are put away: imported in the order of their names, small ones in groups.
 *
 * A file that cannot be imported now stays claimed and is tried again, after pauses that double, and is
 * told to people when it keeps failing; the others go on. Three that fail in a row are a matter of the
 * ledger or the share, not of the files: then the error is thrown and the rest waits.
 */
import { dateIn } from '../core/date.ts'
import { emptyBatch } from '../core/batch.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { backoffMs } from '../platform/loop.ts'
import { reasonOf } from '../platform/system-errors.ts'
import type { Setup } from '../workflow/setup.ts'
import { type Claim, fittingName } from './claims.ts'
import { importReadFile } from './import-big-file.ts'
import { importWholes } from './import-whole.ts'
import type { ImportResult } from './import-result.ts'
import { importSmallFiles, smallFile } from './import-small-files.ts'
import type { ImportSource } from './import-source.ts'
import { hasChanged, isGone, lookAt } from './look-at.ts'
import type { Look } from './readiness.ts'
import { type Findings, putAway } from './put-away.ts'
import { type AheadFile, readAhead } from './read-ahead.ts'
import { readBigFile } from './read-big-file.ts'
import { partialResult, readFindings } from './read-findings.ts'
import type { RaiseAlarm } from './raise-alarm.ts'

export interface ClaimTools {
  readonly ledger: Ledger
  readonly setup: Setup
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly alarm: RaiseAlarm
}

export interface ClaimedFiles {
  add(claims: readonly Claim[]): void
  /** Files claimed and not put away. */
  count(): number
  /** Imports what is due. Throws when nothing works, and the signal's reason. */
  work(): Promise<void>
}

interface Held {
  claim: Claim
  failures: number
  /** Monotonic milliseconds. */
  notBefore: number
  /** It is recorded, but could not be put away yet: to be put away as what it was, without recording it again. */
  recorded?: Recorded
}

interface Recorded {
  readonly claim: Claim
  readonly result: ImportResult
  readonly look: Look | undefined
}

/** Most small files, and most bytes of them, that share one commit. */
const groupFiles = 200
const groupBytes = 1024 * 1024
const pauses = { firstMs: 1_000, maxMs: 300_000 }
/** Failures of one file after which people are told. */
const failuresToTell = 4
const failuresInARow = 3

export function claimedFiles(source: ImportSource, tools: ClaimTools): ClaimedFiles {
  const held = new Set<Held>()
  const ahead = readAhead(tools.ledger, source, tools.signal)
  let inARow = 0

  const tryGroup = async (group: readonly Held[], next: readonly Held[] = []): Promise<void> => {
    tools.signal.throwIfAborted()
    const present = group.filter((each) => isThere(each))
    if (present.length === 0) return
    const [first] = present
    const reading = { ahead: ahead.take(first?.claim.path ?? ''), onLastSlice: () => ahead.start(claimsOf(next)) }
    try {
      await importGroup(source, tools, present, (each) => held.delete(each), reading)
      inARow = 0
    } catch (error) {
      if (tools.signal.aborted) throw error
      if (present.length === 1) return await putOff(present, error)
      for (const each of present) markTried(each)
      for (const each of present) if (held.has(each)) await tryGroup([each])
    }
  }
  const isThere = (each: Held): boolean => {
    if (!isGone(each.claim.path)) return true
    held.delete(each)
    tools.log.warn({ import: source.name, file: each.claim.name }, 'a claimed file is gone')
    return false
  }
  const putOff = async ([each]: readonly Held[], error: unknown): Promise<void> => {
    if (each === undefined) return
    each.failures += 1
    each.notBefore = tools.clock.monotonic() + backoffMs(pauses, each.failures)
    markTried(each)
    inARow += 1
    if (inARow >= failuresInARow) {
      inARow = 0
      throw error
    }
    tools.log.error(
      { import: source.name, file: each.claim.name, failures: each.failures, err: error },
      'file could not be imported',
    )
    if (each.failures >= failuresToTell) await tools.alarm(stuckAlarm(source, tools, each.claim, error))
  }
  return {
    add: (claims) => {
      for (const claim of claims) held.add({ claim, failures: 0, notBefore: 0 })
    },
    count: () => held.size,
    work: async () => {
      const now = tools.clock.monotonic()
      const due = [...held].filter(({ notBefore }) => notBefore <= now)
      const groups = [...groupsOf(due)]
      for (const [i, group] of groups.entries()) await tryGroup(group, groups[i + 1])
      ahead.drop()
    },
  }
}

const claimsOf = (group: readonly Held[]): readonly Claim[] => group.map(({ claim }) => claim)

/** It may have been recorded before something failed: then it is no second copy that comes next. */
function markTried(each: Held): void {
  each.claim = { ...each.claim, recovered: true }
}

/** Consecutive small files together, each big one alone: files count in the order of their names. */
function* groupsOf(due: readonly Held[]): Generator<readonly Held[]> {
  let group: Held[] = []
  let bytes = 0
  for (const each of due) {
    const size = lookAt(each.claim.path)?.size ?? 0
    const full = group.length >= groupFiles || bytes + size > groupBytes
    if (group.length > 0 && (full || size > smallFile)) {
      yield group
      group = []
      bytes = 0
    }
    group.push(each)
    bytes += size
    if (size <= smallFile) continue
    yield group
    group = []
    bytes = 0
  }
  if (group.length > 0) yield group
}

/** What was read counts; read again, the records in it are known and the others are taken in. */
const changed =
  'the file changed while it was read: its writer was not done. It is read again; give "ready" a longer stableFor, or a doneFile'

interface GroupReading {
  /** The only file of the group, when it was read before. */
  readonly ahead: AheadFile | undefined
  readonly onLastSlice: () => void
}

async function importGroup(
  source: ImportSource,
  tools: ClaimTools,
  group: readonly Held[],
  done: (each: Held) => void,
  reading: GroupReading,
): Promise<void> {
  const looks = new Map(group.map((each) => [each, reading.ahead?.look ?? lookAt(each.claim.path)]))
  const fresh = group.filter(({ recorded }) => recorded === undefined)
  const results = await importFresh(source, tools, fresh, looks, reading)
  for (const [index, result] of results.entries()) {
    const each = fresh[index]
    if (each !== undefined) each.recorded = { claim: each.claim, result, look: looks.get(each) }
  }
  for (const each of group) {
    if (each.recorded === undefined) continue
    const { claim, result, look } = each.recorded
    if (hasChanged(look, lookAt(claim.path))) {
      delete each.recorded
      throw new Error(changed)
    }
    await conclude(source, tools, claim, result)
    done(each)
  }
}

async function importFresh(
  source: ImportSource,
  tools: ClaimTools,
  fresh: readonly Held[],
  looks: ReadonlyMap<Held, Look | undefined>,
  { ahead, onLastSlice }: GroupReading,
): Promise<readonly ImportResult[]> {
  const access = { ledger: tools.ledger, setup: tools.setup, now: () => tools.clock.now() }
  const [first] = fresh
  if (first === undefined) return []
  if (source.config.atomic)
    return await importWholes(
      access,
      source,
      fresh.map(({ claim }) => claim),
    )
  if ((looks.get(first)?.size ?? 0) > smallFile) {
    const big = await (ahead?.big ?? readBigFile(tools.ledger, source, first.claim, { signal: tools.signal }))
    return [await importReadFile(access, source, big, onLastSlice)]
  }
  const claims = fresh.map(({ claim }) => claim)
  return await importSmallFiles(access, source, claims)
}

async function conclude(source: ImportSource, tools: ClaimTools, claim: Claim, result: ImportResult): Promise<void> {
  const { clock, log } = tools
  const day = dateIn(clock.now(), source.defaults.zone)
  const done = { kind: 'processed', day, delete: source.config.after === 'delete' } as const
  const fields = { import: source.name, file: claim.name, id: result.id, read: result.read, refused: result.refused }
  const findings = {
    problems: result.problems,
    read: result.read,
    refused: result.refused,
    ...(result.rejected && { rejected: result.rejected }),
  }
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
      if (isItself(claim, result))
        return await putAway(source.folder, claim, done, await findingsAgain(source, claim, result))
      log.info(fields, 'file known already')
      await tellDuplicate(source, tools, claim, result)
      return await putAway(source.folder, claim, { kind: 'duplicate' })
  }
}

const isItself = (claim: Claim, { known }: ImportResult): boolean =>
  claim.recovered && known !== undefined && fittingName(known.name) === fittingName(claim.name)

/** What stood beside the file, had there been no crash. */
async function findingsAgain(
  source: ImportSource,
  claim: Claim,
  { known }: ImportResult,
): Promise<Findings | undefined> {
  return known?.state === 'partial' ? await partialResult(source, claim, await readFindings(source, claim)) : undefined
}

async function tellDuplicate(
  source: ImportSource,
  { ledger, setup, clock }: ClaimTools,
  claim: Claim,
  { id, known }: ImportResult,
): Promise<void> {
  const at = clock.now()
  const text = `${claim.name} holds the same bytes as ${known?.name ?? 'a file before'}`.slice(0, 250)
  const cause = { kind: 'file', actor: `file:${source.name}`, configHash: setup.configHash } as const
  await ledger.commit({ ...emptyBatch(cause, at), events: [{ name: 'import.duplicate', subject: id, at, text }] })
}

function stuckAlarm(
  source: ImportSource,
  { clock }: ClaimTools,
  claim: Claim,
  error: unknown,
): Parameters<RaiseAlarm>[0] {
  return {
    key: `import-stuck/${source.name}/${claim.name}/${dateIn(clock.now(), source.defaults.zone)}`,
    subject: source.name,
    title: 'A file cannot be imported',
    what: `${claim.name}: ${reasonOf(error)}`.slice(0, 250),
    where: claim.path,
    next: 'It is tried again until it works. Look at its rights and at the log.',
  }
}
