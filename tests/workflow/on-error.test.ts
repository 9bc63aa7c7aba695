import { describe, expect, test } from 'vitest'
import { anOrder, aPayment, type ConfigInput, Shop } from './shop.ts'

type Workflow = Extract<NonNullable<ConfigInput['workflows']>[string], { kind: 'payment' }>
type Step = NonNullable<Workflow['steps']>[number]

const carriers = { PPL: { for: { delivery: ['courier'] } } }
const paid = (
  steps: readonly Step[],
  order: Parameters<typeof anOrder>[0] = {},
): { shop: Shop; left: readonly unknown[] } => {
  const shop = new Shop({ carriers, workflows: { paid: { kind: 'payment', steps: [...steps] } } })
  shop.orders(anOrder({ deliveryMethod: 'nobody', ...order }))
  const { batch } = shop.bank(aPayment())
  return {
    shop,
    left: batch.events.flatMap(({ name, trace, text }) =>
      name === 'step.skipped' ? [`${trace?.rule ?? ''}: ${text ?? ''}`] : [],
    ),
  }
}
const send: Step = { send: { to: 'customer', mail: 'payment/thanks' } }

describe('a step with onError: stop', () => {
  test.each<[string, Step, Parameters<typeof anOrder>[0], RegExp]>([
    ['no carrier that fits', { dispatch: 'carrier', onError: 'stop' }, {}, /no carrier fits/],
    ['nobody to tell', { ...send, onError: 'stop' }, { customer: { name: 'Anna' } }, /no mail address|address/],
    ['no template', { send: { to: 'customer', mail: 'payment/none' }, onError: 'stop' }, {}, /no template/],
    [
      'no document to credit',
      { invoice: { action: 'issue', type: 'creditNote' }, onError: 'stop' },
      {},
      /no invoice to credit/,
    ],
  ])('that has %s leaves out those after it, and says so', (_, step, order, reason) => {
    const { shop, left } = paid([step, { setStatus: 'processing' }, { stock: 'issue' }], order)
    expect(shop.order().status).toBe('received')
    expect(shop.store.all('movement')).toEqual([])
    const after = left.filter((text) => /^steps\[[12]\]/.test(String(text)))
    expect(after).toHaveLength(2)
    for (const text of after) {
      expect(text).toMatch(/steps\[0\]\.\w+ could not be done/)
      expect(text).toMatch(reason)
    }
  })

  test.each<[string, Step, Parameters<typeof anOrder>[0]]>([
    ['continue', { dispatch: 'carrier', onError: 'continue' }, {}],
    ['nothing', { dispatch: 'carrier' }, {}],
    ['stop, and does its work', { dispatch: 'carrier', onError: 'stop' }, { deliveryMethod: 'courier' }],
    [
      'stop, and is held for review',
      { send: { to: 'customer', mail: 'payment/thanks', review: true }, onError: 'stop' },
      {},
    ],
    [
      'stop, and tells the customer in one of two ways',
      { send: { to: 'customer', mail: 'payment/thanks', sms: 'payment/thanks' }, onError: 'stop' },
      { customer: { name: 'Anna', email: 'anna@example.com' } },
    ],
    [
      'stop, and whose conditions do not hold',
      { dispatch: 'carrier', onError: 'stop', if: { 'order.gross': { gte: 999 } } },
      {},
    ],
  ])('one that says %s goes on', (_, step, order) => {
    const { shop } = paid([step, { setStatus: 'processing' }], order)
    expect(shop.order().status).toBe('processing')
  })

  test('stops its own workflow only', () => {
    const shop = new Shop({
      carriers,
      workflows: {
        paid: { kind: 'payment', steps: [{ dispatch: 'carrier', onError: 'stop' }, { setStatus: 'processing' }] },
        told: { kind: 'payment', steps: [send] },
      },
    })
    shop.orders(anOrder({ deliveryMethod: 'nobody' }))
    shop.bank(aPayment())
    expect(shop.order().status).toBe('received')
    expect(shop.sent()).toEqual(['Thanks 100 → anna@example.com'])
  })

  test('is tried again by applying the workflow when the cause is mended', () => {
    const { shop } = paid([{ dispatch: 'carrier', onError: 'stop' }, { setStatus: 'processing' }])
    shop.orders(anOrder({ deliveryMethod: 'courier' }))
    shop.take('desk', { kind: 'command', verb: 'apply', order: '100', workflow: 'paid' })
    expect(shop.order().status).toBe('processing')
  })
})
