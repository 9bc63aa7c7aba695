/**
 * Carries out what a person orders: decided like everything else, committed once, or only shown.
 *
 * Guarantees that a refused command, and one that is carried out already, writes nothing, and that a
 * dry run gives the very batch that the real run would commit. A change by somebody else in between is decided
 * anew, then told as a conflict; it is never overwritten. Prints nothing. Throws errors of the ledger.
 */
import type { Batch, MessageUpdate } from '../core/batch.ts'
import type { Command } from '../core/command.ts'
import type { Instant } from '../core/date.ts'
import type { Cause } from '../core/event.ts'
import type { Known } from '../core/known.ts'
import type { Message } from '../core/message.ts'
import { decideAndCommit, decideOnly } from '../ledger/decide-and-commit.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { decideCommand, type Decision } from '../workflow/commands/operate.ts'
import type { Setup } from '../workflow/setup.ts'

export interface ActOptions {
  /** Who stands behind it, e.g. `cli:anna`. */
  readonly actor: string
  readonly now: Instant
  readonly dryRun: boolean
}

export type ActResult =
  /** `notes`: what could not be undone, one sentence each. */
  | { readonly kind: 'done' | 'wouldDo'; readonly batch: Batch; readonly notes?: readonly string[] }
  | { readonly kind: 'same' | 'refused'; readonly reason: string }
  | { readonly kind: 'conflict'; readonly ids: readonly string[] }

type Undone = Exclude<Decision, { kind: 'batch' }>

/** Carries the end of a decision that wants no commit out of the commit loop. */
class NothingToCommit extends Error {
  override readonly name = 'NothingToCommit'
  readonly decision: Undone

  constructor(decision: Undone) {
    super(decision.reason)
    this.decision = decision
  }
}

export async function act(ledger: Ledger, setup: Setup, command: Command, options: ActOptions): Promise<ActResult> {
  const undone = await messageStop(ledger, setup, command, options)
  if (undone !== undefined) return undone
  const decide = decider(setup, command, options)
  try {
    if (options.dryRun) return { kind: 'wouldDo', batch: await decideOnly(ledger, [], decide) }
    const result = await decideAndCommit(ledger, [], decide)
    return result.kind === 'conflict' ? result : { kind: 'done', batch: result.batch }
  } catch (error) {
    if (error instanceof NothingToCommit) return { kind: error.decision.kind, reason: error.decision.reason }
    throw error
  }
}

const decider = (setup: Setup, command: Command, { actor, now }: ActOptions) => {
  const cause: Cause = { kind: 'person', actor, configHash: setup.configHash }
  return (known: Known): Batch => {
    const decision = decideCommand(setup, command, known, cause, now)
    if (decision.kind !== 'batch') throw new NothingToCommit(decision)
    return decision.batch
  }
}

/** Messages are no records that a decision can look up: whether one may change is seen here, and again by the commit. */
export async function messageStop(
  ledger: Ledger,
  setup: Setup,
  command: Command,
  options: ActOptions,
): Promise<Undone | undefined> {
  if (!('message' in command)) return undefined
  const message = await ledger.message(command.message)
  if (message === undefined) return { kind: 'refused', reason: 'no such message' }
  const [update] = (await decideOnly(ledger, [], decider(setup, command, options))).messageUpdates
  if (update === undefined) return undefined
  if (message.state === update.state) return { kind: 'same', reason: `the message is ${message.state} already` }
  if (!update.from.includes(message.state)) {
    const reason = `the message is ${message.state}; this is possible only while it is ${update.from.join(' or ')}`
    return { kind: 'refused', reason }
  }
  const lack = update.state === 'queued' ? lackOf(message, update, options.now) : undefined
  return lack === undefined ? undefined : { kind: 'refused', reason: lack }
}

/** Why a message cannot leave whatever a person says: it has no words, or nobody to go to, or no time left. */
function lackOf(message: Message, { renewed }: MessageUpdate, now: Instant): string | undefined {
  const because = message.reason === undefined ? '' : ` (${message.reason})`
  if (message.mail === undefined && message.sms === undefined) return `the message has no text${because}`
  if (message.sms?.sender === '') return `the SMS has no sender${because}`
  if (!message.recipients.some(({ as }) => as === 'to')) return `the message has no recipient${because}`
  const isTooOld = renewed !== true && message.expiresAt !== undefined && message.expiresAt <= now
  if (isTooOld) return 'the message is older than its maximum age'
  return undefined
}
