/**
 * What the history tells of each import file: how many records came with it, by kind.
 *
 * Counts are kept in arrays by the number of the file, a few bytes for each, so that a million small files fit.
 * Changes nothing; throws nothing.
 */
import type { AuditEvent } from '../../ledger/audit-rows.ts'

const counted = [
  'orders',
  'updates',
  'payments',
  'statements',
  'customers',
  'stores',
  'statuses',
  'parked',
  'parkedApplied',
] as const
export type FileHistory = Readonly<Record<(typeof counted)[number], number>>

/** Numbers of files that are remembered; records of one file come together. */
const mostKnown = 4096

export class FileHistories {
  readonly #keyOf: (fileId: string) => number | undefined
  readonly #known = new Map<string, number | undefined>()
  #counts = new Uint32Array(counted.length * 1024)

  constructor(keyOf: (fileId: string) => number | undefined) {
    this.#keyOf = keyOf
  }

  /** False when the event names a file that is not there. */
  hear(event: AuditEvent): boolean {
    if (event.fileId === '') return true
    const what = meaningOf(event)
    return this.#add(event.fileId, what)
  }

  /** A parked row was applied: it was counted as parked, and its effects carry its file. */
  hearApplied(fileId: string): boolean {
    return this.#add(fileId, 'parkedApplied')
  }

  of(fileKey: number): FileHistory {
    const at = fileKey * counted.length
    return Object.fromEntries(counted.map((name, i) => [name, this.#counts[at + i] ?? 0])) as FileHistory
  }

  #add(fileId: string, what: (typeof counted)[number] | undefined): boolean {
    const key = this.#key(fileId)
    if (key === undefined) return false
    if (what === undefined) return true
    const at = key * counted.length + counted.indexOf(what)
    if (at >= this.#counts.length) this.#grow(at)
    this.#counts[at] = (this.#counts[at] ?? 0) + 1
    return true
  }

  #grow(at: number): void {
    const larger = new Uint32Array(Math.max(at + 1, this.#counts.length * 2))
    larger.set(this.#counts)
    this.#counts = larger
  }

  #key(fileId: string): number | undefined {
    if (this.#known.has(fileId)) return this.#known.get(fileId)
    if (this.#known.size >= mostKnown) this.#known.clear()
    const key = this.#keyOf(fileId)
    this.#known.set(fileId, key)
    return key
  }
}

const moves: ReadonlySet<string> = new Set([
  'collect.confirmed',
  'collect.rejected',
  'collect.processingExpired',
  'collect.partlyDelivered',
  'collect.delivered',
  'collect.returned',
  'collect.deliveryExpired',
])

/** Each is said once for a record of a file; what followed from another event is no record of its own. */
function meaningOf({ name, after, because }: AuditEvent): (typeof counted)[number] | undefined {
  switch (name) {
    case 'order.imported':
      return 'orders'
    case 'payment.received':
      return 'payments'
    case 'statement.received':
      return 'statements'
    case 'statement.replaced':
      return 'updates'
    case 'customer.created':
      return because === null ? 'customers' : undefined
    case 'customer.updated':
      return because === null ? 'updates' : undefined
    case 'store.imported':
      return 'stores'
    case 'status.parked':
      return 'parked'
    case 'order.updated':
      if (after === undefined) return 'statuses'
      return because === null ? 'updates' : undefined
    default:
      return moves.has(name) ? 'statuses' : undefined
  }
}
