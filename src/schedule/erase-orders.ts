/**
 * Archived orders whose time is over lose their personal data, order by order (N35).
 *
 * Driven by the timers of the orders. The messages are read beside the decision: one that is changed at the same
 * moment makes a conflict, and the next look sees it. Throws on errors of the ledger.
 */
import type { Instant } from '../core/date.ts'
import type { Cause } from '../core/event.ts'
import { decideAndCommit } from '../ledger/decide-and-commit.ts'
import type { DueTimer, Ledger } from '../ledger/ledger.ts'
import { decideErasure } from '../workflow/collect/erase.ts'
import type { Setup } from '../workflow/setup.ts'

/** More messages about one order than anybody sends. */
const mostMessages = 10_000

export async function eraseOrder(
  { ledger, setup }: { readonly ledger: Ledger; readonly setup: Setup },
  timer: DueTimer,
  now: Instant,
): Promise<void> {
  const order = timer.subject as `ord_${string}`
  const messages = await ledger.messages({ subject: order, limit: mostMessages })
  const cause: Cause = { kind: 'clock', actor: 'daemon', configHash: setup.configHash }
  const erasure = { order, messages, timer: timer.id }
  const lookups = [{ by: 'id', kind: 'order', id: order } as const]
  const result = await decideAndCommit(ledger, lookups, (known) => decideErasure(setup, erasure, known, cause, now))
  if (result.kind === 'conflict') throw new Error(`${order}: its messages kept changing while it was erased`)
}
