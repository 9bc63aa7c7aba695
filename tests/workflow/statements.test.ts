import { describe, expect, test } from 'vitest'
import type { IncomingStatement, Statement } from '../../src/core/statement.ts'
import { Shop } from './shop.ts'

const minutes = (count: number): number => count * 60_000
const day = (n: number): string => new Date(Date.UTC(2026, 1, n)).toISOString().slice(0, 10)

const statement = (number: number | undefined, change: Partial<IncomingStatement> = {}): IncomingStatement => ({
  kind: 'statement',
  origin: 'camt.053',
  account: 'HU42',
  currency: 'EUR',
  ...(number !== undefined && { number }),
  opening: (number ?? 1) * 100,
  closing: ((number ?? 1) + 1) * 100,
  date: day(number ?? 1),
  ...change,
})

const known = (shop: Shop): readonly Statement[] =>
  shop.store.all('statement').toSorted((a, b) => (a.date < b.date ? -1 : 1))
const states = (shop: Shop): readonly string[] =>
  known(shop).map(
    ({ number, state, missing }) => `${number ?? ''} ${state}${missing === undefined ? '' : `: ${missing}`}`,
  )

describe('a chain of statements', () => {
  test('is whole where each opens with what the one before closed with', () => {
    const shop = new Shop()
    const { counts, names } = shop.take('bank', statement(1), statement(2), statement(3))
    expect(counts).toMatchObject({ read: 3, applied: 3 })
    expect(names).toEqual([
      'statement.received',
      'statement.received',
      'statement.linked',
      'statement.received',
      'statement.linked',
    ])
    expect(states(shop)).toEqual(['1 first', '2 linked', '3 linked'])
    shop.wait(minutes(60))
    expect(shop.alarms()).toEqual([])
  })

  test('with a gap names what is missing at once, and alarms once when it lasts', () => {
    const shop = new Shop()
    shop.take('bank', statement(1))
    shop.take('bank', statement(4))
    expect(states(shop)).toEqual([
      '1 first',
      '4 gap: statements 2 to 3: closing 2.00 EUR on 2026-02-01, then opening 4.00 EUR on 2026-02-04',
    ])
    shop.wait(minutes(14))
    expect(shop.alarms()).toEqual([])
    shop.wait(minutes(2))
    expect(shop.alarms()).toEqual(['An account statement is missing → it@example.com'])
    shop.take('bank', statement(5))
    shop.wait(minutes(60))
    expect(shop.alarms()).toHaveLength(1)
  })

  test('is healed by the missing file, and no part of a told gap is told again', () => {
    const shop = new Shop()
    shop.take('bank', statement(1))
    shop.take('bank', statement(5))
    shop.wait(minutes(20))
    shop.take('bank', statement(3))
    expect(states(shop).map((text) => text.split(':')[0])).toEqual(['1 first', '3 gap', '5 gap'])
    shop.wait(minutes(20))
    expect(shop.alarms()).toHaveLength(1)
    expect(shop.take('bank', statement(4), statement(2)).names).toContain('statement.linked')
    expect(states(shop)).toEqual(['1 first', '2 linked', '3 linked', '4 linked', '5 linked'])
    expect(shop.store.timers.size).toBe(0)
  })

  test('files that come together in any order alarm nobody', () => {
    const shop = new Shop()
    for (const number of [3, 1, 4, 2]) shop.take('bank', statement(number))
    shop.wait(minutes(60))
    expect(states(shop)).toEqual(['1 first', '2 linked', '3 linked', '4 linked'])
    expect(shop.alarms()).toEqual([])
  })

  test('the same statement again is no gap and no effect', () => {
    const shop = new Shop()
    shop.take('bank', statement(1), statement(2))
    const { counts, batch } = shop.take('bank', statement(1), statement(2))
    expect(counts).toMatchObject({ repeated: 2, applied: 0 })
    expect(batch.put).toEqual([])
  })

  test('a statement of the same number and day with other balances replaces the one before', () => {
    const shop = new Shop()
    shop.take('bank', statement(1), statement(2, { closing: 999 }), statement(3))
    expect(states(shop)[2]).toMatch(/^3 gap: statements after 2 of 2026-02-02: closing 9.99 EUR/)
    expect(shop.take('bank', statement(2)).counts).toMatchObject({ updated: 1 })
    expect(states(shop)).toEqual(['1 first', '2 linked', '3 linked'])
  })

  test.each<[string, readonly IncomingStatement[], string]>([
    [
      'numbers begin anew with the year',
      [statement(250, { date: '2025-12-31', closing: 5 }), statement(1, { date: '2026-01-02', opening: 5 })],
      'linked',
    ],
    [
      'the first of a new year is missing',
      [statement(250, { date: '2025-12-31', closing: 5 }), statement(3, { date: '2026-01-06', opening: 5 })],
      'gap',
    ],
    [
      'numbers go on over the year',
      [statement(250, { date: '2025-12-31', closing: 5 }), statement(251, { date: '2026-01-02', opening: 5 })],
      'linked',
    ],
    ['a number is left out although the balances join', [statement(1), statement(3, { opening: 200 })], 'gap'],
    ['the number is always the same', [statement(1), statement(1, { date: day(2), opening: 200 })], 'linked'],
    [
      'the number is the day of the year, and weekends have none',
      [statement(2, { date: '2026-01-02' }), statement(5, { date: '2026-01-05', opening: 300 })],
      'linked',
    ],
    ['there are no numbers', [statement(undefined), statement(undefined, { opening: 200, date: day(2) })], 'linked'],
    [
      'there are no numbers and the balances do not join',
      [statement(undefined), statement(undefined, { opening: 201, date: day(2) })],
      'gap',
    ],
    ['a page follows', [statement(1, { page: 1 }), statement(1, { page: 2, opening: 200, closing: 7 })], 'linked'],
    ['a page is missing', [statement(1, { page: 1 }), statement(1, { page: 3, opening: 200, closing: 7 })], 'gap'],
    ['there are no balances', [statement(1), { ...statement(2), opening: undefined } as never], 'linked'],
    [
      'two of a day have no numbers',
      [
        statement(undefined),
        statement(undefined, { date: day(2), opening: 500, closing: 600 }),
        statement(undefined, { date: day(2), opening: 200, closing: 500 }),
      ],
      'linked',
    ],
    ['it is of another account', [statement(1), statement(9, { account: 'HU43' })], 'first'],
    ['it is of another kind of file', [statement(1), statement(9, { origin: 'mt940' })], 'first'],
    ['it is in another currency', [statement(1), statement(9, { currency: 'USD' })], 'first'],
  ])('where %s', (_, statements, last) => {
    const shop = new Shop()
    for (const each of statements) shop.take('bank', each)
    const all = known(shop)
    expect(all).toHaveLength(statements.length)
    expect(all.map(({ state }) => state).slice(1)).toEqual(statements.slice(1).map(() => last))
  })

  test('of a bank that skips numbers is checked by balances alone, or not at all, where the import says so', () => {
    const bank = { kind: 'payments', folder: 'in/bank', format: { type: 'camt' } } as const
    const shop = new Shop({
      imports: {
        bank: { ...bank, statementChain: 'balances' },
        old: { ...bank, folder: 'in/old', statementChain: 'none' },
      },
    })
    shop.take('bank', statement(1), statement(3, { opening: 200, closing: 300 }))
    shop.take('old', statement(9))
    expect(states(shop)).toEqual(['1 first', '3 linked', '9 linked'])
  })
})

