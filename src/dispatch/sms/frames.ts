/**
 * From bytes to PDUs and back: framing checked before node-smpp's codec sees a single byte.
 *
 * Guarantees that only complete frames of a sane length are decoded, since the codec's own stream reader
 * stops for ever after a bad length. Frames before a bad one are still given. Bodies of deliver_sm and
 * data_sm are not read here (delivery.ts). Throws `ProtocolSurprise`, after which the session is over.
 */
import smpp from 'smpp'
import type { Field } from 'smpp'
import { submitFrame } from './submit-frame.ts'

/** The peer sent what SMPP 3.4 does not allow; the stream cannot be trusted any more. */
export class ProtocolSurprise extends Error {
  override readonly name = 'ProtocolSurprise'
}

/** Octets of a PDU header: length, command id, status, sequence number (SMPP 3.4 §3.2). */
const headerLength = 16
/** No PDU can be longer: message_payload is at most 64 KiB (SMPP 3.4 §5.3.2.32). */
const longestFrame = 65_536

export interface FrameReader {
  /** The frames that the chunk completes. Throws ProtocolSurprise at a length that cannot be. */
  take(chunk: Buffer): Generator<Buffer, void, undefined>
}

/** Cuts a byte stream into frames, however it is chopped or joined; holds at most one incomplete frame. */
export function frameReader(): FrameReader {
  let chunks: Buffer[] = []
  let held = 0
  let wanted = 4
  function* take(chunk: Buffer): Generator<Buffer, void, undefined> {
    chunks.push(chunk)
    held += chunk.length
    while (held >= wanted) {
      const bytes = chunks.length === 1 ? (chunks[0] ?? chunk) : Buffer.concat(chunks)
      const length = frameLength(bytes)
      chunks = [bytes]
      wanted = length
      if (held < length) return
      chunks = [bytes.subarray(length)]
      held -= length
      wanted = 4
      yield bytes.subarray(0, length)
    }
  }
  return { take }
}

function frameLength(bytes: Buffer): number {
  const length = bytes.readUInt32BE(0)
  if (length >= headerLength && length <= longestFrame) return length
  const start = firstOctets(bytes)
  throw new ProtocolSurprise(
    `the gateway sent a PDU with length ${length}; expected ${headerLength} to ${longestFrame} (it begins with ${start})`,
  )
}

/** Words where there are any (a page of HTTP), else hexadecimal: no octet of the peer goes to a terminal as it is. */
function firstOctets(bytes: Buffer): string {
  const text = bytes.toString('latin1', 0, 16)
  return /^[\x20-\x7e]+$/.test(text) ? `"${text}"` : bytes.toString('hex', 0, 16)
}

export interface ReceivedPdu {
  /** The library's name, or `unknown`. */
  readonly command: string
  readonly commandId: number
  readonly response: boolean
  readonly status: number
  readonly sequence: number
  /** Of a submit_sm_resp with status 0; '' where the gateway gave none that can be one. Printable ASCII. */
  readonly messageId: string
  readonly frame: Buffer
}

const commandNames: ReadonlyMap<number, string> = new Map(
  Object.entries(smpp.commands).map(([name, command]) => [command.id >>> 0, name]),
)
const responseBit = 0x8000_0000
/** SMPP 3.4 §4.4.2: 65 octets with the NUL. */
const longestId = 64

/** Reads a complete frame. Throws ProtocolSurprise when the body of an answer cannot be decoded. */
export function readPdu(frame: Buffer): ReceivedPdu {
  const commandId = frame.readUInt32BE(4)
  const status = frame.readUInt32BE(8)
  const command = commandNames.get(commandId) ?? 'unknown'
  return {
    command,
    commandId,
    response: commandId >= responseBit,
    status,
    sequence: frame.readUInt32BE(12),
    messageId: command === 'submit_sm_resp' && status === 0 ? readMessageId(frame) : '',
    frame,
  }
}

/** Text of nothing but the id, as nearly all gateways answer. */
const plainId = /^[\x20-\x7e]{0,64}$/

function readMessageId(frame: Buffer): string {
  const end = frame.length - 1
  if (frame[end] === 0 && frame.indexOf(0, headerLength) === end) {
    const id = frame.toString('latin1', headerLength, end)
    if (plainId.test(id)) return id
  }
  try {
    const id = new smpp.PDU(frame).message_id ?? ''
    return id.length > longestId ? '' : printable(id)
  } catch (error) {
    throw new ProtocolSurprise('the gateway sent a submit_sm_resp that cannot be decoded', { cause: error })
  }
}

/** The bytes of a PDU. Fields must be checked before: the codec cuts to 7 bit and does not mind a NUL. */
export function writePdu(
  command: string,
  sequence: number,
  fields: Readonly<Record<string, Field>> = {},
  status = 0,
): Buffer {
  const written = command === 'submit_sm' && status === 0 ? submitFrame(sequence, fields) : undefined
  return written ?? new smpp.PDU(command, { ...fields, sequence_number: sequence, command_status: status }).toBuffer()
}

/** True when the answer is of the kind that the request asks for; generic_nack answers any. */
export function answers(pdu: ReceivedPdu, request: string): boolean {
  const id = smpp.commands[request]?.id ?? 0
  return pdu.commandId === responseBit || pdu.commandId === (id | responseBit) >>> 0
}

/** Text of the peer made safe for logs and keys: anything but printable ASCII becomes `?`, at most 128 characters. */
export function printable(text: string): string {
  return text.slice(0, 128).replace(/[^\x20-\x7e]/g, '?')
}
