/**
 * A mail or SMS from planning to its last state, and the five results of a delivery attempt.
 *
 * Content is frozen when the message is queued (decision 6): what is stored here is what is
 * sent, at each attempt the same bytes under the same Message-ID. A message that is not sent
 * is stored too, `suppressed` or `held`, with its reason.
 */
import type { Instant } from './date.ts'
import type { RuleTrace } from './event.ts'
import type { MessageId, OrderId } from './ids.ts'

export const channels = ['mail', 'sms'] as const
export type Channel = (typeof channels)[number]

export const messageStates = [
  'held', // waits for a person: review, missing value, cap, unknown result; reason says which
  'suppressed', // planned but not to be sent: no template, no recipient …
  'queued', // due at `dueAt`
  'sending', // leased by the dispatcher
  'accepted', // taken by the next hop
  'delivered', // a receipt says so (SMS)
  'undelivered', // a receipt says that it did not arrive (SMS)
  'refused', // permanent no
  'unknown', // the line broke after the last byte
  'expired', // older than its maximum age
  'cancelled', // by a person or by roll back
] as const
export type MessageState = (typeof messageStates)[number]

export interface Recipient {
  /** Mail address (one, checked) or E.164 number. */
  readonly address: string
  readonly name?: string
  readonly as: 'to' | 'cc' | 'bcc'
  /** customer, store, operators, alarm … */
  readonly role: string
}

export interface Attachment {
  readonly name: string
  readonly contentType: string
  /** Base64 of the content. */
  readonly content: string
  /** For images used by `cid:` in the HTML. */
  readonly contentId?: string
}

/** What a held mail waits for: the PDF files of documents of an order (F24). */
export interface Awaited {
  readonly order: OrderId
  readonly documents: readonly ('invoice' | 'proforma' | 'creditNote')[]
  /** Then it is alarmed, and stays held for a person. */
  readonly until: Instant
  /** A person looks at it before it is sent, also when all is there. */
  readonly review: boolean
}

export interface MailContent {
  readonly from: { readonly name?: string; readonly address: string }
  readonly replyTo?: string
  readonly subject: string
  readonly text: string
  readonly html?: string
  readonly attachments: readonly Attachment[]
  /** Documents whose PDF must be attached before it is sent. */
  readonly awaits?: Awaited
  /** Epoch milliseconds for the Date header: the time of queueing, not of sending. */
  readonly date: Instant
  /** `<id@host>`, the same at each attempt. */
  readonly messageId: string
}

export interface SmsContent {
  /** Numeric (≤ 15 digits) or alphanumeric (≤ 11 characters) sender. */
  readonly sender: string
  readonly text: string
  readonly alphabet: 'gsm' | 'ucs2'
  readonly parts: number
}

export interface NewMessage {
  readonly id: MessageId
  /** workflow + rule + subject + recipient + occurrence: at most one message per key (invariant 5.7). */
  readonly dedupeKey: string
  readonly channel: Channel
  readonly state: 'queued' | 'held' | 'suppressed'
  readonly reason?: string
  /** Record that it is about. */
  readonly subject: string
  readonly template: string
  readonly templateHash?: string
  readonly language?: string
  readonly recipients: readonly Recipient[]
  readonly droppedRecipients?: readonly Recipient[]
  readonly mail?: MailContent
  readonly sms?: SmsContent
  readonly createdAt: Instant
  readonly dueAt: Instant
  /** After this instant it is `expired`, not sent. */
  readonly expiresAt?: Instant
  /** Also in quiet hours. */
  readonly urgent?: true
  /** Also to those who want no messages: they must know of it. */
  readonly transactional?: true
  readonly trace?: RuleTrace
  /** Index in the batch of the event that led to it. */
  readonly because?: number
}

/** Those that it is for, without copies, in the form in which addresses are compared. */
export const mainAddresses = ({ recipients }: Pick<NewMessage, 'recipients'>): readonly string[] =>
  recipients.filter(({ as }) => as === 'to').map(({ address }) => address.toLowerCase())

/** Tells people of trouble: no workflow, opt-out or cap of customers holds it back. */
export const isAlarm = ({ template }: Pick<NewMessage, 'template'>): boolean => template.startsWith('alarm/')

/** A message as stored. */
export interface Message extends Omit<NewMessage, 'state' | 'because'> {
  readonly state: MessageState
  readonly attempts: number
  readonly takenAt?: Instant
  readonly finishedAt?: Instant
  /** SMS: the account at a gateway that has it, or has parts of it. */
  readonly account?: string
  /** Addresses already accepted or refused for good; only the others are tried again. */
  readonly settled: readonly SettledRecipient[]
  readonly response?: string
  /** Sequence number of the event that led to it. */
  readonly because?: number
}

export interface SettledRecipient {
  readonly address: string
  readonly result: 'accepted' | 'refused'
  readonly response: string
}

/** What one attempt came to. A failure before the last byte is deferred, after it unknown (decision 4). */
export type Outcome =
  | { readonly kind: 'accepted'; readonly response: string }
  | {
      readonly kind: 'deferred'
      readonly reason: string
      /** Milliseconds until the earliest next try; the usual back-off when absent. */
      readonly retryAfterMs?: number
      /** A pace signal is not charged as an attempt and slows the account or the recipient. */
      readonly pace?: 'account' | 'recipient'
    }
  | { readonly kind: 'refused'; readonly reason: string; readonly code?: string }
  | { readonly kind: 'unknown'; readonly reason: string }

/** The result of one attempt, as a transport reports it. */
export interface Attempt {
  readonly outcome: Outcome
  /** Per recipient, where they differ (mail). */
  readonly settled?: readonly SettledRecipient[]
  /** Per part, the SMSC's message id as answered (SMS); '' where it gave none. */
  readonly parts?: readonly PartResult[]
}

export interface PartResult {
  /** 1-based. */
  readonly part: number
  readonly outcome: Outcome
  readonly smscId?: string
}

/** A delivery receipt as it came (SMPP 3.4 §B, mechanisms 1.6). */
export interface Receipt {
  readonly account: string
  readonly smscId: string
  readonly state: 'delivered' | 'undelivered' | 'expired' | 'deleted' | 'rejected' | 'unknown' | 'intermediate'
  readonly destination: string
  readonly error?: string
  readonly text: string
  readonly at: Instant
}
