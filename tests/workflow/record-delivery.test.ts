import { describe, expect, test } from 'vitest'
import type { Message, MessageState, Outcome, Receipt } from '../../src/core/message.ts'
import { decideDelivery, decideUnsent } from '../../src/workflow/messages/record-delivery.ts'
import { decideByParts, decideReceipt, type PartState } from '../../src/workflow/messages/record-receipt.ts'
import { type ConfigInput, setupOf } from './shop.ts'

const minute = 60_000
const day = 1_440 * minute
const start = Date.UTC(2026, 2, 2, 10)
const cause = { kind: 'delivery' as const, actor: 'daemon', configHash: 'h' }

const messageOf = (fields: Partial<Message> = {}): Message => ({
  id: 'msg_1',
  dedupeKey: 'k',
  channel: 'mail',
  state: 'sending',
  subject: 'ord_1',
  template: 'customer/ready',
  recipients: [{ address: 'a@x.hu', as: 'to', role: 'customer' }],
  createdAt: start,
  dueAt: start,
  attempts: 0,
  settled: [],
  ...fields,
})
const smsOf = (fields: Partial<Message> = {}): Message =>
  messageOf({
    channel: 'sms',
    sms: { sender: 'X', text: 't', alphabet: 'gsm', parts: 1 },
    expiresAt: start + day,
    ...fields,
  })

function resultOf(message: Message, outcome: Outcome, now = start, change: Partial<ConfigInput> = {}) {
  const batch = decideDelivery(setupOf(change), message, { outcome }, cause, now)
  const [update] = batch.messageUpdates
  if (update === undefined) throw new Error('no update')
  return { ...update, in: update.dueAt === undefined ? undefined : update.dueAt - now, batch }
}

describe('an attempt', () => {
  test('that was accepted ends it', () => {
    const { batch, ...update } = resultOf(messageOf(), { kind: 'accepted', response: '250 ok' })
    expect(update).toMatchObject({
      id: 'msg_1',
      from: ['sending'],
      state: 'accepted',
      response: '250 ok',
      attempted: true,
      finishedAt: start,
    })
    expect(batch.events.map(({ name }) => name)).toEqual(['message.accepted'])
  })

  test.each([
    [0, 1],
    [1, 2],
    [5, 32],
    [6, 60],
    [70, 60],
  ])('deferred after %i others waits %i minutes', (attempts, minutes) => {
    const result = resultOf(messageOf({ attempts }), { kind: 'deferred', reason: '451 later' })
    expect(result).toMatchObject({ state: 'queued', in: minutes * minute, attempted: true })
  })

  test('waits at least as long as the server asks for', () => {
    expect(resultOf(messageOf(), { kind: 'deferred', reason: 'x', retryAfterMs: 5 * minute }).in).toBe(5 * minute)
  })

  test('with a pace signal is not charged', () => {
    const paced = resultOf(smsOf({ attempts: 2 }), { kind: 'deferred', reason: 'throttled', pace: 'account' })
    expect(paced).toMatchObject({ state: 'queued', in: minute })
    expect(paced.attempted).toBeUndefined()
    const late = { kind: 'deferred', reason: 'full', pace: 'recipient', retryAfterMs: 2 * day } as const
    expect(resultOf(smsOf(), late)).toMatchObject({ state: 'expired' })
  })

  test('of a mail is given up when it was tried for so long, not when it only lay there', () => {
    const deferred = { kind: 'deferred', reason: '451' } as const
    expect(resultOf(messageOf(), deferred, start + 5 * day).state).toBe('queued') // held for review until now
    expect(resultOf(messageOf({ attempts: 30 }), deferred, start + 5 * day).state).toBe('queued')
    expect(resultOf(messageOf({ attempts: 78 }), deferred, start + 2 * day).state).toBe('queued')
    const over = resultOf(messageOf({ attempts: 78 }), deferred, start + 3 * day)
    expect(over).toMatchObject({ state: 'refused', reason: 'gave up after 3d: 451' })
    expect(over.batch.messages).toHaveLength(1)
  })

  test('of an SMS is given up after so many tries, and expires with its age', () => {
    const deferred = { kind: 'deferred', reason: 'busy' } as const
    expect(resultOf(smsOf({ attempts: 1 }), deferred)).toMatchObject({ state: 'queued', in: minute })
    expect(resultOf(smsOf({ attempts: 2 }), deferred)).toMatchObject({
      state: 'refused',
      reason: 'gave up after 3 tries: busy',
    })
    expect(resultOf(smsOf(), deferred, start + day - 1)).toMatchObject({
      state: 'expired',
      finishedAt: start + day - 1,
    })
  })

  test('that was refused is final, with one alarm for the day and channel', () => {
    const first = resultOf(messageOf(), { kind: 'refused', reason: '550 no such user' })
    expect(first).toMatchObject({ state: 'refused', finishedAt: start })
    const second = resultOf(messageOf({ id: 'msg_2' }), { kind: 'refused', reason: '550' }, start + minute)
    const next = resultOf(messageOf({ id: 'msg_3' }), { kind: 'refused', reason: '550' }, start + day)
    const keys = [first, second, next].map(({ batch }) => batch.messages[0]?.dedupeKey)
    expect(keys[0]).toBe(keys[1])
    expect(keys[2]).not.toBe(keys[0])
  })

  test('on an alarm raises no alarm', () => {
    const { batch } = resultOf(messageOf({ template: 'alarm/alarm' }), { kind: 'refused', reason: '550' })
    expect(batch.messages).toEqual([])
  })

  test('without an answer sends a mail again under its Message-ID, ever later, and holds an SMS', () => {
    const lost = { kind: 'unknown', reason: 'line broke' } as const
    expect(resultOf(messageOf({ attempts: 2 }), lost)).toMatchObject({
      state: 'queued',
      in: 4 * minute,
      attempted: true,
    })
    expect(resultOf(messageOf({ attempts: 78 }), lost, start + 3 * day)).toMatchObject({ state: 'held' })
    const held = resultOf(smsOf(), lost)
    expect(held).toMatchObject({ state: 'held', reason: 'result unknown: line broke' })
    expect(held.batch.messages).toHaveLength(1)
  })

  test('without an answer follows the setting', () => {
    const lost = { kind: 'unknown', reason: 'x' } as const
    const mail = { transport: 'files' as const, from: { address: 'a@b.hu' }, onUnknown: 'hold' as const }
    const sms = { transport: 'files' as const, onUnknown: 'resend' as const }
    expect(resultOf(messageOf(), lost, start, { mail }).state).toBe('held')
    expect(resultOf(smsOf(), lost, start, { sms })).toMatchObject({ state: 'queued', in: 30_000 })
    expect(resultOf(smsOf({ attempts: 2 }), lost, start, { sms }).state).toBe('held')
    expect(resultOf(smsOf(), lost, start + day, { sms }).state).toBe('expired')
  })
})

