/**
 * From a frozen SMS to the fields of its submit_sm PDUs (SMPP 3.4 §4.4.1, §5.2, §5.3).
 *
 * Pure. Guarantees that the octets and their label agree (data_coding 0 with unpacked GSM 03.38, or 8 with
 * UTF-16BE: nothing is left to the codec's guess), that addresses are clean ASCII, and that a message planned
 * again has the same parts and the same reference. Does not send. What cannot be sent is said as `invalid`.
 */
import { createHash } from 'node:crypto'
import type { Field } from 'smpp'
import type { Instant } from '../../core/date.ts'
import type { SmsContent } from '../../core/message.ts'
import { encodeGsm, offenders, splitParts } from '../../core/sms-text.ts'

/** How a long text travels: user data headers, SAR parameters, or whole in message_payload. Never two at once. */
export type LongText = 'udh' | 'sar' | 'payload'

export interface SubmitRequest {
  /** Gives the concatenation reference, so that parts tried later still join the earlier ones. */
  readonly id: string
  readonly sms: SmsContent
  /** E.164, with or without `+`. */
  readonly recipient: string
  readonly longText: LongText
  /** Ask for a delivery receipt. */
  readonly receipts: boolean
  /** Milliseconds that the SMSC may go on trying; its own default when absent. */
  readonly validFor?: number
}

export interface PlannedPart {
  /** 1-based. */
  readonly part: number
  readonly total: number
  /** How many SMS the provider counts: 1, or all of them where the text goes whole. */
  readonly weight: number
  readonly fields: Readonly<Record<string, Field>>
}

export type SubmitPlan =
  | { readonly kind: 'plan'; readonly parts: readonly PlannedPart[] }
  | { readonly kind: 'invalid'; readonly code: string; readonly reason: string }

/** The PDUs of a message, in order, or why it can never be sent (N53, N54). */
export function planSubmit(request: SubmitRequest): SubmitPlan {
  const source = sourceAddress(request.sms.sender)
  if (!source) return invalid('invalid_sender', senderReason(request.sms.sender))
  const digits = recipientDigits(request.recipient)
  if (digits === undefined) return invalid('invalid_recipient', recipientReason(request.recipient))
  if (request.sms.alphabet === 'gsm' && offenders(request.sms.text).length > 0) {
    const found = offenders(request.sms.text).slice(0, 10).join(' ')
    return invalid('invalid_text', `the text is marked gsm but has characters outside that alphabet: ${found}`)
  }
  const texts = splitParts(request.sms.text, request.sms.alphabet)
  if (texts.length > 255) {
    return invalid('too_many_parts', `the text needs ${texts.length} parts; expected at most 255 (shorten the text)`)
  }
  const common = { ...source, ...destination(digits), ...options(request) }
  return { kind: 'plan', parts: plannedParts(request, texts, digits).map((part) => withFields(part, common)) }
}

function withFields(part: PlannedPart, common: Readonly<Record<string, Field>>): PlannedPart {
  return { ...part, fields: { ...common, ...part.fields } }
}

const invalid = (code: string, reason: string): SubmitPlan => ({ kind: 'invalid', code, reason })

function plannedParts(request: SubmitRequest, texts: readonly string[], digits: string): PlannedPart[] {
  const { sms, longText } = request
  const total = texts.length
  if (total > 1 && longText === 'payload') {
    const fields = { short_message: Buffer.alloc(0), message_payload: octets(sms.text, sms.alphabet) }
    return [{ part: 1, total: 1, weight: total, fields }]
  }
  if (total === 1) return [{ part: 1, total, weight: 1, fields: { short_message: octets(sms.text, sms.alphabet) } }]
  const reference = concatReference(request.id, sms.sender, digits)
  return texts.map((text, index) => {
    const part = index + 1
    const bytes = octets(text, sms.alphabet)
    const fields =
      longText === 'sar' ? sarFields(bytes, reference, total, part) : udhFields(bytes, reference, total, part)
    return { part, total, weight: 1, fields }
  })
}

