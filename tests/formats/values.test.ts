import { describe, expect, test } from 'vitest'

import {
  compileDatePattern,
  formatDate,
  parseDate,
  parseDecimal,
  parseFlag,
  plainNumber,
} from '../../src/formats/values.ts'

describe('parseDecimal', () => {
  test.each([
    ['1.234,56', ',', '.', '1234.56'],
    ['1234,56', ',', '.', '1234.56'],
    ['-10,7', ',', '', '-10.7'],
    ['9,', ',', '', '9'],
    [',5', ',', '', '0.5'],
    ['+3', '.', '', '3'],
    ['5.00-', '.', '', '-5.00'],
    ['- 62,3', ',', '', '-62.3'],
    ['1 234 567,8', ',', ' ', '1234567.8'],
    ['1\u00a0234,50', ',', ' ', '1234.50'],
    ['1\u202f234', '.', ' ', '1234'],
    ["1'234.50", '.', "'", '1234.50'],
    ['1,234.50', '.', ',', '1234.50'],
    ['007,50', ',', '', '7.50'],
    ['-0,00', ',', '', '0.00'],
    ['0', '.', '', '0'],
    ['12.000000000000', '.', '', '12.00000000'],
  ] as const)('%s with decimal "%s" and grouping "%s" is %s', (text, decimal, thousands, expected) => {
    expect(parseDecimal(text, { decimal, thousands })).toBe(expected)
  })

  test.each([
    ['1.234', ',', ''],
    ['1,234', '.', ''],
    ['1.23,4', ',', '.'],
    ['12.34.567,8', ',', '.'],
    ['1.234.5', ',', '.'],
    ['1,2,3', ',', ''],
    ['', ',', ''],
    ['-', ',', ''],
    [',', ',', ''],
    ['-5-', ',', ''],
    ['£5', '.', ''],
    ['1e3', '.', ''],
    ['0x10', '.', ''],
    ['NaN', '.', ''],
    ['٣', '.', ''],
    ['1234567890123456789', '.', ''],
    ['1.123456789', '.', ''],
  ] as const)('%s with decimal "%s" and grouping "%s" is no number', (text, decimal, thousands) => {
    expect(parseDecimal(text, { decimal, thousands })).toBeUndefined()
  })
})

describe('plainNumber', () => {
  test.each([
    ['12.50', '12.50'],
    ['1.5e3', '1500'],
    ['1.5E-3', '0.0015'],
    ['-2e0', '-2'],
    ['123456789012345678.12', '123456789012345678.12'],
    ['1e400', undefined],
    ['1e-20', undefined],
  ])('%s is %s', (source, expected) => expect(plainNumber(source)).toBe(expected))
})

const parse = (text: string, ...patterns: string[]): string | undefined =>
  parseDate(text, patterns.map(compileDatePattern))

describe('parseDate', () => {
  test.each([
    ['2026-11-22', 'yyyy-MM-dd', '2026-11-22'],
    ['20261122', 'yyyyMMdd', '2026-11-22'],
    ['22.11.26', 'dd.MM.yy', '2026-11-22'],
    ['31.12.69', 'dd.MM.yy', '2069-12-31'],
    ['01.01.70', 'dd.MM.yy', '1970-01-01'],
    ['2.3.2026', 'd.M.yyyy', '2026-03-02'],
    ['12.11.2026', 'd.M.yyyy', '2026-11-12'],
    ['2026.11.22.', 'yyyy.MM.dd.', '2026-11-22'],
    ['22/11/2026 07:05', 'dd/MM/yyyy HH:mm', '2026-11-22T07:05:00'],
    ['2026-11-22T07:05:09', 'yyyy-MM-ddTHH:mm:ss', '2026-11-22T07:05:09'],
    ['2026-11-22T07:05:09.123Z', 'yyyy-MM-ddTHH:mm:ss', '2026-11-22T07:05:09Z'],
    ['2026-11-22T07:05:09-0500', 'yyyy-MM-ddTHH:mm:ss', '2026-11-22T07:05:09-05:00'],
    ['2025-05-11 09:55:16 -0400', 'yyyy-MM-dd HH:mm:ss', '2025-05-11T09:55:16-04:00'],
    ['2028-02-29', 'yyyy-MM-dd', '2028-02-29'],
  ])('%s by %s is %s', (text, pattern, expected) => expect(parse(text, pattern)).toBe(expected))

  test.each([
    ['30.02.2026', 'dd.MM.yyyy'],
    ['2026-13-01', 'yyyy-MM-dd'],
    ['1111-11-11', 'yyyy-MM-dd'],
    ['2.3.2026', 'dd.MM.yyyy'],
    ['22.11.2026', 'dd.MM.yy'],
    ['22.11.2026 ', 'dd.MM.yyyy'],
    ['22.11.2026 10:00', 'dd.MM.yyyy'],
    ['Pending', 'dd.MM.yyyy'],
    ['', 'yyyy-MM-dd'],
    ['2026-11-22T24:00:00', 'yyyy-MM-ddTHH:mm:ss'],
    ['2026-11-22T10:00:00 CET', 'yyyy-MM-ddTHH:mm:ss'],
  ])('%s by %s is no date', (text, pattern) => expect(parse(text, pattern)).toBeUndefined())

  test('tries the patterns in turn', () => {
    expect(parse('22.11.2026', 'yyyy-MM-dd', 'dd.MM.yyyy')).toBe('2026-11-22')
  })

  test.each(['yyy-MM-dd', 'dd.MMM.yyyy', 'Q'])('refuses the pattern %s', (pattern) => {
    expect(() => compileDatePattern(pattern)).toThrow(RangeError)
  })
})

test('formatDate writes a date by a pattern, with 00 for a time that it lacks', () => {
  expect(formatDate('2026-11-02', compileDatePattern('d.MM.yy'))).toBe('2.11.26')
  expect(formatDate('2026-11-02', compileDatePattern('dd.MM.yyyy HH:mm'))).toBe('02.11.2026 00:00')
  expect(formatDate('soon', compileDatePattern('dd.MM.yyyy'))).toBeUndefined()
})

test('parseFlag knows yes and no in a few words, and no others', () => {
  expect(['true', 'YES', 'y', '1', 'T'].map(parseFlag)).toEqual([true, true, true, true, true])
  expect(['false', 'No', 'n', '0', 'F'].map(parseFlag)).toEqual([false, false, false, false, false])
  expect(['maybe', '2', 'constructor', '-1'].map(parseFlag)).toEqual([undefined, undefined, undefined, undefined])
})
