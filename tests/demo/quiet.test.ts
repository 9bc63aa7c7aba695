import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lookForWork, waitUntilQuiet } from '../../src/demo/quiet.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { temporaryFolder } from './temporary-folder.ts'

const never = new AbortController().signal
const busy = async (): Promise<readonly string[]> => ['2 mail are queued']

test('quiet is quiet for a while: work that begins anew starts the wait anew', async () => {
  const answers: readonly string[][] = [['busy'], [], ['again'], [], [], [], []]
  let looks = 0
  const look = async (): Promise<readonly string[]> => answers[Math.min(looks++, answers.length - 1)] ?? []
  const left = await waitUntilQuiet({ look, forMs: 150, limitMs: 5_000, clock: systemClock, signal: never })
  expect(left).toEqual([])
  expect(looks).toBeGreaterThanOrEqual(5)
})

test('when the time is over, what is still going on is told', async () => {
  const left = await waitUntilQuiet({ look: busy, forMs: 50, limitMs: 250, clock: systemClock, signal: never })
  expect(left).toEqual(['2 mail are queued'])
})

test('an abort ends the wait', async () => {
  const signal = AbortSignal.timeout(50)
  expect(await waitUntilQuiet({ look: busy, forMs: 50, limitMs: 60_000, clock: systemClock, signal })).toEqual([
    '2 mail are queued',
  ])
})

test('files that wait or are being imported and receipts on their way are work', async () => {
  const folder = await temporaryFolder()
  await using ledger = await openLedger(join(folder, 'ledger.db'), { busyTimeoutMs: 1_000 })
  const orders = join(folder, 'orders')
  await mkdir(join(orders, '.orderly'), { recursive: true })
  await mkdir(join(orders, 'processed'))
  const workplace = { ledger, folders: [orders], receiptsDue: () => 0 }
  expect(await lookForWork(workplace)).toEqual([])
  await writeFile(join(orders, 'a.csv'), '')
  await writeFile(join(orders, '.orderly', 'x-1~b.csv'), '')
  await writeFile(join(orders, 'processed', 'c.csv'), '')
  expect(await lookForWork({ ...workplace, receiptsDue: () => 3 })).toEqual([
    `2 files wait in ${orders}`,
    '3 delivery receipts are on their way',
  ])
})
