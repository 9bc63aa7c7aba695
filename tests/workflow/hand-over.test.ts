import { describe, expect, test } from 'vitest'
import type { Command } from '../../src/core/command.ts'
import type { IncomingOrder, IncomingStatus } from '../../src/core/incoming.ts'
import { handedOver, quantitiesOf } from '../../src/workflow/collect/hand-over.ts'
import { aStatus, collectWorkflow, hours, Shop, toCollect } from './shop.ts'

const lines: IncomingOrder['lines'] = [
  { number: '1', sku: 'A', quantity: '2', gross: 6000 },
  { number: '2', sku: 'B', ean: '4012345678901', quantity: '1.5', gross: 4000 },
]
const notices = { ...collectWorkflow.customer?.mail, partlyDelivered: 'customer/ready', returned: 'customer/rejected' }

function ready(change: object = {}, fields: Partial<IncomingOrder> = {}): Shop {
  const std = { ...collectWorkflow, partialDelivery: true, customer: { mail: notices }, ...change }
  const shop = new Shop({ workflows: { std } })
  shop.orders(toCollect({ lines, ...fields }))
  shop.answers(aStatus('confirmed'))
  return shop
}

const delivered = (line: string, quantity: string, documentNumber: string): IncomingStatus =>
  aStatus('delivered', { lines: [{ line, quantity }], documentType: 'receipt', documentNumber })
const returned = (line: string, quantity: string, documentNumber: string): IncomingStatus => ({
  ...delivered(line, quantity, documentNumber),
  status: 'returned',
})
const byHand = (shop: Shop, verb: 'deliver' | 'return', more: Partial<Command> = {}) =>
  shop.command({ verb, order: shop.order().id, ...more } as Command)
const told = (shop: Shop): unknown => [handedOver(shop.order(), 'delivered'), handedOver(shop.order(), 'returned')]

describe('an order that may be handed over in parts', () => {
  test('is delivered when the last quantity of its last line is', () => {
    const shop = ready()
    expect(shop.answers(delivered('1', '1', 'R1')).names).toEqual([
      'collect.partlyDelivered',
      'clearing.posted',
      'message.queued',
    ])
    expect(shop.collect()).toMatchObject({ delivery: 'ready', documentType: 'receipt', documentNumber: 'R1' })
    shop.answers(delivered('2', '1.5', 'R2'))
    expect(told(shop)).toEqual(['1:1, 2:1.5', undefined])
    expect(shop.answers(delivered('1', '1', 'R3')).names.slice(0, 2)).toEqual(['collect.delivered', 'clearing.posted'])
    expect(shop.collect()).toMatchObject({ delivery: 'delivered', documentNumber: 'R3' })
    expect(
      shop
        .lines('orderStatus')
        .map(({ delivery, delivered: so }) => [delivery, so])
        .slice(-3),
    ).toEqual([
      ['ready', '1:1'],
      ['ready', '1:1, 2:1.5'],
      ['delivered', '1:2, 2:1.5'],
    ])
    expect(shop.sent().slice(2)).toEqual([
      'Ready 100 → anna@example.com',
      'Ready 100 → anna@example.com',
      'Ready 100 → anna@example.com',
      'Collected 100 → anna@example.com',
    ])
  })

  test('takes what is left when no line is named', () => {
    const shop = ready()
    shop.answers(delivered('2', '1', 'R1'))
    shop.answers(aStatus('delivered'))
    expect(shop.collect().delivery).toBe('delivered')
    expect(told(shop)).toEqual(['1:2, 2:1.5', undefined])
  })

  test('takes several lines of one document as one handover, and an item in place of a line', () => {
    const shop = ready()
    const both = [
      { line: 'A', quantity: '1' },
      { line: '4012345678901', quantity: '0.5' },
    ]
    expect(shop.answers(aStatus('delivered', { lines: both, documentNumber: 'R1' })).counts.applied).toBe(1)
    expect(told(shop)).toEqual(['1:1, 2:0.5', undefined])
    expect(shop.collect().handovers).toHaveLength(1)
  })

  test('needs nothing of a line that was cancelled, and asks for no more than is left of one', () => {
    const shop = ready({}, { lines: [lines[0]!, { ...lines[1]!, cancelled: '1.5' }] })
    expect(quantitiesOf(shop.order()).map(({ ordered }) => ordered)).toEqual(['2', '0'])
    shop.answers(delivered('1', '2', 'R1'))
    expect(shop.collect().delivery).toBe('delivered')
  })

  test.each([
    ['more than is left', delivered('1', '3', 'R1'), 'line 1: 3 cannot be handed over, 2 are left to hand over'],
    ['nothing of a line', delivered('1', '0', 'R1'), 'the quantity of line 1 is 0; expected more than 0'],
    ['a line that it does not have', delivered('9', '1', 'R1'), 'the order has no line "9"; it has 1, 2'],
    ['no document', { ...aStatus('delivered'), lines: [{ line: '1', quantity: '1' }] }, 'without a documentNumber'],
    ['a return before anything was handed over', returned('1', '1', 'C1'), 'nothing was handed over'],
  ])('refuses %s, and changes nothing', (_, status, reason) => {
    const shop = ready()
    const before = shop.order()
    const { counts, batch } = shop.answers(status)
    expect(counts.refused).toBe(1)
    expect(batch.events.find(({ name }) => name === 'status.refused')?.text).toContain(reason)
    expect(shop.order()).toEqual(before)
  })

  test('hands over once what one document says twice, also when it was delivered since', () => {
    const shop = ready()
    shop.answers(delivered('1', '2', 'R1'))
    expect(shop.answers(delivered('1', '2', 'R1')).counts.repeated).toBe(1)
    expect(shop.answers(delivered('1', '1', 'R1')).counts.refused).toBe(1)
    shop.answers(delivered('2', '1.5', 'R2'))
    const again = shop.answers(delivered('1', '2', 'R1'), delivered('2', '1.5', 'R2'), delivered('2', '1.5', 'R3'))
    expect(again.counts).toMatchObject({ repeated: 2, refused: 1 })
    expect(told(shop)).toEqual(['1:2, 2:1.5', undefined])
  })

  test('expires with the rest, and keeps what was handed over', () => {
    const shop = ready()
    shop.answers(delivered('1', '1', 'R1'))
    shop.wait(hours(24 * 4))
    expect(shop.collect()).toMatchObject({ delivery: 'expired', handovers: [{ kind: 'delivered' }] })
    expect(shop.answers(delivered('1', '1', 'R2')).counts.refused).toBe(1)
    expect(shop.answers(delivered('1', '1', 'R1')).counts.repeated).toBe(1)
  })

  test('is not changed by a file to less than was handed over', () => {
    const shop = ready()
    shop.answers(delivered('1', '2', 'R1'))
    const less = shop.orders(toCollect({ lines: [{ ...lines[0]!, quantity: '1' }, lines[1]!] }))
    const gone = shop.orders(toCollect({ lines: [lines[1]!] }))
    expect([less, gone].map(({ counts }) => counts.refused)).toEqual([1, 1])
    expect(shop.orders(toCollect({ lines: [{ ...lines[0]!, quantity: '3' }, lines[1]!] })).counts.updated).toBe(1)
  })
})

