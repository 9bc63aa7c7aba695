/**
 * What the misbehaving SMSC does with a bind, a submission and its receipts, as plain values.
 *
 * A message is *taken* when the SMSC has it and would send it to the phone; what it answers is another matter.
 */

/** An answer that is no proper PDU; the message is taken. */
export type Malformed =
  | 'zeroLength' // command_length 0
  | 'lengthEight' // shorter than a header
  | 'hugeLength' // 0x7fffffff
  | 'cutShort' // says 60 octets, sends 24, and closes
  | 'noNul' // the id is a C-string without its end
  | 'httpPage' // a proxy stands where the SMSC should
  | 'badTlv' // an optional parameter longer than the PDU
  | 'unknownCommand' // a command id that SMPP does not know

export type Answer =
  | 'ok'
  | 'drop' // reset, not taken, no answer
  | 'lost' // taken, then reset without an answer
  | 'lostByClose' // the same with a FIN
  | 'dropAfter' // taken and answered, then reset
  | 'hang' // not taken, never answered
  | 'lostInSilence' // taken, never answered
  | 'twice' // taken and answered two times
  | 'wrongSequence' // taken, answered under a number that nobody used
  | 'nack' // generic_nack, not taken
  | 'emptyId' // taken, answered without a message id
  | 'unbind' // unbind instead of an answer, not taken
  | { readonly status: number } // any command_status, not taken
  | { readonly delayMs: number } // taken, answered later; others go on meanwhile
  | { readonly malformed: Malformed }

/** message_state of a receipt (SMPP 3.4 §5.2.28) and its abbreviation (appendix B). */
export const receiptStates = {
  ENROUTE: 1,
  DELIVRD: 2,
  EXPIRED: 3,
  DELETED: 4,
  UNDELIV: 5,
  ACCEPTD: 6,
  UNKNOWN: 7,
  REJECTD: 8,
} as const
export type ReceiptState = keyof typeof receiptStates

export interface ReceiptStep {
  readonly state: ReceiptState
  /** before: ahead of the answer to the submission; held: until `release`. */
  readonly when?: 'before' | 'after' | 'held'
  /** Milliseconds after the message was taken. */
  readonly afterMs?: number
  readonly times?: number
  /** unknown: an id that was never given out; garbled: a text that nobody can read. */
  readonly about?: 'message' | 'unknown' | 'garbled'
  /** Where id and state stand. */
  readonly in?: 'text' | 'tlv' | 'both'
}

/**
 * How an id looks in the answer and in the receipt: the same; hexadecimal, then decimal; lower case, then upper; with
 * leading zeros, then without; `chain`: hexadecimal, then decimal, so that each receipt's id is the next answer's text.
 */
export type IdStyle = 'same' | 'uuid' | 'hexThenDecimal' | 'upperCase' | 'zerosStripped' | 'chain'

export interface Behaviour {
  readonly answer: Answer
  /** byByte: the answer trickles; withReceipt: the answer and the receipts travel in one segment. */
  readonly wire?: 'byByte' | 'withReceipt'
  /** One DELIVRD soon after, when absent. Only if the submission asked for a receipt. */
  readonly receipts?: readonly ReceiptStep[]
  readonly ids?: IdStyle
}

export type BindAnswer =
  | 'ok'
  | 'hang'
  | 'drop'
  | 'dropAfter' // accepted, then reset
  | { readonly status: number }
  | { readonly delayMs: number }
  | { readonly malformed: Malformed }

export const status = {
  already: 0x05,
  syserr: 0x08,
  invalidDestination: 0x0b,
  bindFailed: 0x0d,
  wrongPassword: 0x0e,
  queueFull: 0x14,
  submitFail: 0x45,
  throttled: 0x58,
  temporaryAtReceiver: 0x64,
} as const

/** Whether the SMSC has the message after this. */
export function takes(answer: Answer): boolean {
  if (typeof answer === 'object') return !('status' in answer)
  return !['drop', 'hang', 'nack', 'unbind'].includes(answer)
}
