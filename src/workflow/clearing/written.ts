/**
 * A clearing file was written: its record with control figures, its entries exported, its answer awaited (N42, N43).
 *
 * Decided again for the same file it changes nothing. An entry that was answered before the record was made keeps
 * its answer. Files for people (`audience: human`) are not followed. Pure; throws NotLoaded from `known`.
 */
import type { Export } from '../../config/schema.ts'
import type { Batch, ExportFields } from '../../core/batch.ts'
import { controlFigures } from '../../core/clearing-control.ts'
import { durationOf, type Instant } from '../../core/date.ts'
import type { Cause } from '../../core/event.ts'
import { type ClearingFileId, clearingFileId, type ClearingId, type ExportFileId } from '../../core/ids.ts'
import type { Known } from '../../core/known.ts'
import type { Clearing, ClearingFile } from '../../core/clearing.ts'
import { askTogether } from '../ask-together.ts'
import { Draft } from '../draft.ts'
import type { Setup } from '../setup.ts'

/** An export file as the ledger has it. */
export interface WrittenFile {
  readonly id: ExportFileId
  readonly export: string
  readonly sequence: number
  readonly name: string
}

interface Line {
  readonly subject: string
  readonly fields: ExportFields
}

/** One live timer per file. */
export const answerTimer = 'clearing.answer'

/** Whether the ERP that reads the files of an export answers for their entries. */
export const isTracked = ({ kind, audience }: Pick<Export, 'kind' | 'audience'>): boolean =>
  kind === 'clearing' && audience === 'erp'

export function decideClearingWritten(
  setup: Setup,
  file: WrittenFile,
  lines: readonly Line[],
  known: Known,
  cause: Cause,
  now: Instant,
): Batch {
  const draft = new Draft(setup, known, cause, now)
  if (draft.get('clearingFile', clearingFileId(file.id)) === undefined) record(draft, file, lines)
  return draft.toBatch()
}

function record(draft: Draft, file: WrittenFile, lines: readonly Line[]): void {
  const target = targetOf(draft, file.export)
  const figures = controlFigures(
    lines.map(({ fields }) => fields),
    target?.period,
  )
  const entries = lines.map(({ subject }) => subject as ClearingId)
  const named = figures.replaces === undefined ? [] : draft.find('clearingFile', 'number', figures.replaces)
  const replaces = named.find((each) => each.export === file.export)
  const answerBy = target?.expectAnswer === undefined ? undefined : draft.now + durationOf(target.expectAnswer)
  const exported = askTogether(entries.map((id) => () => draft.get('clearing', id)))
  const before = exported.filter((entry) => entry?.state !== 'open' && entry?.file === undefined)
  const answered = countOf(before)
  const made: ClearingFile = draft.put({
    kind: 'clearingFile',
    id: clearingFileId(file.id),
    version: 0,
    export: file.export,
    sequence: file.sequence,
    name: file.name,
    ...(figures.period !== undefined && { period: figures.period }),
    from: figures.from,
    to: figures.to,
    entries,
    sums: [...figures.sums, ...figures.totals],
    state: stateOf(answered, entries.length),
    ...answered,
    ...(replaces && { replaces: replaces.id }),
    ...(answerBy !== undefined && { answerBy }),
    createdAt: draft.now,
    updatedAt: draft.now,
  })
  for (const entry of exported) if (entry !== undefined) markExported(draft, entry, made.id)
  draft.happened({
    name: 'clearing.exported',
    subject: made.id,
    after: { state: made.state },
    text: wordsOf(made, replaces).slice(0, 250),
  })
  if (answerBy !== undefined && made.state === 'exported') draft.timer(made.id, answerTimer, answerBy)
}

function markExported(draft: Draft, entry: Clearing, file: ClearingFileId): void {
  const state = entry.state === 'open' ? ('exported' as const) : entry.state
  draft.put({ ...entry, state, file, updatedAt: draft.now })
}

export const targetOf = (draft: Draft, name: string): Export | undefined => {
  const { exports } = draft.setup.config
  return Object.hasOwn(exports, name) ? exports[name] : undefined
}

type Answered = Pick<ClearingFile, 'accepted' | 'refused'>

const countOf = (entries: readonly (Clearing | undefined)[]): Answered => ({
  accepted: entries.filter((entry) => entry?.state === 'acknowledged').length,
  refused: entries.filter((entry) => entry?.state === 'rejected').length,
})

/** `exported` until every entry is answered. */
export function stateOf({ accepted, refused }: Answered, entries: number): ClearingFile['state'] {
  if (accepted + refused < entries) return 'exported'
  return refused === 0 ? 'acknowledged' : 'rejected'
}

const wordsOf = ({ name, entries }: ClearingFile, replaces: ClearingFile | undefined): string =>
  `${name}, ${entries.length} entries${replaces === undefined ? '' : `, corrected copy of ${replaces.name}`}`
