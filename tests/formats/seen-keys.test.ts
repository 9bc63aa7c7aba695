import { expect, test } from 'vitest'

import { SeenKeys } from '../../src/formats/seen-keys.ts'

test('counts how often a key was seen before, through growth', () => {
  const seen = new SeenKeys()
  for (let i = 0; i < 50_000; i++) expect(seen.add(`ORDER-${i}`)).toBe(0)
  for (let i = 0; i < 50_000; i += 7) expect(seen.add(`ORDER-${i}`)).toBe(1)
  expect(seen.add('ORDER-0')).toBe(2)
})

test('tells apart keys that are alike', () => {
  const seen = new SeenKeys()
  const keys = ['', '0', '00', '\u0000', 'a', 'A', 'ab', 'ba', 'a\u0000', 'ő', 'o']
  expect(keys.map((key) => seen.add(key))).toEqual(keys.map(() => 0))
})

test('knows no false repetition among half a million numbers of a usual form', () => {
  const seen = new SeenKeys()
  let repeated = 0
  for (let i = 0; i < 500_000; i++) repeated += seen.add(`DE${String(i * 13).padStart(10, '0')}`) === 0 ? 0 : 1
  expect(repeated).toBe(0)
})
