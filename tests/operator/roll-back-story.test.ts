/** Random histories with roll backs at any stage: what stands afterwards is what stood then, and the ERP's books balance. */
import { expect, test } from 'vitest'
import type { Command } from '../../src/core/command.ts'
import type { Order } from '../../src/core/order.ts'
import { wholeHistory } from '../../src/operator/order-history.ts'
import { takenBack } from '../../src/workflow/instruct.ts'
import { anOrder, answer, aPayment, aStatus, collectWorkflow, hours, toCollect } from '../workflow/shop.ts'
import { randomOf } from '../workflow/sample-records.ts'
import { type Desk, openDesk } from './desk.ts'

const config = {
  workflows: {
    std: { ...collectWorkflow, clearing: { postOn: 'processing' as const, fee: '1.00' } },
    paid: {
      kind: 'payment' as const,
      on: {
        imported: [{ stock: 'reserve' as const }],
        paid: [
          { send: { to: 'customer' as const, mail: 'payment/thanks' } },
          { invoice: { action: 'issue' as const } },
          { setStatus: 'processing' },
          { stock: 'issue' as const },
          { dispatch: 'warehouse' },
        ],
        'status.cancelled': [{ invoice: { action: 'issue' as const, type: 'creditNote' as const } }],
      },
    },
  },
}
const numbers = ['100', '101']
type Pick = (below: number) => number
const oneOf = <T>(next: Pick, list: readonly T[]): T => list[next(list.length)] as T

async function step(desk: Desk, next: Pick, count: number): Promise<void> {
  const number = oneOf(next, numbers)
  switch (next(9)) {
    case 0:
      await desk.take(
        'bank',
        aPayment({ bankKey: `B${count}`, reference: number, amount: oneOf(next, [4_000, 10_000]) }),
      )
      return
    case 1:
      await desk.take('status', aStatus(oneOf(next, ['picking', 'shipped', 'cancelled']), { order: number }))
      return
    case 2:
    case 3:
      await desk.take('answers', aStatus(oneOf(next, ['confirmed', 'rejected', 'expired']), { order: number }))
      return
    case 4:
      await desk.take('answersBack', answer({ document: number, number: `IN${count}` }))
      return
    case 5:
      return await desk.export(...(next(2) === 0 ? [] : [oneOf(next, ['stock', 'clearing', 'invoice', 'orderStatus'])]))
    case 6:
      return await desk.wait(hours(next(30)))
    default:
      await desk.command(await aCommand(desk, next, number))
  }
}

async function aCommand(desk: Desk, next: Pick, number: string): Promise<Command> {
  const { id: order } = await desk.order(number)
  const payment = oneOf(next, await desk.all('payment'))
  return oneOf<Command>(next, [
    { verb: 'setStatus', order, status: oneOf(next, ['picking', 'shipped', 'cancelled']) },
    { verb: 'confirm', order },
    { verb: 'markPaid', order },
    ...(payment === undefined ? [] : [{ verb: 'match' as const, payment: payment.id, document: order }]),
  ])
}

/** All of an order that a roll back answers for, as it stands. */
async function standing(desk: Desk, number: string) {
  const { id, status, collect } = await desk.order(number)
  const own = <T extends { readonly order: Order['id'] }>(list: readonly T[]): readonly T[] =>
    list.filter((each) => each.order === id)
  const movements = own(await desk.all('movement'))
  const moved = new Set(movements.map((each) => each.id))
  const clearing = own(await desk.all('clearing'))
  const reversed = new Set(clearing.map(({ reverses }) => reverses))
  const documents = own(await desk.all('invoice')).filter(({ state }) => state !== 'cancelled')
  return {
    status,
    collect: collect && { processing: collect.processing, delivery: collect.delivery },
    movements: movements
      .filter((each) => each.reverses === undefined && !moved.has(takenBack(each.id)))
      .map(({ move, sku, quantity }) => `${move} ${quantity} ${sku}`)
      .toSorted(),
    clearing: clearing
      .filter((each) => each.type !== 'reversal' && !reversed.has(each.id))
      .map(({ type, company, gross }) => `${type} ${company} ${gross}`)
      .toSorted(),
    invoices: documents.filter(({ type }) => type === 'invoice').length,
    dispatches: own(await desk.all('dispatch')).filter(({ state }) => state !== 'cancelled').length,
  }
}

