import { expect, test } from 'vitest'
import { encodeGsm } from '../../src/core/sms-text.ts'
import type { Submission } from '../../src/demo/smpp-pdu.ts'
import { joiner } from '../../src/demo/sms-join.ts'

const submission = (octets: Uint8Array, more: Partial<Submission> = {}): Submission => ({
  source: { ton: 5, npi: 0, digits: 'SHOP' },
  destination: { ton: 1, npi: 1, digits: '36301234567' },
  esmClass: 0,
  registeredDelivery: 0,
  dataCoding: 0,
  octets: Buffer.from(octets),
  tlvs: new Map(),
  ...more,
})

const withHeader = (header: readonly number[], text: Uint8Array): Submission =>
  submission(Buffer.concat([Buffer.from([header.length, ...header]), text]), { esmClass: 0x40 })

test('parts with 8 bit references join in the order of the text, however they come', () => {
  const join = joiner()
  expect(join.add(withHeader([0, 3, 7, 2, 2], encodeGsm('world')), 'B')).toBeUndefined()
  expect(join.add(withHeader([0, 3, 7, 2, 2], encodeGsm('world')), 'B')).toBeUndefined()
  const joined = join.add(withHeader([0, 3, 7, 2, 1], encodeGsm('hello ')), 'A')
  expect(joined).toEqual({
    ids: ['A', 'B'],
    from: 'SHOP',
    to: '36301234567',
    text: 'hello world',
    parts: 2,
    alphabet: 'GSM 7 bit',
  })
})

test('parts with 16 bit references join, behind other header elements too', () => {
  const join = joiner()
  join.add(withHeader([0x05, 4, 0, 1, 0, 2, 0x08, 4, 1, 44, 2, 1], encodeGsm('one ')), 'A')
  expect(join.add(withHeader([0x08, 4, 1, 44, 2, 2], encodeGsm('two')), 'B')?.text).toBe('one two')
})

test('a surrogate pair that falls into two parts is whole again', () => {
  const join = joiner()
  const octets = Buffer.from('x😀', 'utf16le').swap16()
  const half = (number: number, from: number, to: number): Submission => ({
    ...withHeader([0, 3, 1, 2, number], octets.subarray(from, to)),
    dataCoding: 8,
  })
  join.add(half(1, 0, 4), 'A')
  expect(join.add(half(2, 4, 6), 'B')?.text).toBe('x😀')
})

const sar = (part: number): ReadonlyMap<number, Buffer> =>
  new Map([
    [0x020c, Buffer.from([0, 9])],
    [0x020e, Buffer.from([2])],
    [0x020f, Buffer.from([part])],
  ])

test('parts that say so by SAR parameters join', () => {
  const join = joiner()
  join.add(submission(encodeGsm('sar '), { tlvs: sar(1) }), 'A')
  expect(join.add(submission(encodeGsm('works'), { tlvs: sar(2) }), 'B')?.text).toBe('sar works')
})

test('a header that makes no sense is no reason to lose the text', () => {
  const join = joiner()
  expect(join.add(withHeader([0, 3, 7, 2, 9], encodeGsm('text')), 'A')?.text).toBe('text')
  expect(join.add(withHeader([0x70, 200], encodeGsm('text')), 'A')?.text).toBe('text')
})
