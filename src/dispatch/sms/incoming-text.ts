/**
 * What a subscriber wrote to us: the text of a deliver_sm that is no receipt (SMPP 3.4 §4.6.1, §5.2.19).
 *
 * Pure. Reads the alphabets that phones use (GSM, Latin-1, UCS-2); of a long text the part that came. Guarantees a
 * number in international form or none, and a text without control characters. Judges nothing. Never throws.
 */
import type { Instant } from '../../core/date.ts'
import { decodeGsm } from '../../core/sms-text.ts'
import type { Delivery } from './delivery.ts'
import { printable } from './frames.ts'

export interface IncomingSms {
  readonly account: string
  /** E.164 where the gateway gave an international number; else as it came. */
  readonly from: string
  readonly to: string
  readonly text: string
  readonly at: Instant
}

const international = 1

export function readIncoming(delivery: Delivery, account: string, at: Instant): IncomingSms {
  const digits = printable(delivery.source).replace(/[^0-9]/g, '')
  const isWhole = delivery.sourceTon === international || /^[1-9]\d{9,14}$/.test(digits)
  return {
    account,
    from: isWhole && digits !== '' ? `+${digits}` : printable(delivery.source),
    to: printable(delivery.destination),
    text: textOf(delivery)
      .replace(/\p{Cc}/gu, ' ')
      .slice(0, 1000),
    at,
  }
}

function textOf({ dataCoding, message }: Delivery): string {
  switch (dataCoding & 0x0f) {
    case 0x08:
      return new TextDecoder('utf-16be').decode(message)
    case 0x01: // IA5
    case 0x03: // Latin-1
      return message.toString('latin1')
    default:
      return decodeGsm(message)
  }
}
