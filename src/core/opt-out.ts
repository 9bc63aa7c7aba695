/**
 * Who wants no messages: the record, and the row of a file that says so.
 *
 * Plain data, as that of model.ts and incoming.ts; workflow/change-opt-out.ts changes it.
 */
import type { Instant } from './date.ts'
import type { OptOutId } from './ids.ts'
import type { Channel } from './message.ts'
import type { Source } from './order.ts'

/** A number or address that wants no messages but such as it must get. */
export interface OptOut {
  readonly kind: 'optOut'
  readonly id: OptOutId
  readonly version: number
  readonly channel: Channel
  /** E.164, or a mail address in lower case. */
  readonly address: string
  readonly state: 'active' | 'removed'
  /** Who said so last. */
  readonly by: 'recipient' | 'file' | 'hand'
  readonly reason?: string
  readonly actor: string
  readonly source: Source
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** A number or address that wants no messages, or wants them again. */
export interface IncomingOptOut {
  readonly kind: 'optOut'
  readonly action: 'add' | 'remove'
  readonly channel: Channel
  /** E.164, or a mail address in lower case. */
  readonly address: string
  readonly reason?: string
}
