import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { emptyBatch } from '../../src/core/batch.ts'
import { loadHistory } from '../../src/operator/order-history.ts'
import type { Target } from '../../src/operator/resolve-target.ts'
import { why } from '../../src/operator/why/why.ts'
import { anOrder, answer, aPayment, aStatus, collectWorkflow, hours, toCollect } from '../workflow/shop.ts'
import { type Desk, openDesk } from './desk.ts'

const paid = {
  kind: 'payment' as const,
  steps: [
    { send: { to: 'customer' as const, mail: 'payment/thanks', sms: 'payment/thanks' } },
    { invoice: { action: 'issue' as const } },
    { setStatus: 'processing' },
    { stock: 'issue' as const },
    { dispatch: 'warehouse' },
  ],
}
const collect = { ...collectWorkflow, clearing: { postOn: 'processing' as const, fee: '1.00' } }

let desk: Desk
beforeEach(async () => {
  desk = await openDesk({ workflows: { paid, collect } })
})
afterEach(async () => {
  expect(await desk.findings()).toEqual([])
  await desk[Symbol.asyncDispose]()
})

const actions = async (name: string): Promise<readonly unknown[]> =>
  (await desk.told(name)).map(({ action, move, type }) => action ?? move ?? type)

test('before anything left: messages are cancelled, lines are voided, and nothing of it reaches the ERP', async () => {
  await desk.take('orders', anOrder())
  await desk.take('bank', aPayment())
  expect((await desk.order()).status).toBe('processing')
  const result = await desk.rollBack()
  expect(result).toMatchObject({ kind: 'done', notes: [expect.stringContaining('payment B1 of 100.00 EUR stays')] })
  expect(await desk.order()).toMatchObject({ status: 'received', paymentStatus: 'paid', round: 1 })
  expect(await desk.messages()).toEqual(['payment/thanks cancelled', 'payment/thanks cancelled'])
  for (const name of ['stock', 'invoice', 'dispatch']) expect(await desk.told(name)).toEqual([])
  expect((await desk.told('orderStatus')).map(({ status, paymentStatus }) => [status, paymentStatus])).toEqual([
    ['received', 'paid'],
  ])
  await desk.export()
  expect((await desk.ledger.exportFiles(undefined, 10)).map((file) => file.export).toSorted()).toEqual([
    'orderStatus',
    'payments',
  ])
})

test('after the files were written: counter-lines for stock, dispatch and invoice, a new line for the status', async () => {
  await desk.take('orders', anOrder())
  await desk.take('bank', aPayment())
  await desk.export()
  expect((await desk.rollBack()).kind).toBe('done')
  expect(await actions('stock')).toEqual(['issue', 'return'])
  expect(await actions('dispatch')).toEqual(['create', 'cancel'])
  expect(await actions('invoice')).toEqual(['issue', 'cancel'])
  expect((await desk.told('orderStatus')).map(({ status }) => status)).toEqual(['received', 'processing', 'received'])
  const [issue, back] = await desk.told('stock')
  expect(back).toMatchObject({ sku: 'A', quantity: '2', reverses: issue?.['id'] })
})

test('an export that was written and one that was not: each is told what it needs', async () => {
  await desk.take('orders', anOrder())
  await desk.take('bank', aPayment())
  await desk.export('stock')
  await desk.rollBack()
  expect(await actions('stock')).toEqual(['issue', 'return'])
  expect(await actions('dispatch')).toEqual([])
})

test('an invoice that the ERP has issued is credited', async () => {
  await desk.take('orders', anOrder())
  await desk.take('bank', aPayment())
  await desk.export()
  await desk.take('answersBack', answer({ number: 'IN7' }))
  await desk.rollBack()
  const [, note] = await desk.told('invoice')
  expect(note).toMatchObject({ action: 'issue', type: 'creditNote', refersTo: 'IN7', gross: '100.00' })
  expect((await desk.all('invoice')).map(({ type, state }) => [type, state])).toEqual([
    ['invoice', 'cancelled'],
    ['creditNote', 'requested'],
  ])
})

test('what was sent stays sent, and is named', async () => {
  await desk.take('orders', anOrder())
  await desk.take('bank', aPayment())
  const [due] = await desk.ledger.take('mail', 1, desk.now)
  if (due === undefined) throw new Error('no mail')
  const cause = { kind: 'delivery' as const, actor: 'daemon', configHash: desk.setup.configHash }
  await desk.ledger.commit({
    ...emptyBatch(cause, desk.now),
    events: [{ name: 'message.accepted', subject: due.id, at: desk.now, after: { state: 'accepted' } }],
    messageUpdates: [{ id: due.id, from: ['sending'], state: 'accepted', attempted: true, finishedAt: desk.now }],
  })
  const result = await desk.rollBack()
  expect('notes' in result && result.notes).toContain('mail payment/thanks to anna@example.com was sent')
  expect(await desk.messages()).toEqual(['payment/thanks accepted', 'payment/thanks cancelled'])
})

