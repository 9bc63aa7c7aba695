import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mountMemory } from '../../src/platform/mount-memory.ts'
import { shareGuard } from '../../src/platform/share-guard.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-mounts-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('remembers where a folder was mounted, over a restart, and forgets it', async () => {
  const first = mountMemory(folder)
  await Promise.all([first.remember('/mnt/erp/in', '/mnt/erp'), first.remember('/mnt/erp/out', '/mnt/erp')])
  await first.remember('/mnt/erp/out', undefined)
  const second = mountMemory(folder)
  expect([await second.mountOf('/mnt/erp/in'), await second.mountOf('/mnt/erp/out')]).toEqual(['/mnt/erp', undefined])
})

test.each(['', '{', '[]', 'null', '{"/a": 7}'])('a file that holds %j is an empty memory', async (text) => {
  writeFileSync(join(folder, 'mounts.json'), text)
  expect(await mountMemory(folder).mountOf('/a')).toBeUndefined()
})

test('nothing is written while nothing changes', async () => {
  const memory = mountMemory(folder)
  await memory.remember('/a', undefined)
  expect(() => readFileSync(memory.file)).toThrow('ENOENT')
})

test('a folder that lay on a share before a restart is away while nothing is mounted there', async () => {
  const share = join(folder, 'share')
  mkdirSync(share)
  const memory = mountMemory(folder)
  expect(await shareGuard(share, { memory }).look()).toMatchObject({ kind: 'online' })
  writeFileSync(memory.file, JSON.stringify({ [share]: share }))
  const state = await shareGuard(share, { memory: mountMemory(folder) }).look()
  expect(state).toMatchObject({ kind: 'offline' })
  expect(state.kind === 'offline' && state.reason).toContain(`nothing is mounted on ${share}`)
})
