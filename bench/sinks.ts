/**
 * An SMTP server and an SMSC that take everything and count it, as fast as Node can, in a process of their own.
 *
 * Guarantees: what was answered was counted before; each order number (`Order … received` in the subject or text) is
 * known with the time of its first message. Keeps no messages. No TLS, no login check, no receipts, loopback only.
 * `startSink` throws when the process ends before it listens.
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { now } from './place.ts'
import { end, startProcess } from './processes.ts'

/** Canaries apart, which are not counted in `orders` and `messages`. */
export interface Tally {
  /** Orders with a message. */
  readonly orders: number
  /** Messages about orders. */
  readonly messages: number
  readonly canaries: number
  /** Messages that name no order. */
  readonly other: number
  /** Time of the first and last message that was the first of its order; of the last of all. Milliseconds since 1970. */
  readonly first: number
  readonly last: number
  readonly lastOfAll: number
}

export interface Sink extends AsyncDisposable {
  readonly port: number
  /** As of some 5 ms ago. */
  tally(): Tally
  /** Time of the first message of each order. */
  times(): Promise<ReadonlyMap<string, number>>
}

type Said =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'tally'; readonly tally: Tally }
  | { readonly kind: 'times'; readonly times: readonly (readonly [string, number])[] }

const nothingYet: Tally = { orders: 0, messages: 0, canaries: 0, other: 0, first: 0, last: 0, lastOfAll: 0 }
const tellMs = 5

/** Starts the sink's process; `answerMs` delays the answers of the SMSC. */
export async function startSink(kind: 'mail' | 'sms', answerMs: number): Promise<Sink> {
  const command = [process.execPath, fileURLToPath(import.meta.url), kind, String(answerMs)]
  const child = await startProcess(command, ['ignore', 'inherit', 'inherit', 'ipc'])
  let tally = nothingYet
  child.on('message', (said: Said) => {
    if (said.kind === 'tally') tally = said.tally
  })
  const listening = await answer(child, 'listening')
  return {
    port: listening.port,
    tally: () => tally,
    times: async () => {
      const times = answer(child, 'times')
      child.send('times')
      return new Map((await times).times)
    },
    [Symbol.asyncDispose]: () => end(child),
  }
}

function answer<K extends Said['kind']>(child: ChildProcess, kind: K): Promise<Extract<Said, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const hear = (said: Said): void => {
      if (said.kind !== kind) return
      child.off('message', hear)
      child.off('exit', gone)
      resolve(said as Extract<Said, { kind: K }>)
    }
    const gone = (): void => reject(new Error('the sink ended'))
    child.on('message', hear)
    child.once('exit', gone)
  })
}

/** Order number to the time of its first message. */
const times = new Map<string, number>()
const counted = { ...nothingYet }
let changed = false

/** `text` is a subject or a text message. */
function count(text: string): void {
  const [, number] = /Order ([OC]\d{8}) received/.exec(text) ?? []
  const at = now()
  changed = true
  if (number === undefined) counted.other += 1
  else if (number.startsWith('C')) counted.canaries += 1
  else {
    counted.messages += 1
    counted.lastOfAll = at
    if (times.has(number)) return
    times.set(number, at)
    counted.orders += 1
    counted.first ||= at
    counted.last = at
  }
}

const say = (said: Said): void => {
  process.send?.(said)
}

// ── SMTP (RFC 5321, with PIPELINING of RFC 2920) ──────────────────────────────────────────────

const hello = '250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SMTPUTF8\r\n'

function answerTo(command: string): string {
  switch (command) {
    case 'EHLO':
      return hello
    case 'DATA':
      return '354 go ahead\r\n'
    case 'QUIT':
      return '221 2.0.0 bye\r\n'
    default:
      return '250 2.0.0 ok\r\n'
  }
}

