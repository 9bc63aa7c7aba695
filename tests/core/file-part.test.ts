import { describe, expect, test } from 'vitest'
import { copyPart, copyParts, daysOf, periodIn, periodOf } from '../../src/core/file-part.ts'

describe('the period of a day', () => {
  test.each([
    ['2026-11-22', 'day', '2026-11-22', '2026-11-22', '2026-11-22'],
    ['2026-11-22', 'month', '2026-11', '2026-11-01', '2026-11-30'],
    ['2028-02-29', 'month', '2028-02', '2028-02-01', '2028-02-29'],
    ['2026-11-22', 'week', '2026-W47', '2026-11-16', '2026-11-22'],
    ['2026-11-23', 'week', '2026-W48', '2026-11-23', '2026-11-29'],
    // The first week of a year is the one with its first Thursday (ISO 8601).
    ['2025-12-29', 'week', '2026-W01', '2025-12-29', '2026-01-04'],
    ['2027-01-03', 'week', '2026-W53', '2026-12-28', '2027-01-03'],
    ['2027-01-04', 'week', '2027-W01', '2027-01-04', '2027-01-10'],
  ] as const)('%s lies in the %s %s, from %s to %s', (date, period, name, from, to) => {
    expect(periodOf(date, period)).toBe(name)
    expect(daysOf(name)).toEqual({ from, to })
  })
})

const isCopy = (part: string): boolean => part >= copyParts.from && part < copyParts.before

test('periods follow each other in the alphabet, and copies stand before them', () => {
  const parts = ['2026-W53', '2026-12', '', copyPart('2026-11', 'clf_1'), '2026-11-22', '2026-11']
  expect(parts.toSorted()).toEqual(['', '!2026-11/clf_1', '2026-11', '2026-11-22', '2026-12', '2026-W53'])
  expect(parts.filter(isCopy)).toEqual(['!2026-11/clf_1'])
})

test('a part tells its period', () => {
  expect(['', '2026-11', copyPart('2026-11', 'clf_1'), copyPart('', 'clf_1')].map(periodIn)).toEqual([
    undefined,
    '2026-11',
    '2026-11',
    undefined,
  ])
})
