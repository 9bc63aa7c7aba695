import { expect, test } from 'vitest'
import { patternProblem } from '../../src/config/check-patterns.ts'

test.each([
  ['[\\p{L}\\p{N}][\\p{L}\\p{N}_/-]{2,}'],
  ['WEB-\\d{4,10}'],
  ['(?:INV|ORD)-\\d+'],
  ['(?:20\\d\\d)?-\\d{4,8}'],
  ['(A-\\d+){1,3}'],
  ['[(a+)+]x'],
])('%s can be used', (pattern) => {
  expect(patternProblem(pattern)).toBeUndefined()
})

test.each([
  ['(a+)+', 'for ever'],
  ['(?:\\w*x?)*y', 'for ever'],
  ['(a|ab)*c', 'for ever'],
  ['((\\d{1,}))+z', 'for ever'],
  ['(\\d)\\1', 'for ever'],
  ['(', 'cannot be read'],
  ['\\d*', 'empty text'],
  ['\\d'.repeat(101), 'longer than 200'],
])('%s cannot: %s', (pattern, why) => {
  expect(patternProblem(pattern)).toContain(why)
})
