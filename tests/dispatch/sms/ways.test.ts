import { expect, test } from 'vitest'
import type { SmsRoute } from '../../../src/config/sms-accounts.ts'
import type { SmsAccountState } from '../../../src/dispatch/sms/account.ts'
import { openWays } from '../../../src/dispatch/sms/ways.ts'
import type { Lane } from '../../../src/ledger/ledger.ts'
import { movableClock } from '../../../src/platform/clock.ts'

const routes: readonly SmsRoute[] = [
  { prefixes: ['+3620', '+3630'], account: 'mobile' },
  { prefixes: ['+36'], account: 'home' },
  { prefixes: [], account: 'abroad' },
]
const bound: SmsAccountState = { kind: 'bound' }
const away: SmsAccountState = { kind: 'connecting', reason: 'gone' }

function waysOf(states: Record<string, SmsAccountState>) {
  const clock = movableClock(0)
  const accounts = new Map(Object.keys(states).map((name) => [name, { state: () => states[name] ?? bound }]))
  return { ways: openWays(accounts, routes, 60_000, clock), clock }
}
/** As the ledger reads a lane: the first prefix decides. */
const takes = (lane: Lane, number: string): boolean =>
  lane.routes.find(({ prefix }) => number.startsWith(prefix))?.mine === true
const wayOf = (ways: ReturnType<typeof openWays>, number: string): readonly string[] =>
  ['mobile', 'home', 'abroad'].filter((name) => takes(ways.laneOf(name), number))

test('each number has one way: the first route that fits', () => {
  const { ways } = waysOf({ mobile: bound, home: bound, abroad: bound })
  expect(['+36301', '+3612', '+491'].map((number) => wayOf(ways, number))).toEqual([['mobile'], ['home'], ['abroad']])
})

test('an account that is away for long gives its numbers to the next that fits, and takes them back', () => {
  const states: Record<string, SmsAccountState> = { mobile: away, home: bound, abroad: bound }
  const { ways, clock } = waysOf(states)
  expect(wayOf(ways, '+36301')).toEqual(['mobile'])
  clock.advance(59_999)
  expect(wayOf(ways, '+36301')).toEqual(['mobile'])
  clock.advance(1)
  expect(wayOf(ways, '+36301')).toEqual(['home'])
  states['home'] = { kind: 'refused', reason: 'password' }
  wayOf(ways, '+36301')
  clock.advance(60_000)
  expect(wayOf(ways, '+36301')).toEqual(['abroad'])
  states['mobile'] = bound
  expect(wayOf(ways, '+36301')).toEqual(['mobile'])
})

test('a short break, or a gateway that throttles, moves nothing', () => {
  const states: Record<string, SmsAccountState> = { mobile: { kind: 'throttled', forMs: 9 }, home: away, abroad: bound }
  const { ways, clock } = waysOf(states)
  wayOf(ways, '+3612')
  clock.advance(50_000)
  states['home'] = bound
  wayOf(ways, '+3612')
  states['home'] = away
  clock.advance(50_000)
  expect(wayOf(ways, '+3612')).toEqual(['home'])
  expect(wayOf(ways, '+36301')).toEqual(['mobile'])
})

test('when all are away, a number waits for the first', () => {
  const { ways, clock } = waysOf({ mobile: away, home: away, abroad: away })
  wayOf(ways, '+36301')
  clock.advance(120_000)
  expect(['+36301', '+3612', '+491'].map((number) => wayOf(ways, number))).toEqual([['mobile'], ['home'], ['abroad']])
})
