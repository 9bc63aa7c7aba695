/**
 * A small shop for tests of the workflows: a config from a few words, real templates in memory, a clock to move.
 *
 * Every decision is made twice, from a full view and in rounds of loading, and must come out the same.
 */
import { expect } from 'vitest'
import type { z } from 'zod'
import { Config } from '../../src/config/schema.ts'
import type { Batch, NewExportLine } from '../../src/core/batch.ts'
import type { Command } from '../../src/core/command.ts'
import type { Instant } from '../../src/core/date.ts'
import type { Cause, NewEvent } from '../../src/core/event.ts'
import { fileId, orderId, paymentId } from '../../src/core/ids.ts'
import type {
  Incoming,
  IncomingAcknowledgement,
  IncomingOrder,
  IncomingPayment,
  IncomingStatus,
} from '../../src/core/incoming.ts'
import type { Known } from '../../src/core/known.ts'
import type { NewMessage } from '../../src/core/message.ts'
import type { Payment } from '../../src/core/model.ts'
import type { Collect, Order } from '../../src/core/order.ts'
import { createRender } from '../../src/templates/render.ts'
import { decideFiles, decideTimers, type FileSlice } from '../../src/workflow/decide.ts'
import { decideCommand, type Decision } from '../../src/workflow/commands/operate.ts'
import { makeSetup, type Setup } from '../../src/workflow/setup.ts'
import { filesOf } from '../templates/files-of.ts'
import { decideInRounds, MemoryStore } from './memory-store.ts'

export type ConfigInput = z.input<typeof Config>

const csv = { format: { type: 'csv' as const } }
const mail = (subject: string, text: string): string => `---\nsubject: "${subject}"\n---\n${text}\n`

export const templates: Readonly<Record<string, string>> = {
  'alarm/alarm/en.txt.mustache': mail('{{alarm.title}}', '{{alarm.what}}'),
  'store/new-order/en.txt.mustache': mail('New order {{order.number}}', 'Please answer.'),
  'store/new-order/en.sms.mustache': 'New order {{order.number}}',
  'store/expired/en.txt.mustache': mail('Expired {{order.number}}', 'Too late.'),
  'customer/received/en.txt.mustache': mail('Received {{order.number}}', 'Total {{order.gross}}'),
  'customer/received/hu.txt.mustache': mail('Megkaptuk {{order.number}}', 'Összesen {{order.gross}}'),
  'customer/ready/en.txt.mustache': mail('Ready {{order.number}}', 'Come to {{store.name}}.'),
  'customer/ready/en.sms.mustache': 'Order {{order.number}} is ready',
  'customer/rejected/en.txt.mustache': mail('Rejected {{order.number}}', 'Sorry.'),
  'customer/expired/en.txt.mustache': mail('Expired {{order.number}}', 'Sorry.'),
  'customer/collected/en.txt.mustache': mail('Collected {{order.number}}', 'Thank you.'),
  'payment/received/en.txt.mustache': mail('Paid {{order.number}}', 'We got {{payment.amount}}.'),
  'payment/thanks/en.txt.mustache': mail('Thanks {{order.number}}', 'Thank you.'),
  'payment/thanks/en.sms.mustache': 'Thanks for {{order.number}}',
  'desk/status/en.txt.mustache': mail('{{order.number}} is {{order.status}}', 'It is.'),
  'desk/note/en.txt.mustache': mail('Note on {{order.number}}', '{{order.note}}'),
}

/** Exports of every kind, to see what the ERP is told. */
const exports = Object.fromEntries(
  (['orderStatus', 'clearing', 'invoice', 'stock', 'dispatch', 'orderToStore', 'payments', 'answers'] as const).map(
    (kind) => [kind, { kind, folder: `out/${kind}`, ...csv }],
  ),
)

