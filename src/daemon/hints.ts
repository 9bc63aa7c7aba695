/**
 * Wakes the dispatchers and exports after each commit of this process that gives them work.
 *
 * A hint only: without it they find the work at their next pass.
 */
import type { Ledger } from '../ledger/ledger.ts'

export interface Hints {
  /** The same ledger; its commits ring. */
  readonly ledger: Ledger
  onCommit(wake: () => void): void
  ring(): void
}

export function hintAfterCommits(ledger: Ledger): Hints {
  const wakes: (() => void)[] = []
  const ring = (): void => {
    for (const wake of wakes) wake()
  }
  const commit: Ledger['commit'] = async (batch, basis) => {
    const result = await ledger.commit(batch, basis)
    if (batch.messages.length > 0 || batch.exports.length > 0) ring()
    return result
  }
  const ringing = new Proxy(ledger, {
    get: (target, name) => {
      if (name === 'commit') return commit
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  return { ledger: ringing, onCommit: (wake) => void wakes.push(wake), ring }
}
