import { afterEach, beforeEach, expect, test } from 'vitest'
import { emptyBatch } from '../../src/core/batch.ts'
import type { Command } from '../../src/core/command.ts'
import { messageId, orderId, paymentId } from '../../src/core/ids.ts'
import type { NewMessage } from '../../src/core/message.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { act } from '../../src/operator/act.ts'
import { importedAt, type Office, openOffice } from './books-of.ts'

let office: Office
beforeEach(async () => {
  office = await openOffice()
})
afterEach(async () => await office[Symbol.asyncDispose]())

const order = orderId('web', 'WEB-1')
const now = importedAt + 60_000
const options = { actor: 'cli:anna', now, dryRun: false }
const give = (command: Command, over: Partial<typeof options> = {}, ledger: Ledger = office.ledger) =>
  act(ledger, office.current.setup, command, { ...options, ...over })

test('a command is committed once, with its actor; given again it is the same and writes nothing', async () => {
  expect((await give({ verb: 'confirm', order })).kind).toBe('done')
  const stamp = await office.ledger.changeStamp()
  expect(await give({ verb: 'confirm', order })).toEqual({ kind: 'same', reason: 'order WEB-1 is confirmed already' })
  expect(await office.ledger.changeStamp()).toBe(stamp)
  const confirmed = (await office.ledger.eventsOf(order)).filter(({ name }) => name === 'collect.confirmed')
  expect(confirmed.map(({ actor, cause }) => [actor, cause])).toEqual([['cli:anna', 'person']])
})

test('a dry run shows the very batch that the real run commits, and changes nothing', async () => {
  const stamp = await office.ledger.changeStamp()
  const shown = await give({ verb: 'confirm', order }, { dryRun: true })
  expect(await office.ledger.changeStamp()).toBe(stamp)
  const real = await give({ verb: 'confirm', order })
  expect(shown.kind).toBe('wouldDo')
  expect('batch' in shown && shown.batch).toEqual('batch' in real && real.batch)
  expect('batch' in real && real.batch.messages.map(({ template }) => template)).toEqual(['customer/ready'])
})

test.each<[string, Command, RegExp]>([
  ['an order that is not at a store', { verb: 'confirm', order: orderId('web', 'WEB-2') }, /not at a collecting store/],
  ['an order that does not exist', { verb: 'confirm', order: orderId('web', 'none') }, /no such order/],
  ['a move that the state forbids', { verb: 'deliver', order }, /confirm or reject it first/],
  ['a payment that is matched', { verb: 'ignore', payment: paymentId('HU42', 'B-1'), reason: 'x' }, /unmatch it first/],
  ['a message that does not exist', { verb: 'sendMessage', message: messageId('none') }, /no such message/],
])('%s is refused with a reason, and nothing is written', async (_, command, reason) => {
  const stamp = await office.ledger.changeStamp()
  for (const dryRun of [true, false]) {
    const result = await give(command, { dryRun })
    expect(result).toMatchObject({ kind: 'refused', reason: expect.stringMatching(reason) as string })
  }
  expect(await office.ledger.changeStamp()).toBe(stamp)
})

const message = (key: string, fields: Partial<NewMessage>): NewMessage => ({
  id: messageId(key),
  dedupeKey: key,
  channel: 'sms',
  state: 'held',
  subject: order,
  template: 'customer/ready',
  recipients: [{ address: '+36301234567', as: 'to', role: 'customer' }],
  createdAt: importedAt,
  dueAt: importedAt,
  ...fields,
})
const sms = { sender: 'EXAMPLE', text: 'Ready', alphabet: 'gsm' as const, parts: 1 }
const put = async (...messages: readonly NewMessage[]): Promise<void> => {
  await office.ledger.commit({ ...emptyBatch({ kind: 'person', actor: 'test', configHash: '' }, importedAt), messages })
}

test('a held message is sent, cancelled or refused by its state', async () => {
  await put(message('a', { sms }), message('b', { sms, state: 'suppressed', reason: 'no phone' }))
  const send = (key: string) => give({ verb: 'sendMessage', message: messageId(key) })
  expect((await send('a')).kind).toBe('done')
  expect(await send('a')).toEqual({ kind: 'same', reason: 'the message is queued already' })
  expect(await send('b')).toMatchObject({
    kind: 'refused',
    reason: 'the message is suppressed; this is possible only while it is held',
  })
  expect((await give({ verb: 'cancelMessage', message: messageId('a'), reason: 'wrong' })).kind).toBe('done')
  expect(await office.ledger.message(messageId('a'))).toMatchObject({ state: 'cancelled', reason: 'wrong' })
})

test.each<[string, Partial<NewMessage>, RegExp]>([
  ['no text', { reason: 'no value for order.number' }, /has no text \(no value for order.number\)/],
  ['no sender', { sms: { ...sms, sender: '' } }, /no sender/],
  ['no recipient', { sms, recipients: [] }, /no recipient/],
  ['no time left', { sms, expiresAt: now }, /older than its maximum age/],
])('a message with %s cannot be sent by hand', async (key, fields, reason) => {
  await put(message(key, fields))
  const result = await give({ verb: 'sendMessage', message: messageId(key) })
  expect(result).toMatchObject({ kind: 'refused', reason: expect.stringMatching(reason) as string })
  expect((await office.ledger.message(messageId(key)))?.state).toBe('held')
})

test('a change by somebody else between decision and commit is decided anew', async () => {
  let meddled = false
  const meddling: Ledger = {
    ...office.ledger,
    commit: async (batch, basis) => {
      if (!meddled) {
        meddled = true
        await give({ verb: 'setStatus', order, status: 'checked' })
      }
      return await office.ledger.commit(batch, basis)
    },
  }
  expect((await give({ verb: 'confirm', order }, {}, meddling)).kind).toBe('done')
  const stored = await office.ledger.record('order', order)
  expect([stored?.status, stored?.collect?.processing]).toEqual(['checked', 'confirmed'])
})

test('a record that keeps changing ends as a conflict that names it', async () => {
  const meddling: Ledger = { ...office.ledger, commit: async () => ({ kind: 'conflict', ids: [order] }) }
  expect(await give({ verb: 'confirm', order }, {}, meddling)).toEqual({ kind: 'conflict', ids: [order] })
})
