/**
 * One SMPP 3.4 session over one connection, from bind to unbind (§2, §4); node-smpp only encodes and decodes.
 *
 * Guarantees: every submission is settled; a receipt is answered only after its handler has kept it; silence of
 * the gateway ends the session; so does any protocol surprise, any socket error and any refused bind. A session
 * that has ended stays so: link.ts opens a new one. Throws nothing, whatever the gateway sends.
 */
import type { Field } from 'smpp'
import { assertNever } from '../../core/assert-never.ts'
import type { Log } from '../../platform/log.ts'
import { startDeadline } from '../deadline.ts'
import type { Deadline } from '../deadline.ts'
import { readDelivery } from './delivery.ts'
import type { Delivery } from './delivery.ts'
import { frameReader, ProtocolSurprise, readPdu, writePdu } from './frames.ts'
import type { ReceivedPdu } from './frames.ts'
import { requests } from './requests.ts'
import type { Answer, Requests } from './requests.ts'
import { openWire } from './socket.ts'
import type { SocketSettings, Wire } from './socket.ts'

export type Bind = 'transceiver' | 'transmitter' | 'receiver'

export interface SessionSettings extends SocketSettings {
  readonly systemId: string
  readonly password: string
  readonly systemType?: string
  /** Most submissions without an answer. */
  readonly window: number
  /** Milliseconds for each answer, and for the connection itself. */
  readonly responseTimeout: number
  /** Milliseconds without any PDU of the gateway, after which it is asked whether it is there. */
  readonly enquireEvery: number
}

export interface SessionHandlers {
  /** Keeps the delivery; only when the promise is fulfilled is it answered, when it rejects the gateway is to send it again. */
  readonly onDelivery: (delivery: Delivery) => Promise<void>
  readonly log: Log
}

export type BindResult =
  | { readonly kind: 'bound' }
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'failed'; readonly reason: string; readonly needsPerson?: boolean }

const status = { ok: 0, invalidCommand: 0x03, temporary: 0x64, permanent: 0x65 } as const
/** Receipts that are being kept at a time; beyond it the gateway is asked to send them again later. */
const mostDeliveries = 200
/** Answers of ours that wait because the gateway does not read; beyond it the session is over. */
const mostReplies = 2000

type Phase = 'connecting' | 'bound' | 'closing' | 'ended'

export class SmsSession {
  /** Settled once; a session that is not `bound` has ended. */
  readonly bound: Promise<BindResult>
  /** Fulfilled with the reason when the session is over. */
  readonly ended: Promise<string>
  readonly #settings: SessionSettings
  readonly #handlers: SessionHandlers
  readonly #requests: Requests
  readonly #wire: Wire
  readonly #alive: Deadline
  readonly #frames = frameReader()
  readonly #settleBound: (result: BindResult) => void
  readonly #settleEnded: (reason: string) => void
  #phase: Phase = 'connecting'
  #replies: Buffer[] = []
  #writing = false
  #pumping = false
  #asked = false
  #deliveries = 0
  #drained: (() => void) | undefined

