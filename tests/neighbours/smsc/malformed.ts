/**
 * Bytes that stand where a well-formed answer should.
 */
import { assertNever } from '../../../src/core/assert-never.ts'
import { cstring, packPdu } from '../smsc.ts'
import type { Malformed } from './behaviour.ts'

export interface Spoilt {
  readonly bytes: Buffer
  /** The connection is closed after the bytes. */
  readonly thenClose?: boolean
}

/** The answer with the id, spoilt in this way. `commandId` with the response bit. */
export function malformed(kind: Malformed, commandId: number, sequence: number, id: string): Spoilt {
  const good = packPdu(commandId, 0, sequence, cstring(id))
  switch (kind) {
    case 'zeroLength':
      return { bytes: withLength(good, 0) }
    case 'lengthEight':
      return { bytes: withLength(good, 8) }
    case 'hugeLength':
      return { bytes: Buffer.concat([withLength(good, 0x7fff_ffff), Buffer.alloc(100_000, 0x41)]) }
    case 'cutShort':
      return { bytes: withLength(Buffer.concat([good, Buffer.alloc(24)]).subarray(0, 24), 60), thenClose: true }
    case 'noNul':
      return { bytes: packPdu(commandId, 0, sequence, Buffer.from(id, 'latin1')) }
    case 'httpPage':
      return { bytes: Buffer.from('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 5\r\n\r\nsorry', 'latin1') }
    case 'badTlv':
      return { bytes: packPdu(commandId, 0, sequence, Buffer.concat([cstring(id), Buffer.from('04240fff41', 'hex')])) }
    case 'unknownCommand':
      return { bytes: packPdu(0x0000_00aa, 0, sequence, cstring(id)) }
    default:
      return assertNever(kind, 'malformed answer')
  }
}

function withLength(pdu: Buffer, length: number): Buffer {
  const bytes = Buffer.from(pdu)
  bytes.writeUInt32BE(length, 0)
  return bytes
}
