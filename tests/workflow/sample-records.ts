/** Whole records for tests, from the few fields that a test is about. */
import { customerId, invoiceId, orderId, paymentId } from '../../src/core/ids.ts'
import type { Clearing } from '../../src/core/clearing.ts'
import type { Customer, Invoice, Payment } from '../../src/core/model.ts'
import type { Collect, CollectSettings, Order } from '../../src/core/order.ts'

const recorded = { version: 1, contentHash: '', source: { import: 'test' }, createdAt: 0, updatedAt: 0 }

export function orderOf(fields: Partial<Order> & Pick<Order, 'number' | 'gross'>): Order {
  const channel = fields.channel ?? 'shop'
  return {
    kind: 'order',
    ...recorded,
    id: orderId(channel, fields.number),
    channel,
    type: 'order',
    company: 'HU01',
    customer: {},
    currency: 'EUR',
    pricesIncludeVat: true,
    prepaid: 0,
    notifyRequested: [],
    lines: [],
    status: 'received',
    paymentStatus: 'unpaid',
    paid: 0,
    transition: 0,
    ...fields,
  }
}

export const collectOf = (settings: Partial<CollectSettings>, fields: Partial<Collect> = {}): Collect => ({
  store: 'S1',
  fromCompany: 'HU01',
  toCompany: 'HU02',
  settings: {
    workflow: 'collect',
    configHash: '',
    sendFrom: 'store',
    storeStock: true,
    postOn: 'delivery',
    billVia: 'salesDocument',
    ...settings,
  },
  processing: 'confirmed',
  processingAt: 0,
  processingBy: 'daemon',
  sequence: 1,
  clearing: [],
  ...fields,
})

export function paymentOf(fields: Partial<Payment> & Pick<Payment, 'amount'>): Payment {
  const account = fields.account ?? 'HU42'
  const bankKey = fields.bankKey ?? 'B1'
  return {
    kind: 'payment',
    ...recorded,
    id: paymentId(account, bankKey),
    account,
    bankKey,
    direction: 'credit',
    currency: 'EUR',
    method: 'transfer',
    reversal: false,
    state: 'unmatched',
    allocations: [],
    evidence: [],
    candidates: [],
    ...fields,
  }
}

export const customerOf = (number: string, fields: Partial<Customer> = {}): Customer => ({
  kind: 'customer',
  ...recorded,
  id: customerId(fields.company ?? 'HU01', number),
  company: 'HU01',
  number,
  ...fields,
})

export const invoiceOf = (number: string, order: Order, fields: Partial<Invoice> = {}): Invoice => ({
  kind: 'invoice',
  version: 1,
  id: invoiceId(number),
  type: 'invoice',
  order: order.id,
  orderNumber: order.number,
  state: 'issued',
  number,
  amount: order.gross,
  currency: order.currency,
  createdAt: 0,
  updatedAt: 0,
  ...fields,
})

/** As the ledger gives an entry back: stored, so at version 1. */
export const stored = (entries: readonly Clearing[]): readonly Clearing[] =>
  entries.map((entry) => ({ ...entry, version: 1 }))

/** Random numbers that a seed repeats (mulberry32): `next(n)` is 0 … n − 1. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
