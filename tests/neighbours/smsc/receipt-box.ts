/**
 * Receipts on their way back: stored, sent over whatever connection is bound, and sent again until they are acknowledged.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { cstring, deliverBody, id, packPdu, receiptText, tlv } from '../smsc.ts'
import type { ReceiptStep } from './behaviour.ts'
import { receiptStates } from './behaviour.ts'
import type { Connection } from './connection.ts'
import type { MessageIds } from './message-ids.ts'

export interface ReceiptLog {
  /** Each time that a receipt went out, and how it was answered. */
  readonly sent: { readonly id: string; readonly at: number; answer?: number | 'gone'; answeredAt?: number }[]
}

export interface ReceiptBox extends ReceiptLog {
  /** Sends the body of a deliver_sm now, or after the next bind, until it is answered well. */
  send(id: string, body: Buffer): void
  /** What waited for a connection goes out. */
  flush(): void
  /** Receipts that are not acknowledged. */
  waiting(): number
}

interface Item {
  readonly id: string
  readonly body: Buffer
}

export interface ReceiptBoxSettings {
  /** An unanswered or refused receipt is sent again after so long; 0: only after the next bind. */
  readonly redeliverMs: number
  readonly signal: AbortSignal
  /** A bound connection that is open, the newest first. */
  readonly line: () => Connection | undefined
}

export function receiptBox({ redeliverMs, signal, line }: ReceiptBoxSettings): ReceiptBox {
  const parked: Item[] = []
  const sent: ReceiptLog['sent'] = []
  let open = 0

  const send = (item: Item): void => {
    const connection = line()
    if (!connection) return void parked.push(item)
    const entry: ReceiptLog['sent'][number] = { id: item.id, at: performance.now() }
    sent.push(entry)
    const sequence = connection.nextSequence()
    connection.unanswered.set(sequence, (answer) => {
      entry.answer = answer
      entry.answeredAt = performance.now()
      if (answer === 0) done(item)
      else if (answer === 'gone') parked.push(item)
      else void again(item, Math.max(redeliverMs, 50))
    })
    connection.write(packPdu(id.deliver, 0, sequence, item.body))
    if (redeliverMs > 0) void again(item, redeliverMs)
  }
  const settled = new WeakSet<Item>()
  const done = (item: Item): void => {
    if (settled.has(item)) return
    settled.add(item)
    open -= 1
  }
  const again = async (item: Item, ms: number): Promise<void> => {
    await pause(ms, undefined, { signal }).catch(() => undefined)
    if (!signal.aborted && !settled.has(item) && !parked.includes(item)) send(item)
  }
  return {
    sent,
    send: (receiptId, body) => {
      open += 1
      send({ id: receiptId, body })
    },
    flush: () => {
      for (const item of parked.splice(0)) if (!settled.has(item)) send(item)
    },
    waiting: () => open,
  }
}

/** The deliver_sm of a receipt, from the phone to the sender. */
export function receiptBody(ids: MessageIds, step: ReceiptStep, from: { source: string; destination: string }): Buffer {
  const where = step.in ?? 'both'
  const shown = step.about === 'unknown' ? '99999999999' : ids.inReceipts
  const text = step.about === 'garbled' ? 'your message was dlvrd :-)' : receiptText(shown, step.state)
  const tlvs = [tlv(0x001e, cstring(shown)), tlv(0x0427, Buffer.from([receiptStates[step.state]]))]
  return deliverBody({
    source: from.destination,
    destination: from.source,
    text: where === 'tlv' ? '' : text,
    tlvs: where === 'text' || step.about === 'garbled' ? [] : tlvs,
  })
}
