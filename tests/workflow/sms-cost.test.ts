import { expect, test } from 'vitest'
import { estimate, estimateMessages, estimateWords, pricedPrefixes } from '../../src/workflow/messages/sms-cost.ts'

const prices = [
  { prefix: ['+3620', '+3630'], perPart: '0.045', currency: 'EUR' },
  { prefix: '+36', perPart: '16.5', currency: 'HUF' },
  { perPart: '0.09', currency: 'EUR' },
]

test('parts cost the first price that fits, exactly, in each currency', () => {
  const sum = estimate(prices, [
    ['+36301234567', 3],
    ['+3612345678', 2],
    ['+49151234567', 1],
  ])
  expect(sum).toEqual({
    parts: 6,
    unpriced: 0,
    costs: [
      { currency: 'EUR', amount: '0.225' },
      { currency: 'HUF', amount: '33' },
    ],
  })
  expect(estimateWords(sum)).toBe('6 parts, about 0.225 EUR and 33 HUF')
})

const message = (address: string, state: string) => ({
  state,
  recipients: [{ address, as: 'to' as const, role: 'customer' }],
  sms: { sender: 'X', text: 'x', alphabet: 'gsm' as const, parts: 2 },
})

test('what has no price is counted apart, and what is never sent costs nothing', () => {
  const some = prices.slice(0, 1)
  const sum = estimateMessages(some, [
    message('+36301', 'queued'),
    message('+49', 'queued'),
    message('+3630', 'suppressed'),
  ])
  expect(estimateWords(sum)).toBe('4 parts, about 0.09 EUR, and 2 without a price')
  expect(estimateWords(estimate([], [['+36', 1]]))).toBe('1 part')
  expect(estimateWords(estimate(prices, []))).toBeUndefined()
})

test('each prefix with a price is looked up, the longest words first as the config has them', () => {
  expect(pricedPrefixes(prices)).toEqual(['+3620', '+3630', '+36', ''])
})
