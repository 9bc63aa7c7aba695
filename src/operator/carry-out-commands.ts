/**
 * Carries out the commands of files that wait: roll backs, words about messages, and what comes behind them.
 *
 * Oldest first, each with its answer in one commit, so that a kill loses none and repeats none. One that fails keeps
 * only those about the same thing waiting. Prints nothing. Throws the first error when all were tried.
 */
import type { Instant } from '../core/date.ts'
import type { Cause } from '../core/event.ts'
import type { OrderId } from '../core/ids.ts'
import type { CommandRecord } from '../core/model.ts'
import { decideAndCommit } from '../ledger/decide-and-commit.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Batch } from '../core/batch.ts'
import type { Known } from '../core/known.ts'
import { decideLater, type Material } from '../workflow/commands/carry-out-later.ts'
import { commandOf } from '../workflow/commands/command-meant.ts'
import type { Setup } from '../workflow/setup.ts'
import { messageStop } from './act.ts'
import { loadHistory } from './order-history.ts'

const page = 100
const attempts = 8

/** Gives the number that came to their end. */
export async function carryOutCommands(ledger: Ledger, setup: Setup, now: () => Instant): Promise<number> {
  const errors: unknown[] = []
  let done = 0
  for (;;) {
    const stuck = new Set<string>()
    const before = done
    for (const record of await waitingCommands(ledger)) {
      const at = record.waitsAt ?? []
      if (at.some((id) => stuck.has(id))) continue
      try {
        await carryOut(ledger, setup, record, now())
        done += 1
      } catch (error) {
        errors.push(error)
        for (const id of at) stuck.add(id)
      }
    }
    if (done === before) break
    if (errors.length > 0) break
  }
  if (errors.length > 0) throw errors[0]
  return done
}

async function waitingCommands(ledger: Ledger): Promise<readonly CommandRecord[]> {
  const found = await ledger.records({ kind: 'command', where: { state: 'waiting' }, limit: page })
  return found as readonly CommandRecord[]
}

async function carryOut(ledger: Ledger, setup: Setup, record: CommandRecord, now: Instant): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (await tryOnce(ledger, setup, record, now)) return
  }
  throw new Error(`command ${record.key}: what it is about kept changing`)
}

/** False when something has changed meanwhile. */
async function tryOnce(ledger: Ledger, setup: Setup, record: CommandRecord, now: Instant): Promise<boolean> {
  const actor = `file:${record.source.import}`
  const material = await materialFor(ledger, setup, record, { actor, now, dryRun: true })
  const cause: Cause = { kind: 'file', actor, configHash: setup.configHash }
  const decide = (known: Known): Batch => {
    const decision = decideLater(setup, record.id, material, known, cause, now)
    if (decision.kind !== 'batch') throw new NoBatch(decision.kind)
    return decision.batch
  }
  try {
    return (await decideAndCommit(ledger, [], decide, { attempts: 1 })).kind !== 'conflict'
  } catch (error) {
    if (!(error instanceof NoBatch)) throw error
    return error.why === 'over'
  }
}

async function materialFor(
  ledger: Ledger,
  setup: Setup,
  { command, waitsAt = [] }: CommandRecord,
  options: Parameters<typeof messageStop>[3],
): Promise<Material> {
  if (command.verb === 'rollBack') {
    const order = waitsAt.find((id): id is OrderId => id.startsWith('ord_'))
    const history = order === undefined ? undefined : await loadHistory(ledger, order)
    return history === undefined ? {} : { history }
  }
  const meant = command.message === undefined ? undefined : commandOf(command, undefined, undefined)
  if (meant === undefined || typeof meant === 'string') return {}
  const stop = await messageStop(ledger, setup, meant, options)
  return stop === undefined ? {} : { stop: { state: stop.kind, reason: stop.reason } }
}

/** Carries a decision that wants no commit out of the commit loop. */
class NoBatch extends Error {
  override readonly name = 'NoBatch'
  readonly why: 'over' | 'stale'

  constructor(why: 'over' | 'stale') {
    super(why)
    this.why = why
  }
}
