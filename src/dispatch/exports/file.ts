/**
 * Writes the files of one export: take lines, stage, place, done file, record (mechanisms 1.2).
 *
 * Sequence, name, lines and bytes are fixed when a file is taken, so that whatever a crash leaves
 * is finished under the same name with the same bytes. Where the ERP may have taken the file
 * already, `onUnknown` decides: written again, or held with an alarm (decision 4). Nothing is
 * overwritten. A share that is away delays and loses nothing: the file stays in state writing.
 */
import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { type Batch, emptyBatch, type ExportFileUpdate } from '../../core/batch.ts'
import { fileControl } from '../../core/clearing-control.ts'
import type { Export } from '../../config/schema.ts'
import { dateIn, type Instant } from '../../core/date.ts'
import type { EventName } from '../../core/event.ts'
import { mergeBatches } from '../../core/merge-batches.ts'
import { formatProblem } from '../../core/problem.ts'
import { writeExport } from '../../formats/write.ts'
import { decideAndCommit } from '../../ledger/decide-and-commit.ts'
import type { ExportFile, Ledger, LinesToTake } from '../../ledger/ledger.ts'
import type { Clock } from '../../platform/clock.ts'
import { writeAtomic } from '../../platform/files.ts'
import type { Log } from '../../platform/log.ts'
import { type StagedFile, stagedFile } from '../../platform/staged-file.ts'
import { type Alarm, decideAlarms } from '../../workflow/messages/alarm.ts'
import { decideClearingWritten, isTracked } from '../../workflow/clearing/written.ts'
import type { Setup } from '../../workflow/setup.ts'
import { deliveryCause } from '../dispatcher.ts'
import { linesOf } from './lines.ts'
import { doneName, exportName } from './name.ts'

export interface ExportTarget {
  readonly name: string
  readonly config: Export
  /** Absolute path. */
  readonly folder: string
  /** Text of the mustache template of a `text` format. */
  readonly templateText?: string
}

export interface ExportTools {
  readonly ledger: Ledger
  readonly setup: Setup
  readonly clock: Clock
  readonly log: Log
}

export const exportTarget = (
  name: string,
  config: Export,
  folder: string,
  templateText: string | undefined,
): ExportTarget => ({
  name,
  config,
  folder: resolve(folder, config.folder),
  ...(templateText !== undefined && { templateText }),
})

/** Writes one new file of all open lines of a part (at most maxLines); undefined when no line is open. */
export async function writeNextFile(
  tools: ExportTools,
  target: ExportTarget,
  only: Pick<LinesToTake, 'from' | 'before'> = {},
): Promise<ExportFile | undefined> {
  const { ledger, setup, clock } = tools
  const at = clock.now()
  const { timeZone: zone, company } = setup.config
  const nameOf = (sequence: number, part: string): string =>
    exportName({ export: target.name, config: target.config, sequence, at, zone, company: company.code, part })
  const lines = { ...linesOf(target.config, dateIn(at, zone)), ...only }
  const file = await ledger.takeExport(target.name, nameOf, at, target.config.maxLines, lines)
  if (file !== undefined) await finishFile(tools, target, file)
  return file
}

/** Finishes what is in state writing: of a crash, of a share that was away. */
export async function finishOpenFiles(tools: ExportTools, target: ExportTarget): Promise<void> {
  for (const file of await tools.ledger.writingExports(target.name)) await finishFile(tools, target, file)
}

/** Every step may have been done before; each looks at what is there and goes on from it. */
async function finishFile(tools: ExportTools, target: ExportTarget, file: ExportFile): Promise<void> {
  const staged = stagedFile(target.folder, file.name, file.id)
  const found = await staged.look()
  // Placed under this very hash, whatever a changed layout would make of the lines now.
  if (found.sha256 !== undefined && found.sha256 === file.sha256)
    return await concludePlaced(tools, target, file, found.sha256, staged)
  const bytes = await bytesOf(tools, target, file)
  if (bytes === undefined) return
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (found.sha256 === sha256) return await concludePlaced(tools, target, file, sha256, staged)
  if (found.sha256 !== undefined) return await foreignFile(tools, target, file, staged)
  // The hash is recorded just before the file is placed: recorded, and neither file there = it was taken away.
  if (file.sha256 !== undefined && !found.staged) {
    if (policyOf(target.config) === 'hold') return await hold(tools, target, file)
    await tellRepeated(tools, target, file)
  }
  await staged.stage(bytes)
  await update(tools, file, { state: 'writing', sha256 })
  if ((await staged.place()) === 'exists') return await foreignFile(tools, target, file, staged)
  await conclude(tools, target, file, sha256, staged)
}

/** By kind: a status may be told twice, money and goods may not. */
const policyOf = (config: Export): 'repeat' | 'hold' =>
  config.onUnknown ?? (config.kind === 'orderStatus' ? 'repeat' : 'hold')

