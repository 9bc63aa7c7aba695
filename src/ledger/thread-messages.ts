/**
 * What the thread that writes the ledger is asked and answers, as plain values that can be sent between threads.
 *
 * Errors are sent as what a caller can tell by: their kind, their text and the database's own code, and are made
 * anew on the other side. Does not send anything itself.
 */
import { assertNever } from '../core/assert-never.ts'
import type { Duration, Instant } from '../core/date.ts'
import type { Channel } from '../core/message.ts'
import type { PackedBasis } from './check-basis.ts'
import { LedgerBusy, LedgerError, LedgerUnsafe } from './ledger-errors.ts'
import type { Choice } from './ledger.ts'
import type { PackedBatch } from './pack-batch.ts'
import type { ExportToTake } from './take-export.ts'

/** What the thread is told first. */
export interface ThreadData {
  readonly path: string
  readonly busyTimeoutMs: Duration
}

export type Question =
  | { readonly verb: 'commit'; readonly batch: PackedBatch; readonly basis: PackedBasis | undefined }
  | {
      readonly verb: 'take'
      readonly channel: Channel
      readonly limit: number
      readonly now: Instant
      readonly of?: Choice
    }
  | { readonly verb: 'takeLines'; readonly wanted: ExportToTake }
  | { readonly verb: 'backup'; readonly to: string }
  | { readonly verb: 'checkpoint' }
  | { readonly verb: 'close' }

export interface Asked {
  readonly id: number
  readonly question: Question
}

export type Answer =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: PackedError }
  /** No later write can succeed. */
  | { readonly kind: 'unsafe'; readonly error: PackedError }

export interface PackedError {
  readonly kind: 'busy' | 'unsafe' | 'ledger' | 'other'
  readonly message: string
  readonly stack?: string | undefined
  readonly cause?: { readonly message: string; readonly errcode?: number; readonly code?: string }
}

export function packError(error: unknown): PackedError {
  if (!(error instanceof Error)) return { kind: 'other', message: String(error) }
  const { message, stack, cause } = error
  return { kind: kindOf(error), message, stack, ...(cause instanceof Error && { cause: packCause(cause) }) }
}

/** The same error as far as a caller can tell: its class, its text and the code of the database. */
export function unpackError({ kind, message, stack, cause }: PackedError): Error {
  const options = cause && { cause: Object.assign(new Error(cause.message), cause) }
  const made = ((): Error => {
    switch (kind) {
      case 'busy':
        return new LedgerBusy(message, options)
      case 'unsafe':
        return new LedgerUnsafe(options)
      case 'ledger':
        return new LedgerError(message, options)
      case 'other':
        return new Error(message, options)
      default:
        return assertNever(kind, 'kind of error')
    }
  })()
  return Object.assign(made, stack !== undefined && { stack })
}

function kindOf(error: Error): PackedError['kind'] {
  if (error instanceof LedgerBusy) return 'busy'
  if (error instanceof LedgerUnsafe) return 'unsafe'
  return error instanceof LedgerError ? 'ledger' : 'other'
}

const packCause = (cause: Error): NonNullable<PackedError['cause']> => ({
  message: cause.message,
  ...('errcode' in cause && typeof cause.errcode === 'number' && { errcode: cause.errcode }),
  ...('code' in cause && typeof cause.code === 'string' && { code: cause.code }),
})