test('--free-payments takes the money back; matched again, the same automation runs once more', async () => {
  await desk.take('orders', anOrder())
  await desk.take('bank', aPayment())
  await desk.export()
  await desk.rollBack({ freePayments: true })
  expect(await desk.order()).toMatchObject({ status: 'received', paymentStatus: 'unpaid', paid: 0 })
  const [payment] = await desk.all('payment')
  expect(payment?.state).toBe('unmatched')
  await desk.command({ verb: 'match', payment: payment!.id, document: (await desk.order()).id })
  expect(await desk.order()).toMatchObject({ status: 'processing', paymentStatus: 'paid' })
  expect(await actions('stock')).toEqual(['issue', 'return', 'issue'])
  expect(await actions('invoice')).toEqual(['issue', 'cancel', 'issue'])
  expect(await actions('dispatch')).toEqual(['create', 'cancel', 'create'])
  expect(await desk.messages()).toEqual([
    'payment/thanks cancelled',
    'payment/thanks cancelled',
    'payment/thanks queued',
    'payment/thanks queued',
  ])
})

test('a payment that settles other orders, too, is not freed by rolling one back', async () => {
  await desk.take('orders', anOrder(), anOrder({ number: '101' }))
  await desk.take('bank', aPayment({ amount: 20_000, reference: '100, 101' }))
  const [payment] = await desk.all('payment')
  expect(payment?.allocations).toHaveLength(2)
  const result = await desk.rollBack({ freePayments: true })
  expect(result).toMatchObject({ kind: 'refused', reason: expect.stringContaining('settles 101, too') as string })
})

test('twice is once; an earlier event can be named, one that was rolled back cannot', async () => {
  await desk.take('orders', anOrder())
  const imported = await desk.eventSeq('order.imported')
  await desk.take('status', aStatus('picking'))
  const picking = await desk.eventSeq('order.statusChanged')
  await desk.take('status', aStatus('shipped'))
  expect((await desk.rollBack()).kind).toBe('done')
  expect((await desk.order()).status).toBe('picking')
  const stamp = await desk.ledger.changeStamp()
  expect(await desk.rollBack()).toMatchObject({ kind: 'same' })
  expect(await desk.rollBack({ to: picking })).toMatchObject({ kind: 'same' })
  expect(await desk.ledger.changeStamp()).toBe(stamp)
  expect((await desk.rollBack({ to: imported })).kind).toBe('done')
  expect((await desk.order()).status).toBe('received')
  expect(await desk.rollBack({ to: picking })).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('itself rolled back') as string,
  })
  expect(await desk.rollBack({ to: 999_999 })).toMatchObject({ kind: 'refused' })
  await desk.command({ verb: 'setStatus', order: (await desk.order()).id, status: 'shipped' })
  expect((await desk.order()).status).toBe('shipped')
})

test('a dry run writes nothing and shows what the real one commits', async () => {
  await desk.take('orders', anOrder())
  await desk.take('bank', aPayment())
  const stamp = await desk.ledger.changeStamp()
  const shown = await desk.rollBack({}, '100', true)
  expect(await desk.ledger.changeStamp()).toBe(stamp)
  desk.now -= 1_000
  const done = await desk.rollBack()
  expect('batch' in shown && shown.batch).toEqual('batch' in done && done.batch)
})

test('a line that is taken into a file at the same moment is countered, not voided', async () => {
  await desk.take('orders', anOrder())
  await desk.take('bank', aPayment())
  const commit = desk.ledger.commit.bind(desk.ledger)
  let meddled = false
  desk.ledger.commit = async (batch, basis) => {
    if (!meddled && batch.voidLines.length > 0) {
      meddled = true
      await desk.export('stock')
    }
    return await commit(batch, basis)
  }
  expect((await desk.rollBack()).kind).toBe('done')
  expect(await actions('stock')).toEqual(['issue', 'return'])
})

