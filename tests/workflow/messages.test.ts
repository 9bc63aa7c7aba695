import { describe, expect, test } from 'vitest'
import type { NewMessage } from '../../src/core/message.ts'
import { decideAlarms } from '../../src/workflow/messages/alarm.ts'
import { neededTemplates } from '../../src/workflow/messages/needed-templates.ts'
import { anOrder, aPayment, aStatus, collectWorkflow, type ConfigInput, Shop, templates, toCollect } from './shop.ts'

/** A shop with one notice on `received`. */
function noticed(notice: object, change: Partial<ConfigInput> = {}, words = templates): Shop {
  return new Shop(
    { ...change, workflows: { desk: { kind: 'notification', on: { received: notice as { to: string } } } } },
    words,
  )
}
const only = (shop: Shop): NewMessage => {
  const [message, ...others] = [...shop.store.messages.values()]
  if (message === undefined || others.length > 0) throw new Error(`${others.length} other messages`)
  return message
}
const said = (shop: Shop): readonly string[] => shop.sent().map((text) => text.split(' →')[0] ?? '')

describe('a message that is not sent is recorded with its reason', () => {
  const toCustomer = { to: 'customer', mail: 'customer/received' }
  const sms = { to: 'customer', sms: 'customer/ready' }
  test.each<[string, object, object, Partial<ConfigInput>, string, string]>([
    ['no template', { to: 'customer', mail: 'customer/none' }, {}, {}, 'suppressed', 'no template customer/none'],
    [
      'no mail address',
      toCustomer,
      { customer: {} },
      {},
      'suppressed',
      'the order has no mail address of the customer',
    ],
    ['no phone', sms, { customer: {} }, {}, 'suppressed', 'the order has no phone number of the customer'],
    ['no valid phone', sms, { customer: { phone: '06 30' } }, {}, 'suppressed', '"06 30" is no valid phone number'],
    ['no store', { to: 'store', mail: 'store/expired' }, {}, {}, 'suppressed', 'the order names no store'],
    [
      'a store without SMS',
      { to: 'store', sms: 'store/new-order' },
      { store: 'S2' },
      {},
      'suppressed',
      'store S2 has no phone number',
    ],
    [
      'no operators',
      { to: 'operators', mail: 'desk/status' },
      {},
      { alarms: undefined },
      'suppressed',
      'no operators are named in the config',
    ],
    [
      'mail switched off',
      toCustomer,
      {},
      { mail: { transport: 'none', from: { address: 'a@b.hu' } } },
      'suppressed',
      'mail is switched off (mail.transport: none)',
    ],
    [
      'SMS switched off',
      sms,
      {},
      { sms: { transport: 'none' } },
      'suppressed',
      'SMS is switched off (sms.transport: none)',
    ],
    [
      'no SMS sender',
      sms,
      {},
      { sms: { transport: 'files', sender: ['store.mobile'] } },
      'held',
      'no SMS sender: see sms.sender',
    ],
    [
      'not asked for',
      { ...toCustomer, send: 'onRequest' },
      {},
      {},
      'suppressed',
      'the customer did not ask to be told of "received"',
    ],
    ['review', { ...toCustomer, review: true }, {}, {}, 'held', 'review: look at it, then send it'],
    [
      'a rehearsal without a place to go',
      sms,
      {},
      { safety: { mode: 'rehearsal', redirectTo: { mail: 'it@example.com' } } },
      'suppressed',
      'rehearsal: safety.redirectTo.sms is not set',
    ],
  ])('%s', (_, notice, fields, change, state, reason) => {
    const shop = noticed(notice, change)
    const { names } = shop.orders(anOrder(fields))
    expect(only(shop)).toMatchObject({ state, reason })
    expect(names.at(-1)).toBe(`message.${state}`)
  })

  test('a template that needs what the order lacks is held, and says which', () => {
    const shop = noticed({ to: 'customer', mail: 'desk/note' })
    shop.orders(anOrder())
    expect(only(shop)).toMatchObject({ state: 'held', reason: expect.stringContaining('order.note') })
    expect(only(shop).mail).toBeUndefined()
  })

  test('a step of payment that is on request goes to those who asked to be told of `paid`', () => {
    const steps = [{ send: { to: 'customer', mail: 'payment/thanks', send: 'onRequest' as const } }]
    const shop = new Shop({ workflows: { paid: { kind: 'payment', steps } } })
    shop.orders(anOrder({ prepaid: 10_000 }), anOrder({ number: '101', prepaid: 10_000, notifyRequested: ['paid'] }))
    expect([...shop.store.messages.values()].map(({ state }) => state)).toEqual(['suppressed', 'queued'])
  })
})

