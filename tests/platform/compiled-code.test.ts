import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { compiledCodeFolder } from '../../src/platform/compiled-code.ts'

const isRoot = process.getuid?.() === 0
/** Others can put something in the place of what lies in the temporary folder, so it must lie elsewhere. */
const root = realpathSync(mkdtempSync(join(homedir(), '.orderly-test-')))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Not so where the home folder itself can be written by others. */
const isPrivate = compiledCodeFolder({ CACHE_DIRECTORY: root }) !== undefined

let folders = 0
function ownFolder(): string {
  const path = join(root, String(++folders))
  mkdirSync(path, { mode: 0o700 })
  return path
}

test.runIf(isPrivate)('compiled code is kept in the cache of the service, else in that of the user', () => {
  const [service, cache, home] = [ownFolder(), ownFolder(), ownFolder()]
  expect(compiledCodeFolder({ CACHE_DIRECTORY: `${service}:/elsewhere`, HOME: home })).toBe(join(service, 'compiled'))
  expect(compiledCodeFolder({ XDG_CACHE_HOME: cache, HOME: home })).toBe(join(cache, 'orderly/compiled'))
  expect(compiledCodeFolder({ HOME: home })).toBe(join(home, '.cache/orderly/compiled'))
  expect(statSync(join(home, '.cache/orderly/compiled')).mode & 0o777).toBe(0o700)
})

test('no compiled code is kept where another user could change it, and nothing is made there', () => {
  const open = ownFolder()
  mkdirSync(join(open, 'home'))
  chmodSync(open, 0o777)
  expect(compiledCodeFolder({ HOME: join(open, 'home') })).toBeUndefined()
  expect(existsSync(join(open, 'home/.cache'))).toBe(false)
  const shared = mkdtempSync(join(tmpdir(), 'orderly-cache-'))
  expect(compiledCodeFolder({ CACHE_DIRECTORY: shared })).toBeUndefined()
  rmSync(shared, { recursive: true })
})

test('a cache folder that leads elsewhere is looked at where it leads', () => {
  const [home, open] = [ownFolder(), ownFolder()]
  chmodSync(open, 0o777)
  symlinkSync(open, join(home, '.cache'))
  expect(compiledCodeFolder({ HOME: home })).toBeUndefined()
})

test.runIf(isRoot)('root keeps no compiled code in the home folder of another user', () => {
  const home = ownFolder()
  chownSync(home, 65_534, 65_534)
  expect(compiledCodeFolder({ HOME: home })).toBeUndefined()
  expect(existsSync(join(home, '.cache'))).toBe(false)
})

test('without any folder for it the program runs all the same', () => {
  expect(compiledCodeFolder({})).toBeUndefined()
  expect(compiledCodeFolder({ HOME: 'relative' })).toBeUndefined()
  expect(compiledCodeFolder({ HOME: '/no/such/folder' })).toBeUndefined()
})
