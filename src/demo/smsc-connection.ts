/**
 * One connection of an ESME to the demo's SMSC: bind, submit, enquire, unbind (SMPP 3.4 §2.2, §4).
 *
 * Guarantees: each request is answered once, in order, with the state of the bind checked; a PDU that cannot be framed
 * ends the connection, one that cannot be read is answered with its status. Sends no requests but receipts. Throws nothing.
 */
import type { Socket } from 'node:net'
import { startDeadline } from '../dispatch/deadline.ts'
import { frameReader } from '../dispatch/sms/frames.ts'
import {
  type Bind,
  command,
  cstring,
  noBody,
  type Pdu,
  packPdu,
  readBind,
  readPdu,
  readSubmission,
  responseBit,
  status,
  type Submission,
  tag,
  tlv,
} from './smpp-pdu.ts'

export interface Peer {
  readonly systemId: string
  /** Whether it takes deliver_sm: bound as receiver or transceiver. */
  readonly receives: boolean
  /** Sends a receipt; true when the ESME has taken it. */
  deliver(body: Buffer): Promise<boolean>
}

export interface Office {
  /** command_status of the answer to the bind. */
  admit(bind: Bind): number
  /** Takes the message and gives its id. May reject: then the ESME is told that it was not taken. */
  take(submission: Submission, systemId: string): Promise<string>
  /** Told when a peer is bound and when it is gone. */
  came(peer: Peer): void
  went(peer: Peer): void
}

/** Milliseconds for the answer to a deliver_sm. */
const answerWithinMs = 10_000
/** Octets that may wait for an ESME that does not read. */
const mostUnread = 1_000_000
const name = cstring('orderly-demo')

/** Serves until the connection ends. Never rejects. */
export async function serve(socket: Socket, office: Office): Promise<void> {
  const connection = new Connection(socket, office)
  const frames = frameReader()
  try {
    for await (const chunk of socket) {
      for (const frame of frames.take(chunk as Buffer)) await connection.handle(readPdu(frame))
    }
  } catch {
    // A length that cannot be, or a line that broke: either way the connection is over.
  } finally {
    connection.end()
    socket.destroy()
  }
}

class Connection {
  readonly #socket: Socket
  readonly #office: Office
  readonly #waiting = new Map<number, (taken: boolean) => void>()
  #sequence = 0
  #bound: { readonly peer: Peer; readonly sends: boolean } | undefined

  constructor(socket: Socket, office: Office) {
    this.#socket = socket
    this.#office = office
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
  }

  async handle(pdu: Pdu): Promise<void> {
    switch (pdu.command) {
      case command.bindReceiver:
      case command.bindTransmitter:
      case command.bindTransceiver:
        return this.#bind(pdu)
      case command.submit:
        return await this.#submit(pdu)
      case command.enquireLink:
        return this.#answer(pdu, status.ok)
      case command.unbind:
        this.#answer(pdu, status.ok)
        this.end()
        this.#socket.end()
        return
      case command.genericNack:
      case command.deliver + responseBit:
        return this.#waiting.get(pdu.sequence)?.(pdu.status === status.ok)
      default:
        if (pdu.command < responseBit)
          this.#write({ ...pdu, command: command.genericNack, status: status.unknownCommand, body: noBody })
    }
  }

  /** The peer is gone: receipts that were not answered will be tried again. */
  end(): void {
    if (this.#bound) this.#office.went(this.#bound.peer)
    this.#bound = undefined
    for (const settle of this.#waiting.values()) settle(false)
  }

  #bind(pdu: Pdu): void {
    const bind = readBind(pdu.body)
    if (bind === undefined) return this.#answer(pdu, status.badLength)
    const refused = this.#bound ? status.alreadyBound : this.#office.admit(bind)
    if (refused !== status.ok) return this.#answer(pdu, refused)
    const version = bind.interfaceVersion >= 0x34 ? [tlv(tag.interfaceVersion, Buffer.from([0x34]))] : []
    this.#answer(pdu, status.ok, Buffer.concat([name, ...version]))
    const peer: Peer = {
      systemId: bind.systemId,
      receives: pdu.command !== command.bindTransmitter,
      deliver: (body) => this.#deliver(body),
    }
    this.#bound = { peer, sends: pdu.command !== command.bindReceiver }
    this.#office.came(peer)
  }

  async #submit(pdu: Pdu): Promise<void> {
    if (!this.#bound?.sends) return this.#answer(pdu, status.wrongBindState)
    const submission = readSubmission(pdu.body)
    if (submission === undefined) return this.#answer(pdu, status.badLength)
    if (submission.destination.digits === '') return this.#answer(pdu, status.badDestination)
    try {
      const id = await this.#office.take(submission, this.#bound.peer.systemId)
      this.#answer(pdu, status.ok, cstring(id))
    } catch {
      this.#answer(pdu, status.systemError)
    }
  }

  #deliver(body: Buffer): Promise<boolean> {
    this.#sequence = (this.#sequence % 0x7fff_ffff) + 1
    const sequence = this.#sequence
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const settle = (taken: boolean): void => {
      deadline.clear()
      this.#waiting.delete(sequence)
      resolve(taken)
    }
    const deadline = startDeadline(answerWithinMs, () => settle(false))
    this.#waiting.set(sequence, settle)
    this.#write({ command: command.deliver, status: status.ok, sequence, body })
    return promise
  }

  /** A refused bind or submission has no body (§4.1.2, §4.4.2). */
  #answer({ command, sequence }: Pdu, code: number, body: Buffer = noBody): void {
    this.#write({ command: command + responseBit, status: code, sequence, body })
  }

  #write(pdu: Pdu): void {
    if (this.#socket.writableLength > mostUnread) this.#socket.destroy()
    if (this.#socket.writable) this.#socket.write(packPdu(pdu))
  }
}
