import { expect, test } from 'vitest'
import { cut, inColumns, width, wrap } from '../../src/demo/columns.ts'

test('columns are as wide as they must be, and no line is wider than the page', () => {
  const rows = [
    ['1', 'short', 'x'.repeat(200)],
    ['100', 'a longer one', 'y'],
  ]
  const lines = inColumns(rows, [{ right: true }, { most: 8 }, {}])
  expect(lines[0]).toBe(`    1  short     ${'x'.repeat(82)}…`)
  expect(lines[1]).toBe('  100  a longe…  y')
  expect(Math.max(...lines.map((line) => line.length))).toBe(width)
})

test('control characters of values reach no terminal', () => {
  expect(inColumns([['a\u001b[31mb\r\nc']], [{}])).toEqual(['  a [31mb c'])
})

test('long lines are wrapped between words', () => {
  const lines = wrap(Array.from({ length: 60 }, (_, i) => `word${i}`).join(' '), '    ')
  expect(lines.every((line) => line.length <= width && line.startsWith('    '))).toBe(true)
  expect(lines.join(' ').replace(/\s+/g, ' ').trim().split(' ')).toHaveLength(60)
})

test('a cut text ends with a sign that it is cut', () => {
  expect(cut('öüóőúéáű', 5)).toBe('öüóő…')
  expect(cut('öüóőú', 5)).toBe('öüóőú')
})
