import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { abandonedAfter, claimsIn, fittingName } from '../../src/intake/claims.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-claims-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const write = (name: string, text = name): void => writeFileSync(join(folder, name), text)

test('of two daemons one gets each file, also when both are named alike', () => {
  const [a, b] = [claimsIn(folder, 'aaaaaaaa'), claimsIn(folder, 'aaaaaaaa')]
  for (let i = 0; i < 50; i++) write(`${i}.csv`)
  const taken = Array.from({ length: 50 }, (_, i) => [a.take(`${i}.csv`), b.take(`${i}.csv`)])
  expect(taken.every(([first, second]) => first !== undefined && second === undefined)).toBe(true)
  write('same.csv', 'one')
  const one = a.take('same.csv')
  write('same.csv', 'two')
  const two = b.take('same.csv')
  expect([one, two].map((claim) => readFileSync(claim?.path ?? '', 'utf8'))).toEqual(['one', 'two'])
  expect(readdirSync(join(folder, '.orderly'))).toHaveLength(52)
})

test.each(['Rendelés 1.csv', '~a~b.csv', 'a\nb.csv', '-rf', '%2e%2e', 'x'.repeat(255), 'é'.repeat(120) + '.csv'])(
  'a file may be called %j',
  (name) => {
    write(name)
    const claim = claimsIn(folder, 'aaaaaaaa').take(name)
    expect(claim).toMatchObject({ name, recovered: false })
    expect(existsSync(claim?.path ?? '')).toBe(true)
    const [left] = claimsIn(folder, 'aaaaaaaa').left(0)
    expect(left).toEqual({ path: claim?.path, name: fittingName(name), recovered: true })
  },
)

test('a long name keeps its extension and fits with what is put behind it', () => {
  const short = fittingName(`${'ő'.repeat(125)}.csv`)
  expect(short.endsWith('ő.csv')).toBe(true)
  expect(Buffer.byteLength(short)).toBeLessThanOrEqual(200)
})

test('what an earlier run left is told once, in the order of the names; what this run holds is not', () => {
  const before = claimsIn(folder, 'aaaaaaaa')
  for (const name of ['b.csv', 'a.csv']) {
    write(name)
    before.take(name)
  }
  const now = claimsIn(folder, 'aaaaaaaa')
  write('c.csv')
  now.take('c.csv')
  expect(now.left(0).map(({ name }) => name)).toEqual(['a.csv', 'b.csv'])
  expect(now.left(0)).toEqual([])
})

test('claims of another daemon are its own, until they have lain for an hour', () => {
  write('a.csv')
  claimsIn(folder, 'bbbbbbbb').take('a.csv')
  const mine = claimsIn(folder, 'aaaaaaaa')
  expect(mine.left(1_000)).toEqual([])
  expect(mine.left(abandonedAfter)).toEqual([])
  expect(mine.left(1_000 + abandonedAfter).map(({ name }) => name)).toEqual(['a.csv'])
})

test('a claim folder that went is made again, and a name that is gone is nobody’s', () => {
  const claims = claimsIn(folder, 'aaaaaaaa')
  write('a.csv')
  expect(claims.take('a.csv')).toBeDefined()
  rmSync(join(folder, '.orderly'), { recursive: true })
  write('b.csv')
  expect(claims.take('b.csv')).toBeDefined()
  expect(claims.take('none.csv')).toBeUndefined()
})

test('a folder that cannot hold claims is an error, not an empty folder', () => {
  writeFileSync(join(folder, '.orderly'), 'a file')
  write('a.csv')
  expect(() => claimsIn(folder, 'aaaaaaaa').take('a.csv')).toThrow()
  mkdirSync(join(folder, 'sub'))
  expect(() => claimsIn(folder, 'aaaaaaaa').left(0)).toThrow()
})
