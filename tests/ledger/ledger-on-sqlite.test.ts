import { openLedger } from '../../src/ledger/open-ledger.ts'
import { ledgerContract } from './contract.ts'
import { temporaryFolder } from './samples.ts'

ledgerContract('SQLite', async () => {
  const folder = await temporaryFolder()
  return {
    open: () => openLedger(folder.file('ledger.sqlite'), { busyTimeoutMs: 5000 }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
})
