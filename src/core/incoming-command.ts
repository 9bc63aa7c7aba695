/**
 * A command as a row of a file: what a person would type on the command line.
 *
 * Plain data; what it means, and whether it can be done, is for `workflow/`.
 */
import type { LocalDate } from './date.ts'
import type { DecimalText } from './money.ts'
import type { CollectState, LineQuantity } from './order.ts'

export const commandVerbs = [
  'confirm',
  'reject',
  'deliver',
  'return',
  'setStatus',
  'markPaid',
  'match',
  'unmatch',
  'ignore',
  'apply',
  'next',
  'send',
  'notify',
  'archive',
  'chooseStore',
  'rollBack',
  'sendMessage',
  'cancelMessage',
  'retryMessage',
] as const

/** What a person would type on the command line, as a row of a file. */
export interface IncomingCommand {
  readonly kind: 'command'
  readonly verb: (typeof commandVerbs)[number]
  /** The sender's own id: the same one again is the same command. */
  readonly key?: string
  /** The order's number as written. */
  readonly order?: string
  readonly channel?: string
  /** Id of a payment, or the bank's reference together with `account`. */
  readonly payment?: string
  readonly account?: string
  /** Code of the store that an order goes to (chooseStore). */
  readonly store?: string
  /** Who is told again (notify), and of which state; both, and the present one, when absent. */
  readonly whom?: 'store' | 'customer' | 'both'
  readonly state?: CollectState
  /** Id of a message (`msg_…`). */
  readonly message?: string
  readonly status?: string
  readonly workflow?: string
  /** Number of the event after which an order is to stand (rollBack); before its last change when absent. */
  readonly to?: number
  /** Whether a roll back frees the order's payments, too. */
  readonly freePayments?: boolean
  /** Canonical decimal, in the currency of the order or payment. */
  readonly amount?: DecimalText
  readonly method?: string
  readonly date?: LocalDate
  readonly documentType?: string
  readonly documentNumber?: string
  /** Of deliver and return: lines and quantities, when not all. */
  readonly lines?: readonly LineQuantity[]
  readonly reason?: string
}
