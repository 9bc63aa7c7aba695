/**
 * Reads the body of a deliver_sm or data_sm, octet by octet (SMPP 3.4 §4.6.1, §4.7.1, §5.3).
 *
 * node-smpp is not used for these two: it reads a `receipted_message_id` without its NUL on into the next
 * TLV, and decodes receipt text as GSM 03.38, which turns the `_` of an id into `§`. Guarantees that nothing
 * is read beyond the frame. Gives undefined for a body that ends too early; does not interpret. Never throws.
 */

export interface Delivery {
  readonly source: string
  readonly sourceTon: number
  readonly destination: string
  readonly esmClass: number
  readonly dataCoding: number
  /** short_message, or message_payload where that is empty; without a user data header. */
  readonly message: Buffer
  /** Optional parameters by tag; of a repeated tag the first. */
  readonly tlvs: ReadonlyMap<number, Buffer>
}

const header = 16
const messagePayload = 0x0424
const udhIndicator = 0x40

/** Addresses are read as Latin-1, as they came: check before use. */
export function readDelivery(frame: Buffer, command: 'deliver_sm' | 'data_sm'): Delivery | undefined {
  const cursor = { frame, at: header, short: false }
  cstring(cursor) // service_type
  const sourceTon = octet(cursor)
  octet(cursor)
  const source = cstring(cursor)
  cursor.at += 2 // destination TON and NPI
  const destination = cstring(cursor)
  const esmClass = octet(cursor)
  const { dataCoding, shortMessage } = command === 'deliver_sm' ? deliverTail(cursor) : dataTail(cursor)
  if (cursor.short) return undefined
  const tlvs = readTlvs(frame, cursor.at)
  const message = shortMessage.length > 0 ? shortMessage : (tlvs.get(messagePayload) ?? shortMessage)
  return {
    source,
    sourceTon,
    destination,
    esmClass,
    dataCoding,
    message: (esmClass & udhIndicator) === 0 ? message : message.subarray(1 + (message[0] ?? 0)),
    tlvs,
  }
}

interface Cursor {
  readonly frame: Buffer
  at: number
  /** The frame ended before the field did. */
  short: boolean
}

interface Tail {
  readonly dataCoding: number
  readonly shortMessage: Buffer
}

function deliverTail(cursor: Cursor): Tail {
  cursor.at += 2 // protocol_id, priority_flag
  cstring(cursor) // schedule_delivery_time
  cstring(cursor) // validity_period
  cursor.at += 2 // registered_delivery, replace_if_present_flag
  const dataCoding = octet(cursor)
  octet(cursor) // sm_default_msg_id
  const length = octet(cursor)
  const shortMessage = cursor.frame.subarray(cursor.at, cursor.at + length)
  if (shortMessage.length < length) cursor.short = true
  cursor.at += length
  return { dataCoding, shortMessage }
}

function dataTail(cursor: Cursor): Tail {
  octet(cursor) // registered_delivery
  return { dataCoding: octet(cursor), shortMessage: Buffer.alloc(0) }
}

function octet(cursor: Cursor): number {
  const value = cursor.frame[cursor.at]
  cursor.at += 1
  if (value !== undefined) return value
  cursor.short = true
  return 0
}

function cstring(cursor: Cursor): string {
  const end = cursor.frame.indexOf(0, cursor.at)
  if (end < 0) {
    cursor.short = true
    cursor.at = cursor.frame.length
    return ''
  }
  const text = cursor.frame.toString('latin1', cursor.at, end)
  cursor.at = end + 1
  return text
}

/** Stops at the first TLV that is longer than the frame; what stands before it counts. */
function readTlvs(frame: Buffer, start: number): ReadonlyMap<number, Buffer> {
  const tlvs = new Map<number, Buffer>()
  let at = start
  while (at + 4 <= frame.length) {
    const tag = frame.readUInt16BE(at)
    const end = at + 4 + frame.readUInt16BE(at + 2)
    if (end > frame.length) break
    if (!tlvs.has(tag)) tlvs.set(tag, frame.subarray(at + 4, end))
    at = end
  }
  return tlvs
}
