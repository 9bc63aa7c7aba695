import { expect, test } from 'vitest'
import { optOutId } from '../../src/core/ids.ts'
import type { IncomingOptOut } from '../../src/core/opt-out.ts'
import { decideOptOut } from '../../src/workflow/messages/change-opt-out.ts'
import { Shop } from './shop.ts'

const row = (more: Partial<IncomingOptOut> = {}): IncomingOptOut => ({
  kind: 'optOut',
  action: 'add',
  channel: 'sms',
  address: '+36301234567',
  ...more,
})
const id = optOutId('sms', '+36301234567')

test('a file adds and takes away; the same again has no effect', () => {
  const shop = new Shop()
  expect(shop.take('optOuts', row({ reason: 'letter of 1 May' }), row()).counts).toMatchObject({
    applied: 1,
    repeated: 1,
  })
  expect(shop.store.get('optOut', id)).toMatchObject({ state: 'active', by: 'file', reason: 'letter of 1 May' })
  expect(shop.take('optOuts', row({ action: 'remove' })).counts).toMatchObject({ updated: 1 })
  expect(shop.store.get('optOut', id)).toMatchObject({ state: 'removed' })
  expect(shop.take('optOuts', row({ action: 'remove' })).counts).toMatchObject({ repeated: 1 })
})

test('a store that writes STOP is alarmed, once, and a customer is not', () => {
  const store = { name: 'One', mobile: '+36 30 123 4567' }
  const shop = new Shop({ stores: { S1: store } })
  const stop = (address: string): void =>
    void shop.commit((known) => {
      const change = { action: 'add', channel: 'sms', address, by: 'recipient', reason: 'wrote STOP' } as const
      return decideOptOut(shop.setup, change, known, shop.cause('delivery', 'daemon'), shop.now)
    })
  stop('+36307654321')
  expect(shop.alarms()).toEqual([])
  stop('+36301234567')
  stop('+36301234567')
  expect(shop.alarms()).toEqual(['A store wants no SMS → it@example.com'])
})

test('a person does the same, and is told when it stands so already', () => {
  const shop = new Shop()
  const command = { verb: 'changeOptOut', action: 'add', channel: 'sms', address: '+36301234567' } as const
  expect(shop.command(command).kind).toBe('batch')
  expect(shop.store.get('optOut', id)).toMatchObject({ by: 'hand', actor: 'cli:anna' })
  expect(shop.command(command)).toMatchObject({ kind: 'same' })
})
