import { expect, it } from 'vitest'
import { exportLineId, messageId, orderId } from '../../src/core/ids.ts'

const digitsOf = (id: string): string => id.slice(4, 8)

it('gives orders with neighbouring numbers the same first digits, and what hangs on them, too', () => {
  const orders = ['41000', '41001', '41999'].map((number) => orderId('web', number))
  const near = orders.flatMap((id) => [
    id,
    messageId(`collect/ready/${id}/customer/mail/1`),
    exportLineId('out', `${id}/1`),
  ])
  expect(new Set(near.map(digitsOf)).size).toBe(1)
  expect(new Set(near).size).toBe(near.length)
  expect(digitsOf(orderId('web', '42000'))).not.toBe(digitsOf(near[0] ?? ''))
})

it('tells keys apart that name no record, or the same one', () => {
  const keys = ['alarm/disk', 'alarm/share', 'alarm/xyz_1', 'ord_abcdefgh/1', 'ord_abcdefgh/2', 'ord_abcdzzzz/1']
  expect(new Set(keys.map((key) => messageId(key))).size).toBe(keys.length)
  expect(new Set(keys.flatMap((key) => [exportLineId('a', key), exportLineId('b', key)])).size).toBe(2 * keys.length)
  for (const key of keys) expect(messageId(key)).toMatch(/^msg_[0-9a-hjkmnp-tv-z]{20}$/)
})
