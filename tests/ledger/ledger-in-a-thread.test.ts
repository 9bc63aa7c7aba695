import { afterAll } from 'vitest'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { startThread } from '../../src/ledger/spare-thread.ts'
import { compiledThread } from './compiled-thread.ts'
import { ledgerContract } from './contract.ts'
import { temporaryFolder } from './samples.ts'

const thread = await compiledThread()
afterAll(() => thread[Symbol.dispose]())

ledgerContract('SQLite, written in a thread of its own', async () => {
  const folder = await temporaryFolder()
  return {
    open: () => openLedger(folder.file('ledger.sqlite'), { busyTimeoutMs: 5000, thread: startThread(thread.url) }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
})
