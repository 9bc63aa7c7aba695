/**
 * The reading side of one connection: lines and message bodies, with a socket that TLS may take over.
 *
 * Bytes are kept as they came. Once asked to be deaf it throws away what comes, and waits for the end.
 */
import type { Socket } from 'node:net'

/** A command line that is longer is answered, not kept. */
const longestLine = 8_192
const noText = Buffer.from('.\r\n')

export class Wire {
  socket: Socket
  private buffer: Buffer = Buffer.alloc(0)
  private ended = false
  private deaf = false
  private wake: () => void = () => undefined

  constructor(socket: Socket) {
    this.socket = socket
    this.listen()
  }

  private listen(): void {
    this.socket.on('data', this.onData)
    this.socket.on('end', this.onEnd)
    this.socket.on('close', this.onEnd)
    this.socket.on('error', () => undefined)
  }

  private readonly onData = (chunk: Buffer): void => {
    if (this.deaf) return
    this.buffer = this.buffer.length === 0 ? chunk : Buffer.concat([this.buffer, chunk])
    this.wake()
  }

  private readonly onEnd = (): void => {
    this.ended = true
    this.wake()
  }

  /** Lets go of the socket for TLS. What came before the handshake is dropped (RFC 3207 section 4.2). */
  release(): Socket {
    this.socket.off('data', this.onData).off('end', this.onEnd).off('close', this.onEnd)
    this.buffer = Buffer.alloc(0)
    return this.socket
  }

  adopt(socket: Socket): void {
    this.socket = socket
    this.listen()
  }

  /** True when more has come; false at the end. */
  private async more(): Promise<boolean> {
    if (this.ended) return false
    await new Promise<void>((resolve) => (this.wake = resolve))
    return true
  }

  /** The next line without its end; undefined when the client has gone. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.buffer.indexOf('\r\n')
      if (end >= 0) {
        const line = this.buffer.subarray(0, end).toString('latin1')
        this.buffer = this.buffer.subarray(end + 2)
        return line
      }
      if (this.buffer.length > longestLine) this.buffer = Buffer.alloc(0)
      if (!(await this.more())) return undefined
    }
  }

  /**
   * The message up to CRLF.CRLF with the dots undone, undefined when the client went in its middle. `onBytes` is told
   * how many bytes came so far, and may end it all by throwing.
   */
  async body(onBytes: (count: number) => Promise<void>): Promise<Buffer | undefined> {
    for (;;) {
      const end = this.buffer.subarray(0, 3).equals(noText) ? 0 : this.buffer.indexOf('\r\n.\r\n')
      await onBytes(this.buffer.length)
      if (end >= 0) {
        const raw = this.buffer.subarray(0, end === 0 ? 0 : end + 2)
        this.buffer = this.buffer.subarray(end === 0 ? 3 : end + 5)
        return Buffer.from(raw.toString('latin1').replace(/(^|\r\n)\.\./g, '$1.'), 'latin1')
      }
      if (!(await this.more())) return undefined
    }
  }

  /** Reads on without looking, until the client has gone. */
  async ignore(): Promise<void> {
    this.deaf = true
    while (await this.more());
  }
}