const addresses = (list: NewMessage['recipients'] = []): readonly string[] =>
  list.map(({ as, address }) => `${as} ${address}`)

describe('who gets a mail', () => {
  test('roles get one each; addresses share one', () => {
    const shop = noticed(
      { to: ['customer', 'a@x.hu', 'operators', 'b@x.hu'], mail: 'desk/status' },
      { operators: 'desk@x.hu; two@x.hu' },
    )
    shop.orders(anOrder())
    expect(shop.sent()).toEqual([
      '100 is received → anna@example.com',
      '100 is received → a@x.hu, b@x.hu',
      '100 is received → desk@x.hu, two@x.hu',
    ])
  })

  test('operators of the channel come before those of all; those of alarms stand in', () => {
    const notice = { to: 'operators', mail: 'desk/status' }
    const both = noticed(notice, { operators: ['all@x.hu'], channels: { shop: { operators: ['own@x.hu'] } } })
    both.orders(
      anOrder(),
      anOrder({ number: '101', channel: 'till' }),
      anOrder({ number: '102', channel: '__proto__' }),
    )
    expect(both.sent().map((text) => text.split('→ ')[1])).toEqual(['own@x.hu', 'all@x.hu', 'all@x.hu'])
    const none = noticed(notice)
    none.orders(anOrder())
    expect(none.sent()).toEqual(['100 is received → it@example.com'])
  })

  test('copies follow, nobody gets it twice, and people beyond the limit are noted', () => {
    const shop = noticed(
      { to: ['customer'], mail: 'desk/status', cc: 'c1@x.hu; ANNA@example.com, c2@x.hu' },
      {
        mail: { transport: 'files', from: { address: 'shop@example.com' }, cc: ['archive@x.hu', 'c1@x.hu'] },
        safety: { recipientsPerMessage: 3 },
      },
    )
    shop.orders(anOrder())
    expect(addresses(only(shop).recipients)).toEqual(['to anna@example.com', 'cc archive@x.hu', 'cc c1@x.hu'])
    expect(addresses(only(shop).droppedRecipients)).toEqual(['cc c2@x.hu'])
  })

  test('general copies are not made of what goes to operators', () => {
    const shop = noticed(
      { to: 'operators', mail: 'desk/status' },
      { mail: { transport: 'files', from: { address: 'a@b.hu' }, cc: 'x@y.hu' } },
    )
    shop.orders(anOrder())
    expect(only(shop).recipients).toHaveLength(1)
  })
})

describe('the language', () => {
  const notice = { to: 'customer', mail: 'customer/received' }
  test.each([
    ['of the order', { language: 'hu', customer: { email: 'a@x.hu', language: 'en' } }, {}, 'hu'],
    ['of the customer', { customer: { email: 'a@x.hu', language: 'hu' } }, {}, 'hu'],
    ['of the channel', {}, { channels: { shop: { language: 'hu' } } }, 'hu'],
    ['of the config', {}, {}, 'en'],
    ['that there is a version of', { language: 'de' }, { channels: { shop: { language: 'hu' } } }, 'hu'],
  ])('%s', (_, fields, change, language) => {
    const shop = noticed(notice, change)
    shop.orders(anOrder(fields))
    expect(only(shop).language).toBe(language)
  })

  test('of a store is its own', () => {
    const shop = noticed(
      { to: 'store', mail: 'customer/received' },
      { stores: { S1: { name: 'One', email: 's@x.hu', language: 'hu' } } },
    )
    shop.orders(anOrder({ store: 'S1', language: 'en' }))
    expect(only(shop).language).toBe('hu')
  })
})

