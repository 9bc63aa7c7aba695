/**
 * The body of a submit_sm, read strictly: what runs over an end is an error of the sender.
 */

export interface Submission {
  readonly connection: number
  readonly sequence: number
  readonly source: string
  readonly destination: string
  readonly esmClass: number
  readonly validity: string
  readonly wantsReceipt: boolean
  readonly dataCoding: number
  /** Octets of the text, without the user data header. */
  readonly octets: Buffer
  readonly text: string
  /** From the user data header or the SAR parameters. */
  readonly part?: { readonly reference: number; readonly total: number; readonly part: number }
  /** Milliseconds of performance.now(). */
  readonly at: number
}

/** Throws when the body is not a submit_sm to the letter. */
export function readSubmission(body: Buffer, connection: number, sequence: number): Submission {
  const cursor = { body, at: 0 }
  cstring(cursor, 6)
  take(cursor, 2)
  const source = cstring(cursor, 21)
  take(cursor, 2)
  const destination = cstring(cursor, 21)
  const [esmClass = 0] = take(cursor, 3)
  cstring(cursor, 17)
  const validity = cstring(cursor, 17)
  const [registered = 0, , dataCoding = 0, , length = 0] = take(cursor, 5)
  const short = take(cursor, length)
  const tlvs = optional(cursor)
  const whole = length > 0 ? short : (tlvs.get(0x0424) ?? short)
  const hasHeader = (esmClass & 0x40) !== 0
  const octets = hasHeader ? whole.subarray(1 + (whole[0] ?? 0)) : whole
  const part = hasHeader ? partOfHeader(whole) : partOfTlvs(tlvs)
  const wantsReceipt = (registered & 0x03) !== 0
  const text = textOf(octets, dataCoding)
  const rest = { esmClass, validity, wantsReceipt, dataCoding, octets, text, ...(part && { part }) }
  return { connection, sequence, source, destination, ...rest, at: performance.now() }
}

interface Cursor {
  readonly body: Buffer
  at: number
}

function take(cursor: Cursor, length: number): Buffer {
  const bytes = cursor.body.subarray(cursor.at, cursor.at + length)
  if (bytes.length < length) throw new Error(`submit_sm ends after ${cursor.body.length} octets`)
  cursor.at += length
  return bytes
}

function cstring(cursor: Cursor, most: number): string {
  const end = cursor.body.indexOf(0, cursor.at)
  if (end < 0 || end - cursor.at >= most) throw new Error(`submit_sm has a text without an end at ${cursor.at}`)
  const text = cursor.body.toString('latin1', cursor.at, end)
  cursor.at = end + 1
  return text
}

function optional(cursor: Cursor): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>()
  while (cursor.at < cursor.body.length) {
    const head = take(cursor, 4)
    found.set(head.readUInt16BE(0), take(cursor, head.readUInt16BE(2)))
  }
  return found
}

/** The 8-bit concatenation element (3GPP TS 23.040 §9.2.3.24.1), the only one that Orderly writes. */
function partOfHeader(whole: Buffer): Submission['part'] {
  if (whole.length < 6 || whole[1] !== 0 || whole[2] !== 3) throw new Error('user data header of another kind')
  return { reference: whole.readUInt8(3), total: whole.readUInt8(4), part: whole.readUInt8(5) }
}

function partOfTlvs(tlvs: ReadonlyMap<number, Buffer>): Submission['part'] {
  const [reference, total, part] = [tlvs.get(0x020c), tlvs.get(0x020e), tlvs.get(0x020f)]
  if (!reference || !total || !part) return undefined
  return { reference: reference.readUInt16BE(0), total: total.readUInt8(0), part: part.readUInt8(0) }
}

/** UCS-2, or what GSM 03.38 has in common with ASCII: the texts of the tests need no more. */
function textOf(octets: Buffer, dataCoding: number): string {
  if (dataCoding !== 8) return octets.toString('latin1')
  return new TextDecoder('utf-16be').decode(octets)
}