test('a message that is not sent after all says why', () => {
  const expired = decideUnsent(setupOf(), smsOf(), { state: 'expired', reason: 'too old' }, cause, start)
  expect(expired.messageUpdates).toEqual([
    expect.objectContaining({ state: 'expired', reason: 'too old', finishedAt: start }),
  ])
  expect(expired.messages).toEqual([])
  const held = decideUnsent(setupOf(), smsOf(), { state: 'held', reason: 'over the cap' }, cause, start)
  expect(held.messageUpdates[0]?.finishedAt).toBeUndefined()
  expect(held.messages).toHaveLength(1)
})

const receiptOf = (state: Receipt['state'], fields: Partial<Receipt> = {}): Receipt => ({
  account: 'a',
  smscId: '1',
  state,
  destination: '+3630',
  text: '',
  at: start,
  ...fields,
})

const twoParts = (fields: Partial<Message> = {}): Message =>
  smsOf({ state: 'accepted', sms: { sender: 'X', text: 't', alphabet: 'gsm', parts: 2 }, ...fields })

const part = (number: number, state: PartState['state']): PartState => ({ part: number, state })

const decide = (
  state: Receipt['state'],
  message: Message | undefined,
  parts: readonly PartState[],
  of: number | undefined = 1,
) => decideReceipt(setupOf(), receiptOf(state), message, parts, of, cause)

