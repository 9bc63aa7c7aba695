import { expect, test } from 'vitest'
import { creditorReference } from '../../src/demo/sample-orders.ts'
import { sampleRounds } from '../../src/demo/sample-files.ts'
import { readReference } from '../../src/workflow/payments/payment-reference.ts'

const zone = 'Europe/Budapest'
const now = Date.UTC(2026, 10, 22, 23, 30)

test('the same day gives the same files, in the day of the zone', () => {
  const rounds = sampleRounds(now, zone)
  expect(rounds).toEqual(sampleRounds(now + 3_600_000, zone))
  expect(rounds[0]?.files.map(({ name }) => name)).toContain('ORD_20261123_1.csv')
})

test('references have right check digits', () => {
  for (const number of ['100245', '7', '99999999999']) {
    expect(readReference(creditorReference(number))).toMatchObject({ scheme: 'RF', valid: true })
  }
})

test('order files are windows-1250: ő and ű are one octet each', () => {
  const orders = sampleRounds(now, zone)[0]?.files.find(({ import: name }) => name === 'shop-orders')
  expect(orders?.bytes.includes(Buffer.from([0x47, 0x79, 0xf5, 0x7a, 0xf5]))).toBe(true) // Győző
})