/** Concatenation with the 8-bit reference: `05 00 03 ref total part` (3GPP TS 23.040 §9.2.3.24.1), UDHI in esm_class. */
function udhFields(bytes: Buffer, reference: number, total: number, part: number): Record<string, Field> {
  const header = Buffer.from([0x05, 0x00, 0x03, reference, total, part])
  return { esm_class: 0x40, short_message: Buffer.concat([header, bytes]) }
}

/** The SMSC makes the headers (SMPP 3.4 §5.3.2.22 to 24). */
function sarFields(bytes: Buffer, reference: number, total: number, part: number): Record<string, Field> {
  return { short_message: bytes, sar_msg_ref_num: reference, sar_total_segments: total, sar_segment_seqnum: part }
}

/**
 * 0–255, derived from message, sender and recipient instead of counted, so that parts which are tried again after
 * a restart keep it. Two long messages to one phone share it once in 256; the phone tells them apart unless both are incomplete.
 */
function concatReference(...parts: readonly string[]): number {
  return createHash('sha256').update(parts.join('\n')).digest()[0] ?? 0
}

/** Unpacked septets or UTF-16BE. */
function octets(text: string, alphabet: SmsContent['alphabet']): Buffer {
  return alphabet === 'gsm' ? Buffer.from(encodeGsm(text)) : Buffer.from(text, 'utf16le').swap16()
}

function options(request: SubmitRequest): Record<string, Field> {
  return {
    data_coding: request.sms.alphabet === 'gsm' ? 0 : 8,
    registered_delivery: request.receipts ? 1 : 0,
    ...(request.validFor === undefined ? {} : { validity_period: relativeTime(request.validFor) }),
  }
}

/** `YYMMDDhhmmss000R` (SMPP 3.4 §7.1.1): relative, so that two clocks need not agree. From a minute to 28 days. */
export function relativeTime(ms: number): string {
  const seconds = Math.min(Math.max(60, Math.floor(ms / 1000)), 28 * 86_400)
  const pieces = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ]
  return `0000${pieces.map((piece) => String(piece).padStart(2, '0')).join('')}000R`
}

/** How long a message may still be tried; undefined when it does not expire. */
export function validFor(expiresAt: Instant | undefined, now: Instant): number | undefined {
  return expiresAt === undefined ? undefined : expiresAt - now
}

/**
 * TON and NPI with the sender: numeric up to 15 digits is international ISDN (1/1), a name up to 11 characters is
 * alphanumeric (5/0). Printable ASCII only: the codec cuts other letters to 7 bit, and a NUL would shift all fields after it.
 */
function sourceAddress(sender: string): Record<string, Field> | undefined {
  const text = sender.trim()
  if (/^\+?\d{1,15}$/.test(text)) {
    return { source_addr_ton: 1, source_addr_npi: 1, source_addr: text.replace('+', '') }
  }
  if (!/^[\x20-\x7e]{1,11}$/.test(text) || !/[a-z]/i.test(text)) return undefined
  return { source_addr_ton: 5, source_addr_npi: 0, source_addr: text }
}

function destination(digits: string): Record<string, Field> {
  return { dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: digits }
}

/** E.164: at most 15 digits, no leading zero. */
function recipientDigits(recipient: string): string | undefined {
  return /^\+?([1-9]\d{4,14})$/.exec(recipient)?.[1]
}

const senderReason = (sender: string): string =>
  `sender ${shown(sender)} cannot be used; expected a number of up to 15 digits or a name of up to 11 ASCII characters with a letter (set sms.sender)`

const recipientReason = (recipient: string): string =>
  `recipient ${shown(recipient)} is no international number; expected + and 5 to 15 digits, such as +36301234567`

const shown = (text: string): string => JSON.stringify(text.slice(0, 40)).replace(/[^\x20-\x7e]/g, '?')
