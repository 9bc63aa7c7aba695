import { expect, test } from 'vitest'
import { patternProblem } from '../../src/config/check-patterns.ts'

test.each([
  ['[\\p{L}\\p{N}][\\p{L}\\p{N}_/-]{2,}'],
  ['WEB-\\d{4,10}'],
  ['(?:INV|ORD)-\\d+'],
  ['(?:20\\d\\d)?-\\d{4,8}'],
  ['(A-\\d+){1,3}'],
  ['[(a+)+]x'],
  ['[A-Z]+-\\d+-\\d+x'],
  ['\\d+\\d+'],
  ['[A-Z]{2,}-?\\d+x'],
  ['(?<year>\\d{4})/(\\d+)'],
  ['(?:Rechnung|Re\\.?)\\s?(\\d{4,10})'],
  ['\\u{41}\\d+'],
])('%s can be used', (pattern) => {
  expect(patternProblem(pattern)).toBeUndefined()
})

test.each([
  ['(a+)+', 'for ever'],
  ['(?:\\w*x?)*y', 'for ever'],
  ['(a|ab)*c', 'for ever'],
  ['((\\d{1,}))+z', 'for ever'],
  ['(\\d)\\1', 'for ever'],
  ['\\d+\\d+x', 'for ever'],
  ['[a-z]*[a-z0-9]*-', 'for ever'],
  ['\\w+\\s?\\w+!', 'for ever'],
  ['\\d+0\\d+x', 'for ever'],
  ['\\d{1,200}\\d{1,200}x', 'for ever'],
  ['(?:a?){30}a{30}', 'for ever'],
  ['x(?:\\d+)(?:\\d+)y', 'for ever'],
  ['(\\w+){9}!', 'for ever'],
  ['(', 'cannot be read'],
  ['\\d*', 'empty text'],
  ['\\d'.repeat(101), 'longer than 200'],
])('%s cannot: %s', (pattern, why) => {
  expect(patternProblem(pattern)).toContain(why)
})

/** What competes, for a try in earnest: runs of what the pattern fits, with something behind that does not. */
const texts = ['1', 'a', 'A', '0', 'A1', '1-', 'a ', '-'].map((unit) => `${unit.repeat(2000).slice(0, 1999)}\u0001`)
const bricks = [
  '\\d+',
  '[A-Z]+',
  '\\w*',
  'a?',
  '-',
  '\\s?',
  '[0-9]{2,}',
  '(?:\\d+-)',
  '(?:A|1)',
  '\\d{1,30}',
  '0',
  'x',
  '(a+){2}',
]

test('whatever pattern is let through ends soon on the longest text that is looked at', () => {
  let seed = 7
  const next = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((seed / 2_147_483_648) * below)
  }
  let tried = 0
  for (let i = 0; i < 400; i++) {
    const pattern = Array.from({ length: 2 + next(4) }, () => bricks[next(bricks.length)]).join('')
    if (patternProblem(pattern) !== undefined) continue
    tried += 1
    for (const text of texts) {
      const before = performance.now()
      new RegExp(pattern, 'giu').exec(text)
      expect(performance.now() - before, pattern).toBeLessThan(2_000)
    }
  }
  expect(tried).toBeGreaterThan(50)
})
