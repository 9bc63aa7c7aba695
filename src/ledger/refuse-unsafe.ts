/**
 * After a sync of the ledger has failed, nothing more is written by this process.
 *
 * When the disk refuses to confirm what was written, the system forgets which pages it owes (fsyncgate): a later sync
 * that succeeds says nothing about them. So the first such failure closes the writer for good, and the daemon ends;
 * the next start reads what is really there. A full disk is no such failure: then nothing was written, and waiting helps.
 */
import { LedgerError, LedgerUnsafe } from './ledger-errors.ts'
import type { Verdict, Writer } from './group-commit.ts'

/** `onUnsafe` is called once, with the error that all later writes get. */
export function refuseWhenUnsafe(writer: Writer, onUnsafe: (error: LedgerUnsafe) => void): Writer {
  let unsafe: LedgerUnsafe | undefined
  const guarded =
    <T>(job: () => Verdict<T>): (() => Verdict<T>) =>
    () => {
      if (unsafe !== undefined) throw unsafe
      return job()
    }
  return {
    drained: () => writer.drained(),
    write: async (weight, job) => {
      if (unsafe !== undefined) throw unsafe
      try {
        return await writer.write(weight, guarded(job))
      } catch (error) {
        if (unsafe === undefined && isSyncFailure(error)) {
          unsafe = new LedgerUnsafe({ cause: error })
          onUnsafe(unsafe)
        }
        throw error
      }
    },
  }
}

/** SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC. */
const syncFailures = new Set([1034, 1290])

function isSyncFailure(error: unknown): boolean {
  const cause = error instanceof LedgerError ? error.cause : undefined
  return cause instanceof Error && 'errcode' in cause && syncFailures.has(Number(cause.errcode))
}
