import { describe, expect, test } from 'vitest'
import { customerId, mappingId } from '../../src/core/ids.ts'
import type { IncomingCustomer, IncomingOrder } from '../../src/core/incoming.ts'
import type { Customer } from '../../src/core/model.ts'
import { answer, base, collectWorkflow, Shop, toCollect } from './shop.ts'

const csv = { format: { type: 'csv' as const } }
const exports = { ...base.exports, customers: { kind: 'customers' as const, folder: 'out/customers', ...csv } }
const shopWith = (workflow: object = {}): Shop =>
  new Shop({
    workflows: { std: { ...collectWorkflow, customerMapping: 'emailOrPhone', customerUpdate: 'always', ...workflow } },
    exports,
  })

const anna = {
  number: 'C1001',
  name: 'Anna Kovács',
  contact: 'Anna',
  email: 'anna@example.com',
  phone: '+36301234567',
  address: { street: 'Fő utca 12.', city: 'Budapest', country: 'HU' },
}
const order = (fields: Partial<IncomingOrder> = {}): IncomingOrder => toCollect({ customer: anna, ...fields })
const customer = (number: string, fields: Partial<IncomingCustomer> = {}): IncomingCustomer => ({
  kind: 'customer',
  company: 'HU02',
  number,
  ...fields,
})
const made = (shop: Shop): Customer => {
  const found = shop.store.all('customer').find((each) => each.made !== undefined)
  if (found === undefined) throw new Error('no customer was made')
  return found
}
const real = (shop: Shop, number: string): Customer | undefined =>
  shop.store.get('customer', customerId('HU02', number))

describe('a customer that nobody fits', () => {
  test('is made for the collecting company, and its ERP is asked for a number', () => {
    const shop = shopWith()
    const { names } = shop.orders(order())
    expect(names.slice(0, 3)).toEqual(['order.imported', 'customer.created', 'collect.pending'])
    const { id } = made(shop)
    expect(shop.collect()).toMatchObject({ newCustomer: id })
    expect(shop.collect().customerNumber).toBeUndefined()
    expect(shop.lines('customers')).toEqual([
      expect.objectContaining({
        id,
        action: 'new',
        company: 'HU02',
        from: 'HU01',
        fromNumber: 'C1001',
        name: 'Anna Kovács',
        contact: 'Anna',
        city: 'Budapest',
        order: '100',
      }),
    ])
    expect(shop.lines('customers')[0]?.['number']).toBeUndefined()
    expect(shop.lines('orderToStore')[0]).toMatchObject({ customerId: id })
    expect(shop.lines('orderToStore')[0]?.['customer']).toBeUndefined()
  })

  test('is made once, however many orders come before the answer', () => {
    const shop = shopWith()
    shop.orders(order(), order({ number: '101' }))
    shop.orders(order({ number: '102', customer: { email: 'ANNA@example.com' } }))
    expect(shop.store.all('customer')).toHaveLength(1)
    expect(shop.lines('customers')).toHaveLength(1)
    expect(shop.collect('102').newCustomer).toBe(made(shop).id)
  })

  test('is another one for each order where the rule always makes a new one', () => {
    const shop = shopWith({ customerMapping: 'none' })
    shop.orders(order(), order({ number: '101' }))
    expect(shop.lines('customers')).toHaveLength(2)
  })

  test.each([
    ['the workflow makes none', { customerUpdate: 'never' }, {}],
    ['the store is of the same company', {}, { store: 'S2' }],
  ])('is not made where %s', (_, workflow, fields) => {
    const shop = shopWith(workflow)
    shop.orders(order(fields))
    expect(shop.store.all('customer')).toEqual([])
    expect(shop.collect().newCustomer).toBeUndefined()
  })
})

