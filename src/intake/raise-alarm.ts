/**
 * Alarms of an import folder: each key once in a run, and once for good in the ledger.
 *
 * An alarm that cannot be recorded is tried again at the next occasion. Throws what the ledger throws.
 */
import type { Ledger } from '../ledger/ledger.ts'
import type { Clock } from '../platform/clock.ts'
import { type Alarm, decideAlarms } from '../workflow/messages/alarm.ts'
import type { Setup } from '../workflow/setup.ts'

/** False when it was raised before. */
export type RaiseAlarm = (alarm: Alarm) => Promise<boolean>

export function raiseOnce(tools: {
  readonly ledger: Ledger
  readonly setup: Setup
  readonly clock: Clock
}): RaiseAlarm {
  const raised = new Set<string>()
  return async (alarm) => {
    if (raised.has(alarm.key)) return false
    const { ledger, setup, clock } = tools
    const cause = { kind: 'clock', actor: 'daemon', configHash: setup.configHash } as const
    await ledger.commit(decideAlarms(setup, cause, clock.now(), [alarm]))
    raised.add(alarm.key)
    return true
  }
}
