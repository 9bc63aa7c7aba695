import { expect, test } from 'vitest'
import { decodeGsm, encodeGsm } from '../../src/core/sms-text.ts'

test('text in the GSM alphabet, extension characters and all, is the same after encoding and decoding', () => {
  const text = 'Ár: 12€ {[~]} ^|\\ @£$¥ ÄÖÑÜ§ äöñüà ΔΦΓ\n'.replace('Á', 'A')
  expect(decodeGsm(encodeGsm(text))).toBe(text)
})

test.each([
  ['an escape before a code outside the extension table is read in the basic one', [0x1b, 0x41], 'A'],
  ['a lone escape at the end is nothing', [0x41, 0x1b], 'A'],
  ['an octet that is no septet is marked', [0x41, 0x80], 'A\ufffd'],
])('%s', (_, octets, text) => {
  expect(decodeGsm(Uint8Array.from(octets))).toBe(text)
})