function takeMails(socket: Socket): void {
  let text = ''
  let inData = false
  /** Answer to the next complete line or mail; undefined when there is none yet. */
  const next = (): string | undefined => {
    const mark = inData ? '\r\n.\r\n' : '\r\n'
    const at = text.indexOf(mark)
    if (at === -1) return undefined
    const part = text.slice(0, at)
    text = text.slice(at + mark.length)
    if (inData) {
      inData = false
      count(/^Subject: (.*)$/im.exec(part)?.[1] ?? '')
      return '250 2.0.0 taken\r\n'
    }
    const command = part.slice(0, 4).toUpperCase()
    inData = command === 'DATA'
    if (inData) text = `\r\n${text}`
    return answerTo(command)
  }
  socket.write('220 sink ESMTP\r\n')
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    let answers = ''
    for (let one = next(); one !== undefined; one = next()) answers += one
    if (answers !== '') socket.write(answers)
    if (answers.endsWith('bye\r\n')) socket.end()
  })
}

// ── SMPP 3.4 ──────────────────────────────────────────────────────────────────────────────────

const headerSize = 16
const responseBit = 0x8000_0000
/** Section 5.1.2.1: bind_receiver, bind_transmitter, submit_sm, unbind, bind_transceiver, enquire_link. */
const command = { bindReceiver: 1, bindTransmitter: 2, submit: 4, unbind: 6, bindTransceiver: 9, enquire: 0x15 }
const ucs2 = 8

function response(frame: Buffer, body: string): Buffer {
  const out = Buffer.alloc(headerSize + body.length)
  out.writeUInt32BE(out.length, 0)
  out.writeUInt32BE((frame.readUInt32BE(4) | responseBit) >>> 0, 4)
  frame.copy(out, 12, 12, headerSize)
  out.write(body, headerSize, 'latin1')
  return out
}

/** Text of a submit_sm; section 4.4.1. A text in message_payload is not looked for. */
function textOf(frame: Buffer): string {
  const afterText = (at: number): number => frame.indexOf(0, at) + 1
  const source = afterText(headerSize) + 2
  const destination = afterText(source) + 2
  const schedule = afterText(destination) + 3
  const registered = afterText(afterText(schedule))
  const coding = frame[registered + 2]
  const length = frame[registered + 4] ?? 0
  const bytes = frame.subarray(registered + 5, registered + 5 + length)
  return coding === ucs2 ? Buffer.from(bytes).swap16().toString('utf16le') : bytes.toString('latin1')
}

function answerFrame(socket: Socket, frame: Buffer, answerMs: number): void {
  switch (frame.readUInt32BE(4)) {
    case command.submit: {
      count(textOf(frame))
      const out = response(frame, `${(counted.messages + counted.canaries).toString(16)}\0`)
      if (answerMs === 0) socket.write(out)
      else setTimeout(() => socket.write(out), answerMs)
      return
    }
    case command.bindReceiver:
    case command.bindTransmitter:
    case command.bindTransceiver:
      socket.write(response(frame, 'sink\0'))
      return
    case command.enquire:
    case command.unbind:
      socket.write(response(frame, ''))
  }
}

function takeTexts(socket: Socket, answerMs: number): void {
  let bytes: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    let at = 0
    socket.cork()
    while (bytes.length - at >= headerSize) {
      const length = bytes.readUInt32BE(at)
      if (length < headerSize) return void socket.destroy()
      if (bytes.length - at < length) break
      answerFrame(socket, bytes.subarray(at, at + length), answerMs)
      at += length
    }
    socket.uncork()
    bytes = bytes.subarray(at)
  })
}

async function serve(kind: string, answerMs: number): Promise<void> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined) // a killed client
    if (kind === 'mail') takeMails(socket)
    else takeTexts(socket, answerMs)
  })
  server.listen(0, '127.0.0.1', 1024)
  await once(server, 'listening')
  say({ kind: 'listening', port: (server.address() as AddressInfo).port })
  setInterval(() => {
    if (changed) say({ kind: 'tally', tally: counted })
    changed = false
  }, tellMs)
  process.on('message', () => say({ kind: 'times', times: [...times] }))
  process.on('disconnect', () => process.exit())
}

if (import.meta.main) await serve(process.argv[2] ?? 'mail', Number(process.argv[3] ?? 0))
