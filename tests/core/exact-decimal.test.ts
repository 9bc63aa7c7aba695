import { Big } from 'big.js'
import { describe, expect, test } from 'vitest'

import { digitsOf, quotient, rescaled, scaleOf } from '../../src/core/exact-decimal.ts'
import { currencyDigits, lineAmount, percentOf, toMinor, vatInGross } from '../../src/core/money.ts'

/** Numbers that are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % below
  }
}

const next = numbers(7)
const digits = (count: number): string => Array.from({ length: count }, () => (next(1000) >> 3) % 10).join('')
const decimal = (): string =>
  `${next(4) === 1 ? '-' : ''}${digits(1 + next(next(3) === 1 ? 18 : 6))}${next(3) === 1 ? '' : `.${digits(1 + next(8))}`}`
const currencies = ['EUR', 'JPY', 'KWD', 'CLF']

const minorOf = (value: Big): number | string => {
  const minor = Number(value.round(0, Big.roundHalfUp).toFixed(0))
  return Number.isSafeInteger(minor) ? minor + 0 : 'too large'
}
const attempt = (work: () => number): number | string => {
  try {
    return work()
  } catch (error) {
    return error instanceof RangeError ? 'too large' : String(error)
  }
}

describe('the quick way gives what big.js gives', () => {
  const cases = Array.from({ length: 20_000 }, () => ({
    a: decimal(),
    b: decimal(),
    minor: next(3) === 1 ? -next(1e9) : next(1e9),
    currency: currencies[next(4)] ?? 'EUR',
  }))

  test('in minor units and line amounts', () => {
    for (const { a, b, currency } of cases) {
      const unit = new Big(10).pow(currencyDigits(currency))
      expect(attempt(() => toMinor(a, currency))).toBe(minorOf(new Big(a).times(unit)))
      expect(attempt(() => lineAmount(a, b, currency))).toBe(minorOf(new Big(a).times(b).times(unit)))
    }
  })

  test('in percentages and the VAT in a gross amount', () => {
    for (const { a, minor } of cases) {
      expect(attempt(() => percentOf(minor, a))).toBe(minorOf(new Big(minor).times(a).div(100)))
      if (a.startsWith('-')) continue
      expect(attempt(() => vatInGross(minor, a))).toBe(minorOf(new Big(minor).times(a).div(new Big(a).plus(100))))
    }
  })
})

test.each([
  ['12.50', 1250],
  ['-0.05', -5],
  ['007', 7],
  ['999999999999999', 999_999_999_999_999],
])('%s is %d without its point', (text, whole) => {
  expect(digitsOf(text)).toBe(whole)
})

test.each(['', '-', '.5', '5.', '1.2.3', '1e3', ' 1', '+1', '1000000000000000', '1.123456789', '١'])(
  '"%s" is left to others',
  (text) => expect(digitsOf(text)).toBeNaN(),
)

test('halves are rounded away from zero', () => {
  expect([quotient(5, 10), quotient(-5, 10), quotient(4, 10), quotient(-15, 10)]).toEqual([1, -1, 0, -2])
  expect(rescaled(digitsOf('1.005'), scaleOf('1.005'), 2)).toBe(101)
})