describe('at a collecting store', () => {
  test('a confirmation is taken back: pending with its deadline, clearing reversed, the customer not told', async () => {
    await desk.take('orders', toCollect())
    const before = await desk.order()
    await desk.export()
    await desk.take('answers', aStatus('confirmed'))
    expect((await desk.all('clearing')).length).toBeGreaterThan(0)
    expect((await desk.rollBack()).kind).toBe('done')
    const { collect: restored } = await desk.order()
    expect(restored).toEqual({ ...before.collect, sequence: 3, clearing: restored?.clearing })
    const timers = await desk.ledger.timersUntil(Number.MAX_SAFE_INTEGER, 10)
    expect(timers.map(({ name, dueAt }) => [name, dueAt])).toEqual([
      ['collect.processing', before.collect?.processingExpiresAt],
    ])
    expect(await desk.told('clearing')).toEqual([])
    expect((await desk.messages()).filter((text) => text.startsWith('customer/ready'))).toEqual([
      'customer/ready cancelled',
    ])
    await desk.take('answers', aStatus('confirmed'))
    expect((await desk.told('clearing')).reduce((sum, { gross }) => sum + Number(gross), 0)).toBe(0)
    expect((await desk.told('clearing')).length).toBeGreaterThan(0)
  })

  test('an expiry is taken back: what it reversed is posted again, and the days for fetching begin anew', async () => {
    await desk.take('orders', toCollect())
    await desk.take('answers', aStatus('confirmed'))
    await desk.export()
    await desk.wait(hours(24 * 7))
    expect((await desk.order()).collect).toMatchObject({ delivery: 'expired' })
    await desk.export('clearing')
    expect((await desk.rollBack()).kind).toBe('done')
    const { collect: restored } = await desk.order()
    expect(restored).toMatchObject({ processing: 'confirmed', delivery: 'ready' })
    expect(restored?.deliveryExpiresAt).toBeGreaterThan(desk.now)
    const types = (await desk.told('clearing')).map(({ type }) => type)
    expect(types.filter((type) => type === 'goods')).toHaveLength(4)
    expect(types.filter((type) => type === 'reversal')).toHaveLength(
      types.filter((type) => type !== 'reversal').length / 2,
    )
  })

  test('a deadline of the store that has passed is not set again, and that is said', async () => {
    await desk.take('orders', toCollect())
    await desk.wait(hours(24))
    expect((await desk.order()).collect?.processing).toBe('expired')
    const result = await desk.rollBack()
    expect('notes' in result && result.notes).toEqual([expect.stringContaining('answer of the store has passed')])
    expect((await desk.order()).collect).not.toHaveProperty('processingExpiresAt')
  })

  test('delivered is final', async () => {
    await desk.take('orders', toCollect())
    await desk.take('answers', aStatus('confirmed'))
    await desk.take('answers', aStatus('delivered'))
    expect(await desk.rollBack()).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('handed over') as string,
    })
  })

  test('an acknowledged clearing entry refuses', async () => {
    await desk.take('orders', toCollect())
    await desk.take('answers', aStatus('confirmed'))
    await desk.export()
    const [entry] = await desk.all('clearing')
    await desk.take('answersBack', answer({ about: 'clearing', document: entry!.id }))
    expect(await desk.rollBack()).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('acknowledged') as string,
    })
  })

  test('the way to the store is taken back while its ERP was not told; then it refuses', async () => {
    await desk.take('orders', toCollect())
    expect((await desk.rollBack()).kind).toBe('done')
    expect((await desk.order()).collect).toBeUndefined()
    expect(await desk.told('orderToStore')).toEqual([])
    expect(await desk.ledger.timersUntil(Number.MAX_SAFE_INTEGER, 10)).toEqual([])
    await desk.take('orders', toCollect({ number: '101' }))
    await desk.export()
    expect(await desk.rollBack({}, '101')).toMatchObject({ kind: 'refused' })
  })
})

test('why tells a roll back from all sides: the order, a cancelled message, a voided line, a counter-movement', async () => {
  await desk.take('orders', anOrder())
  await desk.take('bank', aPayment())
  await desk.export('stock')
  await desk.rollBack()
  const { order, events } = (await loadHistory(desk.ledger, (await desk.order()).id))!
  const seq = events.findLast(({ name }) => name === 'order.rolledBack')?.seq
  const ask = async (target: Target): Promise<string> => JSON.stringify(await why(desk.ledger, desk.setup, target))
  const whole = await ask({ kind: 'order', order })
  const [movement, back] = await desk.all('movement')
  for (const text of [movement!.id, 'rolled back before it was written', 'payment B1 of 100.00 EUR stays allocated']) {
    expect(whole).toContain(text)
  }
  const [message] = (await desk.ledger.aboutSubject(order.id)).messages
  expect(await ask({ kind: 'message', message: message! })).toMatch(/message\.cancelled.*order\.rolledBack/)
  const voided = (await desk.lines('dispatch')).find((line) => line.voided !== undefined)
  expect(voided?.because).toBeLessThan(seq ?? 0)
  expect(await ask({ kind: 'exportLine', line: voided! })).toMatch(
    /was voided because.*dispatch\.cancelled.*order\.rolledBack/,
  )
  expect(await ask({ kind: 'record', record: back! })).toMatch(/stock\.moved.*order\.rolledBack/)
})
