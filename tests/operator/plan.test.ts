import { afterAll, beforeAll, expect, test } from 'vitest'
import { orderId, paymentId } from '../../src/core/ids.ts'
import { fireDueTimers } from '../../src/schedule/timer-loop.ts'
import { movableClock } from '../../src/platform/clock.ts'
import { booksOf } from '../../src/operator/books.ts'
import { explainPayment } from '../../src/operator/explain-payment.ts'
import { plan } from '../../src/operator/plan.ts'
import { previewOrder } from '../../src/operator/preview-view.ts'
import { importedAt, type Office, openOffice } from './books-of.ts'

let office: Office
beforeAll(async () => {
  office = await openOffice()
})
afterAll(async () => await office[Symbol.asyncDispose]())

const hour = 3_600_000
const now = importedAt + 1000

test('a timer that is not due by then is not in the plan', async () => {
  const { timers } = await plan(office.ledger, office.current.setup, now + hour, { now })
  expect(timers).toEqual([])
})

test('export lines that wait and the slots until then are shown, and no more than a few slots', async () => {
  const { exports } = await plan(office.ledger, office.current.setup, importedAt + 24 * hour, { now })
  expect(exports).toEqual([
    {
      export: 'status',
      open: 3,
      writing: 0,
      held: 0,
      when: '0 18 * * *',
      slots: [Date.UTC(2026, 2, 2, 17)],
      moreSlots: false,
    },
    { export: 'clearing', open: 0, writing: 0, held: 0, when: 'atOnce', slots: [], moreSlots: false },
  ])
  const long = await plan(office.ledger, office.current.setup, importedAt + 30 * 24 * hour, { now })
  expect(long.exports[0]).toMatchObject({ moreSlots: true })
  expect(long.exports[0]?.slots).toHaveLength(5)
})

test('due messages stand in the order of their time', async () => {
  const { messages, held, cut } = await plan(office.ledger, office.current.setup, now, { now })
  expect(messages.map(({ template }) => template).toSorted()).toEqual(['customer/payment-received', 'store/new-order'])
  expect([held, cut]).toEqual([[], false])
})

test('open payments are explained by the rules as they see things now, and nothing is changed', async () => {
  const stamp = await office.ledger.changeStamp()
  const payment = await office.ledger.record('payment', paymentId('HU42', 'B-2'))
  if (payment === undefined) throw new Error('no payment')
  const found = await explainPayment(office.ledger, office.current.setup, payment)
  expect(found).toMatchObject({ triedAgain: true, now: { kind: 'unmatched' }, candidates: [] })
  expect(found.recorded).toEqual(found.now.evidence)
  const named = await explainPayment(office.ledger, office.current.setup, {
    ...payment,
    message: 'WEB-2',
    amount: 2000,
  })
  expect(named.now).toMatchObject({ kind: 'matched', rule: 'documentNumber' })
  expect(await office.ledger.changeStamp()).toBe(stamp)
})

test('the view of a preview is that of real messages, with the languages of the order', async () => {
  const order = await office.ledger.record('order', orderId('web', 'WEB-1'))
  if (order === undefined) throw new Error('no order')
  const { view, languages } = await previewOrder(office.ledger, office.current.setup, order, now)
  expect(languages).toEqual(['en'])
  expect(view).toMatchObject({
    order: { number: 'WEB-1', isPaid: true },
    payment: { payer: 'Anna' },
    store: { name: 'Košice' },
  })
})

test('the books balance, and an unbalanced count is seen', async () => {
  const totals = await office.ledger.totals()
  const books = booksOf(totals)
  expect(books.balanced).toBe(true)
  expect(books.imports.find((one) => one.import === 'orders')).toMatchObject({
    files: 1,
    read: 3,
    applied: 3,
    balanced: true,
  })
  const [file] = totals.files
  if (file === undefined) throw new Error('no file')
  const lost = booksOf({
    ...totals,
    files: [{ ...file, counts: { ...file.counts, applied: file.counts.applied - 1 } }],
  })
  expect([lost.balanced, lost.imports[0]?.balanced]).toEqual([false, false])
  const gap = booksOf({
    ...totals,
    exports: [{ export: 'x', open: 0, writing: 0, held: 0, written: 1, lines: 1, voided: 0, lastSequence: 2 }],
  })
  expect(gap.balanced).toBe(false)
})

test('the plan shows the very effects that the timer has when it fires, and changes nothing itself', async () => {
  const stamp = await office.ledger.changeStamp()
  const { timers } = await plan(office.ledger, office.current.setup, importedAt + 5 * hour, { now })
  expect(await office.ledger.changeStamp()).toBe(stamp)
  expect(timers.map(({ timer, at }) => [timer.name, at])).toEqual([['collect.processing', importedAt + 4 * hour]])
  const clock = movableClock(importedAt + 4 * hour)
  await fireDueTimers({ ledger: office.ledger, setup: office.current.setup, clock })
  const stored = await office.ledger.messages({ subject: orderId('web', 'WEB-1'), limit: 1 })
  const planned = timers[0]?.batch.messages[0]
  expect(planned).toMatchObject({ template: 'customer/expired', state: 'queued' })
  expect([stored[0]?.id, stored[0]?.mail]).toEqual([planned?.id, planned?.mail])
})
