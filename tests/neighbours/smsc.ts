/**
 * A scripted SMSC on 127.0.0.1: a real TCP (or TLS) server that speaks SMPP 3.4 and misbehaves as told.
 *
 * It packs and reads PDUs by hand, so that what the transport puts on the wire is judged by other code than wrote it.
 * Everything that came is recorded. Unless told otherwise it accepts each bind and each message. Close it with stop().
 */
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'

/** Self-signed for the name localhost (not for 127.0.0.1), valid 2020–2120; only these tests use it. */
export const testKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgb2o0nz5+b+EDotuj
6ediMw0q+60/P9wUvuBnNSmLDTShRANCAATSxMW4PIqNWFp224ddyV3aX3uofBUz
YpVE0ohbMl3uHsmyyNvgeZTmSvlsEHDfsieP8eHy7+s86g2vIcsbnjV2
-----END PRIVATE KEY-----
`
export const testCertificate = `-----BEGIN CERTIFICATE-----
MIIBYTCCAQegAwIBAgIBAjAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNLExbg8io1YWnbb
h13JXdpfe6h8FTNilUTSiFsyXe4eybLI2+B5lOZK+WwQcN+yJ4/x4fLv6zzqDa8h
yxueNXajSDBGMBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAPBgNVHRMBAf8EBTADAQH/
MB0GA1UdDgQWBBSMJdyaKJPSRtJiZ1nGhNZfDQI8ZzAKBggqhkjOPQQDAgNIADBF
AiBcxU8OIxooFFf4GH6E/WsT4DvNOHaxdd0tM0aucR7g7QIhAO9byH2JNPxnIEWQ
6eeLLYqE33sJFKX64ok9ppU9WWVo
-----END CERTIFICATE-----
`

export const id = {
  nack: 0x8000_0000,
  bindReceiver: 0x01,
  bindTransmitter: 0x02,
  bindTransceiver: 0x09,
  submit: 0x04,
  deliver: 0x05,
  unbind: 0x06,
  enquire: 0x15,
  data: 0x103,
} as const
const response = 0x8000_0000

export interface WirePdu {
  readonly id: number
  readonly status: number
  readonly sequence: number
  readonly body: Buffer
}

export interface Submitted {
  readonly sequence: number
  readonly source: string
  readonly sourceTon: number
  readonly sourceNpi: number
  readonly destination: string
  readonly destinationTon: number
  readonly destinationNpi: number
  readonly esmClass: number
  readonly validity: string
  readonly registeredDelivery: number
  readonly dataCoding: number
  /** short_message as it came, header included. */
  readonly octets: Buffer
  readonly tlvs: ReadonlyMap<number, Buffer>
  /** When it came, milliseconds of performance.now(). */
  readonly at: number
}

/** What to do with a submission: a status or an id to answer, or nothing (do as you like with the connection). */
export type SubmitReply = { readonly status?: number; readonly messageId?: string } | 'none'

export interface Script {
  readonly onBind?: (bind: { systemId: string; password: string; id: number }, peer: Peer) => number | 'none'
  readonly onSubmit?: (submitted: Submitted, peer: Peer, count: number) => SubmitReply | Promise<SubmitReply>
  readonly onEnquire?: 'answer' | 'mute'
  readonly tls?: { readonly key: string; readonly cert: string }
}

export interface Peer {
  readonly socket: Socket
  /** Who waits for an answer, by sequence number. */
  readonly waiting: Map<number, (status: number) => void>
  write(bytes: Buffer): void
  /** Sends a request and gives the answer's status. */
  ask(commandId: number, body?: Buffer): Promise<number>
}

export interface Smsc {
  readonly port: number
  readonly binds: { readonly id: number; readonly systemId: string; readonly password: string; readonly at: number }[]
  readonly submitted: Submitted[]
  /** All PDUs in order, of all connections. */
  readonly received: WirePdu[]
  readonly peers: Peer[]
  /** Most submissions without an answer at one time. */
  mostInFlight(): number
  /** The newest connection; waits for a bound one. */
  peer(): Promise<Peer>
  /** Resets all connections; the port stays open. */
  drop(): void
  stop(): Promise<void>
}

export function packPdu(commandId: number, status: number, sequence: number, body: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(16)
  head.writeUInt32BE(16 + body.length, 0)
  head.writeUInt32BE(commandId >>> 0, 4)
  head.writeUInt32BE(status, 8)
  head.writeUInt32BE(sequence, 12)
  return Buffer.concat([head, body])
}

export const cstring = (text: string): Buffer => Buffer.from(`${text}\0`, 'latin1')

export function tlv(tag: number, value: Buffer | string): Buffer {
  const bytes = Buffer.from(value as string, 'latin1')
  const head = Buffer.alloc(4)
  head.writeUInt16BE(tag, 0)
  head.writeUInt16BE(bytes.length, 2)
  return Buffer.concat([head, bytes])
}

export interface DeliverFields {
  readonly source?: string
  readonly destination?: string
  readonly esmClass?: number
  readonly dataCoding?: number
  readonly text?: string | Buffer
  readonly tlvs?: readonly Buffer[]
}

/** Body of a deliver_sm; a receipt when esmClass is left at 0x04. */
export function deliverBody(fields: DeliverFields): Buffer {
  const text = Buffer.from((fields.text ?? '') as string, 'latin1')
  return Buffer.concat([
    cstring(''),
    Buffer.from([1, 1]),
    cstring(fields.source ?? '36301234567'),
    Buffer.from([5, 0]),
    cstring(fields.destination ?? 'SHOP'),
    Buffer.from([fields.esmClass ?? 0x04, 0, 0]),
    cstring(''),
    cstring(''),
    Buffer.from([0, 0, fields.dataCoding ?? 0, 0, text.length]),
    text,
    ...(fields.tlvs ?? []),
  ])
}

/** The text that SMSCs write (SMPP 3.4 appendix B). */
export const receiptText = (messageId: string, stat: string, err = '000'): string =>
  `id:${messageId} sub:001 dlvrd:001 submit date:2611220900 done date:2611220901 stat:${stat} err:${err} text:Your order is`

interface Room extends Smsc {
  inFlight: number
  most: number
}

export async function startSmsc(script: Script = {}, port = 0): Promise<Smsc> {
  const server: Server = script.tls ? createTlsServer(script.tls) : createServer()
  const room: Room = {
    port: 0,
    binds: [],
    submitted: [],
    received: [],
    peers: [],
    inFlight: 0,
    most: 0,
    mostInFlight: () => room.most,
    peer: () => boundPeer(room),
    drop: () => room.peers.splice(0).forEach((peer) => peer.socket.resetAndDestroy()),
    stop: async () => {
      for (const peer of room.peers.splice(0)) peer.socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  server.on(script.tls ? 'secureConnection' : 'connection', (socket: Socket) => serve(socket, script, room))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return Object.assign(room, { port: (server.address() as AddressInfo).port })
}

async function boundPeer(room: Room): Promise<Peer> {
  for (let i = 0; i < 500; i++) {
    const peer = room.peers.at(-1)
    if (peer && room.binds.length > 0) return peer
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('nobody bound within 5 s')
}

function serve(socket: Socket, script: Script, room: Room): void {
  let sequence = 0
  let held: Buffer = Buffer.alloc(0)
  const peer: Peer = {
    socket,
    waiting: new Map(),
    write: (bytes) => void (socket.destroyed || socket.write(bytes)),
    ask: (commandId, body) => {
      sequence += 1
      peer.write(packPdu(commandId, 0, sequence, body))
      return new Promise((resolve) => peer.waiting.set(sequence, resolve))
    },
  }
  room.peers.push(peer)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    held = Buffer.concat([held, chunk])
    while (held.length >= 4 && held.length >= held.readUInt32BE(0)) {
      const length = held.readUInt32BE(0)
      const frame = held.subarray(0, length)
      held = held.subarray(length)
      void handle(readWire(frame), peer, script, room)
    }
  })
}

const readWire = (frame: Buffer): WirePdu => ({
  id: frame.readUInt32BE(4),
  status: frame.readUInt32BE(8),
  sequence: frame.readUInt32BE(12),
  body: Buffer.from(frame.subarray(16)),
})

async function handle(pdu: WirePdu, peer: Peer, script: Script, room: Room): Promise<void> {
  room.received.push(pdu)
  const answer = (status: number, body?: Buffer): void =>
    peer.write(packPdu(pdu.id + response, status, pdu.sequence, body))
  if (pdu.id >= response) return peer.waiting.get(pdu.sequence)?.(pdu.status)
  if (pdu.id === id.submit) return await submit(pdu, peer, script, room)
  if (pdu.id === id.enquire) return script.onEnquire === 'mute' ? undefined : answer(0)
  if (pdu.id === id.unbind) {
    answer(0)
    peer.socket.end()
    return
  }
  if (pdu.id !== id.bindReceiver && pdu.id !== id.bindTransmitter && pdu.id !== id.bindTransceiver) return
  const [systemId = '', password = ''] = pdu.body.toString('latin1').split('\0')
  const status = script.onBind?.({ systemId, password, id: pdu.id }, peer) ?? 0
  room.binds.push({ id: pdu.id, systemId, password, at: performance.now() })
  if (status !== 'none') answer(status, status === 0 ? cstring('test-smsc') : undefined)
}

async function submit(pdu: WirePdu, peer: Peer, script: Script, room: Room): Promise<void> {
  const submitted = readSubmit(pdu)
  room.submitted.push(submitted)
  room.inFlight += 1
  room.most = Math.max(room.most, room.inFlight)
  const count = room.submitted.length
  const reply = (await script.onSubmit?.(submitted, peer, count)) ?? {}
  room.inFlight -= 1
  if (reply === 'none') return
  const status = reply.status ?? 0
  const body = status === 0 ? cstring(reply.messageId ?? String(count)) : undefined
  peer.write(packPdu(id.submit + response, status, pdu.sequence, body))
}

function readSubmit(pdu: WirePdu): Submitted {
  const { body } = pdu
  let at = 0
  const octet = (): number => body.readUInt8(at++)
  const text = (): string => {
    const end = body.indexOf(0, at)
    const value = body.toString('latin1', at, end)
    at = end + 1
    return value
  }
  text()
  const [sourceTon, sourceNpi, source] = [octet(), octet(), text()]
  const [destinationTon, destinationNpi, destination, esmClass] = [octet(), octet(), text(), octet()]
  at += 2
  text()
  const [validity, registeredDelivery] = [text(), octet()]
  at += 1
  const dataCoding = octet()
  at += 1
  const length = octet()
  const octets = body.subarray(at, at + length)
  const tlvs = readTlvs(body.subarray(at + length))
  const { sequence } = pdu
  const source3 = { source, sourceTon, sourceNpi }
  const destination3 = { destination, destinationTon, destinationNpi }
  const rest = { esmClass, validity, registeredDelivery, dataCoding, octets, tlvs, at: performance.now() }
  return { sequence, ...source3, ...destination3, ...rest }
}

function readTlvs(bytes: Buffer): Map<number, Buffer> {
  const tlvs = new Map<number, Buffer>()
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt16BE(at + 2)
    tlvs.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, end))
    at = end
  }
  return tlvs
}
