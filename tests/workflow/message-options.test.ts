import { describe, expect, test } from 'vitest'
import type { NewMessage } from '../../src/core/message.ts'
import {
  anOrder,
  aStatus,
  collectWorkflow,
  type ConfigInput,
  hours,
  monday,
  Shop,
  templates,
  toCollect,
} from './shop.ts'

function noticed(
  notice: object,
  change: Partial<ConfigInput> = {},
  words: Readonly<Record<string, string>> = {},
): Shop {
  const workflows = { desk: { kind: 'notification' as const, on: { received: notice as { to: string } } } }
  return new Shop({ ...change, workflows }, { ...templates, ...words })
}
const only = (shop: Shop): NewMessage => {
  const [message, ...others] = [...shop.store.messages.values()]
  if (message === undefined || others.length > 0) throw new Error(`${others.length} other messages`)
  return message
}
const sms = { to: 'customer', sms: 'customer/ready' }
const smsConfig = (more: object): Partial<ConfigInput> => ({
  sms: { transport: 'files', folder: 'sms', sender: ['EXAMPLE'], ...more },
})
const told = (
  notice: object,
  change: Partial<ConfigInput> = {},
  words: Readonly<Record<string, string>> = {},
): NewMessage => {
  const shop = noticed(notice, change, words)
  shop.orders(anOrder())
  return only(shop)
}

const seen = ({ recipients }: NewMessage) => recipients.map(({ as, address }) => `${as} ${address}`)

describe('copies', () => {
  test('in the open and unseen, from the config, the notice and the head of the template', () => {
    const head =
      '---\nsubject: Hi\ncc: cc-template@example.com\nbcc: "bcc-template@example.com; a@example.com"\n---\nHi\n'
    const mail = {
      transport: 'files' as const,
      folder: 'm',
      from: { address: 's@example.com' },
      cc: 'cc@example.com',
      bcc: ['bcc@example.com'],
    }
    const notice = { to: 'customer', mail: 'customer/copied', bcc: 'audit@example.com' }
    expect(seen(told(notice, { mail }, { 'customer/copied/en.txt.mustache': head }))).toEqual([
      'to anna@example.com',
      'cc cc@example.com',
      'bcc bcc@example.com',
      'bcc audit@example.com',
      'cc cc-template@example.com',
      'bcc bcc-template@example.com',
      'bcc a@example.com',
    ])
  })
  test('operators get none of the general ones', () => {
    const mail = {
      transport: 'files' as const,
      folder: 'm',
      from: { address: 's@example.com' },
      bcc: ['bcc@example.com'],
    }
    expect(seen(told({ to: 'operators', mail: 'desk/status' }, { mail }))).toEqual(['to it@example.com'])
  })
})

const withHead = (head: string): Record<string, string> => ({
  'customer/ready/en.sms.mustache': `---\n${head}\n---\nReady`,
})

describe('the head of an SMS template', () => {
  test('names a sender of its own', () => {
    expect(told(sms, smsConfig({}), withHead('sender: [store.mobile, SHOP]')).sms?.sender).toBe('SHOP')
  })
  test('names the number that it goes to, made international', () => {
    const shop = noticed(sms, smsConfig({}), withHead('to: "{{order.fields.driver}}"'))
    shop.orders(anOrder({ fields: { driver: '06 30 765 4321' } }))
    expect(only(shop).recipients).toEqual([{ address: '+36307654321', as: 'to', role: 'template' }])
  })
  test('a number that is none is suppressed; one that is missing is held', () => {
    const shop = noticed(sms, smsConfig({}), withHead('to: "{{order.fields.driver}}"'))
    shop.orders(anOrder({ fields: { driver: 'a; b' } }))
    expect(only(shop)).toMatchObject({ state: 'suppressed', reason: '"a; b" is no valid phone number' })
    expect(told(sms, smsConfig({}), withHead('to: "{{order.fields.driver}}"'))).toMatchObject({ state: 'held' })
  })
  test('says that it is urgent, and that who opted out must get it', () => {
    expect(told(sms, smsConfig({}), withHead('urgent: true\ntransactional: true'))).toMatchObject({
      urgent: true,
      transactional: true,
    })
    expect(told(sms, smsConfig({}))).not.toHaveProperty('urgent')
  })
})

describe('not before', () => {
  // It is Monday 10:00.
  test.each([
    ['so long after', '2h', monday + hours(2)],
    ['a time of the day that is to come', '14:30', monday + hours(4.5)],
    ['a time that has passed holds nothing back', '09:00', monday],
  ])('%s', (_, notBefore, dueAt) => {
    expect(told({ ...sms, notBefore }, smsConfig({}))).toMatchObject({
      state: 'queued',
      dueAt,
      expiresAt: dueAt + hours(24),
    })
    expect(told({ to: 'customer', mail: 'customer/received', notBefore }).dueAt).toBe(dueAt)
  })
  test('quiet hours come on top, and the age counts through them; urgent ones go', () => {
    const quiet = smsConfig({ quiet: { from: '12:00', to: '15:00' } })
    expect(told({ ...sms, notBefore: '2h' }, quiet)).toMatchObject({
      reason: 'waits until 2026-03-02T14:00:00+00:00 (not before, or quiet hours)',
      dueAt: monday + hours(4),
      expiresAt: monday + hours(26),
    })
    const urgent = { 'customer/ready/en.sms.mustache': '---\nurgent: true\n---\nNow' }
    expect(told({ ...sms, notBefore: '2h' }, quiet, urgent).dueAt).toBe(monday + hours(2))
  })
})

test('an SMS without a maximum age never expires', () => {
  expect(told(sms, smsConfig({ maxAge: 'never' }))).not.toHaveProperty('expiresAt')
})

test('messages of a collect workflow are held for review in the states that it names, and the others go', () => {
  const customer = { ...collectWorkflow.customer, review: ['rejected' as const] }
  const shop = new Shop({ workflows: { collect: { ...collectWorkflow, customer } } })
  shop.orders(toCollect())
  shop.status(aStatus('rejected', { kind: 'status', about: 'collect' } as object))
  const states = [...shop.store.messages.values()]
    .filter(({ recipients }) => recipients.some(({ role }) => role === 'customer'))
    .map(({ template, state, reason }) => `${template} ${state}${reason === undefined ? '' : ` (${reason})`}`)
  expect(states).toEqual(['customer/received queued', 'customer/rejected held (review: look at it, then send it)'])
})
