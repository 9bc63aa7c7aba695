import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { watchFolder } from '../../src/platform/watch.ts'

let folder: string
const seen = { hints: 0 }
let errors: unknown[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orderly-watch-'))
  seen.hints = 0
  errors = []
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const watches = (): number => process.getActiveResourcesInfo().filter((name) => name === 'FSEventWrap').length

const start = (path: string, signal: AbortSignal = new AbortController().signal): AsyncDisposable =>
  watchFolder(
    path,
    () => seen.hints++,
    signal,
    (error) => errors.push(error),
  )

/** Drops files until one is noticed: the watch needs a moment to be set up. */
async function hintedBy(drop: (i: number) => Promise<unknown>): Promise<void> {
  const before = seen.hints
  for (let i = 0; i < 60 && seen.hints === before; i++) {
    await drop(i)
    await wait(25)
  }
  expect(seen.hints).toBeGreaterThan(before)
}

test('one hint says that the watch has begun, since what came before it gives none', async () => {
  await writeFile(join(folder, 'before.csv'), 'x')
  await using _ = start(folder)
  await expect.poll(() => seen.hints).toBe(1)
  await wait(100)
  expect(seen.hints).toBe(1)
})

test('a new file, a rename into the folder and a name with a tilde each give a hint', async () => {
  await mkdir(join(folder, 'in'))
  await using _ = start(join(folder, 'in'))
  await expect.poll(() => seen.hints).toBe(1)
  await hintedBy((i) => writeFile(join(folder, 'in', `a${i}.csv`), 'x'))
  await hintedBy(async (i) => {
    await writeFile(join(folder, 'tmp'), 'x')
    await rename(join(folder, 'tmp'), join(folder, 'in', `b${i}.csv`))
  })
  await hintedBy((i) => writeFile(join(folder, 'in', `c${i}~`), 'x'))
  expect(errors).toEqual([])
})

test('hidden names, removals and what lies in sub-folders give none', async () => {
  await mkdir(join(folder, '.orderly'))
  await mkdir(join(folder, 'processed'))
  await writeFile(join(folder, 'old.csv'), 'x')
  await using _ = start(folder)
  await hintedBy((i) => writeFile(join(folder, `a${i}.csv`), 'x'))
  await wait(100)
  const before = seen.hints
  await writeFile(join(folder, '.a.csv.tmp-1'), 'x')
  await writeFile(join(folder, 'processed', 'a.csv'), 'x')
  await rename(join(folder, 'old.csv'), join(folder, '.orderly', 'old.csv'))
  await wait(150)
  expect(seen.hints).toBe(before)
})

test('a folder that is missing at first, and one that is removed and made again, are watched', async () => {
  const path = join(folder, 'in')
  await using _ = start(path)
  await wait(50)
  await mkdir(path)
  await hintedBy((i) => writeFile(join(path, `a${i}`), 'x'))
  await rm(path, { recursive: true })
  await wait(50)
  await mkdir(path)
  await hintedBy((i) => writeFile(join(path, `b${i}`), 'x'))
})

test('after dispose or abort there are no hints and nothing is left open', async () => {
  const before = watches()
  const stop = new AbortController()
  const aborted = start(folder, stop.signal)
  const disposed = start(folder)
  await hintedBy((i) => writeFile(join(folder, `a${i}`), 'x'))
  stop.abort()
  await disposed[Symbol.asyncDispose]()
  await aborted[Symbol.asyncDispose]()
  const hinted = seen.hints
  await writeFile(join(folder, 'late'), 'x')
  await wait(80)
  expect(seen.hints).toBe(hinted)
  expect(watches()).toBe(before)
})

test('an aborted signal means no watch, and nothing is thrown', async () => {
  await using _ = start(folder, AbortSignal.abort())
  await writeFile(join(folder, 'a'), 'x')
  await wait(80)
  expect(seen.hints).toBe(0)
})

test('trouble goes to the callback', async () => {
  await using _ = start(`${folder}/\0`)
  for (let i = 0; i < 40 && errors.length === 0; i++) await wait(25)
  expect(errors[0]).toBeInstanceOf(Error)
})

test('a file that is written in many pieces gives few hints', async () => {
  await writeFile(join(folder, 'long.csv'), '')
  await using _ = start(folder)
  await expect.poll(() => seen.hints).toBe(1)
  const began = performance.now()
  for (let i = 0; i < 300; i++) await appendFile(join(folder, 'long.csv'), 'x')
  await wait(120)
  expect(seen.hints).toBeGreaterThan(1)
  expect(seen.hints).toBeLessThanOrEqual(3 + (performance.now() - began) / 50)
})
