import { afterEach, beforeEach, expect, test } from 'vitest'
import type { IncomingCommand } from '../../src/core/incoming-command.ts'
import type { CommandRecord } from '../../src/core/model.ts'
import { carryOutCommands } from '../../src/operator/carry-out-commands.ts'
import { anOrder, aPayment } from '../workflow/shop.ts'
import { type Desk, openDesk } from './desk.ts'

const workflows = {
  paid: {
    kind: 'payment' as const,
    steps: [{ send: { to: 'customer' as const, mail: 'payment/thanks' } }, { setStatus: 'processing' }],
  },
}
const command = (fields: Partial<IncomingCommand> & Pick<IncomingCommand, 'verb'>): IncomingCommand => ({
  kind: 'command',
  ...fields,
})

let desk: Desk
beforeEach(async () => {
  desk = await openDesk({ workflows })
  await desk.take('orders', anOrder())
  await desk.take('bank', aPayment())
})
afterEach(async () => {
  expect(await desk.findings()).toEqual([])
  await desk[Symbol.asyncDispose]()
})

const carryOut = (): Promise<number> => carryOutCommands(desk.ledger, desk.setup, () => desk.now)
const answers = async (): Promise<readonly string[]> =>
  (await desk.ledger.openExportLines('answers', 100)).map(({ fields: { id, verb, result, reason } }) =>
    [id, verb, result, reason]
      .filter((each) => each !== undefined)
      .map(String)
      .join(' '),
  )
const waiting = async (): Promise<readonly string[]> =>
  (
    (await desk.ledger.records({ kind: 'command', where: { state: 'waiting' }, limit: 50 })) as readonly CommandRecord[]
  ).map(({ key }) => key)
const mail = async (): Promise<string> => (await desk.ledger.messages({ channel: 'mail', limit: 10 }))[0]?.id ?? ''

test('a roll back and what comes behind it for the same order are carried out in their order', async () => {
  await desk.take(
    'desk',
    command({ verb: 'setStatus', key: '1', order: '100', status: 'checked' }),
    command({ verb: 'rollBack', key: '2', order: '100', freePayments: true }),
    command({ verb: 'setStatus', key: '3', order: '100', status: 'again' }),
    command({ verb: 'rollBack', key: '4', order: '999' }),
  )
  expect(await answers()).toEqual(['1 setStatus done', '4 rollBack refused no order 999'])
  expect(await waiting()).toEqual(['2', '3'])
  expect(await carryOut()).toBe(2)
  expect((await answers()).slice(2)).toEqual(['2 rollBack done', '3 setStatus done'])
  expect(await desk.order()).toMatchObject({ status: 'again', round: 1 })
  expect((await desk.ledger.eventsOf((await desk.order()).id)).map(({ name, actor }) => `${name} ${actor}`)).toContain(
    'order.rolledBack file:desk',
  )
  expect(await carryOut()).toBe(0)
})

test('what comes behind a roll back of another order does not wait', async () => {
  await desk.take('orders', anOrder({ number: '101' }))
  await desk.take(
    'desk',
    command({ verb: 'rollBack', key: '1', order: '100' }),
    command({ verb: 'setStatus', key: '2', order: '101', status: 'checked' }),
  )
  expect(await answers()).toEqual(['2 setStatus done'])
  await carryOut()
})

test('a roll back to an event, and one that is refused, are answered', async () => {
  const imported = (await desk.ledger.eventsOf((await desk.order()).id))[0]?.seq ?? 0
  await desk.take(
    'desk',
    command({ verb: 'rollBack', key: '1', order: '100', to: 999_999 }),
    command({ verb: 'rollBack', key: '2', order: '100', to: imported }),
    command({ verb: 'rollBack', key: '3', order: '100', to: imported }),
  )
  await carryOut()
  expect(await answers()).toEqual([
    '1 rollBack refused event 999999 is none of order 100; see: orderly orders history 100',
    expect.stringContaining('2 rollBack done payment B1 of 100.00 EUR stays'),
    expect.stringContaining('3 rollBack same order 100 stands as it did after event'),
  ])
})

test('messages are cancelled and tried again, and answered with the reason where they cannot be', async () => {
  const message = await mail()
  await desk.take(
    'desk',
    command({ verb: 'sendMessage', key: '1', message }),
    command({ verb: 'cancelMessage', key: '2', message, reason: 'not needed' }),
    command({ verb: 'cancelMessage', key: '3', message }),
    command({ verb: 'retryMessage', key: '4', message }),
    command({ verb: 'cancelMessage', key: '5', message: 'msg_none' }),
  )
  expect(await carryOut()).toBe(5)
  expect(await answers()).toEqual([
    '1 sendMessage same the message is queued already',
    '2 cancelMessage done',
    '3 cancelMessage same the message is cancelled already',
    '4 retryMessage refused the message is cancelled; this is possible only while it is refused or unknown or expired or undelivered',
    '5 cancelMessage refused no such message',
  ])
  expect((await desk.ledger.messages({ channel: 'mail', limit: 1 }))[0]).toMatchObject({
    state: 'cancelled',
    reason: 'not needed',
  })
})

test('each is carried out once: by the same file again, by two that look at once, after a kill in between', async () => {
  const rows = [
    command({ verb: 'rollBack', key: '1', order: '100' }),
    command({ verb: 'setStatus', key: '2', order: '100', status: 'x' }),
  ]
  await desk.take('desk', ...rows)
  await desk.take('desk', ...rows)
  expect(await waiting()).toEqual(['1', '2'])
  await Promise.all([carryOut(), carryOut()])
  await desk.take('desk', ...rows)
  await carryOut()
  expect((await answers()).map((text) => text.split(' ').slice(0, 3).join(' '))).toEqual([
    '1 rollBack done',
    '2 setStatus done',
  ])
  expect(await desk.order()).toMatchObject({ status: 'x', round: 1 })
})
