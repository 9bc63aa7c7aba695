/**
 * What a person decides about an export file that is held: write it again, or take it as written.
 *
 * `repeat` makes the file count as never placed: the daemon writes the same lines under the same name, and
 * holds it again rather than overwrite a foreign file. `settle` only records. Changes no line. Prints nothing.
 */
import { assertNever } from '../core/assert-never.ts'
import { type Batch, emptyBatch, type ExportFileUpdate } from '../core/batch.ts'
import type { Cause, EventName } from '../core/event.ts'
import type { Known } from '../core/known.ts'
import { mergeBatches } from '../core/merge-batches.ts'
import { decideAndCommit, decideOnly } from '../ledger/decide-and-commit.ts'
import type { ExportFile, Ledger } from '../ledger/ledger.ts'
import { decideClearingWritten, isTracked } from '../workflow/clearing/written.ts'
import type { Setup } from '../workflow/setup.ts'
import type { ActOptions, ActResult } from './act.ts'

export type ExportVerb = 'repeat' | 'settle'

export async function actOnExport(
  ledger: Ledger,
  setup: Setup,
  verb: ExportVerb,
  file: ExportFile,
  options: ActOptions,
): Promise<ActResult> {
  const goal = verb === 'repeat' ? 'writing' : 'written'
  if (file.state === goal) return { kind: 'same', reason: `${file.name} is ${goal} already` }
  if (file.state !== 'held') {
    return { kind: 'refused', reason: `${file.name} is ${file.state}; this is possible only while it is held` }
  }
  const batch = batchOf(verb, file, { kind: 'person', actor: options.actor, configHash: setup.configHash }, options.now)
  const decide = await withRecord(ledger, setup, verb, file, batch)
  if (options.dryRun) return { kind: 'wouldDo', batch: await decideOnly(ledger, [], decide) }
  const result = await decideAndCommit(ledger, [], decide)
  return result.kind === 'conflict' ? result : { kind: 'done', batch: result.batch }
}

/** A clearing file that counts as written has its record, as if the daemon had written it. */
async function withRecord(
  ledger: Ledger,
  setup: Setup,
  verb: ExportVerb,
  file: ExportFile,
  batch: Batch,
): Promise<(known: Known) => Batch> {
  const { exports } = setup.config
  const target = Object.hasOwn(exports, file.export) ? exports[file.export] : undefined
  if (verb !== 'settle' || target === undefined || !isTracked(target)) return () => batch
  const lines = await ledger.exportLines(file.id)
  return (known) => mergeBatches([batch, decideClearingWritten(setup, file, lines, known, batch.cause, batch.at)])
}

function batchOf(verb: ExportVerb, file: ExportFile, cause: Cause, at: number): Batch {
  const { update, name, text } = effectOf(verb, file)
  return {
    ...emptyBatch(cause, at),
    events: [{ name, subject: file.id, at, before: { state: file.state }, after: { state: update.state }, text }],
    exportFiles: [{ ...update, id: file.id, at }],
  }
}

interface Effect {
  readonly update: Pick<ExportFileUpdate, 'state' | 'forgetHash' | 'reason'>
  readonly name: EventName
  readonly text: string
}

function effectOf(verb: ExportVerb, { name }: ExportFile): Effect {
  switch (verb) {
    case 'repeat':
      return {
        update: { state: 'writing', forgetHash: true },
        name: 'export.repeated',
        text: `${name} is to be written again, by hand`.slice(0, 250),
      }
    case 'settle':
      return {
        update: { state: 'written' },
        name: 'export.written',
        text: `${name} taken as written, by hand`.slice(0, 250),
      }
    default:
      return assertNever(verb, 'verb')
  }
}
