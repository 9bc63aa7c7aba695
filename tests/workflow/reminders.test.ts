import { describe, expect, test } from 'vitest'
import { aStatus, collectWorkflow, hours, Shop, templates, toCollect } from './shop.ts'

const words = {
  ...templates,
  'store/reminder/en.txt.mustache': '---\nsubject: "Answer {{order.number}}"\n---\nPlease.\n',
  'customer/reminder/en.txt.mustache': '---\nsubject: "Come {{order.number}}"\n---\nPlease.\n',
  'customer/reminder/en.sms.mustache': 'Come {{order.number}}',
}
const reminders = [
  { before: '1h', of: 'processing' as const, to: 'store' as const, mail: 'store/reminder' },
  {
    before: '1d',
    of: 'delivery' as const,
    to: 'customer' as const,
    mail: 'customer/reminder',
    sms: 'customer/reminder',
  },
  { before: '9w', of: 'delivery' as const, to: 'customer' as const, mail: 'customer/reminder' },
]
const std = { ...collectWorkflow, expiry: { processing: '4h', delivery: 3 }, reminders }
const shopWith = (): Shop => new Shop({ workflows: { std } }, words)
const reminded = (shop: Shop): readonly string[] => shop.sent().filter((text) => /Answer|Come/.test(text))

describe('a reminder', () => {
  test('is sent so long before the time of the store is over, once', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    shop.wait(hours(3) - 1)
    expect(reminded(shop)).toEqual([])
    expect(shop.wait(1).names).toEqual(['order.reminded', 'message.queued'])
    shop.wait(1)
    expect(reminded(shop)).toEqual(['Answer 100 → s1@example.com'])
  })

  test('is not sent when the order has moved on', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    shop.answers(aStatus('confirmed'))
    shop.wait(hours(3))
    expect(reminded(shop)).toEqual([])
    expect([...shop.store.timers.values()].map(({ name }) => name).toSorted()).toEqual([
      'collect.delivery',
      'collect.reminder.1',
    ])
    shop.answers(aStatus('delivered'))
    shop.wait(hours(24 * 10))
    expect(reminded(shop)).toEqual([])
  })

  test('reaches the customer by mail and SMS before the goods go back', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    shop.answers(aStatus('confirmed'))
    shop.wait((shop.collect().deliveryExpiresAt ?? 0) - shop.now - hours(24))
    expect(reminded(shop)).toEqual(['Come 100 → anna@example.com', 'SMS Come 100 → +36301234567'])
  })

  test('that was missed is noted, not sent, once the time is over', () => {
    const shop = shopWith()
    shop.orders(toCollect())
    const { names } = shop.wait(hours(30))
    expect(reminded(shop)).toEqual([])
    expect(names).toContain('step.skipped')
    expect(shop.collect().processing).toBe('expired')
  })
})
