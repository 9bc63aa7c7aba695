/**
 * What every ledger must do, whatever database stands behind it: run it with a factory.
 */
import type { Ledger } from '../../src/ledger/ledger.ts'
import { contractOfExports } from './contract-exports.ts'
import { contractOfHistory } from './contract-history.ts'
import { contractOfMessages } from './contract-messages.ts'
import { contractOfRecords } from './contract-records.ts'

export interface LedgerPlace extends AsyncDisposable {
  /** Opens a connection to the same, at first empty, ledger; the caller closes it. */
  open(): Promise<Ledger>
}

/** Makes an empty ledger for one test. */
export type LedgerFactory = () => Promise<LedgerPlace>

export function ledgerContract(name: string, make: LedgerFactory): void {
  contractOfRecords(name, make)
  contractOfMessages(name, make)
  contractOfExports(name, make)
  contractOfHistory(name, make)
}
