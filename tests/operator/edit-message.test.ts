import { afterEach, beforeEach, expect, test } from 'vitest'
import { emptyBatch } from '../../src/core/batch.ts'
import type { MessageId } from '../../src/core/ids.ts'
import type { NewMessage } from '../../src/core/message.ts'
import { act } from '../../src/operator/act.ts'
import { editMessage, type MessageEdit } from '../../src/operator/edit-message.ts'
import { mail, sms } from '../ledger/samples.ts'
import { type Company, noon, openCompany } from '../neighbours/company.ts'

let company: Company
beforeEach(async () => {
  company = await openCompany((config) => (config['sms'].encoding = { policy: 'transliterate', maxParts: 2 }))
})
afterEach(async () => await company[Symbol.asyncDispose]())

const cause = { kind: 'clock', actor: 'daemon', configHash: 'x' } as const
const held = async (message: NewMessage): Promise<MessageId> => {
  const events = [{ name: 'message.held', subject: message.id, at: noon } as const]
  const kept = { ...message, state: 'held', reason: 'review', because: 0 } as const
  await company.ledger.commit({ ...emptyBatch(cause, noon), events, messages: [kept] })
  return message.id
}
const options = { actor: 'cli:anna', now: noon + 1, dryRun: false }
const edit = (id: MessageId, wanted: MessageEdit, over: Partial<typeof options> = {}) =>
  editMessage(company.ledger, company.setup, id, wanted, { ...options, ...over })

test('an SMS gets new words, alphabet and parts reckoned anew; it stays held until it is sent', async () => {
  const id = await held(sms('a'))
  expect((await edit(id, { text: `Zárva – ${'x'.repeat(180)}`, sender: 'STORE' })).kind).toBe('done')
  const message = await company.ledger.message(id)
  expect(message).toMatchObject({
    state: 'held',
    reason: 'review',
    sms: { alphabet: 'gsm', parts: 2, sender: 'STORE' },
  })
  expect(message?.sms?.text).toMatch(/^Zarva - x/)
  const [, edited] = await company.ledger.eventsOf(id)
  expect(edited).toMatchObject({ name: 'message.edited', actor: 'cli:anna', text: 'edited by hand: text, sender' })
  await act(company.ledger, company.setup, { verb: 'sendMessage', message: id, notBefore: noon + 5_000 }, options)
  expect(await company.ledger.message(id)).toMatchObject({ state: 'queued', dueAt: noon + 5_000 })
  expect(await edit(id, { text: 'x' })).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('only a held one'),
  })
})

test('a new number is the one that the message goes to, and finds its account', async () => {
  const id = await held(sms('a'))
  await edit(id, { to: '+49151234567' })
  await act(company.ledger, company.setup, { verb: 'sendMessage', message: id }, options)
  const lane = { account: 'abroad', accounts: ['home', 'abroad'], routes: [{ prefix: '+49', mine: true }] }
  const taken = await company.ledger.take('sms', 9, noon + 2, lane)
  expect(taken.map(({ recipients }) => recipients)).toEqual([[{ address: '+49151234567', as: 'to', role: 'hand' }]])
})

test('a mail gets a new subject and text; with a text and no HTML it goes as plain text', async () => {
  const content = {
    from: { address: 's@example.com' },
    subject: 'Old',
    text: 'old',
    html: '<p>old</p>',
    attachments: [],
    date: 1,
    messageId: '<a@b>',
  }
  const id = await held(mail('a', { mail: content }))
  await edit(id, { subject: 'New' })
  expect((await company.ledger.message(id))?.mail).toMatchObject({
    subject: 'New',
    html: '<p>old</p>',
    messageId: '<a@b>',
  })
  await edit(id, { text: 'new' })
  expect((await company.ledger.message(id))?.mail).not.toHaveProperty('html')
  await edit(id, { text: 'new', html: '<p>new</p>' })
  expect((await company.ledger.message(id))?.mail).toMatchObject({ text: 'new', html: '<p>new</p>' })
})

test.each<[string, NewMessage, MessageEdit, RegExp]>([
  ['too long', sms('a'), { text: 'x'.repeat(400) }, /needs 3 parts, at most 2/],
  ['empty', sms('a'), { text: '  ' }, /empty/],
  ['a sender that is none', sms('a'), { sender: 'TWELVE-CHARS' }, /at most 11/],
  ['a number that is none', sms('a'), { to: '0630' }, /no number/],
  ['a subject of an SMS', sms('a'), { subject: 'x' }, /no subject/],
  ['a subject of two lines', mail('a'), { subject: 'a\r\nBcc: x@example.com' }, /one line/],
  ['several addresses', mail('a'), { to: 'a@example.com, b@example.com' }, /no mail address/],
  ['the sender of a mail', mail('a'), { sender: 'x' }, /cannot be changed/],
])('refused: %s', async (_, message, wanted, reason) => {
  const id = await held(message)
  const stamp = await company.ledger.changeStamp()
  expect(await edit(id, wanted)).toMatchObject({ kind: 'refused', reason: expect.stringMatching(reason) })
  expect((await edit(id, { to: '+36307654321' }, { dryRun: true })).kind).toBe(
    message.channel === 'sms' ? 'wouldDo' : 'refused',
  )
  expect(await company.ledger.changeStamp()).toBe(stamp)
})
