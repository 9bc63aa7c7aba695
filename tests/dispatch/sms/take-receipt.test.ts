import { afterEach, beforeEach, expect, test } from 'vitest'
import { emptyBatch } from '../../../src/core/batch.ts'
import type { Receipt } from '../../../src/core/message.ts'
import { deliveryCause } from '../../../src/dispatch/dispatcher.ts'
import { earlyIds, takeEarlyReceipts, takeLeftReceipts, takeReceipt } from '../../../src/dispatch/sms/take-receipt.ts'
import { decideDelivery } from '../../../src/workflow/messages/record-delivery.ts'
import { sms } from '../../ledger/samples.ts'
import { type Company, noon, openCompany } from '../../neighbours/company.ts'

let company: Company
beforeEach(async () => {
  company = await openCompany()
})
afterEach(async () => await company[Symbol.asyncDispose]())

const tools = () => ({ ledger: company.ledger, setup: company.setup })
const text = (key: string, parts: number) => {
  const plain = sms(key)
  return { ...plain, ...(plain.sms && { sms: { ...plain.sms, parts } }) }
}
const number = sms('x').recipients[0]?.address ?? ''
const receipt = (smscId: string, more: Partial<Receipt> = {}): Receipt => ({
  account: 'sms',
  smscId,
  state: 'delivered',
  destination: number,
  text: '',
  at: noon + 5,
  ...more,
})
const state = async (key: string) => (await company.ledger.message(sms(key).id))?.state
const accept = (...ids: string[]) => ({
  outcome: { kind: 'accepted' as const, response: 'ok' },
  parts: ids.map((smscId, i) => ({ part: i + 1, outcome: { kind: 'accepted' as const, response: 'ok' }, smscId })),
})

async function lease(key: string, parts = 1): Promise<void> {
  await company.ledger.commit({ ...emptyBatch(deliveryCause(company.setup), noon), messages: [text(key, parts)] })
  await company.ledger.take('sms', 10, noon)
}
async function answered(key: string, ...ids: string[]): Promise<void> {
  const message = await company.ledger.message(sms(key).id)
  if (message === undefined) throw new Error('no message')
  const batch = decideDelivery(company.setup, message, accept(...ids), deliveryCause(company.setup), noon)
  await company.ledger.commit({
    ...batch,
    messageUpdates: batch.messageUpdates.map((update) => ({ ...update, account: 'sms' })),
  })
}

test('the ledger is asked about early receipts only where one came', async () => {
  const early = earlyIds()
  let asked = 0
  const { ledger } = company
  const unmatchedReceipts = ledger.unmatchedReceipts.bind(ledger)
  Object.assign(ledger, {
    unmatchedReceipts: async (...args: Parameters<typeof unmatchedReceipts>) => {
      asked += 1
      return await unmatchedReceipts(...args)
    },
  })
  await lease('a')
  await answered('a', '16')
  await takeEarlyReceipts({ ...tools(), early }, 'sms', text('a', 1), accept('16'))
  expect(asked).toBe(0)
  await lease('b')
  await takeReceipt({ ...tools(), early }, receipt('17'))
  await answered('b', '17')
  await takeEarlyReceipts({ ...tools(), early }, 'sms', text('a', 1), accept('17'))
  expect(asked).toBe(1)
  expect(await state('b')).toBe('delivered')
})

test('ids of early receipts are forgotten, the oldest first, when far too many come', () => {
  const early = earlyIds()
  for (let i = 0; i < 10_001; i++) early.add(String(i))
  expect([early.has('0'), early.has('1'), early.has('10000')]).toEqual([false, true, true])
})

test('a receipt delivers its message, and coming twice changes nothing', async () => {
  await lease('a')
  await answered('a', '17')
  await takeReceipt(tools(), receipt('17'))
  await takeReceipt(tools(), receipt('17', { at: noon + 9 }))
  expect(await state('a')).toBe('delivered')
  expect((await company.ledger.eventsOf(sms('a').id)).filter(({ name }) => name === 'message.delivered')).toHaveLength(
    1,
  )
})

test('one that comes before the answer was recorded waits for it', async () => {
  await lease('a')
  await takeReceipt(tools(), receipt('17'))
  expect((await company.ledger.totals()).receiptsUnmatched).toBe(1)
  await answered('a', '17')
  expect(await state('a')).toBe('accepted')
  await takeEarlyReceipts(tools(), 'sms', text('a', 1), accept('17'))
  expect(await state('a')).toBe('delivered')
  expect((await company.ledger.totals()).receiptsUnmatched).toBe(0)
})

test('one whose message was recorded just before a kill is matched at the next start', async () => {
  await lease('a')
  await takeReceipt(tools(), receipt('17'))
  await answered('a', '17')
  await takeLeftReceipts(tools(), 'sms')
  expect(await state('a')).toBe('delivered')
})

