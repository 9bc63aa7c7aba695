/**
 * The loop of one export: finish what is open, then write new files at once or when a slot is due.
 *
 * While the folder is away nothing is taken: the lines stay open, and what is being written waits.
 * A slot of the schedule is a row in the ledger: one that was missed while the daemon was down runs
 * once when it is back, however many were missed. The lines are taken before the slot is recorded,
 * so that a crash between the two makes an empty second run, never a missed one.
 */
import { emptyBatch } from '../../core/batch.ts'
import { copyParts } from '../../core/file-part.ts'
import { folderAtFirst } from '../../platform/first-folder.ts'
import { type Loop, type PassOutcome, startLoop } from '../../platform/loop.ts'
import type { MountMemory } from '../../platform/mount-memory.ts'
import { shareGuard } from '../../platform/share-guard.ts'
import { reasonOf } from '../../platform/system-errors.ts'
import { lastSlot } from '../../platform/ticker.ts'
import { deliveryCause } from '../dispatcher.ts'
import { type ExportTarget, type ExportTools, finishOpenFiles, writeNextFile } from './file.ts'
import { sweepLeftOvers } from './sweep-left-overs.ts'

export interface ExportLoopTools extends ExportTools {
  readonly signal: AbortSignal
  /** Where shares were mounted in earlier runs. */
  readonly mounts?: MountMemory
  readonly onPass: (state: { readonly export: string; readonly ok: boolean; readonly reason?: string }) => void
}

/** Time limit of one look at the folder, in milliseconds. */
const lookDeadlineMs = 30_000

export function startExportLoop(target: ExportTarget, tools: ExportLoopTools): Loop {
  const { mounts } = tools
  const guard = shareGuard(target.folder, { deadlineMs: lookDeadlineMs, ...(mounts && { memory: mounts }) })
  const makeFolder = folderAtFirst(target.folder, () => wasPlaced(tools, target), lookDeadlineMs)
  let swept = false
  const failed = (reason: string): void => tools.onPass({ export: target.name, ok: false, reason })

  const run = async (): Promise<PassOutcome> => {
    await makeFolder()
    const state = await guard.look()
    if (state.kind === 'offline') {
      failed(state.reason)
      return 'idle'
    }
    await finishOpenFiles(tools, target)
    if (!swept) await sweepLeftOvers(tools, target)
    swept = true
    const outcome = await writeDue(tools, target)
    tools.onPass({ export: target.name, ok: true })
    return outcome
  }
  return startLoop({
    name: `export ${target.name}`,
    everyMs: 10_000,
    signal: tools.signal,
    run,
    onError: (error) => {
      tools.log.error({ export: target.name, err: error }, 'export pass failed')
      failed(reasonOf(error))
    },
    backoff: { firstMs: 1_000, maxMs: 60_000 },
  })
}

/** A file was placed before: a folder that is missing is away, not new. */
async function wasPlaced({ ledger, mounts }: ExportLoopTools, target: ExportTarget): Promise<boolean> {
  if ((await mounts?.mountOf(target.folder)) !== undefined) return true
  const files = await ledger.exportFiles(target.name, 5)
  return files.some(({ sha256 }) => sha256 !== undefined)
}

/** Writes what is due; `again` while full files come. */
async function writeDue(tools: ExportTools, target: ExportTarget): Promise<PassOutcome> {
  if (target.config.when === 'atOnce') {
    const file = await writeNextFile(tools, target)
    return file !== undefined && file.lines >= target.config.maxLines ? 'again' : 'idle'
  }
  await writeCopies(tools, target)
  const slot = await dueSlot(tools, target, target.config.when)
  if (slot === undefined) return 'idle'
  for (let file = await writeNextFile(tools, target); file !== undefined;) file = await writeNextFile(tools, target)
  await recordSlot(tools, target, slot)
  return 'idle'
}

/** A corrected copy does not wait for the next slot. */
async function writeCopies(tools: ExportTools, target: ExportTarget): Promise<void> {
  if (target.config.kind !== 'clearing') return
  while ((await writeNextFile(tools, target, copyParts)) !== undefined);
}

/** The latest slot that is due and not recorded; the first sight of a schedule only sets its beginning. */
async function dueSlot(tools: ExportTools, target: ExportTarget, cron: string): Promise<number | undefined> {
  const { ledger, clock, setup } = tools
  const schedule = scheduleOf(target)
  const since = await ledger.lastSlot(schedule)
  const now = clock.now()
  if (since !== undefined) return lastSlot(cron, now, since, setup.config.timeZone)
  await recordSlot(tools, target, now)
  return undefined
}

const scheduleOf = (target: ExportTarget): string => `export/${target.name}`

async function recordSlot({ ledger, clock, setup }: ExportTools, target: ExportTarget, dueAt: number): Promise<void> {
  const ranAt = clock.now()
  await ledger.commit({
    ...emptyBatch(deliveryCause(setup), ranAt),
    slots: [{ schedule: scheduleOf(target), dueAt, ranAt }],
  })
}
