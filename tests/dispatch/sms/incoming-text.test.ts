import { expect, test } from 'vitest'
import type { Delivery } from '../../../src/dispatch/sms/delivery.ts'
import { readIncoming } from '../../../src/dispatch/sms/incoming-text.ts'

const delivery = (more: Partial<Delivery> = {}): Delivery => ({
  source: '36301234567',
  sourceTon: 1,
  destination: 'SHOP',
  esmClass: 0,
  dataCoding: 0,
  message: Buffer.from('STOP'),
  tlvs: new Map(),
  ...more,
})
const read = (more: Partial<Delivery>) => readIncoming(delivery(more), 'sms', 7)

test.each<[string, Partial<Delivery>, string]>([
  ['GSM, which is not ASCII', { message: Buffer.from([0x53, 0x00, 0x24, 0x1b, 0x65]) }, 'S@¤€'],
  ['Latin-1', { dataCoding: 3, message: Buffer.from('ÁLLJ', 'latin1') }, 'ÁLLJ'],
  ['IA5', { dataCoding: 1, message: Buffer.from('STOP') }, 'STOP'],
  ['UCS-2', { dataCoding: 8, message: Buffer.from('Állj', 'utf16le').swap16() }, 'Állj'],
  ['without what could break a line of a log', { dataCoding: 3, message: Buffer.from('a\r\nb\0\x1b[2J') }, 'a  b  [2J'],
])('the text: %s', (_, more, text) => expect(read(more).text).toBe(text))

test.each<[string, Partial<Delivery>, string]>([
  ['an international number', {}, '+36301234567'],
  ['one that does not say so', { sourceTon: 0 }, '+36301234567'],
  ['with its plus', { source: '+36301234567' }, '+36301234567'],
  ['a short number stays what it is', { sourceTon: 3, source: '1234' }, '1234'],
  ['a name', { sourceTon: 5, source: 'BANK' }, 'BANK'],
])('the sender: %s', (_, more, from) => expect(read(more).from).toBe(from))