async function bytesOf(tools: ExportTools, target: ExportTarget, file: ExportFile): Promise<Uint8Array | undefined> {
  const lines = await tools.ledger.exportLines(file.id)
  const { kind, format, audience, control: place } = target.config
  const fields = lines.map((line) => line.fields)
  const written = writeExport(fields, {
    kind,
    format,
    audience,
    ...(target.templateText !== undefined && { templateText: target.templateText }),
    ...(kind === 'clearing' && { control: { place, of: fileControl(target.name, target.config, file, fields) } }),
  })
  if (written.kind === 'written') return written.bytes
  const [problem] = written.problems
  await holdWith(
    tools,
    target,
    file,
    'An export cannot be written',
    problem ? formatProblem(problem) : 'unknown problem',
  )
  return undefined
}

/** It was placed by a try that was cut off, perhaps before it was made durable. */
async function concludePlaced(...[tools, target, file, sha256, staged]: Parameters<typeof conclude>): Promise<void> {
  await staged.settle()
  await conclude(tools, target, file, sha256, staged)
}

async function conclude(
  tools: ExportTools,
  target: ExportTarget,
  file: ExportFile,
  sha256: string,
  staged: StagedFile,
): Promise<void> {
  await staged.discard()
  if (target.config.doneFile !== undefined) {
    await writeAtomic(target.folder, doneName(target.config.doneFile, file.name), '', { deadlineMs: 60_000 })
  }
  const done = written(tools, file, sha256)
  if (isTracked(target.config)) await commitClearing(tools, file, done)
  else await tools.ledger.commit(done)
  tools.log.info({ export: target.name, file: file.name, lines: file.lines }, 'export written')
}

const written = ({ setup, clock }: ExportTools, file: ExportFile, sha256: string): Batch => {
  const at = clock.now()
  const text = `${file.name}, ${file.lines} lines`.slice(0, 250)
  return {
    ...emptyBatch(deliveryCause(setup), at),
    events: [{ name: 'export.written', subject: file.id, at, text }],
    exportFiles: [{ id: file.id, at, state: 'written', sha256 }],
  }
}

/** The figures of the clearing file are recorded in the commit that says that it is written. */
async function commitClearing({ ledger, setup }: ExportTools, file: ExportFile, done: Batch): Promise<void> {
  const lines = await ledger.exportLines(file.id)
  const lookups = lines.map(({ subject: id }) => ({ by: 'id', kind: 'clearing', id }) as const)
  const result = await decideAndCommit(ledger, lookups, (known) =>
    mergeBatches([done, decideClearingWritten(setup, file, lines, known, done.cause, done.at)]),
  )
  if (result.kind === 'conflict') throw new Error(`${file.name}: its entries kept changing: ${result.ids.join(', ')}`)
}

const hold = (tools: ExportTools, target: ExportTarget, file: ExportFile): Promise<void> =>
  holdWith(
    tools,
    target,
    file,
    'It is not known whether the ERP took an export file',
    `${file.name} was placed and is gone, and our record of it was cut off`,
  )

async function foreignFile(
  tools: ExportTools,
  target: ExportTarget,
  file: ExportFile,
  staged: StagedFile,
): Promise<void> {
  const what = `${file.name} is there with other content; nothing was overwritten`
  await holdWith(tools, target, file, 'An export file has a foreign double', what)
  await staged.discard()
}

async function holdWith(
  tools: ExportTools,
  target: ExportTarget,
  file: ExportFile,
  title: string,
  what: string,
): Promise<void> {
  await update(tools, file, { state: 'held', reason: what }, 'export.held', what, {
    key: `export-held/${file.id}`,
    subject: file.id,
    title,
    what: what.slice(0, 250),
    where: `export ${target.name}, folder ${target.config.folder}`,
    next: `Ask the ERP; then: orderly exports repeat ${file.id}, or: orderly exports settle ${file.id}`,
  })
  tools.log.error({ export: target.name, file: file.name, reason: what }, 'export held')
}

async function tellRepeated(tools: ExportTools, target: ExportTarget, file: ExportFile): Promise<void> {
  const what = `${file.name} is written again: it is not known whether the ERP took it`
  const same = { state: 'writing', ...(file.sha256 !== undefined && { sha256: file.sha256 }) } as const
  await update(tools, file, same, 'export.repeated', what, {
    key: `export-repeated/${file.id}`,
    subject: file.id,
    title: 'An export file is written a second time',
    what: what.slice(0, 250),
    where: `export ${target.name}, folder ${target.config.folder}`,
    next: 'The ERP must ignore what it has read already; it is the same name with the same content.',
  })
}

async function update(
  { ledger, setup, clock }: ExportTools,
  file: ExportFile,
  change: Omit<ExportFileUpdate, 'id' | 'at'>,
  event?: EventName,
  text = '',
  alarm?: Alarm,
): Promise<void> {
  const at: Instant = clock.now()
  const cause = deliveryCause(setup)
  const base = alarm ? decideAlarms(setup, cause, at, [alarm]) : emptyBatch(cause, at)
  const told = event === undefined ? [] : [{ name: event, subject: file.id, at, text: text.slice(0, 250) }]
  await ledger.commit({ ...base, events: [...base.events, ...told], exportFiles: [{ id: file.id, at, ...change }] })
}
