/**
 * What a deliver_sm says about a message of ours: SMPP 3.4 delivery receipts, TLVs first, text second.
 *
 * Pure. Guarantees that the id is in one form for answers and receipts alike (`canonicalId`), so that equal
 * ids are equal text, and that what a subscriber wrote can never pass for a receipt. Gives undefined for
 * anything that is not a receipt or has no id; does not look up messages. Never throws.
 */
import type { Instant } from '../../core/date.ts'
import type { Receipt } from '../../core/message.ts'
import type { Delivery } from './delivery.ts'
import { printable } from './frames.ts'

/**
 * How the gateway writes the same id in submit_sm_resp and in the receipt: `same` base, `respHex` (answer hexadecimal,
 * receipt decimal) or `respDec` (answer decimal, receipt hexadecimal); Kannel's msg-id-type, Jasmin's dlr_msgid.
 */
export type IdBase = 'same' | 'respHex' | 'respDec'

const tag = { receiptedMessageId: 0x001e, networkErrorCode: 0x0423, messageState: 0x0427 } as const

/** Bits 5-2 of esm_class (SMPP 3.4 §5.2.12). */
const typeMask = 0x3c
const receiptType = 0x04
const intermediateType = 0x20

/** message_state (SMPP 3.4 §5.2.28); 0 and 9 are of SMPP 5.0. */
const stateByNumber: readonly Receipt['state'][] = [
  'intermediate', // scheduled
  'intermediate', // enroute
  'delivered',
  'expired',
  'deleted',
  'undelivered',
  'intermediate', // accepted by the SMSC or read by somebody on its behalf: no last word
  'unknown',
  'rejected',
  'undelivered', // skipped
]

/** `stat:` as SMSCs abbreviate it (SMPP 3.4 appendix B), by its first letters. */
const stateByWord: readonly (readonly [RegExp, Receipt['state']])[] = [
  [/^DELIV/, 'delivered'],
  [/^UNDEL/, 'undelivered'],
  [/^EXPI/, 'expired'],
  [/^DELET/, 'deleted'],
  [/^REJ/, 'rejected'],
  [/^(FAIL|SKIP)/, 'undelivered'],
  [/^(ENROU|ACC|ACK|BUFF|SCHED|QUEU)/, 'intermediate'],
]

export interface ReceiptContext {
  readonly account: string
  readonly idBase: IdBase
  /** When it came. */
  readonly at: Instant
}

/** Whether the gateway calls it a receipt, also one that cannot be understood. */
export const isReceipt = ({ esmClass }: Delivery): boolean =>
  (esmClass & typeMask) === receiptType || (esmClass & typeMask) === intermediateType

/** The receipt in a delivery, or undefined: a message of a subscriber, or a receipt without an id. */
export function parseReceipt(delivery: Delivery, context: ReceiptContext): Receipt | undefined {
  const type = delivery.esmClass & typeMask
  const tlvId = tlvText(delivery, tag.receiptedMessageId)
  if (!isReceipt(delivery) && tlvId === '') return undefined
  const text = decode(delivery)
  const fields = head(text)
  const id = tlvId || field(fields, 'id')
  if (id === '') return undefined
  const error = networkError(delivery) ?? field(fields, 'err')
  return {
    account: context.account,
    smscId: canonicalId(id, 'receipt', context.idBase),
    state: type === intermediateType ? 'intermediate' : stateOf(delivery, field(fields, 'stat')),
    destination: destinationOf(delivery),
    ...(/^0*$/.test(error) ? {} : { error }),
    text: text.slice(0, 500).replace(/\p{Cc}/gu, ' '),
    at: context.at,
  }
}

/**
 * One form for an id from either side: numbers in decimal where the bases differ, without leading zeros, lower
 * case. Ids exceed 2^53, hence BigInt. An id that is no number in the expected base is left as it is, but for
 * case and zeros. With bases that differ the text as it came is never compared: it may be another message's id.
 */
export function canonicalId(raw: string, side: 'answer' | 'receipt', idBase: IdBase): string {
  const id = printable(raw.trim())
  const hexadecimal = idBase === (side === 'answer' ? 'respHex' : 'respDec')
  if (hexadecimal && /^[0-9a-f]+$/i.test(id)) return BigInt(`0x${id}`).toString()
  return id.toLowerCase().replace(/^0+(?=.)/, '')
}

function stateOf(delivery: Delivery, word: string): Receipt['state'] {
  const number = delivery.tlvs.get(tag.messageState)?.[0]
  if (number !== undefined) return stateByNumber[number] ?? 'unknown'
  const upper = word.toUpperCase()
  return stateByWord.find(([pattern]) => pattern.test(upper))?.[1] ?? 'unknown'
}

/** The part before `text:`, which holds the first words of our own message and proves nothing. */
function head(text: string): string {
  const end = /\btext:/i.exec(text)
  return end ? text.slice(0, end.index) : text
}

function field(fields: string, name: string): string {
  return printable(new RegExp(`(?:^|\\s)${name}:\\s*(\\S+)`, 'i').exec(fields)?.[1] ?? '')
}

/** Network type and code (SMPP 3.4 §5.3.2.31), e.g. `3:27`. */
function networkError(delivery: Delivery): string | undefined {
  const bytes = delivery.tlvs.get(tag.networkErrorCode)
  if (bytes?.length !== 3) return undefined
  const code = bytes.readUInt16BE(1)
  return code === 0 ? undefined : `${bytes[0] ?? 0}:${code}`
}

function tlvText(delivery: Delivery, name: number): string {
  const text = delivery.tlvs.get(name)?.toString('latin1') ?? ''
  const end = text.indexOf('\0')
  return (end < 0 ? text : text.slice(0, end)).trim()
}

/** The receipt comes from the number that the message went to; with `+` when it is an international one. */
function destinationOf(delivery: Delivery): string {
  const digits = printable(delivery.source).replace(/[^0-9]/g, '')
  const international = delivery.sourceTon === 1 || /^[1-9]\d{7,14}$/.test(digits)
  return international && digits !== '' ? `+${digits}` : printable(delivery.source)
}

/** UCS-2 under data_coding 8, else Latin-1, of which ASCII is a part: receipts are ASCII whatever the label. */
function decode(delivery: Delivery): string {
  if ((delivery.dataCoding & 0x0f) === 0x08) return new TextDecoder('utf-16be').decode(delivery.message)
  return delivery.message.toString('latin1')
}
