import { afterEach, beforeEach, expect, test } from 'vitest'
import { emptyBatch } from '../../src/core/batch.ts'
import { durationOf } from '../../src/core/date.ts'
import type { Attempt, NewMessage } from '../../src/core/message.ts'
import { deliveryCause, startDispatcher, type Transport } from '../../src/dispatch/dispatcher.ts'
import { takeIncoming } from '../../src/dispatch/sms/take-incoming.ts'
import { decideOptOut } from '../../src/workflow/messages/change-opt-out.ts'
import { decideAndCommit } from '../../src/ledger/decide-and-commit.ts'
import { mail, sms } from '../ledger/samples.ts'
import { type Company, type Config, noon, openCompany } from '../neighbours/company.ts'

let company: Company
const running: AsyncDisposable[] = []
const open = async (change?: (config: Config) => void): Promise<void> => void (company = await openCompany(change))
beforeEach(async () => await open())
afterEach(async () => {
  company.stop()
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
  await company[Symbol.asyncDispose]()
})

const reopen = async (change: (config: Config) => void): Promise<void> => {
  await company[Symbol.asyncDispose]()
  await open(change)
}
const text = (key: string, to = '+36301234567', more: Partial<NewMessage> = {}): NewMessage =>
  sms(key, { dueAt: noon, createdAt: noon, recipients: [{ address: to, as: 'to', role: 'customer' }], ...more })
const queue = (...messages: NewMessage[]) =>
  company.ledger.commit({ ...emptyBatch(deliveryCause(company.setup), noon), messages })
const one = async ({ id }: NewMessage) => await company.ledger.message(id)

/** Sends all that may leave; gives what left. */
function send(channel: 'mail' | 'sms' = 'sms') {
  const sent: string[] = []
  const accepted: Attempt = {
    outcome: { kind: 'accepted', response: 'ok' },
    ...(channel === 'sms' && { parts: [{ part: 1, smscId: 'x', outcome: { kind: 'accepted', response: 'x' } }] }),
  }
  const transport: Transport = {
    free: () => 8,
    send: async ({ dedupeKey }) => {
      sent.push(dedupeKey)
      return accepted
    },
  }
  const { ledger, setup, clock, log, signal } = company
  const dispatcher = startDispatcher(channel, transport, { ledger, setup, clock, log, signal, onPass: () => undefined })
  running.push(dispatcher)
  return { sent, dispatcher }
}

test('an SMS that would wake somebody waits until the morning, and an urgent one does not', async () => {
  await reopen((config) => (config['sms'].quiet = { from: '11:00', to: '14:00' }))
  const [slow, fast] = [text('slow'), text('fast', '+36301234567', { urgent: true })]
  await queue(slow, fast)
  const { sent, dispatcher } = send()
  await expect
    .poll(async () => (await one(slow))?.reason)
    .toMatch(/^quiet hours at the recipient until 2026-03-02 14:00/)
  expect(await one(slow)).toMatchObject({ state: 'queued', attempts: 0, dueAt: noon + durationOf('2h') })
  company.clock.advance(durationOf('2h'))
  dispatcher.nudge()
  await expect.poll(() => sent).toEqual(['fast', 'slow'])
})

test('one that would be too old in the morning expires with the reason, and is not sent', async () => {
  await reopen((config) => (config['sms'].quiet = { from: '11:00', to: '14:00' }))
  const old = text('old', '+36301234567', { expiresAt: noon + durationOf('1h') })
  await queue(old)
  const { sent } = send()
  await expect.poll(async () => (await one(old))?.state).toBe('expired')
  expect((await one(old))?.reason).toMatch(/^too old to wait: quiet hours/)
  expect([sent, (await one(old))?.attempts]).toEqual([[], 0])
})

test('while the gateway is away, what has become too old is told all the same', async () => {
  const [old, young, waits] = [
    text('old', '+36301234567', { expiresAt: noon + 1_000 }),
    text('young', '+36301234567', { expiresAt: noon + durationOf('1d') }),
    text('waits', '+36301234567', { expiresAt: noon + 1_000, dueAt: noon + durationOf('1h') }),
  ]
  await queue(old, young, waits)
  const { ledger, setup, clock, log, signal } = company
  const away: Transport = { free: () => 0, send: () => Promise.reject(new Error('away')) }
  const dispatcher = startDispatcher('sms', away, { ledger, setup, clock, log, signal, onPass: () => undefined })
  running.push(dispatcher)
  company.clock.advance(61_000)
  dispatcher.nudge()
  await expect.poll(async () => (await one(old))?.state).toBe('expired')
  expect([(await one(waits))?.state, (await one(young))?.state]).toEqual(['expired', 'queued'])
})