const sign: Readonly<Record<string, readonly [goods: number, kept: number]>> = {
  issue: [-1, 0],
  return: [1, 0],
  reserve: [0, 1],
  release: [0, -1],
  transfer: [0, 0],
}

/** What the ERP was told, or is going to be, comes to what stands. */
async function booksBalance(desk: Desk, number: string): Promise<void> {
  const now = await standing(desk, number)
  const [goods, kept] = [0, 1].map(
    (at) => (moves: readonly string[]) => moves.reduce((sum, move) => sum + (sign[move]?.[at] ?? 0), 0),
  )
  const told = (await desk.told('stock', number)).map(({ move }) => (typeof move === 'string' ? move : ''))
  const stands = now.movements.map((text) => text.split(' ')[0] ?? '')
  expect([goods?.(told), kept?.(told)]).toEqual([goods?.(stands), kept?.(stands)])
  const clearing = await desk.told('clearing', number)
  expect(clearing.reduce((sum, { gross }) => sum + Math.round(Number(gross) * 100), 0)).toBe(0)
  const balances = new Map<unknown, number>()
  for (const { company, gross } of clearing)
    balances.set(company, (balances.get(company) ?? 0) + Math.round(Number(gross) * 100))
  for (const [company, balance] of balances) {
    const sum = now.clearing
      .filter((text) => text.split(' ')[1] === company)
      .reduce((total, text) => total + Number(text.split(' ')[2]), 0)
    expect(balance).toBe(sum)
  }
  const instructions = await desk.told('dispatch', number)
  const created = instructions.filter(({ action }) => action === 'create').length
  expect(created - (instructions.length - created)).toBe(now.dispatches)
  expect(now.dispatches).toBeLessThanOrEqual(1)
  expect(now.invoices).toBeLessThanOrEqual(1)
}

const seqs = async (desk: Desk, number: string): Promise<readonly number[]> =>
  (await wholeHistory(desk.ledger, await desk.order(number))).map(({ seq }) => seq)

test.each([1, 2, 3, 4, 5, 6, 7, 8])('story %i', async (seed) => {
  await using desk = await openDesk(config)
  const next = randomOf(seed)
  const stages = new Map<string, Awaited<ReturnType<typeof standing>>>()
  const remember = async (): Promise<void> => {
    for (const number of numbers) {
      stages.set(`${number} ${(await seqs(desk, number)).at(-1) ?? 0}`, await standing(desk, number))
    }
  }
  await desk.take('orders', seed % 2 === 0 ? toCollect() : anOrder(), toCollect({ number: '101' }))
  await remember()
  let done = 0
  let compared = 0
  for (let count = 0; count < 50; count++) {
    if (next(4) > 0) {
      await step(desk, next, count)
      await remember()
      continue
    }
    const number = oneOf(next, numbers)
    const events = await seqs(desk, number)
    const freePayments = next(3) === 0
    const wish = { freePayments, ...(next(2) === 0 && { to: oneOf(next, events) }) }
    const result = await desk.rollBack(wish, number)
    expect(['done', 'same', 'refused']).toContain(result.kind)
    await booksBalance(desk, number)
    if (result.kind !== 'done') continue
    done += 1
    const to = Number(
      (await desk.ledger.eventsOf((await desk.order(number)).id)).findLast(({ name }) => name === 'order.rolledBack')
        ?.after?.['to'],
    )
    // Back to before a change is back to the last event of the order before that.
    const stage = stages.get(`${number} ${events.findLast((seq) => seq <= to) ?? 0}`)
    const now = await standing(desk, number)
    if (stage !== undefined) {
      compared += 1
      // What was undone before is not done again by going back further.
      expect({ ...now, invoices: 0, dispatches: 0 }).toEqual({ ...stage, invoices: 0, dispatches: 0 })
      expect(now.invoices).toBeLessThanOrEqual(stage.invoices)
    }
    const stamp = await desk.ledger.changeStamp()
    expect((await desk.rollBack({ freePayments }, number)).kind).toBe('same')
    if (events.includes(to)) expect((await desk.rollBack({ to, freePayments }, number)).kind).toBe('same')
    expect(await desk.ledger.changeStamp()).toBe(stamp)
    expect(await desk.findings()).toEqual([])
    await remember()
  }
  await desk.export()
  for (const number of numbers) await booksBalance(desk, number)
  expect(await desk.findings()).toEqual([])
  expect(done).toBeGreaterThan(0)
  expect(compared).toBeGreaterThan(0)
})
