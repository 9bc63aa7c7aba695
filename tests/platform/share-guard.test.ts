import { execFile } from 'node:child_process'
import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { shareGuard } from '../../src/platform/share-guard.ts'

const run = promisify(execFile)
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orderly-share-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
  await rm(`${folder}-away`, { recursive: true, force: true })
})

test('a local folder is online, missing it is offline, back again it is online', async () => {
  const guard = shareGuard(folder, { deadlineMs: 5000 })
  const online = { kind: 'online', device: (await stat(folder)).dev }
  expect(await guard.look()).toEqual(online)
  await rename(folder, `${folder}-away`)
  expect(await guard.look()).toMatchObject({ kind: 'offline', reason: expect.stringContaining('ENOENT') })
  await rename(`${folder}-away`, folder)
  expect(await guard.look()).toEqual(online)
})

test('a file in the place of the folder is offline', async () => {
  await writeFile(join(folder, 'in'), '')
  expect(await shareGuard(join(folder, 'in')).look()).toMatchObject({ kind: 'offline' })
})

test('without its marker file a share is offline, however good it looks', async () => {
  const guard = shareGuard(folder, { marker: '.orderly-share' })
  expect(await guard.look()).toMatchObject({
    kind: 'offline',
    reason: expect.stringContaining('.orderly-share is missing'),
  })
  await writeFile(join(folder, '.orderly-share'), '')
  expect(await guard.look()).toMatchObject({ kind: 'online' })
  await rm(join(folder, '.orderly-share'))
  expect(await guard.look()).toMatchObject({ kind: 'offline' })
})

test('a real mount: unmounted it is offline, mounted anew (under another number) it is online', async (context) => {
  const mayMount = await run('unshare', ['-Urm', 'mount', '-t', 'tmpfs', 'tmpfs', folder]).then(
    () => true,
    () => false,
  )
  if (!mayMount) return context.skip('needs unshare and mount rights')
  const script = join(import.meta.dirname, 'share-states.ts')
  const { stdout } = await run('unshare', ['-Urm', process.execPath, script, folder])
  expect(stdout.split(' ')).toEqual(
    [
      'online online', // each time the guard without and the one with a marker file
      'offline offline',
      'offline offline',
      'offline', // started while it was away: only the marker file tells
      'online online',
      'online',
      'offline offline',
    ].flatMap((words) => words.split(' ')),
  )
})
