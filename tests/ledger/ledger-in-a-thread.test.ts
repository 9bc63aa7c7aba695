import { openLedger } from '../../src/ledger/open-ledger.ts'
import { ledgerContract } from './contract.ts'
import { temporaryFolder } from './samples.ts'

ledgerContract('SQLite, written in a thread of its own', async () => {
  const folder = await temporaryFolder()
  return {
    open: () => openLedger(folder.file('ledger.sqlite'), { busyTimeoutMs: 5000, inThread: true }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
})
