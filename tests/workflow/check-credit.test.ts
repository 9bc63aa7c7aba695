import { expect, test } from 'vitest'
import type { IncomingCustomer } from '../../src/core/incoming.ts'
import { collectWorkflow, Shop, toCollect } from './shop.ts'

const shopWith = (workflow: object = { creditCheck: 'creditOk' }): Shop =>
  new Shop({ workflows: { std: { ...collectWorkflow, ...workflow } } })
const customer = (creditOk?: string, company = 'HU01'): IncomingCustomer => ({
  kind: 'customer',
  company,
  number: 'C1001',
  ...(creditOk !== undefined && { fields: { creditOk } }),
})
const order = toCollect({ customer: { number: 'C1001', email: 'anna@example.com' } })

test.each(['false', ' No', '0'])(
  'a customer whose record says %j waits, with one alarm, until it says otherwise',
  (word) => {
    const shop = shopWith()
    shop.take('orders', customer(word), order)
    expect(shop.order()).toMatchObject({ waits: { reason: `customer C1001 has no credit (creditOk: ${word})` } })
    expect(shop.order().collect).toBeUndefined()
    expect(shop.alarms()).toEqual(['An order waits for a customer’s credit → it@example.com'])
    shop.take('orders', customer('true'))
    expect(shop.order().waits).toBeUndefined()
    expect(shop.collect().processing).toBe('pending')
  },
)

test.each([
  ['nothing is known of the customer', []],
  ['the record says nothing of it', [customer()]],
  ['the record says yes', [customer('true')]],
  ['another company says no', [customer('false', 'HU02')]],
])('an order goes to its store when %s', (_, customers) => {
  const shop = shopWith()
  shop.take('orders', ...customers, order)
  expect(shop.collect().processing).toBe('pending')
})

test('nobody asks for it where the workflow does not', () => {
  const shop = shopWith({})
  shop.take('orders', customer('false'), order)
  expect(shop.collect().processing).toBe('pending')
})