export const base: ConfigInput = {
  version: 1,
  company: { code: 'HU01', name: 'Example Kft.', email: 'shop@example.com', phone: '+36 1 234 5678' },
  companies: { HU02: { name: 'Other Kft.' } },
  languages: ['en', 'hu'],
  timeZone: 'UTC',
  currency: 'EUR',
  country: 'HU',
  imports: {
    orders: { kind: 'orders', folder: 'in/orders', ...csv },
    bank: { kind: 'payments', folder: 'in/bank', format: { type: 'camt' } },
    status: { kind: 'orderStatus', folder: 'in/status', ...csv },
    answers: { kind: 'collectStatus', folder: 'in/answers', ...csv },
    desk: { kind: 'commands', folder: 'in/commands', ...csv },
    answersBack: { kind: 'acknowledgements', folder: 'in/acks', ...csv },
  },
  exports,
  mail: { transport: 'files', folder: 'mail', from: { name: 'Example', address: 'shop@example.com' } },
  sms: { transport: 'files', folder: 'sms', sender: ['store.mobile', 'company.phone', 'EXAMPLE'] },
  alarms: { to: ['it@example.com'] },
  stores: {
    S1: { name: 'Store One', company: 'HU02', email: 's1@example.com', mobile: '+36301111111', calendar: 'week' },
    S2: { name: 'Store Two', company: 'HU01', email: 's2@example.com', location: 'LOC2' },
  },
  calendars: { week: { rules: [{ open: '09:00-18:00', on: 'weekly', days: ['mon', 'tue', 'wed', 'thu', 'fri'] }] } },
}

/** Monday, 10:00 UTC. */
export const monday = Date.UTC(2026, 2, 2, 10)
export const hours = (count: number): number => count * 3_600_000

export interface Imported {
  readonly batch: Batch
  readonly counts: NonNullable<Batch['files'][number]>['counts']
  readonly messages: readonly NewMessage[]
  readonly lines: readonly NewExportLine[]
  /** Of the events, without the word that the file is done. */
  readonly names: readonly NewEvent['name'][]
}

export class Shop {
  readonly store = new MemoryStore()
  setup: Setup
  now: Instant = monday
  #files = 0

  constructor(change: Partial<ConfigInput> = {}, words: Readonly<Record<string, string>> = templates) {
    this.setup = setupOf(change, words)
  }

  /** Reads the records as one file of the import named, at once committed. */
  take(name: string, ...records: readonly Incoming[]): Imported {
    return this.takeSlice(this.slice(name, ...records))
  }

  takeSlice(slice: FileSlice): Imported {
    const cause = this.cause('file', `file:${slice.file.import}`)
    return this.commit((known) => decideFiles(this.setup, [slice], known, cause, this.now))
  }

  slice(name: string, ...records: readonly Incoming[]): FileSlice {
    const file = `${name}-${++this.#files}.csv`
    const items = records.map((incoming, i) => ({ incoming, row: i + 1 }))
    const head = { id: fileId(name, file), import: name, name: file, size: 1, sha256: file, from: 0, to: items.length }
    return { file: { ...head, done: 'done' }, items, refused: 0 }
  }

  orders = (...records: readonly IncomingOrder[]): Imported => this.take('orders', ...records)
  bank = (...records: readonly IncomingPayment[]): Imported => this.take('bank', ...records)
  status = (...records: readonly IncomingStatus[]): Imported => this.take('status', ...records)
  answers = (...records: readonly IncomingStatus[]): Imported => this.take('answers', ...records)

  /** Decides a command; what it says is committed. */
  command(command: Command): Decision {
    const decide = (known: Known): Decision =>
      decideCommand(this.setup, command, known, this.cause('person', 'cli:anna'), this.now)
    const decision = this.#decide(decide)
    if (decision.kind === 'batch') this.store.commit(decision.batch)
    return decision
  }

  /** Moves the clock and fires what fell due. */
  wait(ms: number): Imported {
    this.now += ms
    const due = [...this.store.timers.values()].filter(({ dueAt }) => dueAt <= this.now)
    return this.commit((known) => decideTimers(this.setup, due, known, this.cause('clock', 'daemon'), this.now))
  }

  commit(decide: (known: Known) => Batch): Imported {
    const batch = this.#decide(decide)
    this.store.commit(batch)
    return told(batch)
  }

