import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Stalled } from '../../src/platform/files.ts'
import { offlineReason, scanFolder } from '../../src/platform/scan.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orderly-scan-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function namesIn(path: string): Promise<readonly string[]> {
  const look = await scanFolder(path)
  return look.kind === 'names' ? [...look.names].sort() : expect.fail(look.reason)
}

test('an empty folder has no names and tells its device', async () => {
  expect(await scanFolder(folder)).toEqual({
    kind: 'names',
    names: [],
    unreadable: [],
    device: (await stat(folder)).dev,
  })
})

test('plain files are listed; folders, links, pipes and hidden names are not', async () => {
  for (const name of ['b.csv', 'a b.xml', 'ő~', '.hidden', '.a.tmp-1']) await writeFile(join(folder, name), '')
  await mkdir(join(folder, 'processed'))
  await symlink('/etc/passwd', join(folder, 'link.csv'))
  await once(spawn('mkfifo', [join(folder, 'pipe.csv')]), 'exit')
  expect(await namesIn(folder)).toEqual(['a b.xml', 'b.csv', 'ő~'])
})

test('several thousand files are all listed, whatever the size of a piece', async () => {
  const names = Array.from({ length: 3000 }, (_, i) => `ORD${String(i).padStart(5, '0')}.csv`)
  await Promise.all(names.map((name) => writeFile(join(folder, name), '')))
  expect(await namesIn(folder)).toEqual(names)
  const look = await scanFolder(folder, { bufferSize: 7 })
  expect(look).toMatchObject({ kind: 'names' })
  expect(look.kind === 'names' && look.names.length).toBe(3000)
})

test('a name that is not valid UTF-8 is reported instead of being passed over', async () => {
  await writeFile(
    Buffer.concat([Buffer.from(`${folder}/Rechnung_M`), Buffer.from([0xfc]), Buffer.from('ller.csv')]),
    '',
  )
  await writeFile(join(folder, 'really\uFFFD.csv'), '')
  const look = await scanFolder(folder)
  expect(look).toMatchObject({ names: ['really\uFFFD.csv'], unreadable: ['Rechnung_M\uFFFDller.csv'] })
})

test.each([
  ['missing', 'ENOENT'],
  ['a file', 'ENOTDIR'],
])('a folder that is %s is offline, not empty', async (what, code) => {
  const path = join(folder, 'in')
  if (what === 'a file') await writeFile(path, '')
  const look = await scanFolder(path)
  expect(look.kind).toBe('offline')
  expect(look.kind === 'offline' && look.reason).toContain(code)
})

test.each(['ENOTCONN', 'ESTALE', 'EIO', 'EACCES', 'EHOSTDOWN'])('%s means that the folder is away', (code) => {
  const error = Object.assign(new Error(`${code}: readdir`), { code })
  expect(offlineReason(error)).toBe(`${code}: readdir`)
  expect(offlineReason(new Error('wrapped', { cause: error }))).toBe('wrapped')
})

test('a stalled call means that the folder is away, a fault of our own does not', () => {
  expect(offlineReason(new Stalled('list /mnt/erp', 15_000))).toContain('no answer within 15000 ms')
  expect(offlineReason(Object.assign(new Error('too many open files'), { code: 'EMFILE' }))).toBeUndefined()
  expect(offlineReason(new TypeError('x is not a function'))).toBeUndefined()
  expect(offlineReason('text')).toBeUndefined()
})
