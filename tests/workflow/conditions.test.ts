import { expect, test } from 'vitest'
import type { Condition } from '../../src/config/schema.ts'
import { conditionFields, isConditionField } from '../../src/core/condition-fields.ts'
import { conditionHolds, fieldOf } from '../../src/workflow/conditions.ts'
import { collectOf, orderOf } from './sample-records.ts'

test.each<[Condition, string | undefined, boolean]>([
  ['a', 'a', true],
  ['a', 'A', false],
  ['a', undefined, false],
  [['a', 'b'], 'b', true],
  [['a', 'b'], 'c', false],
  [10, '10.00', true],
  [10, '10.01', false],
  ['10', '10.00', false], // in quotes: text
  [true, 'true', true],
  [{ eq: 5 }, '5.0', true],
  [{ ne: 'a' }, 'a', false],
  [{ ne: 'a' }, undefined, true],
  [{ in: ['a', 2] }, '2.00', true],
  [{ notIn: ['a'] }, undefined, true],
  [{ notIn: ['a'] }, 'a', false],
  [{ gte: 100 }, '100.00', true],
  [{ gte: 100 }, '99.99', false],
  [{ gte: '9' }, '10.00', true],
  [{ gte: 1 }, undefined, false],
  [{ lt: 100 }, '100.00', false],
  [{ gte: 1, lt: 5 }, '4.99', true],
  [{ gte: '2026-03-01' }, '2026-03-02', true],
  [{ lt: '2026-03-01' }, '2026-03-02', false],
  [{ exists: true }, '', true],
  [{ exists: true }, undefined, false],
  [{ exists: false }, undefined, true],
  [{ ne: 'a', exists: true }, undefined, false],
])('condition %j on %j is %j', (condition, value, holds) => {
  expect(conditionHolds(condition, value)).toBe(holds)
})

test('an amount is a number, with quotes or without', () => {
  expect(conditionHolds('12.5', '12.50', true)).toBe(true)
  expect(conditionHolds({ notIn: ['12.5', 3] }, '12.50', true)).toBe(false)
  expect(conditionHolds('12.5', undefined, true)).toBe(false)
})

test.each([
  ['order.gross', '100.00'],
  ['gross', '100.00'],
  ['paid', '35.00'], // as in messages and exports: with what was paid before
  ['remaining', '64.50'],
  ['writtenOff', '0.50'],
  ['order.customer.email', 'a@x.hu'],
  ['order.pricesIncludeVat', 'true'],
  ['collect.processing', 'confirmed'],
  ['fields.vip', 'yes'],
  ['fields.a.b', 'dotted'],
  ['fields.none', undefined],
  ['customer', undefined],
  ['customer.phone', undefined],
  ['constructor', undefined],
  ['customer.constructor.name', undefined],
])('field %s', (path, value) => {
  const order = orderOf({
    number: '1',
    gross: 10_000,
    prepaid: 1_000,
    paid: 2_500,
    writtenOff: 50,
    customer: { email: 'a@x.hu' },
    collect: collectOf({}),
    fields: { vip: 'yes', 'a.b': 'dotted' },
  })
  expect(fieldOf(order, path)).toBe(value)
})

test('every field of the catalogue can be asked of an order, in every currency', () => {
  const order = orderOf({
    number: '1',
    gross: 100,
    net: 80,
    vat: 20,
    discount: 1,
    shipping: 2,
    writtenOff: 3,
    currency: 'JPY',
  })
  for (const [name, { type }] of Object.entries(conditionFields)) {
    expect(isConditionField(name) && isConditionField(`order.${name}`)).toBe(true)
    if (type === 'amount') expect(fieldOf(order, name)).toMatch(/^\d+$/)
  }
  expect(['gros', 'order.lines', 'fields.', 'fields', 'toString'].map(isConditionField)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ])
})
