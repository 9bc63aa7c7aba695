/**
 * The half of a ledger that writes: batches, leases, backups, all through one queue of a connection.
 *
 * Jobs queued in the same turn share a commit. Nothing is resolved before it is durable. What it takes and gives
 * are plain values, so that it can stand in a thread of its own. Does not close the connection.
 * Throws the errors of `ledger-errors.ts`.
 */
import type { CommitResult } from '../core/batch.ts'
import type { Duration, Instant } from '../core/date.ts'
import type { Channel } from '../core/message.ts'
import { backupLedger } from './backup.ts'
import type { PackedBasis } from './check-basis.ts'
import { commitBatch } from './commit.ts'
import { startWriter } from './group-commit.ts'
import type { LedgerError } from './ledger-errors.ts'
import type { Choice } from './ledger.ts'
import { type PackedBatch, weightOf } from './pack-batch.ts'
import { refuseWhenUnsafe } from './refuse-unsafe.ts'
import { retryWhileBusy } from './retry-while-busy.ts'
import type { Sqlite } from './sqlite.ts'
import type { ExportToTake, TakenExport } from './take-export.ts'
import { takeLines } from './take-export.ts'
import { type Leased, takeMessages } from './take-messages.ts'

export interface LedgerWrites {
  commit(batch: PackedBatch, basis: PackedBasis | undefined): Promise<CommitResult>
  take(channel: Channel, limit: number, now: Instant, of?: Choice): Promise<Leased>
  takeLines(wanted: ExportToTake): Promise<TakenExport>
  backup(to: string): Promise<void>
  checkpoint(): Promise<void>
  /** Finishes what was begun; nothing may be asked for afterwards. */
  close(): Promise<void>
}

export interface WriteOptions {
  /** How long in all a write waits for the lock of another process, in milliseconds. */
  readonly busyTimeoutMs: Duration
  /** Told once when no later write can succeed: the process should end. */
  readonly onUnsafe: (error: LedgerError) => void
}

export function startWrites(db: Sqlite, { busyTimeoutMs, onUnsafe }: WriteOptions): LedgerWrites {
  const writer = refuseWhenUnsafe(startWriter(db, busyTimeoutMs), onUnsafe)
  const backups = new Set<Promise<void>>()
  return {
    commit: (batch, basis) => writer.write(weightOf(batch), () => commitBatch(db, batch, basis)),
    take: (channel, limit, now, of) => writer.write(limit * 3, () => takeMessages(db, channel, limit, now, of)),
    takeLines: (wanted) => writer.write(10, () => takeLines(db, wanted)),
    backup: async (to) => {
      const running = backupLedger(db, to)
      backups.add(running)
      await running.finally(() => backups.delete(running))
    },
    checkpoint: async () => {
      await writer.drained()
      await retryWhileBusy(busyTimeoutMs, () => db.pragma('wal_checkpoint(truncate)'))
    },
    close: async () => {
      await writer.drained()
      await Promise.allSettled(backups)
    },
  }
}