/** A generator of numbers that is the same in each run. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state / 2 ** 32
  }
}

describe('shuffled files', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'come to the same chain, with a gap just where one is missing (seed %i)',
    (seed) => {
      const random = numbers(seed)
      const next = (below: number): number => Math.floor(random.next().value * below)
      const shuffled = <T>(list: readonly T[]): T[] => {
        const left = [...list]
        return list.map(() => left.splice(next(left.length), 1)[0] as T)
      }
      let [number, balance] = [next(300) + 1, next(1000)]
      const all = Array.from({ length: 60 }, (_, i): IncomingStatement => {
        const date = new Date(Date.UTC(2025, 10, 20 + i)).toISOString().slice(0, 10)
        number = date === '2026-01-01' ? 1 : number + 1
        const opening = balance
        balance += next(2000) - 900
        return statement(number, { opening, closing: balance, date })
      })
      const held = new Set(all.slice(1).filter(() => next(5) === 0))
      const shop = new Shop()
      const drop = (files: readonly IncomingStatement[]): void => {
        const left = shuffled(files)
        while (left.length > 0) shop.take('bank', ...left.splice(0, next(3) + 1))
      }
      drop([...all.filter((each) => !held.has(each)), ...all.filter((each) => !held.has(each) && next(6) === 0)])
      const wanted = all.flatMap((each, i) =>
        held.has(each)
          ? []
          : [`${each.date} ${i === 0 ? 'first' : held.has(all[i - 1] as IncomingStatement) ? 'gap' : 'linked'}`],
      )
      expect(known(shop).map(({ date, state }) => `${date} ${state}`)).toEqual(wanted)
      shop.wait(minutes(20))
      const gaps = wanted.filter((text) => text.endsWith('gap')).length
      expect(shop.alarms()).toHaveLength(gaps)
      drop([...held])
      shop.wait(minutes(20))
      expect(known(shop).map(({ state }) => state)).toEqual(['first', ...all.slice(1).map(() => 'linked')])
      expect(shop.alarms()).toHaveLength(gaps)
      expect(shop.store.timers.size).toBe(0)
    },
  )
})
