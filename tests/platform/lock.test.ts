import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { takeLock } from '../../src/platform/lock.ts'

let folder: string
let children: ChildProcess[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orderly-lock-'))
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  children = []
  await rm(folder, { recursive: true, force: true })
})

async function otherProcess(): Promise<{ child: ChildProcess; says: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'hold-lock.ts'), folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  const [says] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, says: says.toString().trim() }
}

test('the second one is told that the lock is held, and disposing frees it', () => {
  const first = takeLock(folder)
  expect(first.kind).toBe('taken')
  expect(takeLock(folder)).toEqual({ kind: 'held' })
  if (first.kind === 'taken') first[Symbol.dispose]()
  const next = takeLock(folder)
  expect(next.kind).toBe('taken')
  if (next.kind === 'taken') next[Symbol.dispose]()
})

test('nothing is written while it is held: a full disk cannot get in its way', async () => {
  using lock = takeLock(folder) as Disposable
  expect(lock).toMatchObject({ kind: 'taken' })
  expect(await readdir(folder)).toEqual(['lock.db'])
  expect((await stat(join(folder, 'lock.db'))).size).toBe(0)
})

test('a file that can only be read is no lock, and no silence', async () => {
  await writeFile(join(folder, 'lock.db'), '')
  await chmod(join(folder, 'lock.db'), 0o444)
  await chmod(folder, 0o755)
  // Root may write everything: another user tries.
  const user = process.getuid?.() === 0 ? ['65534'] : []
  const hold = [join(import.meta.dirname, 'hold-lock.ts'), folder, ...user]
  const { status, stdout, stderr } = spawnSync(process.execPath, hold, { encoding: 'utf8', input: '' })
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toContain(`cannot lock ${join(folder, 'lock.db')}: Error: attempt to write a readonly database`)
})

test('the lock holds between processes and is free at once after kill -9', async () => {
  const { child, says } = await otherProcess()
  expect(says).toBe('taken')
  expect(takeLock(folder)).toEqual({ kind: 'held' })
  child.kill('SIGKILL')
  await once(child, 'exit')
  const mine = takeLock(folder)
  expect(mine.kind).toBe('taken')
  expect((await otherProcess()).says).toBe('held')
  if (mine.kind === 'taken') mine[Symbol.dispose]()
})

test('it is free when its process ends by itself', async () => {
  const { child } = await otherProcess()
  child.stdin?.end()
  await once(child, 'exit')
  const lock = takeLock(folder)
  expect(lock.kind).toBe('taken')
  if (lock.kind === 'taken') lock[Symbol.dispose]()
})

test('disposing twice does not free somebody else’s lock', () => {
  const first = takeLock(folder)
  if (first.kind !== 'taken') return expect.fail('not taken')
  first[Symbol.dispose]()
  const second = takeLock(folder)
  first[Symbol.dispose]()
  expect(second.kind).toBe('taken')
  expect(takeLock(folder)).toEqual({ kind: 'held' })
  if (second.kind === 'taken') second[Symbol.dispose]()
})

test('a missing folder and a file that is no database are errors that name the file', async () => {
  expect(() => takeLock(join(folder, 'none'))).toThrow(join(folder, 'none', 'lock.db'))
  await writeFile(
    join(folder, 'lock.db'),
    'this is no database, and longer than a header of one hundred bytes. '.repeat(20),
  )
  expect(() => takeLock(folder)).toThrow(join(folder, 'lock.db'))
})