describe('a receipt', () => {
  test('for the only part delivers the message', () => {
    const batch = decide('delivered', smsOf({ state: 'accepted' }), [part(1, 'accepted')])
    expect(batch.messageUpdates).toEqual([
      expect.objectContaining({ from: ['accepted'], state: 'delivered', finishedAt: start }),
    ])
    expect(batch.receipts).toEqual([expect.objectContaining({ message: 'msg_1', part: 1 })])
  })

  test.each<[string, Receipt['state'], readonly PartState[], MessageState | undefined]>([
    ['one of two parts says nothing yet', 'delivered', [part(1, 'accepted'), part(2, 'accepted')], undefined],
    ['the second of two parts delivers', 'delivered', [part(1, 'accepted'), part(2, 'delivered')], 'delivered'],
    ['a part that is not known yet is waited for', 'delivered', [part(1, 'accepted')], undefined],
    ['one part that failed is enough', 'undelivered', [part(1, 'accepted'), part(2, 'delivered')], 'undelivered'],
    [
      'a part after one that failed tells the truth',
      'delivered',
      [part(1, 'accepted'), part(2, 'undelivered')],
      'undelivered',
    ],
    ['expired at the gateway is undelivered', 'expired', [part(1, 'accepted'), part(2, 'accepted')], 'undelivered'],
    ['under way says nothing', 'intermediate', [part(1, 'accepted'), part(2, 'delivered')], undefined],
    ['a state that nobody knows says nothing', 'unknown', [part(1, 'accepted'), part(2, 'delivered')], undefined],
  ])('%s', (_, state, parts, expected) => {
    expect(decide(state, twoParts(), parts).messageUpdates[0]?.state).toBe(expected)
  })

  test.each<[string, Receipt['state'], MessageState, readonly PartState[], MessageState | undefined]>([
    ['a failure after the delivery changes nothing', 'undelivered', 'delivered', [part(1, 'delivered')], undefined],
    ['a delivery after the failure counts', 'delivered', 'undelivered', [part(1, 'undelivered')], 'delivered'],
    [
      'a delivery after the failure, with another part on its way, waits for it',
      'delivered',
      'undelivered',
      [part(1, 'undelivered'), part(2, 'accepted')],
      'accepted',
    ],
    [
      'a delivery of one of two failed parts leaves it undelivered',
      'delivered',
      'undelivered',
      [part(1, 'undelivered'), part(2, 'undelivered')],
      undefined,
    ],
  ])('of two that contradict each other, %s', (_, state, before, parts, expected) => {
    const message = twoParts({
      state: before,
      sms: { sender: 'X', text: 't', alphabet: 'gsm', parts: parts.length },
    })
    expect(decide(state, message, parts).messageUpdates[0]?.state).toBe(expected)
  })

  test.each<MessageState>(['queued', 'sending', 'held', 'cancelled'])(
    'leaves a message alone that is %s: another part is still to be sent, or it has ended',
    (state) => {
      const batch = decide('undelivered', twoParts({ state }), [part(1, 'accepted')])
      expect(batch.messageUpdates).toEqual([])
      expect(batch.receipts).toHaveLength(1)
    },
  )

  test('told again, or of nobody we know, is stored and changes nothing', () => {
    const again = decide('delivered', smsOf({ state: 'delivered' }), [part(1, 'delivered')])
    expect(again).toMatchObject({ messageUpdates: [], events: [], receipts: [{ part: 1 }] })
    const unknown = decide('delivered', undefined, [], undefined)
    expect(unknown.receipts).toEqual([{ receipt: receiptOf('delivered') }])
    expect(unknown.messageUpdates).toEqual([])
  })
})

const parts = (...states: PartState['state'][]): PartState[] => states.map((state, i) => part(i + 1, state))

describe('what the parts say when the last of them was accepted', () => {
  const two = {
    ...smsOf({ state: 'accepted', finishedAt: start }),
    sms: { sender: 'X', text: 'x', alphabet: 'gsm', parts: 2 },
  } as const
  test.each([
    ['undelivered', parts('undelivered', 'accepted')],
    ['undelivered', parts('delivered', 'undelivered')],
    ['delivered', parts('delivered', 'delivered')],
    [undefined, parts('delivered', 'accepted')],
    [undefined, parts('delivered')],
  ] as const)('%s', (state, of) => {
    const batch = decideByParts(setupOf(), two, of, cause, start)
    expect(batch?.messageUpdates.map((update) => update.state)).toEqual(state && [state])
  })
  test('a message that has its final state keeps it', () => {
    const done = { ...two, state: 'delivered' as const }
    expect(decideByParts(setupOf(), done, parts('undelivered', 'delivered'), cause, start)).toBeUndefined()
  })
})
