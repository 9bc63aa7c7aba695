import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { answers, camt, orderCsv } from '../../end-to-end/samples.ts'
import { makeWorld, type World } from '../../end-to-end/world.ts'

let world: World
beforeEach(async () => {
  world = await makeWorld()
  world.configure()
})
afterEach(async () => await world[Symbol.asyncDispose]())

const main = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url))

/** As others run it: a process of its own, beside the daemon. */
async function audit(...words: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  const config = join(world.folder, 'config', 'orderly.yaml')
  return await new Promise((resolve) => {
    execFile(process.execPath, [main, 'audit', '-c', config, ...words], (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, text: `${out}${err}` })
    })
  })
}

async function balanced(...words: readonly string[]): Promise<string> {
  const { code, text } = await audit(...words)
  expect(text).toMatch(/the books balance\n$/)
  expect(code, text).toBe(0)
  return text
}

/** Until so many records of import files are in the ledger. */
async function committed(count: number): Promise<void> {
  for (let tries = 0; tries < 2_000; tries++) {
    const files = await world.look((ledger) => ledger.files(undefined, 10)).catch(() => [])
    if (files.reduce((sum, { position }) => sum + position, 0) >= count) return
    await pause(5)
  }
  throw new Error(`${count} records never came`)
}

const numbered = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ number: String(from + i), email: '' }))

test('the books balance after a story with receipts, rejected rows and parked input, with the daemon and without', async () => {
  const daemon = world.start()
  world.drop(
    'orders',
    'O.csv',
    orderCsv([{ number: '100245', store: 'KOS01', deliver: 'collect' }, { number: '100246' }]),
  )
  await world.quiet()
  await balanced()
  world.drop('bank', 'B.xml', camt([{ reference: 'R1', amount: '24990.00', text: 'rendeles 100245' }]))
  world.drop('answers', 'early.csv', answers([['100300', 'confirmed', '']]))
  await world.quiet()
  world.drop('answers', 'a1.csv', answers([['100245', 'confirmed', '']]))
  await world.quiet()
  world.drop('answers', 'a2.csv', `${answers([['100245', 'delivered', 'S-1']])};delivered;X\n`)
  world.drop('orders', 'late.csv', orderCsv([{ number: '100300', store: 'KOS01', deliver: 'collect' }]))
  await world.quiet()
  await balanced('--exports-kept')
  expect(await daemon.stop(), daemon.log()).toBe(0)
  expect(await balanced('--exports-kept', '--deep')).toMatch(/gone over: .*records/)
}, 180_000)

test('the books balance while files come in, after a kill in the middle of one, and when it is rolled over', async () => {
  const first = world.start()
  world.drop('orders', 'BIG.csv', orderCsv(numbered(500_000, 12_000)))
  await committed(1_000)
  await first.kill()
  const killed = await balanced()
  const unfinished = await world.look(async (ledger) => (await ledger.files('orders', 1))[0])
  expect(unfinished?.state).toBe('importing')
  expect(killed).toMatch(/files of orders in the middle .*the daemon/)
  expect(killed).toMatch(/files claimed in .*in\/orders/)

  const second = world.start()
  await committed(4_000)
  await balanced()
  await world.quiet({ limitMs: 90_000 })
  const text = await balanced('--exports-kept')
  expect(text).toMatch(/12000 records/)
  expect(await second.stop(), second.log()).toBe(0)
}, 240_000)
