/**
 * The loop that carries out commands of files that had to wait for their turn.
 *
 * The ledger says which wait, so what a crash interrupts is found again. What goes on is decided by the operator's
 * room; this only calls it. Errors are logged and tried again later.
 */
import type { Clock } from '../platform/clock.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Log } from '../platform/log.ts'
import { type Loop, startLoop } from '../platform/loop.ts'
import { carryOutCommands } from '../operator/carry-out-commands.ts'
import type { Setup } from '../workflow/setup.ts'

export interface CommandLoopTools {
  readonly ledger: Ledger
  readonly setup: Setup
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

export const startCommandLoop = ({ ledger, setup, clock, log, signal }: CommandLoopTools): Loop =>
  startLoop({
    name: 'commands',
    everyMs: 2_000,
    signal,
    run: async () => {
      await carryOutCommands(ledger, setup, () => clock.now())
      return 'idle'
    },
    onError: (error) => log.error({ err: error }, 'a command of a file could not be carried out'),
    backoff: { firstMs: 1_000, maxMs: 60_000 },
  })
