/**
 * An SMSC of the demo's own, on loopback: takes SMS over SMPP 3.4, keeps each as a text file, and sends receipts.
 *
 * Guarantees: a message is on the disk before its last part is answered; a receipt (DELIVRD) comes about 100 ms later
 * to a bound receiver of the same account, again and again until it is taken. Sends nothing to any phone. Throws when
 * it cannot listen.
 */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { isoInstant } from '../core/date.ts'
import type { Clock } from '../platform/clock.ts'
import { safeName, writeAtomic } from '../platform/files.ts'
import { sleep } from '../platform/loop.ts'
import { cstring, receiptBody, status, type Submission, tag, tlv } from './smpp-pdu.ts'
import { type JoinedSms, joiner } from './sms-join.ts'
import { type Office, type Peer, serve } from './smsc-connection.ts'

export interface ReceivedSms extends JoinedSms {
  /** Name of the text file in the folder. */
  readonly file: string
}

export interface SmscSettings {
  /** Must exist. */
  readonly folder: string
  readonly systemId: string
  readonly password: string
  readonly clock: Clock
  /** Milliseconds from the submission to its receipt; 100 when absent. */
  readonly receiptAfterMs?: number
}

export interface Smsc extends AsyncDisposable {
  readonly port: number
  readonly texts: readonly ReceivedSms[]
  /** Receipts that were asked for and not taken yet. */
  receiptsDue(): number
}

/** Pause before a receipt is tried again, in milliseconds. */
const againAfterMs = 200

export async function openSmsc(settings: SmscSettings): Promise<Smsc> {
  const stop = new AbortController()
  const running = new Set<Promise<void>>()
  const sockets = new Set<Socket>()
  const office = new DemoOffice(settings, stop.signal)
  const server = createServer((socket) => {
    sockets.add(socket)
    const served = serve(socket, office).finally(() => {
      sockets.delete(socket)
      running.delete(served)
    })
    running.add(served)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    texts: office.texts,
    receiptsDue: () => office.receipts.size,
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await Promise.all([closed, ...running, ...office.receipts])
    },
  }
}

/** What all connections share: the account, the messages, the receipts. */
class DemoOffice implements Office {
  readonly texts: ReceivedSms[] = []
  readonly receipts = new Set<Promise<void>>()
  readonly #settings: SmscSettings
  readonly #signal: AbortSignal
  readonly #peers = new Set<Peer>()
  readonly #joiner = joiner()
  #count = 0

  constructor(settings: SmscSettings, signal: AbortSignal) {
    this.#settings = settings
    this.#signal = signal
  }

  admit({ systemId, password }: { readonly systemId: string; readonly password: string }): number {
    if (systemId !== this.#settings.systemId) return status.badSystemId
    return password === this.#settings.password ? status.ok : status.badPassword
  }

  came(peer: Peer): void {
    this.#peers.add(peer)
  }

  went(peer: Peer): void {
    this.#peers.delete(peer)
  }

  async take(submission: Submission, systemId: string): Promise<string> {
    this.#count += 1
    const id = (0x4d00_0000 + this.#count).toString(16).toUpperCase()
    await this.#keep(submission, id)
    // Bit 0 asks for a receipt on success (§5.2.17); Kannel sets others beside it.
    if ((submission.registeredDelivery & 0x01) !== 0) this.#plan(submission, id, systemId)
    return id
  }

  async #keep(submission: Submission, id: string): Promise<void> {
    const sms = this.#joiner.add(submission, id)
    if (sms === undefined) return
    const file = safeName(`${String(this.texts.length + 1).padStart(2, '0')}-${sms.to}.txt`)
    this.texts.push({ ...sms, file })
    const head = `From: ${sms.from}\nTo: ${sms.to}\nParts: ${sms.parts} (${sms.alphabet})\n\n`
    await writeAtomic(this.#settings.folder, file, `${head}${sms.text}\n`)
  }

  #plan(submission: Submission, id: string, systemId: string): void {
    const submitted = this.#settings.clock.now()
    const work = this.#sendReceipt(submission, id, systemId, submitted).finally(() => this.receipts.delete(work))
    this.receipts.add(work)
  }

  async #sendReceipt(submission: Submission, id: string, systemId: string, submitted: number): Promise<void> {
    const { clock, receiptAfterMs = 100 } = this.#settings
    await sleep(receiptAfterMs, this.#signal)
    while (!this.#signal.aborted) {
      const peer = [...this.#peers].find((each) => each.receives && each.systemId === systemId)
      if (await peer?.deliver(receiptOf(submission, id, submitted, clock.now()))) return
      await sleep(againAfterMs, this.#signal)
    }
  }
}

/** The usual text (SMPP 3.4 appendix B) with the TLVs that say the same (§5.3.2.12, §5.3.2.35: 2 = DELIVERED). */
function receiptOf({ source, destination, octets }: Submission, id: string, submitted: number, done: number): Buffer {
  const words = octets
    .toString('latin1')
    .replace(/[^A-Za-z0-9 .,:-]/g, '')
    .trim()
    .slice(0, 20)
  const text =
    `id:${id} sub:001 dlvrd:001 submit date:${minute(submitted)} done date:${minute(done)} ` +
    `stat:DELIVRD err:000 text:${words}`
  return receiptBody(destination, source, text, [
    tlv(tag.receiptedMessageId, cstring(id)),
    tlv(tag.messageState, Buffer.from([2])),
  ])
}

/** `YYMMDDhhmm`, in UTC. */
const minute = (instant: number): string =>
  isoInstant(instant)
    .replace(/[^0-9]/g, '')
    .slice(2, 12)
