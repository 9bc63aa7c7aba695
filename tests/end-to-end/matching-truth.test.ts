/**
 * Five thousand orders and as many payments, whose truth is known: matching must find all of it and nothing else.
 *
 * Half the payments come before their orders. Some fit two orders, pay a part or too much, or go back.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { IncomingOrder, IncomingPayment } from '../../src/core/incoming.ts'
import { fileId, orderId, paymentId } from '../../src/core/ids.ts'
import { decideAndCommit } from '../../src/ledger/decide-and-commit.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { lookupsOf } from '../../src/workflow/lookups.ts'
import { decideFiles, type FileSlice } from '../../src/workflow/decide.ts'
import { anOrder, aPayment, monday, setupOf, type ConfigInput } from '../workflow/shop.ts'

const count = 5_000
const seed = Number(process.env['ORDERLY_SEED'] ?? Math.trunc(Math.random() * 2 ** 31))

/** mulberry32 */
function randomFrom(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
const random = randomFrom(seed)
const below = (n: number): number => Math.trunc(random() * n)

function shuffled<T>(list: readonly T[]): T[] {
  const copy = [...list]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = below(i + 1)
    const [a, b] = [copy[i], copy[j]] as [T, T]
    copy[i] = b
    copy[j] = a
  }
  return copy
}

type Fate = 'full' | 'part' | 'over' | 'ambiguous' | 'reversed'

/** Of each hundred: 3 ambiguous, 2 in part, 2 too much, 1 given back. */
const fateOf = (n: number): Fate => {
  const percent = n % 100
  if (percent < 3) return 'ambiguous'
  if (percent < 5) return 'part'
  if (percent < 7) return 'over'
  return percent < 8 ? 'reversed' : 'full'
}

interface Truth {
  readonly fate: Fate
  readonly order: IncomingOrder
  readonly payment: IncomingPayment
}

/** An ambiguous payment names its order and one of the same amount in another channel, which nothing else pays. */
const twins: IncomingOrder[] = []

function truthOf(n: number): Truth {
  const fate = fateOf(n)
  const number = `W${100_000 + n}`
  const gross = 1_000 + below(100_000)
  const reference = String(70_000_000 + n)
  const order = anOrder({ number, reference, externalNumber: `X-${n}`, gross, lines: [{ number: '1', quantity: '1' }] })
  if (fate === 'ambiguous') twins.push({ ...order, channel: 'other' })
  const amount = fate === 'part' ? gross - 1 - below(gross - 1) : fate === 'over' ? gross + 1 + below(500) : gross
  return { fate, order, payment: { ...paymentFor(n, number, reference), amount } }
}

/** In one of the ways in which payers name an order. */
function paymentFor(n: number, number: string, reference: string): IncomingPayment {
  const { reference: _, ...plain } = aPayment({ bankKey: `P${n}`, bookedOn: '2026-03-02', origin: 'camt.053' })
  const ways: readonly Partial<IncomingPayment>[] = [
    { reference },
    { reference: `00${reference}` },
    { endToEndId: number },
    { endToEndId: `/VS${reference}/SS/KS` },
    { message: `Order ${number}, thank you` },
    { message: `my order x-${n}` },
    { message: `VS: ${reference} ${below(1e9)}` },
  ]
  return { ...plain, endToEndId: 'NOTPROVIDED', ...ways[n % ways.length] }
}

const back = ({ payment }: Truth, n: number): IncomingPayment => ({
  ...payment,
  bankKey: `R${n}`,
  direction: 'debit',
  reversal: true,
  bookedOn: '2026-03-05',
  endToEndId: payment.bankKey,
})

const config: Partial<ConfigInput> = { workflows: {}, exports: {}, channels: { shop: {}, other: {} } }

class Books {
  readonly ledger: Ledger
  readonly #setup = setupOf(config)
  #files = 0

  constructor(ledger: Ledger) {
    this.ledger = ledger
  }

