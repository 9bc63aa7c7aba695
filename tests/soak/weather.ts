/**
 * What the neighbours (mail server and SMS gateway) do wrong, in percent of the occasions, and what they have received.
 *
 * Both are told to the process of the neighbours and back; only plain values.
 */
export interface Weather {
  readonly smtp: {
    /** A connection is dropped before the greeting. */
    readonly dropped: number
    /** 451 to a recipient. */
    readonly later: number
    /** 421 to MAIL, and the line closed. */
    readonly tooFast: number
    /** The line breaks within the text: the mail did not arrive. */
    readonly brokenBefore: number
    /** 452 to the text. */
    readonly laterAfterText: number
    /** The mail arrived, the line breaks before the answer. */
    readonly brokenAfter: number
    /** The longest time that an answer takes, in milliseconds. */
    readonly slowMs: number
  }
  readonly smpp: {
    /** Status 0x58, throttled. */
    readonly throttled: number
    /** Status 0x08, system error: temporary. */
    readonly failed: number
    /** The line breaks before the SMS is taken. */
    readonly brokenBefore: number
    /** It is taken, the line breaks before the answer. */
    readonly brokenAfter: number
    readonly slowMs: number
  }
}

export const fair: Weather = {
  smtp: { dropped: 0, later: 0, tooFast: 0, brokenBefore: 0, laterAfterText: 0, brokenAfter: 0, slowMs: 10 },
  smpp: { throttled: 0, failed: 0, brokenBefore: 0, brokenAfter: 0, slowMs: 10 },
}

export const rough: Weather = {
  smtp: { dropped: 5, later: 5, tooFast: 0.5, brokenBefore: 2, laterAfterText: 2, brokenAfter: 2, slowMs: 60 },
  smpp: { throttled: 2, failed: 2, brokenBefore: 1, brokenAfter: 1, slowMs: 60 },
}

export interface Received {
  /** Each mail whose end arrived: Message-ID without brackets and host, and its recipients. */
  readonly mails: readonly (readonly [id: string, to: string])[]
  /** The number of each SMS that was taken. */
  readonly sms: readonly string[]
}

export type ToNeighbours =
  | { readonly kind: 'weather'; readonly weather: Weather }
  | { readonly kind: 'report' }
  | { readonly kind: 'end' }
export type FromNeighbours =
  | { readonly kind: 'ready'; readonly smtp: number; readonly smpp: number }
  | { readonly kind: 'received'; readonly received: Received }
