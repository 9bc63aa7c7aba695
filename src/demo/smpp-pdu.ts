/**
 * SMPP 3.4 PDUs from the server's side, packed and read by hand (§3.2, §4.1, §4.4, §4.6, §5.3).
 *
 * Not built on the codec that the SMS transport uses, so that each judges the other. Guarantees that nothing is read
 * beyond a body and that C-octet strings keep to their lengths; a body that does not is undefined. Throws nothing.
 */

export const command = {
  genericNack: 0x8000_0000,
  bindReceiver: 0x01,
  bindTransmitter: 0x02,
  submit: 0x04,
  deliver: 0x05,
  unbind: 0x06,
  bindTransceiver: 0x09,
  enquireLink: 0x15,
} as const
export const responseBit = 0x8000_0000

/** command_status values (§5.1.3). */
export const status = {
  ok: 0,
  badLength: 0x02, // ESME_RINVCMDLEN
  unknownCommand: 0x03, // ESME_RINVCMDID
  wrongBindState: 0x04, // ESME_RINVBNDSTS
  alreadyBound: 0x05, // ESME_RALYBND
  systemError: 0x08, // ESME_RSYSERR
  badDestination: 0x0b, // ESME_RINVDSTADR
  badPassword: 0x0e, // ESME_RINVPASWD
  badSystemId: 0x0f, // ESME_RINVSYSID
} as const

export const tag = {
  receiptedMessageId: 0x001e,
  sarReference: 0x020c,
  sarTotal: 0x020e,
  sarPart: 0x020f,
  interfaceVersion: 0x0210,
  messagePayload: 0x0424,
  messageState: 0x0427,
} as const

export interface Pdu {
  readonly command: number
  readonly status: number
  readonly sequence: number
  readonly body: Buffer
}

/** Of a complete frame of at least 16 octets. */
export const readPdu = (frame: Buffer): Pdu => ({
  command: frame.readUInt32BE(4),
  status: frame.readUInt32BE(8),
  sequence: frame.readUInt32BE(12),
  body: frame.subarray(16),
})

export function packPdu({ command, status, sequence, body }: Pdu): Buffer {
  const header = Buffer.alloc(16)
  header.writeUInt32BE(16 + body.length, 0)
  header.writeUInt32BE(command >>> 0, 4)
  header.writeUInt32BE(status, 8)
  header.writeUInt32BE(sequence, 12)
  return Buffer.concat([header, body])
}

export const noBody = Buffer.alloc(0)
/** Printable ASCII only: anything else becomes `?`, so that no NUL can end the string early. */
export const cstring = (text: string): Buffer => Buffer.from(`${text.replace(/[^\x20-\x7e]/g, '?')}\0`, 'latin1')

export function tlv(name: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(name, 0)
  head.writeUInt16BE(value.length, 2)
  return Buffer.concat([head, value])
}

/** Reads fields one after the other; `failed` once one did not fit. */
class Fields {
  readonly #body: Buffer
  #at = 0
  failed = false

  constructor(body: Buffer) {
    this.#body = body
  }

  octet(): number {
    const value = this.#body[this.#at++]
    if (value === undefined) this.failed = true
    return value ?? 0
  }

  /** `most` octets with the NUL. */
  cstring(most: number): string {
    const end = this.#body.indexOf(0, this.#at)
    if (end < 0 || end - this.#at >= most) this.failed = true
    if (this.failed) return ''
    const text = this.#body.toString('latin1', this.#at, end)
    this.#at = end + 1
    return text
  }

  octets(length: number): Buffer {
    const value = this.#body.subarray(this.#at, this.#at + length)
    if (value.length < length) this.failed = true
    this.#at += length
    return value
  }

  tlvs(): ReadonlyMap<number, Buffer> {
    const found = new Map<number, Buffer>()
    while (this.#at < this.#body.length && !this.failed) {
      const head = this.octets(4)
      if (this.failed) break
      found.set(head.readUInt16BE(0), this.octets(head.readUInt16BE(2)))
    }
    return found
  }
}

export interface Bind {
  readonly systemId: string
  readonly password: string
  /** 0x34 for SMPP 3.4. */
  readonly interfaceVersion: number
}

export function readBind(body: Buffer): Bind | undefined {
  const fields = new Fields(body)
  const [systemId, password] = [fields.cstring(16), fields.cstring(9)]
  fields.cstring(13) // system_type
  const interfaceVersion = fields.octet()
  fields.octets(2) // addr_ton, addr_npi
  fields.cstring(41) // address_range
  return fields.failed ? undefined : { systemId, password, interfaceVersion }
}

export interface Address {
  readonly ton: number
  readonly npi: number
  readonly digits: string
}

export interface Submission {
  readonly source: Address
  readonly destination: Address
  readonly esmClass: number
  readonly registeredDelivery: number
  readonly dataCoding: number
  /** short_message, or message_payload where that is empty. */
  readonly octets: Buffer
  readonly tlvs: ReadonlyMap<number, Buffer>
}

export function readSubmission(body: Buffer): Submission | undefined {
  const fields = new Fields(body)
  fields.cstring(6) // service_type
  const source = address(fields)
  const destination = address(fields)
  const esmClass = fields.octet()
  fields.octets(2) // protocol_id, priority_flag
  fields.cstring(17) // schedule_delivery_time
  fields.cstring(17) // validity_period
  const registeredDelivery = fields.octet()
  fields.octet() // replace_if_present_flag
  const dataCoding = fields.octet()
  fields.octet() // sm_default_msg_id
  const short = fields.octets(fields.octet())
  const tlvs = fields.tlvs()
  const octets = short.length > 0 ? short : (tlvs.get(tag.messagePayload) ?? short)
  if (fields.failed) return undefined
  return { source, destination, esmClass, registeredDelivery, dataCoding, octets, tlvs }
}

const address = (fields: Fields): Address => ({
  ton: fields.octet(),
  npi: fields.octet(),
  digits: fields.cstring(21),
})

/** Body of a deliver_sm with a receipt (§5.2.12: esm_class 0x04): from the phone, to who sent the message. */
export function receiptBody(from: Address, to: Address, text: string, tlvs: readonly Buffer[]): Buffer {
  const message = Buffer.from(text, 'latin1').subarray(0, 254)
  return Buffer.concat([
    cstring(''), // service_type
    Buffer.from([from.ton, from.npi]),
    cstring(from.digits),
    Buffer.from([to.ton, to.npi]),
    cstring(to.digits),
    Buffer.from([0x04, 0, 0]), // esm_class, protocol_id, priority_flag
    cstring(''), // schedule_delivery_time
    cstring(''), // validity_period
    Buffer.from([0, 0, 0, 0, message.length]), // registered, replace, data_coding, default message, length
    message,
    ...tlvs,
  ])
}