const whole = (fields: Partial<IncomingOrder> = {}): Shop => ready({ partialDelivery: false }, fields)

describe('an order that is handed over as a whole', () => {
  test('refuses a part, and takes lines that are all of it', () => {
    const shop = whole()
    expect(shop.answers(delivered('1', '1', 'R1')).counts.refused).toBe(1)
    const all = lines.map(({ number, quantity }) => ({ line: number, quantity }))
    shop.answers(aStatus('delivered', { lines: all, documentNumber: 'R1' }))
    expect(shop.collect().delivery).toBe('delivered')
  })

  test('may be handed over in parts when the order itself says so', () => {
    const shop = whole({ partialDelivery: true })
    expect(shop.answers(delivered('1', '1', 'R1')).counts.applied).toBe(1)
    expect(ready({}, { partialDelivery: false }).answers(delivered('1', '1', 'R1')).counts.refused).toBe(1)
  })
})

describe('what was handed over', () => {
  test('is brought back by line, never more than the customer has', () => {
    const shop = ready()
    shop.answers(aStatus('delivered', { documentNumber: 'R1' }))
    expect(shop.answers(returned('1', '1', 'C1')).names).toEqual([
      'collect.returned',
      'clearing.reversed',
      'message.queued',
    ])
    expect(shop.answers(returned('1', '2', 'C2')).counts.refused).toBe(1)
    expect(shop.answers(returned('1', '1', 'C1')).counts.repeated).toBe(1)
    expect(told(shop)).toEqual(['1:2, 2:1.5', '1:1'])
    expect(shop.collect()).toMatchObject({ delivery: 'delivered', documentNumber: 'C1' })
  })

  test('is brought back as a whole by hand, once', () => {
    const shop = ready()
    byHand(shop, 'deliver')
    expect(byHand(shop, 'return', { reason: 'too small' })).toMatchObject({ kind: 'batch' })
    expect(told(shop)).toEqual(['1:2, 2:1.5', '1:2, 2:1.5'])
    expect(byHand(shop, 'return')).toMatchObject({ kind: 'same' })
  })

  test('may be handed over in parts by hand without a document', () => {
    const shop = ready()
    byHand(shop, 'deliver', { lines: [{ line: '1', quantity: '1' }] })
    byHand(shop, 'deliver', { lines: [{ line: '1', quantity: '1' }] })
    expect(told(shop)).toEqual(['1:2', undefined])
    expect(byHand(shop, 'deliver', { lines: [{ line: '1', quantity: '1' }] })).toMatchObject({ kind: 'refused' })
  })
})