  #decide<T>(decide: (known: Known) => T): T {
    const whole = decide(this.store)
    expect(decideInRounds(this.store, decide).result).toEqual(whole)
    expect(decide(this.store)).toEqual(whole)
    return whole
  }

  cause = (kind: Cause['kind'], actor: string): Cause => ({ kind, actor, configHash: this.setup.configHash })

  order(number = '100', channel = 'shop'): Order {
    const order = this.store.get('order', orderId(channel, number))
    if (order === undefined) throw new Error(`no order ${number}`)
    return order
  }

  collect(number = '100'): Collect {
    const { collect } = this.order(number)
    if (collect === undefined) throw new Error(`order ${number} is at no store`)
    return collect
  }

  payment(bankKey = 'B1'): Payment {
    const payment = this.store.get('payment', paymentId('HU42', bankKey))
    if (payment === undefined) throw new Error(`no payment ${bankKey}`)
    return payment
  }

  /** Subjects (or SMS texts) of all messages so far, without alarms unless asked for, with `state: reason` where not queued. */
  sent(): readonly string[] {
    return sayAll([...this.store.messages.values()].filter(({ template }) => template !== 'alarm/alarm'))
  }

  alarms(): readonly string[] {
    return sayAll([...this.store.messages.values()].filter(({ template }) => template === 'alarm/alarm'))
  }

  lines(name: string): readonly NewExportLine['fields'][] {
    return [...this.store.lines.values()].filter((line) => line.export === name).map(({ fields }) => fields)
  }
}

export function setupOf(change: Partial<ConfigInput> = {}, words: Readonly<Record<string, string>> = templates): Setup {
  const config = Config.parse({ ...base, ...change })
  const { policy, maxParts } = config.sms.encoding
  const render = createRender(filesOf(words), { languages: config.languages, sms: { policy, maxParts } })
  return makeSetup(config, 'hash-1', render)
}

const told = (batch: Batch): Imported => ({
  batch,
  counts: batch.files[0]?.counts ?? { read: 0, applied: 0, repeated: 0, updated: 0, parked: 0, refused: 0 },
  messages: batch.messages,
  lines: batch.exports,
  names: batch.events.map(({ name }) => name).filter((name) => name !== 'import.done'),
})

export const sayAll = (messages: readonly NewMessage[]): readonly string[] =>
  messages.map(({ channel, mail: frozen, sms, state, reason, template, recipients }) => {
    const words = channel === 'mail' ? (frozen?.subject ?? template) : `SMS ${sms?.text ?? template}`
    const to = recipients.filter(({ as }) => as === 'to').map(({ address }) => address)
    return `${words} → ${to.join(', ') || 'nobody'}${state === 'queued' ? '' : ` (${state}: ${reason ?? ''})`}`
  })

export const anOrder = (fields: Partial<IncomingOrder> = {}): IncomingOrder => ({
  kind: 'order',
  channel: 'shop',
  number: '100',
  type: 'order',
  customer: { name: 'Anna', email: 'anna@example.com', phone: '+36301234567' },
  currency: 'EUR',
  pricesIncludeVat: true,
  gross: 10_000,
  prepaid: 0,
  notifyRequested: [],
  lines: [{ number: '1', sku: 'A', quantity: '2', unitPrice: '50', gross: 10_000 }],
  ...fields,
})

/** A movement of 100.00 that names order 100. */
export const aPayment = (fields: Partial<IncomingPayment> = {}): IncomingPayment => ({
  kind: 'payment',
  account: 'HU42',
  bankKey: 'B1',
  direction: 'credit',
  amount: 10_000,
  currency: 'EUR',
  reference: '100',
  method: 'transfer',
  reversal: false,
  ...fields,
})

export const aStatus = (status: string, fields: Partial<IncomingStatus> = {}): IncomingStatus => ({
  kind: 'status',
  order: '100',
  status,
  ...fields,
})

export const collectWorkflow: Extract<NonNullable<ConfigInput['workflows']>[string], { kind: 'collect' }> = {
  kind: 'collect',
  for: { delivery: 'collect' },
  store: { mail: { pending: 'store/new-order', expired: 'store/expired' } },
  customer: {
    mail: {
      pending: 'customer/received',
      confirmed: 'customer/ready',
      rejected: 'customer/rejected',
      expired: 'customer/expired',
      delivered: 'customer/collected',
    },
  },
  expiry: { processing: '4h', delivery: 2 },
}

/** An order for store S1 of the other company. */
export const toCollect = (fields: Partial<IncomingOrder> = {}): IncomingOrder =>
  anOrder({ store: 'S1', deliveryMethod: 'collect', ...fields })

export const answer = (fields: Partial<IncomingAcknowledgement> = {}): IncomingAcknowledgement => ({
  kind: 'acknowledgement',
  about: 'invoice',
  document: '100',
  accepted: true,
  number: 'IN1',
  ...fields,
})
