/** Random stories: whatever comes, in whatever order, the books add up, and nothing counts twice. */
import { describe, expect, test } from 'vitest'
import type { Command } from '../../src/core/command.ts'
import type { Incoming } from '../../src/core/incoming.ts'
import type { Order } from '../../src/core/order.ts'
import { decideFiles } from '../../src/workflow/decide.ts'
import { paymentStatusOf } from '../../src/workflow/order-state.ts'
import { anOrder, aPayment, aStatus, collectWorkflow, hours, Shop } from './shop.ts'
import { randomOf } from './sample-records.ts'

const customer = { to: 'customer', mail: 'desk/status' }
const config = {
  workflows: {
    std: { ...collectWorkflow, clearing: { postOn: 'processing' as const, fee: '1.00' } },
    desk: {
      kind: 'notification' as const,
      on: { picking: customer, shipped: [customer, { to: 'operators', mail: 'desk/status' }] },
    },
    paid: {
      kind: 'payment' as const,
      steps: [
        { send: { to: 'customer', mail: 'payment/thanks', sms: 'payment/thanks' } },
        { invoice: { action: 'issue' as const } },
        { invoice: { action: 'update' as const } },
        { setStatus: 'processing' },
        { stock: 'issue' as const },
        { dispatch: 'warehouse' },
      ],
    },
  },
  matching: { tolerance: { absolute: '0.30', percent: '1' } },
}

const numbers = ['100', '101', '102']
type Pick = (below: number) => number
const oneOf = <T>(next: Pick, list: readonly T[]): T => list[next(list.length)] as T

function anything(next: Pick): Incoming {
  const number = oneOf(next, numbers)
  switch (next(5)) {
    case 0:
      return anOrder({
        number,
        ...(next(2) === 0 && { store: oneOf(next, ['S1', 'S2', 'S9']), deliveryMethod: 'collect' }),
        ...(next(3) === 0 && { reference: oneOf(next, ['VS1', 'VS2']) }),
        ...(next(3) === 0 && { status: oneOf(next, ['received', 'picking']) }),
        externalNumber: `W${number}`,
        gross: oneOf(next, [0, 4_000, 10_000, 10_000, 10_000]),
        prepaid: oneOf(next, [0, 0, 0, 2_500, 10_000]),
        currency: oneOf(next, ['EUR', 'EUR', 'EUR', 'EUR', 'HUF']),
      })
    case 1:
    case 2: {
      const isBack = next(4) === 0
      return aPayment({
        bankKey: `B${next(12)}`,
        amount: oneOf(next, [2_500, 4_000, 9_980, 10_000, 10_020, 20_000]),
        reference: oneOf(next, [...numbers, 'VS1', 'W101', 'none']),
        message: `${oneOf(next, numbers)} ${oneOf(next, numbers)}`,
        endToEndId: `E${next(6)}`,
        ...(isBack && { direction: 'debit', reversal: next(2) === 0 }),
      })
    }
    default:
      return aStatus(oneOf(next, ['picking', 'shipped', 'confirmed', 'rejected', 'delivered', 'expired']), {
        order: oneOf(next, [number, `W${number}`]),
      })
  }
}

function aCommand(next: Pick, shop: Shop): Command | undefined {
  const orders = shop.store.all('order')
  const payments = shop.store.all('payment')
  if (orders.length === 0 || payments.length === 0) return undefined
  const order = oneOf(next, orders).id
  const payment = oneOf(next, payments).id
  const commands: readonly Command[] = [
    { verb: 'confirm', order },
    { verb: 'reject', order },
    { verb: 'deliver', order },
    { verb: 'setStatus', order, status: oneOf(next, ['picking', 'shipped']) },
    { verb: 'markPaid', order, ...(next(2) === 0 && { amount: 1_000 }) },
    { verb: 'match', payment, document: order, ...(next(2) === 0 && { amount: 1_000 }) },
    { verb: 'unmatch', payment },
    { verb: 'ignore', payment, reason: 'x' },
  ]
  return oneOf(next, commands)
}

