/**
 * One connection to the misbehaving SMSC: frames in, bytes out (also one at a time), and a record of both.
 */
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { packPdu } from '../smsc.ts'

/** A chunk as it went over the wire, for a dissector. */
export interface WireChunk {
  readonly connection: number
  readonly from: 'client' | 'server'
  readonly bytes: Buffer
}

export interface Frame {
  readonly id: number
  readonly status: number
  readonly sequence: number
  readonly body: Buffer
}

export class Connection {
  readonly number: number
  readonly socket: Socket
  /** A bind was accepted. */
  bound = false
  /** Receipts that were sent here and have no answer, by sequence number. */
  readonly unanswered = new Map<number, (status: number | 'gone') => void>()
  #sequence = 0
  #out: Promise<void> = Promise.resolve()
  readonly #record: (chunk: WireChunk) => void

  constructor(number: number, socket: Socket, record: (chunk: WireChunk) => void) {
    this.number = number
    this.socket = socket
    this.#record = record
    socket.setNoDelay(true)
  }

  nextSequence(): number {
    this.#sequence += 1
    return this.#sequence
  }

  /** In order, also behind bytes that are still trickling. */
  write(bytes: Buffer, wire: 'whole' | 'byByte' = 'whole'): void {
    this.#out = this.#out.then(() => (wire === 'whole' ? this.#put(bytes) : this.#trickle(bytes)))
  }

  /** What is written meanwhile travels in one segment. */
  together(write: () => void): void {
    this.socket.cork()
    write()
    void this.#out.then(() => this.socket.uncork())
  }

  /** Sends a request. */
  request(commandId: number, body?: Buffer): number {
    const sequence = this.nextSequence()
    this.write(packPdu(commandId, 0, sequence, body))
    return sequence
  }

  /** Resets the connection once what was written has been handed over. */
  reset(): void {
    void this.#out.then(() => this.socket.resetAndDestroy())
  }

  /** Closes politely (FIN). */
  finish(): void {
    void this.#out.then(() => this.socket.end())
  }

  #put(bytes: Buffer): void {
    if (this.socket.destroyed || !this.socket.writable) return
    this.#record({ connection: this.number, from: 'server', bytes })
    this.socket.write(bytes)
  }

  async #trickle(bytes: Buffer): Promise<void> {
    for (const byte of bytes) {
      this.#put(Buffer.from([byte]))
      await pause(1)
    }
  }
}

/** Cuts what comes into frames; a client that sends an impossible length is the test's failure, told by `onBad`. */
export function readFrames(socket: Socket, onFrame: (frame: Frame) => void, onBad: (length: number) => void): void {
  let held: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    held = Buffer.concat([held, chunk])
    while (held.length >= 4) {
      const length = held.readUInt32BE(0)
      if (length < 16 || length > 70_000) return onBad(length)
      if (held.length < length) return
      const frame = held.subarray(0, length)
      held = held.subarray(length)
      onFrame({
        id: frame.readUInt32BE(4),
        status: frame.readUInt32BE(8),
        sequence: frame.readUInt32BE(12),
        body: Buffer.from(frame.subarray(16)),
      })
    }
  })
}
