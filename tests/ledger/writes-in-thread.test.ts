import { afterAll, expect, test } from 'vitest'
import { LedgerBusy, LedgerError, LedgerUnsafe } from '../../src/ledger/ledger-errors.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { packError, unpackError } from '../../src/ledger/thread-messages.ts'
import { startThread } from '../../src/ledger/spare-thread.ts'
import { writesInThread } from '../../src/ledger/writes-in-thread.ts'
import { compiledThread } from './compiled-thread.ts'
import { temporaryFolder } from './samples.ts'

const thread = await compiledThread()
afterAll(() => thread[Symbol.dispose]())

const database = (errcode: number): Error => Object.assign(new Error('disk I/O error'), { errcode })

test.each([
  ['a lock', new LedgerBusy(50, { cause: database(5) }), LedgerBusy],
  ['a disk that did not confirm', new LedgerUnsafe({ cause: database(1034) }), LedgerUnsafe],
  ['a full disk', new LedgerError('ledger: full', { cause: database(13) }), LedgerError],
  ['a mistake of the program', new RangeError('the batch puts x twice'), Error],
])('%s is on this side of the thread what it is on the other', (_, error, kind) => {
  const arrived = unpackError(structuredClone(packError(error)))
  expect(arrived).toBeInstanceOf(kind)
  expect(arrived.message).toBe(error.message)
  expect(arrived.stack).toBe(error.stack)
  expect(arrived.cause).toEqual(error.cause)
})

test('a thread that ends unasked is told once, and nothing waits for it', async () => {
  await using folder = await temporaryFolder()
  const told: Error[] = []
  const writes = writesInThread(folder.file('no-folder/ledger.sqlite'), startThread(thread.url), {
    busyTimeoutMs: 1000,
    onUnsafe: (error) => told.push(error),
  })
  const waiting = [writes.checkpoint(), writes.backup(folder.file('copy'))]
  const outcomes = await Promise.allSettled(waiting)
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(writes.checkpoint()).rejects.toThrow('the thread that writes the ledger has ended')
  expect(told).toHaveLength(1)
})

test('closing finishes what was asked before, and ends the thread', async () => {
  await using folder = await temporaryFolder()
  const ledger = await openLedger(folder.file('ledger.sqlite'), {
    busyTimeoutMs: 1000,
    thread: startThread(thread.url),
    onUnsafe: () => expect.unreachable(),
  })
  const copy = ledger.backup(folder.file('copy.sqlite'))
  await ledger[Symbol.asyncDispose]()
  await copy
  await using opened = await openLedger(folder.file('copy.sqlite'), { busyTimeoutMs: 1000, readOnly: true })
  expect((await opened.diagnose()).filter(({ ok }) => !ok).map(({ check }) => check)).not.toContain('integrity')
})

test('a thread that gets no ledger is ended', async () => {
  const spare = startThread(thread.url)
  await spare[Symbol.asyncDispose]()
  expect(await spare.ended).toEqual(expect.any(Number))
})