function booksAddUp(shop: Shop): void {
  const standing = new Map<string, number>()
  for (const payment of shop.store.all('payment')) {
    let sum = 0
    for (const { document, amount, reversedAt } of payment.allocations) {
      if (reversedAt !== undefined) continue
      sum += amount
      standing.set(document, (standing.get(document) ?? 0) + amount)
    }
    expect(sum).toBeLessThanOrEqual(payment.amount)
    if (payment.state !== 'matched') expect(sum).toBe(0)
  }
  for (const order of shop.store.all('order')) {
    expect(order.paid).toBe(standing.get(order.id) ?? 0)
    expect(order.paymentStatus).toBe(paymentStatusOf(order))
    const entries = shop.store.find('clearing', 'order', order.id)
    expect(entries.reduce((sum, { gross }) => sum + gross, 0)).toBe(0)
    expect(entries.map(({ id }) => id).sort()).toEqual([...(order.collect?.clearing ?? [])].sort())
    timersFit(shop, order)
  }
}

function timersFit(shop: Shop, { id, collect, keepUntil }: Order): void {
  const live = [...shop.store.timers.values()].filter(({ subject }) => subject === id).map(({ name }) => name)
  const wanted = []
  if (collect?.processing === 'pending' && collect.processingExpiresAt !== undefined) wanted.push('collect.processing')
  if (collect?.delivery === 'ready' && collect.deliveryExpiresAt !== undefined) wanted.push('collect.delivery')
  if (keepUntil !== undefined) wanted.push('order.retention')
  expect(live).toEqual(wanted)
}

/** `paid` is fired when an order becomes paid, and then only: as often as its payment status says so in the history. */
function paidOnce(shop: Shop): void {
  for (const { id } of shop.store.all('order')) {
    const states = shop.store.events
      .filter(({ subject, after }) => subject === id && after?.['paymentStatus'] !== undefined)
      .map(({ after }) => ['paid', 'overpaid'].includes(String(after?.['paymentStatus'])))
    const became = states.filter((settled, i) => settled && states[i - 1] !== true).length
    const skipped = shop.store.events.filter(
      ({ name, subject, trace }) => name === 'step.skipped' && subject === id && trace?.rule === 'steps[1].invoice',
    )
    const issued = shop.store.find('invoice', 'order', id).length
    expect(skipped.length + issued).toBe(became)
  }
}

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('story %i', (seed) => {
  test('adds up after each step, and a file that is decided again counts as already done', () => {
    const next = randomOf(seed)
    const shop = new Shop(config)
    const transitions = new Map<string, number>()
    for (let step = 0; step < 60; step++) {
      const kind = next(10)
      if (kind < 7) {
        const slice = shop.slice(
          oneOf(next, ['orders', 'status']),
          ...Array.from({ length: 1 + next(3) }, () => anything(next)),
        )
        shop.takeSlice(slice)
        const again = decideFiles(shop.setup, [slice], shop.store, shop.cause('file', 'again'), shop.now)
        expect(shop.store.commit(again)).toBe('already')
      } else if (kind < 9) {
        const command = aCommand(next, shop)
        if (command !== undefined) shop.command(command)
      } else shop.wait(hours(next(10)))
      booksAddUp(shop)
      for (const { id, transition } of shop.store.all('order')) {
        expect(transition).toBeGreaterThanOrEqual(transitions.get(id) ?? 0)
        transitions.set(id, transition)
      }
    }
    paidOnce(shop)
    const keys = [...shop.store.messages.values()].map(({ id }) => id)
    expect(new Set(keys).size).toBe(keys.length)
    expect(shop.store.all('order').length).toBe(3)
    expect(shop.store.events.length).toBeGreaterThan(100)
  })

  test('a record that comes again in a new file, with nothing in between, changes no record', () => {
    const next = randomOf(seed + 100)
    const shop = new Shop(config)
    for (let step = 0; step < 40; step++) {
      const incoming = anything(next)
      shop.take('orders', incoming)
      const again = shop.take('orders', incoming)
      expect(again.batch.put).toEqual([])
      expect(again.lines).toEqual([])
      expect(again.counts.repeated + again.counts.refused).toBe(1)
    }
  })
})