test('one that crosses the recording of the answer is matched all the same', async () => {
  await lease('a')
  const { ledger } = company
  const look = ledger.partsBySmscId.bind(ledger)
  let first = true
  Object.assign(ledger, {
    partsBySmscId: async (...args: Parameters<typeof look>) => {
      const found = await look(...args)
      if (first) {
        first = false
        await answered('a', '17')
        await takeEarlyReceipts(tools(), 'sms', text('a', 1), accept('17'))
      }
      return found
    },
  })
  await takeReceipt(tools(), receipt('17'))
  expect(await state('a')).toBe('delivered')
})

test('an id that nobody knows is kept', async () => {
  await takeReceipt(tools(), receipt('999'))
  expect(await company.ledger.unmatchedReceipts('sms', ['999'])).toHaveLength(1)
})

test('a part that was lost before the last one had left makes the message undelivered, not accepted', async () => {
  await lease('a', 2)
  const message = text('a', 2)
  const put = async (attempt: Parameters<typeof decideDelivery>[2]): Promise<void> => {
    const stored = await company.ledger.message(message.id)
    if (stored === undefined) throw new Error('no message')
    const batch = decideDelivery(company.setup, stored, attempt, deliveryCause(company.setup), noon)
    const messageUpdates = batch.messageUpdates.map((update) => ({ ...update, account: 'sms' }))
    await company.ledger.commit({ ...batch, messageUpdates })
  }
  // The first part is taken, the second put off; the receipt of the first comes while the second waits.
  const [first] = accept('1').parts
  await put({
    outcome: { kind: 'deferred', reason: 'full', pace: 'account', retryAfterMs: 1 },
    parts: first ? [first] : [],
  })
  await takeReceipt(tools(), receipt('1', { state: 'undelivered' }))
  expect(await state('a')).toBe('queued')
  await company.ledger.take('sms', 10, noon + 10)
  const second = { ...accept('2'), parts: [{ ...accept('2').parts[0], part: 2 }] } as ReturnType<typeof accept>
  await put(second)
  expect(await state('a')).toBe('accepted')
  await takeEarlyReceipts({ ...tools(), early: earlyIds() }, 'sms', message, second)
  expect(await state('a')).toBe('undelivered')
  await takeReceipt(tools(), receipt('2'))
  expect(await state('a')).toBe('undelivered')
})

test('and the same when the daemon was killed before it could look', async () => {
  await lease('a', 2)
  await answered('a', '1', '2')
  const [stored] = await company.ledger.parts(text('a', 2).id)
  if (stored === undefined) throw new Error('no part')
  const lost = receipt('1', { state: 'undelivered' })
  const cause = deliveryCause(company.setup)
  // The receipt is with its part, and the message knows nothing of it.
  await company.ledger.commit({
    ...emptyBatch(cause, noon),
    receipts: [{ receipt: lost, message: stored.message, part: 1 }],
  })
  expect(await state('a')).toBe('accepted')
  await takeLeftReceipts(tools(), 'sms')
  expect(await state('a')).toBe('undelivered')
})

test('a message of several parts is delivered with its last part only', async () => {
  await lease('a', 3)
  await answered('a', '1', '2', '3')
  await takeReceipt(tools(), receipt('3'))
  await takeReceipt(tools(), receipt('1'))
  await takeReceipt(tools(), receipt('1'))
  expect(await state('a')).toBe('accepted')
  await takeReceipt(tools(), receipt('2'))
  expect(await state('a')).toBe('delivered')
})

test.each(['undelivered', 'expired', 'deleted', 'rejected'] as const)(
  'one part that is %s fails the message',
  async (failed) => {
    await lease('a', 2)
    await answered('a', '1', '2')
    await takeReceipt(tools(), receipt('1'))
    await takeReceipt(tools(), receipt('2', { state: failed, error: '005' }))
    expect(await state('a')).toBe('undelivered')
  },
)

test('intermediate states end nothing', async () => {
  await lease('a')
  await answered('a', '1')
  await takeReceipt(tools(), receipt('1', { state: 'intermediate' }))
  expect(await state('a')).toBe('accepted')
})

test('of two messages with the same id the destination decides, also without the country prefix', async () => {
  await lease('a')
  await answered('a', '5')
  const other = { ...sms('b'), recipients: [{ address: '+421905111222', as: 'to' as const, role: 'customer' }] }
  await company.ledger.commit({ ...emptyBatch(deliveryCause(company.setup), noon), messages: [other] })
  await company.ledger.take('sms', 10, noon)
  await answered('b', '5')
  await takeReceipt(tools(), receipt('5', { destination: `06${number.slice(-9)}` }))
  expect([await state('a'), await state('b')]).toEqual(['delivered', 'accepted'])
  await takeReceipt(tools(), receipt('5', { destination: '421905111222' }))
  expect(await state('b')).toBe('delivered')
})

test('receipts of all parts that come at the same moment end in one state', async () => {
  await lease('a', 3)
  await answered('a', '1', '2', '3')
  await Promise.all(['1', '2', '3'].map((id) => takeReceipt(tools(), receipt(id))))
  expect(await state('a')).toBe('delivered')
  const told = (await company.ledger.eventsOf(sms('a').id)).filter(({ name }) => name === 'message.delivered')
  expect(told).toHaveLength(1)
})