test('messages to one number and under one sender keep their distance, and count once for the caps', async () => {
  await reopen((config) => (config['sms'].rates = { perRecipient: '10s', perSender: '1s' }))
  const [a, b, c] = [text('a'), text('b'), text('c', '+36307654321')]
  await queue(a, b, c)
  const { sent, dispatcher } = send()
  await expect.poll(async () => (await one(c))?.state).toBe('queued')
  await expect.poll(async () => (await one(c))?.dueAt).toBeGreaterThan(noon)
  expect(sent).toEqual(['a'])
  expect(await one(b)).toMatchObject({ state: 'queued', dueAt: noon + 10_000, attempts: 0 })
  company.clock.advance(15_000)
  dispatcher.nudge()
  await expect.poll(() => sent.toSorted()).toEqual(['a', 'b', 'c'])
})

const optOut = (channel: 'mail' | 'sms', address: string, action: 'add' | 'remove' = 'add') =>
  decideAndCommit(company.ledger, [], (known) =>
    decideOptOut(company.setup, { action, channel, address, by: 'hand' }, known, deliveryCause(company.setup), noon),
  )

test('who opted out gets no more of what waits, but what is transactional', async () => {
  const [usual, needed, other] = [
    text('usual'),
    text('needed', '+36301234567', { transactional: true }),
    text('other', '+36307654321'),
  ]
  await queue(usual, needed, other)
  await optOut('sms', '+36301234567')
  const { sent } = send()
  await expect.poll(() => sent.toSorted()).toEqual(['needed', 'other'])
  await expect.poll(async () => (await one(usual))?.state).toBe('suppressed')
  expect((await one(usual))?.reason).toBe('+36301234567 wants no messages (opted out)')
})

const to = (key: string, ...addresses: string[]) =>
  mail(key, { dueAt: noon, recipients: addresses.map((address) => ({ address, as: 'to', role: 'customer' })) })

test('a mail goes while one of its recipients wants it, and an alarm always', async () => {
  await queue(to('both', 'Anna@example.com', 'bela@example.com'), to('none', 'anna@EXAMPLE.com'))
  await queue({ ...to('alarm', 'anna@example.com'), template: 'alarm/alarm' })
  await optOut('mail', 'anna@example.com')
  const { sent } = send('mail')
  await expect.poll(() => sent.toSorted()).toEqual(['alarm', 'both'])
})

test.each([
  ['STOP', 'active'],
  [' stop! ', 'active'],
  ['Stop.', 'active'],
  ['please stop calling me', undefined],
  ['Where is my order?', undefined],
  ['', undefined],
])('what a subscriber writes: %j', async (words, state) => {
  const { ledger, setup, log } = company
  const incoming = { account: 'sms', from: '+36301234567', to: 'SHOP', text: words, at: noon }
  await takeIncoming({ ledger, setup, log }, incoming)
  await takeIncoming({ ledger, setup, log }, incoming)
  const found = await ledger.records({ kind: 'optOut', limit: 9 })
  expect(found.map((record) => record.kind === 'optOut' && record.state)).toEqual(state === undefined ? [] : [state])
  await takeIncoming({ ledger, setup, log }, { ...incoming, text: 'START' })
  const after = await ledger.records({ kind: 'optOut', limit: 9 })
  expect(after.map((record) => record.kind === 'optOut' && record.state)).toEqual(
    state === undefined ? [] : ['removed'],
  )
  // Words of people are not for the log.
  expect(JSON.stringify(log.entries)).not.toContain('order?')
})

test('a name cannot opt a number out', async () => {
  const { ledger, setup, log } = company
  await takeIncoming({ ledger, setup, log }, { account: 'sms', from: 'SHOP', to: 'X', text: 'STOP', at: noon })
  expect(await ledger.records({ kind: 'optOut', limit: 9 })).toEqual([])
})

test('a STOP that could not be kept is told to the gateway, which sends it again', async () => {
  const { ledger, setup, log } = company
  Object.assign(ledger, { commit: () => Promise.reject(new Error('disk full')) })
  const incoming = { account: 'sms', from: '+36301234567', to: 'SHOP', text: 'STOP', at: noon }
  await expect(takeIncoming({ ledger, setup, log }, incoming)).rejects.toThrow('disk full')
})
