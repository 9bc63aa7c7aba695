/**
 * Imports a file with `atomic: true`: every row is tried first, and one that cannot take effect refuses all (N27).
 *
 * One commit for the whole file, so its number of rows is limited. All that is wrong with it, in how it is written and
 * against the state of its orders, is told at once. Does not move files. Throws on I/O errors: the file stays claimed.
 */
import { statSync } from 'node:fs'
import type { Cause } from '../core/event.ts'
import type { Known } from '../core/known.ts'
import { fileId } from '../core/ids.ts'
import type { Problem } from '../core/problem.ts'
import { dataProblem } from '../formats/data-problem.ts'
import { decideAndCommit } from '../ledger/decide-and-commit.ts'
import type { FileSlice } from '../workflow/decide.ts'
import { decideWhole, type RefusedRow, type WholeDecision } from '../workflow/decide-whole.ts'
import { lookupsOf } from '../workflow/lookups.ts'
import { finished, type FileHead, knownResult, sliceOf } from './import-result.ts'
import type { ImportResult, ImportTools } from './import-result.ts'
import type { FileToImport, ImportSource } from './import-source.ts'
import type { Entry } from './read-entries.ts'
import { Findings, hashOf, mostProblems, readFindings } from './read-findings.ts'

/** Rows of one atomic file: they are decided and committed at once. */
export const mostAtomicRows = 10_000

/** One after the other: each sees what the one before it has done. */
export async function importWholes(
  tools: ImportTools,
  source: ImportSource,
  files: readonly FileToImport[],
): Promise<readonly ImportResult[]> {
  const results: ImportResult[] = []
  for (const file of files) results.push(await importWhole(tools, source, file))
  return results
}

export async function importWhole(tools: ImportTools, source: ImportSource, file: FileToImport): Promise<ImportResult> {
  const sha256 = await hashOf(file.path, {})
  const head: FileHead = { id: fileId(source.name, sha256), file, size: statSync(file.path).size, sha256 }
  const known = await finished(tools.ledger, head.id)
  if (known !== undefined) return knownResult(head.id, known)
  const { entries, findings } = await readWhole(source, file)
  const decision = await commitWhole(tools, source, wholeSlice(source, head, entries, findings))
  return resultOf(head, entries, findings, decision)
}

/** The entries of the file; of one that has too many only what is wrong with it. */
export async function readWhole(
  source: ImportSource,
  file: FileToImport,
): Promise<{ readonly entries: readonly Entry[]; readonly findings: Findings }> {
  const entries: Entry[] = []
  const findings = await readFindings(source, file, {}, entries)
  if (entries.length <= mostAtomicRows) return { entries, findings }
  const tooMany = new Findings()
  const expected = `at most ${mostAtomicRows} with atomic: true`
  const problem = dataProblem('D042', { place: { file: file.name }, found: `${entries.length}`, expected })
  tooMany.add({ kind: 'bad', row: 1, problems: [problem], fatal: true })
  return { entries: [], findings: tooMany }
}

/** The whole file as one slice. */
export function wholeSlice(
  source: ImportSource,
  head: FileHead,
  entries: readonly Entry[],
  findings: Findings,
): FileSlice {
  // Of a file with too many rows none is an entry, and yet it is refused.
  return { ...sliceOf(source, head, 0, entries, findings, 'done'), refused: findings.refused }
}

async function commitWhole(
  { ledger, setup, now, actor }: ImportTools,
  source: ImportSource,
  slice: FileSlice,
): Promise<WholeDecision> {
  const cause: Cause = { kind: 'file', actor: actor ?? `file:${source.name}`, configHash: setup.configHash }
  const at = now()
  let decision: WholeDecision | undefined
  const decide = (known: Known) => (decision = decideWhole(setup, slice, known, cause, at)).batch
  const result = await decideAndCommit(ledger, lookupsOf([slice], setup.config), decide)
  if (result.kind === 'conflict' || decision === undefined)
    throw new Error(`import ${source.name}: records kept changing while ${slice.file.name} was decided`)
  return decision
}

function resultOf(
  { id, file }: FileHead,
  entries: readonly Entry[],
  findings: Findings,
  { refused }: WholeDecision,
): ImportResult {
  const problems = [...findings.problems, ...rowProblems(file.name, refused)].slice(0, mostProblems)
  const count = findings.refused + refused.length
  const read = Math.max(entries.length, findings.read)
  return { id, kind: count === 0 ? 'done' : 'rejected', problems, read, refused: count }
}

/** What the state of the orders has against rows of the file. */
export const rowProblems = (file: string, refused: readonly RefusedRow[]): readonly Problem[] =>
  refused.map(({ row, reason, waits }) =>
    dataProblem(waits ? 'D041' : 'D040', { place: { file, record: row }, found: reason }),
  )