describe('the sender', () => {
  const from = { name: 'Example', address: 'shop@example.com' }
  test('of a mail is the one of the account, else of the channel; the store gives name and reply address', () => {
    const channels = { till: { from: { name: 'Till', address: 'till@example.com' } } }
    const shop = new Shop({
      channels,
      workflows: {
        std: { ...collectWorkflow, store: undefined },
        own: { ...collectWorkflow, for: { delivery: 'own' }, store: undefined, sendFrom: 'origin' },
      },
    })
    shop.orders(
      toCollect(),
      toCollect({ number: '101', channel: 'till' }),
      toCollect({ number: '102', channel: 'till', deliveryMethod: 'own' }),
    )
    const mails = [...shop.store.messages.values()].map(({ mail }) => [mail?.from, mail?.replyTo])
    expect(mails).toEqual([
      [{ ...from, name: 'Store One' }, 's1@example.com'],
      [{ name: 'Store One', address: 'till@example.com' }, 's1@example.com'],
      [{ name: 'Till', address: 'till@example.com' }, undefined],
    ])
  })

  test.each([
    [['store.mobile', 'EXAMPLE'], '+36301111111'],
    [['store.phone', 'company.phone'], '+3612345678'],
    [['store.phone', 'EXAMPLE'], 'EXAMPLE'],
    [['much too long a name', '36 30 999'], '3630999'],
  ])('of an SMS is the first of %j that has a value', (sender, expected) => {
    const shop = new Shop({
      sms: { transport: 'files', sender },
      workflows: { std: { ...collectWorkflow, store: undefined, customer: { sms: { pending: 'payment/thanks' } } } },
    })
    shop.orders(toCollect())
    expect(only(shop).sms?.sender).toBe(expected)
  })

  test('of an SMS from the origin is the store that took the order', () => {
    const shop = new Shop({
      stores: { S1: { name: 'One', mobile: '+36301111111' }, S2: { name: 'Two', mobile: '+36302222222' } },
      workflows: {
        std: {
          ...collectWorkflow,
          store: undefined,
          customer: { sms: { pending: 'payment/thanks' } },
          sendFrom: 'origin',
        },
      },
    })
    shop.orders(toCollect({ fromStore: 'S2' }))
    expect(only(shop).sms?.sender).toBe('+36302222222')
  })
})

describe('a rehearsal', () => {
  const safety = { mode: 'rehearsal' as const, redirectTo: { mail: 'it@example.com', sms: '+36309999999' } }

  test('sends all to one place, and says for whom it was', () => {
    const shop = noticed({ to: 'customer', mail: 'desk/status', sms: 'customer/ready', cc: 'c@x.hu' }, { safety })
    shop.orders(anOrder())
    const [mail, sms] = [...shop.store.messages.values()]
    expect(mail).toMatchObject({
      state: 'queued',
      recipients: [{ address: 'it@example.com', as: 'to', role: 'rehearsal' }],
    })
    expect(mail?.mail?.subject).toBe('[REHEARSAL to anna@example.com, c@x.hu] 100 is received')
    expect(sms).toMatchObject({ state: 'queued', recipients: [{ address: '+36309999999', role: 'rehearsal' }] })
    expect(sms?.sms).toMatchObject({ text: '(REHEARSAL to +36301234567) Order 100 is ready', parts: 1 })
  })

  test('finds the same faults as the real run', () => {
    const shop = noticed({ to: 'customer', mail: 'desk/status', sms: 'customer/ready' }, { safety })
    shop.orders(anOrder({ customer: { phone: '12' } }))
    expect([...shop.store.messages.values()].map(({ reason, recipients }) => [reason, recipients.length])).toEqual([
      ['the order has no mail address of the customer', 0],
      ['"12" is no valid phone number', 1],
    ])
  })
})

describe('a message', () => {
  test('is frozen with its own Message-ID and date, and an SMS with its last moment', () => {
    const shop = noticed({ to: 'customer', mail: 'desk/status', sms: 'customer/ready' })
    shop.orders(anOrder())
    const [mail, sms] = [...shop.store.messages.values()]
    expect(mail?.mail).toMatchObject({ messageId: `<${mail?.id}@example.com>`, date: shop.now, attachments: [] })
    expect(mail?.expiresAt).toBeUndefined()
    expect(sms?.expiresAt).toBe(shop.now + 86_400_000)
  })

  test('is one for each rule and change: a rule that says it twice tells it twice, an event that comes twice does not', () => {
    const notice = { to: 'customer', mail: 'desk/status' }
    const shop = new Shop({ workflows: { desk: { kind: 'notification', on: { picking: [notice, notice] } } } })
    shop.orders(anOrder())
    shop.status(aStatus('picking'), aStatus('picking'))
    expect(said(shop)).toEqual(['100 is picking', '100 is picking'])
  })

  test('holds what the store and the customer need to know', () => {
    const words = {
      ...templates,
      'customer/received/en.txt.mustache':
        '---\nsubject: x\n---\n{{order.remaining}} {{store.name}} {{store.hoursToday}} {{order.publicUrl}}\n',
    }
    const shop = noticed(
      { to: 'customer', mail: 'customer/received' },
      { links: { order: 'https://x.hu/{{order.number}}' } },
      words,
    )
    shop.orders(anOrder({ number: 'A/1', store: 'S1', prepaid: 2_500 }))
    expect(only(shop).mail?.text.replace(/\u00a0/g, ' ')).toContain('75.00')
    expect(only(shop).mail?.text).toContain('Store One 09:00-18:00 https://x.hu/A%2F1')
  })
})

const step = (mail: string) => ({ kind: 'payment' as const, steps: [{ send: { to: 'customer', mail } }] })

