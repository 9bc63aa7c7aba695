import { expect, test } from 'vitest'
import { distance, nearest } from '../../src/config/nearest.ts'

test.each([
  ['delimter', ['decimal', 'delimiter'], 'delimiter'],
  ['sned', ['send', 'stock'], 'send'],
  ['Folder', ['folder', 'format'], 'folder'],
  ['qty', ['lines.quantity', 'quantity'], 'quantity'],
  ['quantity', ['lines.quantity', 'number'], 'lines.quantity'],
  ['lang', ['language', 'links'], 'language'],
  ['xyz', ['mail', 'sms'], undefined],
  ['ab', ['cd'], undefined],
  ['', ['cd'], undefined],
])('for "%s" of %j the nearest is %s', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected)
})

test('swapped neighbours are one mistake', () => {
  expect(distance('sned', 'send')).toBe(1)
  expect(distance('', 'abc')).toBe(3)
})
