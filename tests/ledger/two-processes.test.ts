import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { orderId } from '../../src/core/ids.ts'
import { LedgerBusy } from '../../src/ledger/ledger-errors.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { batch, order, temporaryFolder } from './samples.ts'

const script = fileURLToPath(new URL('./child-process.ts', import.meta.url))

interface Child extends AsyncDisposable {
  readonly process: ChildProcess
  readonly lines: string[]
  /** Resolves when it has told so many lines. */
  told(lines: number): Promise<void>
  readonly ended: Promise<unknown>
}

function start(...args: readonly string[]): Child {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  const ended = once(child, 'close')
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (text) => lines.push(text))
  return {
    process: child,
    lines,
    ended,
    told: async (wanted) => {
      while (lines.length < wanted) {
        if (child.exitCode !== null)
          throw new Error(`the child ended with ${child.exitCode} after ${lines.length} lines`)
        await delay(2)
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

it('loses nothing that was acknowledged when the process is killed during commits', async () => {
  await using folder = await temporaryFolder()
  const path = folder.file('ledger.sqlite')
  const acknowledged: string[] = []
  for (const lines of [5, 60, 200]) {
    await using child = start('commit', path)
    await child.told(lines)
    child.process.kill('SIGKILL')
    await child.ended
    acknowledged.push(...child.lines)
  }
  expect(acknowledged.length).toBeGreaterThan(265)
  await using ledger = await openLedger(path, { busyTimeoutMs: 1000 })
  const known = await ledger.load(acknowledged.map((key) => ({ by: 'id', kind: 'order', id: orderId('web', key) })))
  const lost = acknowledged.filter((key) => known.get('order', orderId('web', key)) === undefined)
  expect(lost).toEqual([])
  for (const key of acknowledged.slice(-20)) expect(await ledger.eventsOf(orderId('web', key))).toHaveLength(1)
  // Whole batches only: as many messages and lines as orders, and the tally balances.
  const { records, messages, exports } = await ledger.totals()
  expect([messages[0]?.count, exports[0]?.open]).toEqual([records[0]?.count, records[0]?.count])
  expect((await ledger.diagnose()).filter(({ ok }) => !ok)).toEqual([])
})

it('lets no change of another process be overwritten', async () => {
  await using folder = await temporaryFolder()
  const path = folder.file('ledger.sqlite')
  await using ledger = await openLedger(path, { busyTimeoutMs: 5000 })
  await ledger.commit(batch({ put: [order('1')] }))
  await using one = start('increment', path, '60')
  await using two = start('increment', path, '60')
  await Promise.all([one.ended, two.ended])
  const committed = [...one.lines, ...two.lines].filter((text) => text === 'committed').length
  expect(committed).toBe(120)
  expect((await ledger.record('order', order('1').id))?.paid).toBe(120)
  expect(await ledger.eventsOf(order('1').id)).toHaveLength(120)
})

it('waits for the lock of another process without blocking the event loop', async () => {
  await using folder = await temporaryFolder()
  const path = folder.file('ledger.sqlite')
  await using ledger = await openLedger(path, { busyTimeoutMs: 5000 })
  await using holder = start('hold', path, '400')
  await holder.told(1)
  let longest = 0
  let last = performance.now()
  const watch = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }, 5)
  const results = await Promise.all([
    ledger.commit(batch({ put: [order('1')] })),
    ledger.commit(batch({ put: [order('2')] })),
  ])
  clearInterval(watch)
  longest = Math.max(longest, performance.now() - last)
  expect(results).toEqual([{ kind: 'committed' }, { kind: 'committed' }])
  await holder.told(2)
  expect(longest).toBeLessThan(250)
})

it('reads while another process writes', async () => {
  await using folder = await temporaryFolder()
  const path = folder.file('ledger.sqlite')
  await using ledger = await openLedger(path, { busyTimeoutMs: 0 })
  await ledger.commit(batch({ put: [order('1')] }))
  await using holder = start('hold', path, '60000')
  await holder.told(1)
  expect(await ledger.record('order', order('1').id)).toMatchObject({ number: '1' })
  expect(await ledger.take('mail', 5, 9999)).toEqual([])
})

it('says that the ledger is locked when the limit is over, and writes nothing', async () => {
  await using folder = await temporaryFolder()
  const path = folder.file('ledger.sqlite')
  await using ledger = await openLedger(path, { busyTimeoutMs: 60 })
  await using holder = start('hold', path, '60000')
  await holder.told(1)
  const error = await ledger.commit(batch({ put: [order('1')] })).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(LedgerBusy)
  expect(error).toMatchObject({ code: 'L005', cause: { code: 'L001' } })
  holder.process.kill('SIGKILL')
  await holder.ended
  expect(await ledger.record('order', order('1').id)).toBeUndefined()
  expect(await ledger.commit(batch({ put: [order('1')] }))).toEqual({ kind: 'committed' })
})
