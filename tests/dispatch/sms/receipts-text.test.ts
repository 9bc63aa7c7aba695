import { describe, expect, it } from 'vitest'
import type { Receipt } from '../../../src/core/message.ts'
import { canonicalId, parseReceipt } from '../../../src/dispatch/sms/receipts-text.ts'
import type { IdBase } from '../../../src/dispatch/sms/receipts-text.ts'
import { readDelivery } from '../../../src/dispatch/sms/delivery.ts'
import { cstring, deliverBody, packPdu, receiptText, tlv } from '../../neighbours/smsc.ts'
import type { DeliverFields } from '../../neighbours/smsc.ts'

function read(fields: DeliverFields, idBase: IdBase = 'same'): Receipt | undefined {
  const delivery = readDelivery(packPdu(0x05, 0, 1, deliverBody(fields)), 'deliver_sm')
  return delivery && parseReceipt(delivery, { account: 'main', idBase, at: 77 })
}

describe('receipt text', () => {
  it('reads the standard form', () => {
    expect(read({ text: receiptText('4711', 'DELIVRD') })).toEqual({
      account: 'main',
      smscId: '4711',
      state: 'delivered',
      destination: '+36301234567',
      text: receiptText('4711', 'DELIVRD'),
      at: 77,
    })
  })

  it.each([
    ['DELIVRD', 'delivered'],
    ['UNDELIV', 'undelivered'],
    ['EXPIRED', 'expired'],
    ['DELETED', 'deleted'],
    ['REJECTD', 'rejected'],
    ['ENROUTE', 'intermediate'],
    ['ACCEPTD', 'intermediate'],
    ['ACKED', 'intermediate'],
    ['BUFFRED', 'intermediate'],
    ['BUFFERD', 'intermediate'],
    ['UNKNOWN', 'unknown'],
    ['WHATEVER', 'unknown'],
  ])('takes stat:%s for %s', (stat, state) => {
    expect(read({ text: receiptText('1', stat) })?.state).toBe(state)
  })

  it.each([
    'Id:4711 Sub:001 Dlvrd:001 Submit Date:2611220900 Done Date:2611220901 Stat:DELIVRD Err:000 Text:x',
    'stat:DELIVRD id:4711',
    'id: 4711  stat: delivrd',
    'id:4711\nstat:DELIVRD\nerr:000',
    'DLR id:4711 done date:260101 stat:DELIVRD',
  ])('tolerates %j', (text) => {
    expect(read({ text })).toMatchObject({ smscId: '4711', state: 'delivered' })
  })

  it('keeps characters that GSM has elsewhere: an underscore stays an underscore', () => {
    expect(read({ text: receiptText('ab_12-x', 'DELIVRD') })?.smscId).toBe('ab_12-x')
  })

  it('reads a receipt in UCS-2', () => {
    const text = Buffer.from(receiptText('4711', 'EXPIRED'), 'utf16le').swap16()
    expect(read({ text, dataCoding: 8 })).toMatchObject({ smscId: '4711', state: 'expired' })
  })

  it('reads a receipt that stands in message_payload', () => {
    const tlvs = [tlv(0x0424, receiptText('4711', 'UNDELIV', '027'))]
    expect(read({ tlvs })).toMatchObject({ smscId: '4711', state: 'undelivered', error: '027' })
  })

  it('does not believe what our own text says after text:', () => {
    const text = 'id:1 stat:UNDELIV err:001 text:id:2 stat:DELIVRD'
    expect(read({ text })).toMatchObject({ smscId: '1', state: 'undelivered' })
  })

  it('does not take a message of a subscriber for a receipt, whatever it says', () => {
    expect(read({ esmClass: 0, text: receiptText('4711', 'DELIVRD') })).toBeUndefined()
  })

  it.each(['', 'thank you', 'stat:DELIVRD err:000', '\u0000\u0001'])('gives nothing for %j', (text) => {
    expect(read({ text })).toBeUndefined()
  })

  it('makes control characters harmless', () => {
    const receipt = read({ text: 'id:1 stat:DELIVRD err:0\u001b[2J\r\nfake: line' })
    expect(receipt?.text).toBe('id:1 stat:DELIVRD err:0 [2J  fake: line')
    expect(receipt?.error).toBe('0?[2J')
  })
})