describe('the number of a customer that was made', () => {
  test('comes by an acknowledgement: orders, mapping table and customer get it', () => {
    const shop = shopWith()
    shop.orders(order(), order({ number: '101' }))
    const { id } = made(shop)
    const { counts, names } = shop.take('answersBack', answer({ about: 'customer', document: id, number: 'K55' }))
    expect(counts.applied).toBe(1)
    expect(names).toEqual(['customer.updated', 'customer.created', 'mapping.learned', 'order.updated', 'order.updated'])
    expect(real(shop, 'K55')).toMatchObject({ name: 'Anna Kovács', email: 'anna@example.com' })
    expect(real(shop, 'K55')?.made).toBeUndefined()
    expect(made(shop)).toMatchObject({ made: 'numbered', became: customerId('HU02', 'K55') })
    expect(shop.collect('101').customerNumber).toBe('K55')
    expect(shop.store.get('mapping', mappingId('customer', 'HU02', 'HU01', 'C1001'))).toMatchObject({
      target: 'K55',
      by: 'answer',
    })
    shop.orders(order({ number: '103', customer: { email: 'anna@example.com' } }))
    expect(shop.collect('103').customerNumber).toBe('K55')
    expect(shop.lines('customers')).toHaveLength(1)
  })

  test('comes by a file of customers that names the id', () => {
    const shop = shopWith()
    shop.orders(order())
    const { counts } = shop.take('orders', customer('K55', { madeAs: made(shop).id, email: 'anna@example.com' }))
    expect(counts.applied).toBe(1)
    expect(shop.collect().customerNumber).toBe('K55')
    expect(real(shop, 'K55')?.name).toBeUndefined()
  })

  test('the same answer again is no news; another number is refused and alarmed', () => {
    const shop = shopWith()
    shop.orders(order())
    const said = answer({ about: 'customer', document: made(shop).id, number: 'K55' })
    shop.take('answersBack', said)
    expect(shop.take('answersBack', said).counts.repeated).toBe(1)
    expect(shop.take('answersBack', { ...said, number: 'K56' }).counts.refused).toBe(1)
    expect(shop.alarms()).toEqual(['An answer about a customer makes no sense → it@example.com'])
    expect(shop.collect().customerNumber).toBe('K55')
    expect(real(shop, 'K56')).toBeUndefined()
  })

  test.each([
    ['without a number', { number: undefined }, 'An answer about a customer makes no sense'],
    ['about nobody', { document: 'cus_unknown' }, 'An acknowledgement answers nothing that was asked'],
  ])('an answer %s is refused', (_, fields, alarm) => {
    const shop = shopWith()
    shop.orders(order())
    const { number, ...said } = answer({ about: 'customer', document: made(shop).id, ...(fields as object) })
    shop.take('answersBack', number === undefined ? said : { ...said, number })
    expect(shop.alarms()).toEqual([`${alarm} → it@example.com`])
    expect(made(shop).made).toBe('new')
  })

  test('is refused by the ERP: a person is told, and the next order asks nobody in vain', () => {
    const shop = shopWith()
    shop.orders(order())
    shop.take(
      'answersBack',
      answer({ about: 'customer', document: made(shop).id, accepted: false, reason: 'no VAT id' }),
    )
    expect(shop.alarms()).toEqual(['The ERP refused a customer → it@example.com'])
    expect(made(shop).made).toBe('refused')
    shop.orders(order({ number: '101' }))
    expect(shop.collect('101').newCustomer).toBeUndefined()
    expect(shop.lines('customers')).toHaveLength(1)
  })

  test('a customer that a file brings in the meantime goes before the one that waits', () => {
    const shop = shopWith()
    shop.orders(order())
    shop.take('orders', customer('K9', { email: 'anna@example.com' }), order({ number: '101' }))
    expect(shop.collect('101').customerNumber).toBe('K9')
  })
})

const withFound = (customerUpdate: string): Shop => {
  const shop = shopWith({ customerUpdate })
  shop.take('orders', customer('K1', { email: 'anna@example.com', name: 'A. Kovács', group: 'B2C' }), order())
  return shop
}

describe('a customer that was found', () => {
  test('is brought up to date with what the order says, and the ERP is told', () => {
    const shop = withFound('always')
    expect(real(shop, 'K1')).toMatchObject({ name: 'Anna Kovács', phone: '+36301234567', group: 'B2C' })
    expect(shop.lines('customers')).toEqual([
      expect.objectContaining({ action: 'update', number: 'K1', name: 'Anna Kovács', fromNumber: 'C1001' }),
    ])
    shop.orders(order({ number: '101' }))
    expect(shop.lines('customers')).toHaveLength(1)
    shop.take('answersBack', answer({ about: 'customer', document: customerId('HU02', 'K1'), number: 'K1' }))
    expect(shop.alarms()).toEqual([])
  })

  test.each(['newOnly', 'never'])('stays as it is with customerUpdate: %s', (customerUpdate) => {
    const shop = withFound(customerUpdate)
    expect(real(shop, 'K1')?.name).toBe('A. Kovács')
    expect(shop.lines('customers')).toEqual([])
  })

  test('what the order does not say takes nothing away', () => {
    const shop = shopWith()
    shop.take('orders', customer('K1', { email: 'anna@example.com', name: 'A. Kovács' }))
    shop.orders(toCollect({ customer: { email: 'anna@example.com' } }))
    expect(real(shop, 'K1')?.name).toBe('A. Kovács')
  })
})
