import { expect, test } from 'vitest'
import { decideGroupBroadcast, type TellGroup } from '../../src/workflow/messages/broadcast.ts'
import { decideBulk } from '../../src/workflow/commands/decide-bulk.ts'
import { runId } from '../../src/core/ids.ts'
import type { BulkVerb, Run } from '../../src/core/run.ts'
import { anOrder, type ConfigInput, hours, monday, sayAll, Shop, templates } from './shop.ts'

const words = {
  ...templates,
  'staff/inventory/en.sms.mustache': 'Inventory tomorrow, {{customer.name}}',
  'customer/closed/en.sms.mustache': 'We are closed, order {{order.number}}',
}
const groups = {
  drivers: {
    members: [
      { name: 'Anna', mobile: '+36 30 123 4567' },
      { name: 'Béla', mobile: '06 30 765 4321', language: 'hu' },
      { name: 'Cili', email: 'cili@example.com' },
    ],
  },
}
const config: Partial<ConfigInput> = { groups, sms: { transport: 'files', folder: 'sms', sender: 'EXAMPLE' } }
const shopOf = (): Shop => new Shop(config, words)
const tell: TellGroup = { verb: 'tellGroup', group: 'drivers', template: 'staff/inventory', channel: 'sms', name: 'N1' }

const toGroup = (shop: Shop, wanted: TellGroup = tell) => {
  const { setup, store, now } = shop
  const group = setup.config.groups['drivers']
  if (group === undefined) throw new Error('no group')
  const done = decideGroupBroadcast(setup, wanted, group, store, shop.cause('person', 'cli:anna'), now)
  store.commit(done.batch)
  return done
}

test('the members of a group that have a number get it, each with his name, under a record of their own', () => {
  const shop = shopOf()
  const { run, batch } = toGroup(shop)
  expect(sayAll(batch.messages)).toEqual([
    'SMS Inventory tomorrow, Anna → +36301234567',
    'SMS Inventory tomorrow, Béla → +36307654321',
  ])
  expect(run).toMatchObject({ state: 'done', done: 2, refused: 1 })
  expect(batch.messages.every(({ subject }) => subject === run.id)).toBe(true)
})

test('the same broadcast again tells nobody; under another name it does', () => {
  const shop = shopOf()
  toGroup(shop)
  const again = toGroup(shop)
  expect([again.isRepeated, again.batch.messages]).toEqual([true, []])
  expect(toGroup(shop, { ...tell, name: 'N2' }).batch.messages).toHaveLength(2)
})

test('not before a time', () => {
  const { batch } = toGroup(shopOf(), { ...tell, notBefore: monday + hours(5) })
  expect(batch.messages.map(({ dueAt }) => dueAt)).toEqual([monday + hours(5), monday + hours(5)])
})

test('customers of chosen orders get it once, however many orders they have', () => {
  const shop = shopOf()
  shop.orders(
    anOrder({ number: '1' }),
    anOrder({ number: '2' }),
    anOrder({ number: '3', customer: { name: 'Béla', phone: '+36307654321' } }),
    anOrder({ number: '4', customer: { name: 'Nobody' } }),
  )
  const bulk: BulkVerb = { verb: 'tell', template: 'customer/closed', channel: 'sms', name: 'N1' }
  const run: Run = {
    kind: 'run',
    id: runId('x'),
    version: 0,
    state: 'running',
    bulk,
    where: {},
    until: monday + 1,
    noSend: false,
    done: 0,
    same: 0,
    refused: 0,
    createdAt: monday,
    updatedAt: monday,
  }
  const orders = ['1', '2', '3', '4'].map((number) => shop.order(number).id)
  const slice = { run, orders, last: true, told: new Set<string>() }
  const { batch, results } = decideBulk(shop.setup, slice, shop.store, shop.cause('person', 'cli:anna'), shop.now)
  expect(sayAll(batch.messages)).toEqual([
    'SMS We are closed, order 1 → +36301234567',
    'SMS We are closed, order 3 → +36307654321',
  ])
  expect(results.map(({ result }) => result)).toEqual(['done', 'same', 'done', 'refused'])
})
