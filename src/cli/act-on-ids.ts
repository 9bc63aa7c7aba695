/**
 * One verb for many things, one after the other: each is found, acted on and told; a failure does not stop the rest.
 *
 * With `--dry-run` nothing is committed and the very effects are printed. The worst result is the exit code.
 */
import type { Ledger } from '../ledger/ledger.ts'
import type { ActOptions, ActResult } from '../operator/act.ts'
import { idOf, resolveTarget, type Target, type TargetKind } from '../operator/resolve-target.ts'
import { type Acting, type Cli, decide } from './context.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { batchLines, batchSummary } from './print-batch.ts'
import { nameOf, notFound, typedIds } from './typed-ids.ts'

export interface VerbOptions {
  readonly dryRun?: boolean
}

interface Verb<K extends TargetKind> {
  readonly kind: K
  /** What is done, for the line that says so: `confirmed`. */
  readonly done: string
  readonly act: (at: Acting, target: Extract<Target, { kind: K }>, options: ActOptions) => Promise<ActResult>
}

export async function actOnIds<K extends TargetKind>(
  cli: Cli,
  words: readonly string[],
  { dryRun = false }: VerbOptions,
  verb: Verb<K>,
): Promise<void> {
  const ids = await typedIds(cli, words)
  await decide(cli, dryRun ? 'look' : 'change', async (at) => {
    for (const id of ids) {
      const target = await targetOf(cli, at.ledger, id, verb.kind)
      if (target === undefined) continue
      const options: ActOptions = { actor: cli.actor(), now: cli.clock.now(), dryRun }
      cli.end(tell(cli, at.zone, verb.done, target, await verb.act(at, target, options)))
    }
  })
}

async function targetOf<K extends TargetKind>(
  cli: Cli,
  ledger: Ledger,
  id: string,
  kind: K,
): Promise<Extract<Target, { kind: K }> | undefined> {
  const resolved = await resolveTarget(ledger, id, [kind])
  if (resolved.kind === 'found') return resolved.target
  for (const line of notFound(id, resolved, [kind])) cli.out.complain(line)
  cli.out.value({ given: id, result: resolved.kind === 'none' ? 'notFound' : 'several' })
  cli.end(exitCodes.notFound)
  return undefined
}

const tell = (cli: Cli, zone: string, done: string, target: Target, result: ActResult): ExitCode =>
  tellResult(cli, zone, done, { id: idOf(target), name: nameOf(target) }, result)

/** Prints what came of it. */
export function tellResult(
  cli: Cli,
  zone: string,
  done: string,
  { id, name }: { readonly id: string; readonly name: string },
  result: ActResult,
): ExitCode {
  const { out } = cli
  out.value({
    id,
    name,
    result: result.kind,
    ...('reason' in result && { reason: result.reason }),
    ...('batch' in result && { batch: result.batch, ...(result.notes && { notes: result.notes }) }),
  })
  const notes = out.json || !('batch' in result) ? [] : (result.notes ?? [])
  switch (result.kind) {
    case 'done':
      if (!out.json) out.line(`${name}: ${done}; ${batchSummary(result.batch)}`)
      for (const note of notes) out.line(`  stays: ${note}`)
      return exitCodes.ok
    case 'wouldDo':
      if (!out.json)
        for (const line of [`${name} would be ${done}:`, ...indented(batchLines(result.batch, zone))]) out.line(line)
      for (const note of notes) out.line(`  stays     ${note}`)
      return exitCodes.ok
    case 'same':
      if (!out.json) out.line(`${name}: nothing to do, ${result.reason}`)
      return exitCodes.ok
    case 'refused':
      out.complain(`${name}: refused: ${result.reason}`)
      return exitCodes.not
    case 'conflict':
      out.complain(
        `${name}: changed by somebody else at the same time (${result.ids.join(', ')}); look at it and try again`,
      )
      return exitCodes.tryAgain
  }
}

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`)