describe('receipt parameters', () => {
  it('go before the text', () => {
    const tlvs = [tlv(0x001e, 'abc\0'), tlv(0x0427, Buffer.from([5])), tlv(0x0423, Buffer.from([3, 0, 27]))]
    const receipt = read({ text: receiptText('999', 'DELIVRD'), tlvs })
    expect(receipt).toMatchObject({ smscId: 'abc', state: 'undelivered', error: '3:27' })
  })

  it('are read without a NUL at the end of the id', () => {
    const tlvs = [tlv(0x001e, 'abc'), tlv(0x0427, Buffer.from([2]))]
    expect(read({ tlvs })).toMatchObject({ smscId: 'abc', state: 'delivered' })
  })

  it('make a receipt even where esm_class forgot to say so: a subscriber cannot set them', () => {
    expect(read({ esmClass: 0, tlvs: [tlv(0x001e, 'abc'), tlv(0x0427, Buffer.from([2]))] })?.state).toBe('delivered')
  })

  it('that are longer than the PDU are left out', () => {
    const body = deliverBody({ text: receiptText('1', 'DELIVRD'), tlvs: [Buffer.from([0x00, 0x1e, 0x70, 0x00, 0x41])] })
    const delivery = readDelivery(packPdu(0x05, 0, 1, body), 'deliver_sm')
    expect(delivery && parseReceipt(delivery, { account: 'main', idBase: 'same', at: 0 })?.smscId).toBe('1')
  })

  it.each([
    [1, 'intermediate'],
    [2, 'delivered'],
    [3, 'expired'],
    [4, 'deleted'],
    [5, 'undelivered'],
    [6, 'intermediate'],
    [7, 'unknown'],
    [8, 'rejected'],
    [200, 'unknown'],
  ])('message_state %i is %s', (state, expected) => {
    expect(read({ tlvs: [tlv(0x001e, 'a'), tlv(0x0427, Buffer.from([state]))] })?.state).toBe(expected)
  })

  it('cannot end a message by an intermediate notification', () => {
    expect(read({ esmClass: 0x20, tlvs: [tlv(0x001e, 'a'), tlv(0x0427, Buffer.from([2]))] })?.state).toBe(
      'intermediate',
    )
  })
})

describe('delivery body', () => {
  it('skips a user data header', () => {
    const text = Buffer.concat([Buffer.from([5, 0, 3, 1, 1, 1]), Buffer.from(receiptText('8', 'DELIVRD'))])
    expect(read({ esmClass: 0x44, text })?.smscId).toBe('8')
  })

  it('is read from data_sm too', () => {
    const addresses = [cstring(''), Buffer.from([1, 1]), cstring('36301234567'), Buffer.from([5, 0]), cstring('SHOP')]
    const body = Buffer.concat([...addresses, Buffer.from([0x04, 0, 0]), tlv(0x0424, receiptText('9', 'DELIVRD'))])
    const delivery = readDelivery(packPdu(0x103, 0, 1, body), 'data_sm')
    expect(delivery && parseReceipt(delivery, { account: 'main', idBase: 'same', at: 0 })?.smscId).toBe('9')
  })

  it('is refused at every length at which it is cut', () => {
    const body = deliverBody({ text: 'id:1 stat:DELIVRD' })
    for (let length = 0; length < body.length; length++) {
      expect(readDelivery(packPdu(0x05, 0, 1, body.subarray(0, length)), 'deliver_sm'), String(length)).toBeUndefined()
    }
  })

  it.each([
    ['+36301234567', '+36301234567'],
    ['36301234567', '+36301234567'],
    ['SHOP', 'SHOP'],
  ])('gives the destination %s as %s', (source, destination) => {
    expect(read({ source, text: receiptText('1', 'DELIVRD') })?.destination).toBe(destination)
  })
})

describe('ids', () => {
  it.each<[IdBase, string, string]>([
    ['same', '4711', '4711'],
    ['same', '0000004711', '4711'],
    ['same', '4711', '0004711'],
    ['same', 'ab-CD-09', 'AB-cd-09'],
    ['same', '0', '000'],
    ['respHex', '1A2B', '6699'],
    ['respHex', '0000001a2b', '6699'],
    ['respHex', 'FFFFFFFFFFFFFFFFFFFF', '1208925819614629174706175'],
    ['respDec', '6699', '1A2B'],
    ['respDec', '0006699', '1a2b'],
    ['respHex', 'x-17', 'X-17'],
  ])('%s: answer %s is the same as receipt %s', (base, answer, receipt) => {
    expect(canonicalId(answer, 'answer', base)).toBe(canonicalId(receipt, 'receipt', base))
  })

  it('does not compare the text as it came when the bases differ', () => {
    expect(canonicalId('12', 'answer', 'respHex')).not.toBe(canonicalId('12', 'receipt', 'respHex'))
  })

  it('keeps apart numbers that a double would confuse', () => {
    const ids = ['9007199254740993', '9007199254740992'].map((id) => canonicalId(id, 'answer', 'respDec'))
    expect(new Set(ids).size).toBe(2)
  })
})
