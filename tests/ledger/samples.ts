/**
 * Records, messages and batches as short as tests want them. All times are small whole numbers.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emptyBatch } from '../../src/core/batch.ts'
import type { Batch, FileProgress, MessageUpdate, NewExportLine, NewTimer } from '../../src/core/batch.ts'
import type { NewEvent } from '../../src/core/event.ts'
import { clearingId, exportLineId, fileId, messageId, orderId, paymentId, timerId } from '../../src/core/ids.ts'
import type { NewMessage, Receipt } from '../../src/core/message.ts'
import type { Clearing } from '../../src/core/clearing.ts'
import type { Payment } from '../../src/core/model.ts'
import type { Order } from '../../src/core/order.ts'

export const cause = { kind: 'file', actor: 'file:shop', configHash: 'abc' } as const

export const batch = (parts: Partial<Batch> = {}): Batch => ({ ...emptyBatch(cause, 1000), ...parts })

export const order = (number: string, over: Partial<Order> = {}): Order => ({
  kind: 'order',
  id: orderId('web', number),
  version: 0,
  channel: 'web',
  number,
  type: 'order',
  company: 'HU01',
  customer: { name: 'Kovács Anna', email: 'anna@example.com' },
  currency: 'HUF',
  pricesIncludeVat: true,
  gross: 1_234_500,
  prepaid: 0,
  notifyRequested: [],
  lines: [{ number: '1', sku: 'A', quantity: '2' }],
  status: 'new',
  paymentStatus: 'unpaid',
  paid: 0,
  transition: 0,
  contentHash: 'h',
  source: { import: 'shop' },
  createdAt: 1000,
  updatedAt: 1000,
  ...over,
})

export const payment = (key: string, over: Partial<Payment> = {}): Payment => ({
  kind: 'payment',
  id: paymentId('HU42', key),
  version: 0,
  account: 'HU42',
  bankKey: key,
  direction: 'credit',
  amount: 500,
  currency: 'HUF',
  method: 'transfer',
  reversal: false,
  state: 'unmatched',
  allocations: [],
  evidence: [],
  candidates: [],
  contentHash: 'h',
  source: { import: 'bank' },
  createdAt: 1000,
  updatedAt: 1000,
  ...over,
})

export const clearing = (key: string, of: Order): Clearing => ({
  kind: 'clearing',
  id: clearingId(key),
  version: 0,
  type: 'goods',
  position: 'goods',
  state: 'open',
  netDue: 1000,
  order: of.id,
  orderNumber: of.number,
  company: 'HU01',
  counterCompany: 'HU02',
  net: 100,
  vat: 27,
  gross: 127,
  currency: 'HUF',
  event: 'delivery',
  createdAt: 1000,
  updatedAt: 1000,
})

export const event = (subject: string, over: Partial<NewEvent> = {}): NewEvent => ({
  name: 'order.imported',
  subject,
  at: 1000,
  ...over,
})

export const mail = (key: string, over: Partial<NewMessage> = {}): NewMessage => ({
  id: messageId(key),
  dedupeKey: key,
  channel: 'mail',
  state: 'queued',
  subject: orderId('web', '1'),
  template: 'customer/ready',
  templateHash: 'th',
  language: 'hu',
  recipients: [
    { address: 'Anna@example.com', as: 'to', role: 'customer' },
    { address: 'archive@example.com', as: 'cc', role: 'archive' },
  ],
  mail: {
    from: { address: 'shop@example.com' },
    subject: 'Kész',
    text: 'Az ön rendelése átvehető.',
    attachments: [],
    date: 1000,
    messageId: `<${key}@example.com>`,
  },
  createdAt: 1000,
  dueAt: 1000,
  ...over,
})

export const sms = (key: string, over: Partial<NewMessage> = {}): NewMessage => {
  const { mail: _, ...rest } = mail(key)
  return {
    ...rest,
    channel: 'sms',
    recipients: [{ address: '+36301234567', as: 'to', role: 'customer' }],
    sms: { sender: 'SHOP', text: 'Kész', alphabet: 'gsm', parts: 1 },
    ...over,
  }
}

export const update = (key: string, over: Partial<MessageUpdate> = {}): MessageUpdate => ({
  id: messageId(key),
  from: ['sending'],
  state: 'accepted',
  response: '250 ok',
  attempted: true,
  finishedAt: 2000,
  ...over,
})

export const line = (key: string, over: Partial<NewExportLine> = {}): NewExportLine => ({
  id: exportLineId(over.export ?? 'status', key),
  export: 'status',
  dedupeKey: key,
  subject: orderId('web', '1'),
  fields: { number: key },
  ...over,
})

export const timer = (name: string, subject: string, dueAt: number): NewTimer => ({
  id: timerId(subject, name, dueAt),
  name,
  subject,
  dueAt,
})

export const slice = (from: number, to: number, over: Partial<FileProgress> = {}): FileProgress => ({
  id: fileId('shop', 'sha'),
  import: 'shop',
  name: 'ORD.csv',
  size: 10,
  sha256: 'sha',
  from,
  to,
  counts: { read: to - from, applied: to - from, repeated: 0, updated: 0, parked: 0, refused: 0 },
  ...over,
})

export const receipt = (smscId: string, over: Partial<Receipt> = {}): Receipt => ({
  account: 'orderly',
  smscId,
  state: 'delivered',
  destination: '36301234567',
  text: `id:${smscId} stat:DELIVRD`,
  at: 3000,
  ...over,
})

/** A folder that is gone when the test is over. */
export async function temporaryFolder(): Promise<
  AsyncDisposable & { readonly path: string; file(name: string): string }
> {
  const path = await mkdtemp(join(tmpdir(), 'orderly-ledger-'))
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.asyncDispose]: async () => await rm(path, { recursive: true }),
  }
}