describe('conditions and scope', () => {
  test('decide for each order, and what they saw is kept', () => {
    const shop = new Shop({
      workflows: {
        big: {
          kind: 'notification',
          for: { channel: ['shop', 'till'] },
          if: { 'order.gross': { gte: 50 } },
          on: { received: { to: 'customer', mail: 'desk/status', if: { 'fields.vip': 'yes' } } },
        },
        off: { kind: 'notification', enabled: false, on: { received: { to: 'customer', mail: 'desk/status' } } },
      },
    })
    shop.orders(
      anOrder({ fields: { vip: 'yes' } }),
      anOrder({ number: '101', gross: 4_999, fields: { vip: 'yes' } }),
      anOrder({ number: '102' }),
      anOrder({ number: '103', channel: 'other', fields: { vip: 'yes' } }),
    )
    expect(shop.sent()).toEqual(['100 is received → anna@example.com'])
    expect(only(shop).trace?.conditions).toEqual([
      { field: 'channel', expected: 'shop | till', seen: 'shop' },
      { field: 'order.gross', expected: 'gte 50', seen: '100.00' },
      { field: 'fields.vip', expected: 'yes', seen: 'yes' },
    ])
  })

  test('two channels, the same payment, different steps', () => {
    const shop = new Shop({
      workflows: {
        a: { ...step('payment/thanks'), for: { channel: 'shop' } },
        b: { ...step('payment/received'), for: { channel: 'till' } },
      },
    })
    shop.orders(anOrder(), anOrder({ number: '101', channel: 'till' }))
    shop.bank(aPayment(), aPayment({ bankKey: 'B2', reference: '101' }))
    expect(said(shop)).toEqual(['Thanks 100', 'Paid 101'])
  })
})

describe('alarms', () => {
  test('for others are decided alone, each once', () => {
    const shop = new Shop()
    const alarm = { key: 'k', subject: 's', title: 'Disk full', what: 'no space' }
    const batch = decideAlarms(shop.setup, shop.cause('clock', 'daemon'), shop.now, [alarm, alarm])
    expect(batch.messages).toHaveLength(1)
    expect(batch.events.map(({ name }) => name)).toEqual(['alarm.raised', 'message.queued'])
  })

  test('without anybody to tell stay in the history', () => {
    const shop = new Shop({ alarms: undefined })
    const { batch } = shop.status(aStatus('x'), { ...aStatus('y'), order: '9' })
    expect(batch.messages).toEqual([])
    shop.orders(toCollect({ store: 'S9' }))
    const workflow = new Shop({ alarms: undefined, workflows: { std: collectWorkflow } })
    expect(workflow.orders(toCollect({ store: 'S9' })).names).toEqual([
      'order.imported',
      'step.skipped',
      'alarm.raised',
    ])
    expect(workflow.alarms()).toEqual([])
  })

  test('tell that rows of a file were rejected', () => {
    const shop = new Shop()
    const { file, items } = shop.slice('orders', anOrder())
    const { names } = shop.takeSlice({
      file: { ...file, done: 'partial' },
      items,
      refused: 2,
      problem: 'line 3: no number (D001)',
    })
    expect(names).toEqual(['order.imported', 'alarm.raised', 'message.queued'])
    expect(shop.alarms()).toEqual(['Rows of a file were rejected → it@example.com'])
    shop.takeSlice({ file: { ...shop.slice('orders').file, done: 'rejected' }, items: [], refused: 1 })
    expect(shop.alarms()).toContain('A file was rejected → it@example.com')
  })
})

test('the templates that a config needs are those of its switched-on workflows, with their places', () => {
  const notice = { to: 'customer', mail: 'a/mail', sms: 'a/sms' }
  const { setup } = new Shop({
    workflows: {
      off: { kind: 'notification', enabled: false, on: { x: notice } },
      desk: { kind: 'notification', on: { x: [notice], y: { to: 'customer', mail: 'b/y' } } },
      paid: { kind: 'payment', steps: [{ setStatus: 'x' }, { send: { to: 'customer', sms: 'c/s' } }] },
      std: { kind: 'collect', store: { mail: { pending: 'd/p' } } },
    },
  })
  expect(
    neededTemplates(setup.config).map(({ name, channel, path }) => `${name} ${channel} ${path.join('.')}`),
  ).toEqual([
    'alarm/alarm mail alarms',
    'a/mail mail workflows.desk.on.x.0.mail',
    'a/sms sms workflows.desk.on.x.0.sms',
    'b/y mail workflows.desk.on.y.mail',
    'c/s sms workflows.paid.steps.1.send.sms',
    'd/p mail workflows.std.store.mail.pending',
  ])
})
