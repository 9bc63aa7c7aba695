/**
 * Reads the whole history of one order from the ledger, as the workflows and the command line want it.
 *
 * Several reads: who decides on it must check that the order has not changed since. Only reads. Throws errors of
 * the ledger.
 */
import type { StoredEvent } from '../core/event.ts'
import type { Entity } from '../core/model.ts'
import type { Order } from '../core/order.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { OrderHistory, RecordHistory } from '../workflow/undo/order-records.ts'
import { chainOf } from './why/chain.ts'

/** Undefined when there is no such order. */
export async function loadHistory(ledger: Ledger, id: Order['id']): Promise<OrderHistory | undefined> {
  const order = await ledger.record('order', id)
  if (order === undefined) return undefined
  const events = await ledger.eventsOf(id)
  const about = await ledger.aboutSubject(id)
  return {
    order,
    events,
    chains: new Map(
      await Promise.all(events.map(async ({ seq, because }) => [seq, await chainOf(ledger, because)] as const)),
    ),
    records: await Promise.all(about.records.map((record) => recordHistory(ledger, record))),
    messages: about.messages,
    lines: about.exportLines,
    numbers: new Set((await wholeHistory(ledger, order)).map(({ seq }) => seq)),
  }
}

async function recordHistory(ledger: Ledger, record: Entity): Promise<RecordHistory> {
  const [events, { exportLines }] = await Promise.all([ledger.eventsOf(record.id), ledger.aboutSubject(record.id)])
  return { record, events, lines: exportLines }
}

/** Events of the order and of all that belongs to it, in the order in which they happened. */
export async function wholeHistory(ledger: Ledger, order: Order): Promise<readonly StoredEvent[]> {
  const own = await ledger.eventsOf(order.id)
  const { messages, records } = await ledger.aboutSubject(order.id)
  const others = await Promise.all([...messages, ...records].map(({ id }) => ledger.eventsOf(id)))
  return [...own, ...others.flat()].toSorted((a, b) => a.seq - b.seq)
}
