/**
 * From submissions to texts: joins the parts of long messages and decodes them, as a phone would.
 *
 * Knows user data headers with 8 and 16 bit references (3GPP TS 23.040 §9.2.3.24) and the SAR parameters of SMPP 3.4.
 * Guarantees that a part which comes twice counts once; keeps at most a thousand incomplete messages, the oldest go.
 * Throws nothing: what cannot be read is shown as hexadecimal digits.
 */
import { decodeGsm } from '../core/sms-text.ts'
import { type Submission, tag } from './smpp-pdu.ts'

export interface JoinedSms {
  /** Message ids of the parts, in the order of the text. */
  readonly ids: readonly string[]
  readonly from: string
  readonly to: string
  readonly text: string
  readonly parts: number
  /** `GSM 7 bit`, `UCS-2` … */
  readonly alphabet: string
}

interface Piece {
  readonly id: string
  readonly octets: Buffer
}

interface Part {
  readonly reference: number
  /** 1-based. */
  readonly part: number
  readonly total: number
  readonly octets: Buffer
}

const mostIncomplete = 1000

export interface Joiner {
  /** The message, when this was its last missing part. `id` is the one that the part was answered with. */
  add(submission: Submission, id: string): JoinedSms | undefined
}

export function joiner(): Joiner {
  const incomplete = new Map<string, Map<number, Piece>>()
  return {
    add: (submission, id) => {
      const { reference, part, total, octets } = partOf(submission)
      const { source, destination, dataCoding } = submission
      if (total === 1) return joined(submission, [{ id, octets }])
      const key = [source.digits, destination.digits, dataCoding, reference, total].join('/')
      const parts = incomplete.get(key) ?? new Map<number, Piece>()
      parts.set(part, { id, octets })
      incomplete.set(key, parts)
      if (parts.size < total) {
        if (incomplete.size > mostIncomplete) incomplete.delete(incomplete.keys().next().value ?? key)
        return undefined
      }
      incomplete.delete(key)
      return joined(
        submission,
        [...parts].sort(([a], [b]) => a - b).map(([, piece]) => piece),
      )
    },
  }
}

function joined({ source, destination, dataCoding }: Submission, pieces: readonly Piece[]): JoinedSms {
  const text = decode(Buffer.concat(pieces.map(({ octets }) => octets)), dataCoding)
  const ids = pieces.map(({ id }) => id)
  return { ids, from: source.digits, to: destination.digits, parts: pieces.length, ...text }
}

const wholeOf = (octets: Buffer): Part => ({ reference: 0, part: 1, total: 1, octets })
const udhIndicator = 0x40

function partOf(submission: Submission): Part {
  const { octets, esmClass } = submission
  if ((esmClass & udhIndicator) === 0) return sarPart(submission)
  const length = octets[0] ?? 0
  const header = octets.subarray(1, 1 + length)
  const text = octets.subarray(1 + length)
  for (let at = 0; at + 1 < header.length; at += 2 + (header[at + 1] ?? 0)) {
    const data = header.subarray(at + 2, at + 2 + (header[at + 1] ?? 0))
    if (header[at] === 0x00 && data.length === 3) return part(data[0], data[1], data[2], text)
    if (header[at] === 0x08 && data.length === 4) return part(data.readUInt16BE(0), data[2], data[3], text)
  }
  return wholeOf(text)
}

function sarPart({ tlvs, octets }: Submission): Part {
  const reference = tlvs.get(tag.sarReference)
  if (reference?.length !== 2) return wholeOf(octets)
  return part(reference.readUInt16BE(0), tlvs.get(tag.sarTotal)?.[0], tlvs.get(tag.sarPart)?.[0], octets)
}

function part(reference = 0, total = 1, number = 1, octets: Buffer): Part {
  return number < 1 || number > total ? wholeOf(octets) : { reference, part: number, total, octets }
}

/** By data_coding (SMPP 3.4 §5.2.19); 0 is the SMSC's default, here GSM 03.38 with one septet an octet. */
function decode(octets: Buffer, dataCoding: number): Pick<JoinedSms, 'text' | 'alphabet'> {
  switch (dataCoding) {
    case 0x00:
      return { text: decodeGsm(octets), alphabet: 'GSM 7 bit' }
    case 0x01:
    case 0x03:
      return { text: octets.toString('latin1'), alphabet: 'Latin-1' }
    case 0x08:
      return { text: new TextDecoder('utf-16be').decode(octets), alphabet: 'UCS-2' }
    default:
      return { text: octets.toString('hex'), alphabet: `data_coding ${dataCoding}, hexadecimal` }
  }
}