  /** Starts to connect and bind at once. */
  constructor(settings: SessionSettings, bind: Bind, handlers: SessionHandlers) {
    this.#settings = settings
    this.#handlers = handlers
    const bound = Promise.withResolvers<BindResult>()
    const ended = Promise.withResolvers<string>()
    this.bound = bound.promise
    this.ended = ended.promise
    this.#settleBound = bound.resolve
    this.#settleEnded = ended.resolve
    this.#requests = requests(settings.window, settings.responseTimeout, () => this.#checkDrained())
    this.#alive = startDeadline(settings.responseTimeout, () => this.#silent())
    this.#wire = openWire(settings, {
      onReady: () => void this.#bind(bind),
      onBytes: (chunk) => this.#receive(chunk),
      onEnd: (reason, needsPerson = false) => this.#end(reason, { needsPerson }),
    })
  }

  /** Whether it takes submissions: bound, and not closing. */
  isOpen(): boolean {
    return this.#phase === 'bound'
  }

  /** Sends a submit_sm when the window has room. Never rejects for what the line or the gateway does. */
  async submit(fields: Readonly<Record<string, Field>>): Promise<Answer> {
    if (this.#phase !== 'bound') return { kind: 'unwritten', reason: `the session is ${this.#phase}` }
    const answer = this.#requests.add('submit_sm', fields)
    this.#pump()
    return await answer
  }

  /** Lets answers come for up to `graceMs`, says unbind, and ends. What was not written yet is given back at once. */
  async close(graceMs: number): Promise<void> {
    if (this.#phase === 'closing') return void (await this.ended)
    if (this.#phase === 'bound') {
      this.#phase = 'closing'
      this.#requests.dropQueued('Orderly is stopping')
      await this.#drain(graceMs)
      if (this.#isOver()) return
      const unbound = this.#requests.add('unbind', {})
      this.#pump()
      const limit = startDeadline(Math.min(graceMs, 2000), () => this.#end('closed by us'))
      await unbound
      limit.clear()
    }
    this.#end('closed by us')
  }

  async #bind(bind: Bind): Promise<void> {
    const { systemId, password, systemType } = this.#settings
    this.#alive.restart(this.#settings.responseTimeout)
    const fields = { system_id: systemId, password, system_type: systemType ?? '', interface_version: 0x34 }
    const answer = this.#requests.add(`bind_${bind}`, fields)
    this.#pump()
    const result = await answer
    if (result.kind !== 'answer') return this.#end(result.reason)
    if (result.status !== status.ok) {
      this.#settleBound({ kind: 'answered', status: result.status })
      return this.#end('the bind was refused')
    }
    if (this.#phase === 'connecting') this.#phase = 'bound'
    this.#alive.restart(this.#settings.enquireEvery)
    this.#settleBound({ kind: 'bound' })
  }

  /** Any PDU of the gateway proves that it lives; our own bytes prove nothing. */
  #silent(): void {
    if (this.#phase === 'connecting') return this.#end(`no connection within ${this.#settings.responseTimeout} ms`)
    if (this.#asked) return this.#end('the gateway is silent: no answer to enquire_link')
    this.#asked = true
    this.#alive.restart(this.#settings.responseTimeout)
    void this.#requests.add('enquire_link', {})
    this.#pump()
  }

  #heard(): void {
    this.#asked = false
    if (this.#phase !== 'connecting') this.#alive.restart(this.#settings.enquireEvery)
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.take(chunk)) {
        if (this.#isOver()) return
        const pdu = readPdu(frame)
        this.#heard()
        if (pdu.response) this.#response(pdu)
        else this.#request(pdu)
      }
    } catch (error) {
      if (!(error instanceof ProtocolSurprise))
        this.#handlers.log.error({ err: error }, 'reading from the gateway failed')
      this.#end(error instanceof Error ? error.message : String(error))
    }
  }

  #response(pdu: ReceivedPdu): void {
    const result = this.#requests.answered(pdu)
    switch (result) {
      case 'settled':
        this.#checkDrained()
        return this.#pump()
      case 'unexpected': {
        const { command, sequence, messageId } = pdu
        return this.#handlers.log.warn(
          { command, sequence, messageId, status: pdu.status },
          'answer that nothing waits for',
        )
      }
      case 'mismatch':
        throw new ProtocolSurprise(`the gateway answered request ${pdu.sequence} with ${pdu.command}`)
      default:
        assertNever(result, 'match of an answer')
    }
  }

  #request(pdu: ReceivedPdu): void {
    const { command, sequence } = pdu
    if (command === 'enquire_link') return this.#reply('enquire_link_resp', sequence)
    if (command === 'unbind') {
      const lastWords = Buffer.concat([...this.#replies.splice(0), writePdu('unbind_resp', sequence)])
      return this.#end('the gateway closed the session (unbind)', { lastWords })
    }
    if (command === 'deliver_sm' || command === 'data_sm') return void this.#deliver(pdu, command)
    // Neither has an answer (§4.12.1, §4.1.7).
    if (command === 'alert_notification' || command === 'outbind') return
    this.#handlers.log.warn({ command, commandId: pdu.commandId }, 'request of the gateway that Orderly does not know')
    this.#reply('generic_nack', sequence, status.invalidCommand)
  }

  async #deliver(pdu: ReceivedPdu, command: 'deliver_sm' | 'data_sm'): Promise<void> {
    this.#deliveries += 1
    const result = await this.#keep(pdu, command)
    this.#deliveries -= 1
    this.#reply(`${command}_resp`, pdu.sequence, result)
    this.#checkDrained()
  }

  /** The status to answer with: temporary makes the gateway send it again, permanent makes it stop. */
  async #keep(pdu: ReceivedPdu, command: 'deliver_sm' | 'data_sm'): Promise<number> {
    const delivery = readDelivery(pdu.frame, command)
    if (!delivery) {
      const hex = pdu.frame.toString('hex', 0, 400)
      this.#handlers.log.error({ command, hex }, 'malformed delivery; refused, since it would come again for ever')
      return status.permanent
    }
    if (this.#deliveries > mostDeliveries) return status.temporary
    try {
      await this.#handlers.onDelivery(delivery)
      return status.ok
    } catch (error) {
      this.#handlers.log.error({ err: error }, 'a delivery could not be kept; the gateway is asked to send it again')
      return status.temporary
    }
  }

  #reply(command: string, sequence: number, code: number = status.ok): void {
    if (this.#isOver()) return
    this.#replies.push(writePdu(command, sequence, {}, code))
    if (this.#replies.length > mostReplies) return this.#end('the gateway does not read our answers')
    this.#pump()
  }

  /** Soon, so that all that one chunk of answers makes room for goes in one write. */
  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    setImmediate(() => {
      this.#pumping = false
      this.#write()
    })
  }

  /** One write at a time: what waits here has not been given to the system. */
  #write(): void {
    if (this.#writing || this.#isOver()) return
    const bytes = [...this.#replies.splice(0), ...this.#requests.handOver()]
    if (bytes.length === 0) return
    this.#writing = true
    this.#wire.write(Buffer.concat(bytes), () => {
      this.#writing = false
      this.#write()
    })
  }

  async #drain(graceMs: number): Promise<void> {
    if (this.#requests.inFlight() === 0 && this.#deliveries === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#drained = resolve
    const limit = startDeadline(graceMs, resolve)
    await promise
    limit.clear()
  }

  #checkDrained(): void {
    if (this.#drained === undefined) return
    if (this.#requests.inFlight() === 0 && this.#deliveries === 0) this.#drained()
  }

  #isOver(): boolean {
    return this.#phase === 'ended'
  }

  #end(reason: string, { lastWords, needsPerson = false }: { lastWords?: Buffer; needsPerson?: boolean } = {}): void {
    if (this.#isOver()) return
    this.#phase = 'ended'
    this.#alive.clear()
    this.#wire.close(lastWords)
    this.#requests.end(reason)
    this.#settleBound({ kind: 'failed', reason, ...(needsPerson && { needsPerson }) })
    this.#settleEnded(reason)
    this.#drained?.()
  }
}
