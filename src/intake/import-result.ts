/**
 * What importing a file needs and what comes of it, and the one step that commits: slices decided and written.
 *
 * How a file ends is decided here for small and big files alike: with `rejectFile` one bad record rejects
 * it; one that cannot be read to its end is rejected, too. A rejected file had no effect and may come again.
 */
import type { Batch, FileProgress } from '../core/batch.ts'
import type { Instant } from '../core/date.ts'
import type { Cause } from '../core/event.ts'
import type { FileId } from '../core/ids.ts'
import type { Known } from '../core/known.ts'
import { formatProblem, type Problem } from '../core/problem.ts'
import { decideAndCommit } from '../ledger/decide-and-commit.ts'
import type { Ledger, StoredFile } from '../ledger/ledger.ts'
import { decideFiles, type FileSlice, type IncomingItem } from '../workflow/decide.ts'
import { lookupsOf } from '../workflow/lookups.ts'
import type { Setup } from '../workflow/setup.ts'
import type { FileToImport, ImportSource } from './import-source.ts'
import type { Entry, ItemEntry } from './read-entries.ts'
import type { Findings } from './read-findings.ts'

export interface ImportTools {
  readonly ledger: Ledger
  readonly setup: Setup
  readonly now: () => Instant
  /** The person who takes the file in; default: the import itself, `file:NAME`. */
  readonly actor?: string
}

export interface ImportResult {
  readonly id: FileId
  readonly kind: 'done' | 'partial' | 'rejected' | 'known'
  /** Of a known file: how it ended then. */
  readonly known?: StoredFile
  readonly problems: readonly Problem[]
  readonly read: number
  readonly refused: number
  /** Refused rows in the file's own layout, where the format has rows. */
  readonly rejected?: Uint8Array
}

/** Which file a slice belongs to. */
export interface FileHead {
  readonly id: FileId
  readonly file: FileToImport
  readonly size: number
  readonly sha256: string
}

/** A file that came to its end before; a rejected one had no effect and may come again. */
export async function finished(ledger: Ledger, id: FileId): Promise<StoredFile | undefined> {
  const known = await ledger.file(id)
  return known?.state === 'done' || known?.state === 'partial' ? known : undefined
}

export const knownResult = (id: FileId, known: StoredFile): ImportResult => ({
  id,
  kind: 'known',
  known,
  problems: [],
  read: known.counts.read,
  refused: known.counts.refused,
})

/** How a file ends that was read as far as it can be. */
export function endOf(
  source: ImportSource,
  { read, refused, fatal }: Pick<Findings, 'read' | 'refused' | 'fatal'>,
): 'done' | 'partial' | 'rejected' {
  if (refused === 0) return 'done'
  return fatal || source.config.onBadRecord === 'rejectFile' || read === refused ? 'rejected' : 'partial'
}

const itemOf = (entry: ItemEntry): IncomingItem => ({
  incoming: entry.incoming,
  row: entry.row,
  ...(entry.warnings[0] && { warning: formatProblem(entry.warnings[0]) }),
})

const progressOf = (
  source: ImportSource,
  { id, file, size, sha256 }: FileHead,
  [from, to]: readonly [number, number],
  done: FileProgress['done'],
): FileSlice['file'] => ({
  id,
  import: source.name,
  name: file.name,
  size,
  sha256,
  from,
  to,
  ...(done !== undefined && { done }),
})

/** These entries of a file, from that position on; `problems`: of all that was read of it so far. */
export function sliceOf(
  source: ImportSource,
  head: FileHead,
  from: number,
  entries: readonly Entry[],
  { problems }: Pick<Findings, 'problems'>,
  done: FileProgress['done'],
): FileSlice {
  const items = entries.filter((entry) => entry.kind === 'item').map(itemOf)
  const [first] = problems.filter(({ severity }) => severity === 'error')
  return {
    file: progressOf(source, head, [from, from + entries.length], done),
    items,
    refused: entries.length - items.length,
    ...(first && { problem: formatProblem(first) }),
  }
}

/** The slice that ends a rejected file: no record of it counts. */
export const rejectedSlice = (
  source: ImportSource,
  head: FileHead,
  refused: number,
  first: Problem | undefined,
): FileSlice => ({
  file: progressOf(source, head, [0, 0], 'rejected'),
  items: [],
  refused,
  ...(first && { problem: formatProblem(first) }),
})

/** `after`: the commit that must come about first; the slices are decided before it has. */
export async function commitSlices(
  { ledger, setup, now, actor }: ImportTools,
  source: ImportSource,
  slices: readonly FileSlice[],
  after?: Promise<unknown>,
): Promise<'committed' | 'already'> {
  const cause: Cause = { kind: 'file', actor: actor ?? `file:${source.name}`, configHash: setup.configHash }
  const at = now()
  const decide = (known: Known): Batch => decideFiles(setup, slices, known, cause, at)
  const result = await decideAndCommit(ledger, lookupsOf(slices, setup.config), decide, after && { after })
  if (result.kind === 'conflict')
    throw new Error(`import ${source.name}: records kept changing: ${result.ids.slice(0, 5).join(', ')}`)
  return result.kind
}
