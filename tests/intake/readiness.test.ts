import { describe, expect, test } from 'vitest'
import { type Look, matcher, readinessOf } from '../../src/intake/readiness.ts'

const look = (size: number, mtimeMs = 1, ino = 7): Look => ({ size, mtimeMs, ino })
const names = new Set(['a.csv'])

const readiness = () => readinessOf({ files: '*', ready: { stableFor: '2s' } })

describe('stableFor', () => {
  test('a file is ready when it has looked the same for so long since our own first sight', () => {
    const one = readiness()
    expect(one.isReady('a.csv', look(5, 0), names, 1_000)).toBe(false)
    expect(one.isReady('a.csv', look(5, 0), names, 2_999)).toBe(false)
    expect(one.isReady('a.csv', look(5, 0), names, 3_000)).toBe(true)
  })
  test('a file that grows, is written again or is replaced starts anew', () => {
    for (const changed of [look(6), look(5, 2), look(5, 1, 8)]) {
      const one = readiness()
      one.isReady('a.csv', look(5), names, 0)
      expect(one.isReady('a.csv', changed, names, 5_000)).toBe(false)
      expect(one.isReady('a.csv', changed, names, 6_999)).toBe(false)
      expect(one.isReady('a.csv', changed, names, 7_000)).toBe(true)
    }
  })
  test('a file that was gone is seen for the first time again', () => {
    const one = readiness()
    one.isReady('a.csv', look(5), names, 0)
    one.forget(new Set())
    expect(one.isReady('a.csv', look(5), names, 9_000)).toBe(false)
  })
  test('a time of zero takes a file at first sight', () => {
    expect(readinessOf({ files: '*', ready: { stableFor: '0s' } }).isReady('a.csv', look(5), names, 0)).toBe(true)
  })
})

test('renamed: a file that is there is complete', () => {
  expect(readinessOf({ files: '*', ready: 'renamed' }).isReady('a.csv', look(0), names, 0)).toBe(true)
})

describe('done files', () => {
  test.each([
    ['{name}.done', 'a.csv', 'a.csv.done'],
    ['{name}.done', '$&.csv', '$&.csv.done'],
  ])('%s of %s is %s', (doneFile, name, companion) => {
    const one = readinessOf({ files: '*', ready: { doneFile } })
    expect(one.companions(name)).toEqual([companion])
    expect(one.isReady(name, look(1), new Set([name]), 0)).toBe(false)
    expect(one.isReady(name, look(1), new Set([name, companion]), 0)).toBe(true)
    expect(one.candidates([name, companion])).toEqual([name])
  })
})

test.each([
  ['*.csv', ['a.csv', 'ŐRÜLT 1.csv', 'line\nbreak.csv', '*.csv'], ['a.CSV', 'a.csvx', '.a.csv', 'csv']],
  ['ORD?.csv', ['ORD1.csv', 'ORD😀.csv'], ['ORD.csv', 'ORD12.csv', 'xORD1.csv']],
  ['a(1)[x]+.csv', ['a(1)[x]+.csv'], ['a1x.csv']],
  ['*', ['a', '~$a.xlsx', '-rf'], ['.hidden', '..csv', '.a.csv.part']],
])('pattern %s', (pattern, fitting, others) => {
  const matches = matcher([pattern])
  expect(fitting.filter((name) => !matches(name))).toEqual([])
  expect(others.filter((name) => matches(name))).toEqual([])
})
