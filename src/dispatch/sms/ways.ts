/**
 * Which account sends to which numbers just now, where there are several: the routes of the config, without the
 * accounts that have been away for too long.
 *
 * Guarantees that each number has one way at a time, and that one is named even when all accounts are away. What an
 * account has begun to send stays with it: that is seen to by the lease. Holds no timer. Throws nothing.
 */
import type { SmsRoute } from '../../config/sms-accounts.ts'
import type { Duration } from '../../core/date.ts'
import type { Lane } from '../../ledger/ledger.ts'
import type { Clock } from '../../platform/clock.ts'
import type { SmsAccount } from './account.ts'

export interface Ways {
  /** What the account may take now. */
  laneOf(account: string): Lane
}

export function openWays(
  accounts: ReadonlyMap<string, Pick<SmsAccount, 'state'>>,
  routes: readonly SmsRoute[],
  fallBackAfterMs: Duration,
  clock: Clock,
): Ways {
  const since = new Map<string, number>()
  const awayNow = (): ReadonlySet<string> => {
    const now = clock.monotonic()
    for (const [name, account] of accounts) {
      if (isThere(account)) since.delete(name)
      else if (!since.has(name)) since.set(name, now)
    }
    return new Set([...since].filter(([, from]) => now - from >= fallBackAfterMs).map(([name]) => name))
  }
  return {
    laneOf: (account) => ({
      account,
      accounts: [...accounts.keys()],
      routes: withoutAway(routes, awayNow()).map(([prefix, name]) => ({ prefix, mine: name === account })),
    }),
  }
}

/** A gateway that throttles is there: its messages wait for it. */
const isThere = (account: Pick<SmsAccount, 'state'>): boolean => {
  const { kind } = account.state()
  return kind === 'bound' || kind === 'throttled'
}

/** One entry for each prefix. A number whose accounts are all away waits for the first of them. */
function withoutAway(
  routes: readonly SmsRoute[],
  away: ReadonlySet<string>,
): readonly (readonly [prefix: string, account: string])[] {
  const flat = routes.flatMap(({ prefixes, account }) =>
    (prefixes.length === 0 ? [''] : prefixes).map((prefix) => [prefix, account] as const),
  )
  return [...flat.filter(([, account]) => !away.has(account)), ...flat.filter(([, account]) => away.has(account))]
}
