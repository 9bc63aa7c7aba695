/**
 * The accidents of a ledger, each with a stable code and what to do about it.
 *
 * They are thrown, not returned: a caller cannot go on without its ledger. `LedgerTooNew`,
 * `SqliteTooOld`, `NotALedger` and `LedgerTooOld` need a person (the command line exits with 78);
 * `LedgerBusy` may pass by itself. `cause` is the database's own error.
 */
import type { ProblemCode } from '../core/problem.ts'

/** Any failure of the database behind the ledger; nothing of the batch in hand was written. */
export class LedgerError extends Error {
  override readonly name: string = 'LedgerError'
  readonly code: ProblemCode = 'L001'
}

/** The ledger was written by a newer Orderly: going on would damage it. */
export class LedgerTooNew extends LedgerError {
  override readonly name = 'LedgerTooNew'
  override readonly code = 'L002'

  constructor(path: string, found: number, known: number) {
    super(
      `${path}: the ledger has schema ${found}, this program knows schemas up to ${known}. ` +
        `Start the newer Orderly again, or restore a backup made by this version`,
    )
  }
}

/** SQLite before 3.51.3 can lose committed data of a write-ahead log (decision 10). */
export class SqliteTooOld extends LedgerError {
  override readonly name = 'SqliteTooOld'
  override readonly code = 'L003'

  constructor(found: string, needed: string) {
    super(`SQLite ${found} is built into this Node; the ledger needs ${needed} or later. Use a newer Node 24 or 26`)
  }
}

/** The file is a database, or something else, that Orderly did not make. */
export class NotALedger extends LedgerError {
  override readonly name = 'NotALedger'
  override readonly code = 'L004'

  constructor(path: string, found: string, options?: ErrorOptions) {
    super(`${path}: not a ledger of Orderly; found ${found}. Set "data" to a folder of Orderly's own`, options)
  }
}

/** Another process kept the ledger locked for longer than the time that was allowed. */
export class LedgerBusy extends LedgerError {
  override readonly name = 'LedgerBusy'
  override readonly code = 'L005'

  /** `waited`: for how many milliseconds, or the text of such an error. */
  constructor(waited: number | string, options?: ErrorOptions) {
    super(
      typeof waited === 'string'
        ? waited
        : `the ledger was locked by another process for ${waited} ms. Look for a long command (backup, import) and try again`,
      options,
    )
  }
}

/** Opened for reading only, with a schema that must be migrated first. */
export class LedgerTooOld extends LedgerError {
  override readonly name = 'LedgerTooOld'
  override readonly code = 'L006'

  constructor(path: string, found: number, needed: number) {
    super(
      `${path}: the ledger has schema ${found}, this program reads schema ${needed}. ` +
        `Start "orderly run" or any command that writes once: it brings the ledger up to date`,
    )
  }
}

/** The disk did not confirm a commit: nothing more is written until the ledger is opened anew. */
export class LedgerUnsafe extends LedgerError {
  override readonly name = 'LedgerUnsafe'
  override readonly code = 'L007'

  constructor(options?: ErrorOptions) {
    super(
      'the disk did not confirm what was written to the ledger (fsync failed). Look at the disk and at the log of the ' +
        'system (journalctl -k), then start again: what was confirmed is there, the rest is done anew',
      options,
    )
  }
}