  async take(name: 'orders' | 'bank', records: readonly (IncomingOrder | IncomingPayment)[]): Promise<void> {
    for (let from = 0; from < records.length; from += 500) {
      const some = records.slice(from, from + 500)
      const file = `${name}-${++this.#files}`
      const head = { id: fileId(name, file), import: name, name: file, size: 1, sha256: file, from: 0, to: some.length }
      const slices: readonly FileSlice[] = [
        {
          file: { ...head, done: 'done' },
          items: some.map((incoming, i) => ({ incoming, row: i + 1 })),
          refused: 0,
        },
      ]
      const cause = { kind: 'file' as const, actor: `file:${name}`, configHash: 'hash-1' }
      const at = monday + this.#files
      const result = await decideAndCommit(this.ledger, lookupsOf(slices, this.#setup.config), (known) =>
        decideFiles(this.#setup, slices, known, cause, at),
      )
      expect(result.kind).toBe('committed')
    }
  }
}

test(
  `5,000 payments come to what is true of them, in any order (ORDERLY_SEED=${seed})`,
  { timeout: 120_000 },
  async () => {
    const truths = Array.from({ length: count }, (_, n) => truthOf(n))
    const payments = truths.map((truth) =>
      truth.fate === 'reversed' ? { ...truth.payment, endToEndId: truth.payment.bankKey } : truth.payment,
    )
    // Those that are given back name their order in the text: their end-to-end id is what the return quotes.
    const sent = payments.map((payment, n) =>
      truths[n]?.fate === 'reversed' ? { ...payment, message: `order ${truths[n].order.number}` } : payment,
    )
    // What two orders fit is ambiguous only when both are known: such payments come after them.
    const sure = truths.flatMap(({ fate }, n) => (fate === 'ambiguous' ? [] : [n]))
    const early = new Set(shuffled(sure).slice(0, count / 2))
    const folder = mkdtempSync(join(tmpdir(), 'orderly-truth-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    await using ledger = await openLedger(join(folder, 'ledger.sqlite'), { busyTimeoutMs: 5_000 })
    const books = new Books(ledger)
    const those = (before: boolean): IncomingPayment[] => shuffled(sent.filter((_, n) => early.has(n) === before))
    await books.take('orders', shuffled(twins))
    await books.take('bank', those(true))
    await books.take('orders', shuffled(truths.map(({ order }) => order)))
    await books.take('bank', those(false))
    await books.take(
      'bank',
      shuffled(truths.flatMap((truth, n) => (truth.fate === 'reversed' ? [back(truth, n)] : []))),
    )
    // The bank sends it all again, under other keys and as another kind of statement.
    const before = await ledger.records({ kind: 'payment', limit: count * 3 })
    await books.take(
      'bank',
      shuffled(sent.map((payment) => ({ ...payment, bankKey: `A${payment.bankKey}`, origin: 'camt.054' }))),
    )
    expect(await ledger.records({ kind: 'payment', limit: count * 3 })).toHaveLength(before.length)

    const wrong: string[] = []
    for (const [n, truth] of truths.entries()) {
      const order = await ledger.record('order', orderId('shop', truth.order.number))
      const payment = await ledger.record('payment', paymentId('HU42', `P${n}`))
      const found = `${payment?.state} ${order?.paymentStatus} ${order?.paid}`
      const expected = expectedOf(truth)
      if (found !== expected) {
        wrong.push(`${n} ${truth.fate}: ${found}, not ${expected}: ${payment?.evidence.join(' | ')}`)
      }
    }
    expect(wrong.slice(0, 10)).toEqual([])
    for (const { number } of twins) {
      expect(await ledger.record('order', orderId('other', number))).toMatchObject({ paid: 0, paymentStatus: 'unpaid' })
    }
  },
)

function expectedOf({ fate, payment: { amount } }: Truth): string {
  switch (fate) {
    case 'full':
      return `matched paid ${amount}`
    case 'part':
      return `matched partiallyPaid ${amount}`
    case 'over':
      return `matched overpaid ${amount}`
    case 'ambiguous':
      return 'ambiguous unpaid 0'
    case 'reversed':
      return 'reversed unpaid 0'
  }
}
