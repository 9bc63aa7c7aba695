import { expect, test } from 'vitest'
import type { IncomingCommand } from '../../src/core/incoming-command.ts'
import { orderId, paymentId } from '../../src/core/ids.ts'
import { anOrder, aPayment, collectWorkflow, Shop, toCollect } from './shop.ts'

const command = (fields: Partial<IncomingCommand> & Pick<IncomingCommand, 'verb'>): IncomingCommand => ({
  kind: 'command',
  ...fields,
})
const set = (status: string): IncomingCommand => command({ verb: 'setStatus', order: '100', status })
const results = (shop: Shop): readonly unknown[] =>
  shop
    .lines('answers')
    .map(
      ({ id, verb, result, reason }) =>
        `${[id, verb, result].map(String).join(' ')}${typeof reason === 'string' ? ` ${reason}` : ''}`,
    )

test('a file of commands does what a person can, in its order, and answers each row', () => {
  const shop = new Shop({ workflows: { paid: { kind: 'payment', steps: [{ setStatus: 'processing' }] } } })
  shop.orders(anOrder(), anOrder({ number: '101' }))
  shop.bank(aPayment({ reference: 'none', endToEndId: 'none', message: 'nothing', bankKey: 'B7', account: 'A1' }))
  const { counts } = shop.take(
    'desk',
    command({ verb: 'setStatus', key: 'C1', order: '100', status: 'checked' }),
    command({ verb: 'setStatus', key: 'C2', order: '100', status: 'checked' }),
    command({ verb: 'markPaid', key: 'C3', order: '100', amount: '40.00', method: 'cash' }),
    command({ verb: 'match', key: 'C4', order: '101', payment: 'B7', account: 'A1' }),
    command({ verb: 'unmatch', key: 'C5', payment: paymentId('A1', 'B7'), reason: 'mistaken' }),
    command({ verb: 'ignore', key: 'C6', payment: 'B7', account: 'A1', reason: 'private' }),
    command({ verb: 'apply', key: 'C7', order: '100', workflow: 'paid' }),
  )
  expect(results(shop)).toEqual([
    'C1 setStatus done',
    'C2 setStatus same order 100 is checked already',
    'C3 markPaid done',
    'C4 match done',
    'C5 unmatch done',
    'C6 ignore done',
    'C7 apply same no occasion of paid holds for the order now',
  ])
  expect(counts).toMatchObject({ applied: 7, refused: 0 })
  expect(shop.order()).toMatchObject({ paid: 4_000, paymentStatus: 'partiallyPaid', status: 'checked' })
  expect(shop.store.get('payment', paymentId('A1', 'B7'))).toMatchObject({ state: 'ignored' })
})

test('what cannot be done is answered with its reason and changes nothing', () => {
  const shop = new Shop()
  shop.orders(anOrder(), anOrder({ number: '7', channel: 'a' }), anOrder({ number: '7', channel: 'b' }))
  const { counts } = shop.take(
    'desk',
    command({ verb: 'confirm', key: '1', order: '100' }),
    command({ verb: 'confirm', key: '2', order: '999' }),
    command({ verb: 'setStatus', key: '3', order: '7', status: 'x' }),
    command({ verb: 'markPaid', key: '4', order: '100', amount: '1.234' }),
    command({ verb: 'match', key: '5', order: '100', payment: 'B9', account: 'A1' }),
    command({ verb: 'apply', key: '6', order: '100', workflow: 'none' }),
  )
  expect(results(shop)).toEqual([
    '1 confirm refused order 100 is not at a collecting store',
    '2 confirm refused no order 999',
    '3 setStatus refused several channels have an order 7; name the channel',
    '4 markPaid refused EUR has 2 decimals, the amount 1.234 has more',
    '5 match refused no payment B9; expected its id, or its bank reference with the account',
    '6 apply refused there is no workflow "none"',
  ])
  expect(counts).toMatchObject({ applied: 0, refused: 6 })
  expect(shop.order()).toMatchObject({ status: 'received', paid: 0 })
})

test('a command counts once by its id, in whatever file it comes; another under the same id is refused', () => {
  const shop = new Shop({ workflows: { std: collectWorkflow } })
  shop.orders(toCollect())
  const confirm = command({ verb: 'confirm', key: 'C1', order: '100' })
  expect(shop.take('desk', confirm).counts).toMatchObject({ applied: 1 })
  expect(shop.take('desk', confirm).counts).toMatchObject({ repeated: 1 })
  expect(shop.take('desk', { ...confirm, verb: 'reject' }).counts).toMatchObject({ refused: 1 })
  expect(results(shop).at(-1)).toBe('C1 reject refused this id was used for another command before')
})

test('without an id, file and row tell one command from the next', () => {
  const shop = new Shop()
  shop.orders(anOrder())
  shop.take('desk', set('a'), set('b'), set('a'))
  expect(shop.order()).toMatchObject({ id: orderId('shop', '100'), status: 'a', transition: 3 })
})

test('what a person can do with an order at its store, a file can, too', () => {
  const shop = new Shop({ workflows: { collect: collectWorkflow } })
  shop.orders(toCollect(), toCollect({ number: '101' }))
  shop.take(
    'desk',
    command({ verb: 'confirm', key: '0', order: '100' }),
    command({ verb: 'next', key: '1', order: '100' }),
    command({ verb: 'notify', key: '2', order: '100', whom: 'customer' }),
    command({ verb: 'notify', key: '3', order: '101', whom: 'store', state: 'pending' }),
    command({ verb: 'archive', key: '4', order: '100' }),
    command({ verb: 'chooseStore', key: '5', order: '101', store: 'S2' }),
    command({ verb: 'send', key: '6', order: '999' }),
  )
  const found = results(shop)
  expect(found.slice(0, 4)).toEqual([
    '0 confirm done',
    '1 next same it waits for the customer to collect it',
    '2 notify done',
    '3 notify done',
  ])
  expect(found.slice(4).map((text) => String(text).split(' ').slice(0, 3).join(' '))).toEqual([
    '4 archive refused',
    '5 chooseStore refused',
    '6 send refused',
  ])
  expect(shop.collect()).toMatchObject({ processing: 'confirmed', delivery: 'ready' })
  expect(shop.sent().filter((text) => text.startsWith('Ready 100'))).toHaveLength(2)
  expect(shop.sent().filter((text) => text.startsWith('New order 101'))).toHaveLength(2)
})
