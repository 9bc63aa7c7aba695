import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { claimsIn } from '../../src/intake/claims.ts'
import { putAway } from '../../src/intake/put-away.ts'
import { hasCode } from '../../src/platform/files.ts'
import { stagedFile } from '../../src/platform/staged-file.ts'

let root: string
let folder: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'orderly-away-'))
  folder = join(root, 'in')
  mkdirSync(folder)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** The share goes away between the look at it and the step. */
const goAway = (): void => renameSync(folder, join(root, 'elsewhere'))
const comeBack = (): void => renameSync(join(root, 'elsewhere'), folder)
const isMissing = (error: unknown): boolean => hasCode(error, ['ENOENT'])
const problem = { problems: [], read: 1, refused: 1 }

function claimed(): ReturnType<ReturnType<typeof claimsIn>['left']>[number] {
  writeFileSync(join(folder, 'a.csv'), 'x')
  const claim = claimsIn(folder, 'owner').take('a.csv')
  if (claim === undefined) throw new Error('not claimed')
  return claim
}

test('a folder that goes away is not made anew by looking for claims or by taking a file', () => {
  const claims = claimsIn(folder, 'owner')
  goAway()
  expect(() => claims.left(0)).toThrow('ENOENT')
  expect(() => claims.take('a.csv')).toThrow('ENOENT')
  expect(existsSync(folder)).toBe(false)
})

test.each([
  ['processed', { kind: 'processed', day: '2026-11-21', delete: false } as const, undefined],
  ['deleted', { kind: 'processed', day: '2026-11-21', delete: true } as const, undefined],
  ['rejected', { kind: 'rejected' } as const, problem],
  ['duplicate', { kind: 'duplicate' } as const, undefined],
])(
  'a file that cannot be put away as %s since its folder went away is still claimed when it is back',
  async (_, place, findings) => {
    const claim = claimed()
    goAway()
    await expect(putAway(folder, claim, place, findings)).rejects.toSatisfy(isMissing)
    expect(existsSync(folder)).toBe(false)
    comeBack()
    expect(existsSync(claim.path)).toBe(true)
    await putAway(folder, claim, place, findings)
    expect(existsSync(claim.path)).toBe(false)
  },
)

test('an export is not written into a folder made in place of the one that went away', async () => {
  const staged = stagedFile(folder, 'S1.csv', 'xfl_1')
  goAway()
  await expect(staged.stage(Buffer.from('x'))).rejects.toSatisfy(isMissing)
  expect(existsSync(folder)).toBe(false)
})
