import smpp from 'smpp'
import { describe, expect, it } from 'vitest'
import { frameReader, ProtocolSurprise, readPdu, writePdu } from '../../../src/dispatch/sms/frames.ts'
import { type LongText, planSubmit } from '../../../src/dispatch/sms/submit.ts'
import { cstring, packPdu, tlv } from '../../neighbours/smsc.ts'

const length = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

describe('framing', () => {
  const stream = Buffer.concat([
    packPdu(0x15, 0, 1),
    packPdu(0x8000_0004, 0, 2, cstring('abc')),
    packPdu(0x05, 0, 3, Buffer.alloc(300)),
  ])

  it.each([1, 2, 3, 7, 16, 21, 1000])('finds the same frames when the bytes come %i at a time', (size) => {
    const reader = frameReader()
    const frames: Buffer[] = []
    for (let at = 0; at < stream.length; at += size) frames.push(...reader.take(stream.subarray(at, at + size)))
    expect(frames.map((frame) => readPdu(frame).sequence)).toEqual([1, 2, 3])
    expect(Buffer.concat(frames)).toEqual(stream)
  })

  it.each([0, 1, 2, 4, 8, 15, 65_537, 0x7fff_ffff, 0xffff_ffff])(
    'ends at the length %i without waiting for more',
    (value) => {
      expect(() => [...frameReader().take(length(value))]).toThrow(ProtocolSurprise)
    },
  )

  it('takes an HTTP answer for what it is and shows how it begins', () => {
    expect(() => [...frameReader().take(Buffer.from('HTTP/1.1 400 Bad Request\r\n'))]).toThrow('HTTP/1.1 400 Bad')
  })

  it('gives the good frames before a bad one', () => {
    const seen: number[] = []
    expect(() => {
      for (const frame of frameReader().take(Buffer.concat([stream, length(2)]))) seen.push(readPdu(frame).sequence)
    }).toThrow(ProtocolSurprise)
    expect(seen).toEqual([1, 2, 3])
  })
})

describe('reading', () => {
  it('reads the id of an accepted message', () => {
    const pdu = readPdu(packPdu(0x8000_0004, 0, 7, cstring('0000A1')))
    expect(pdu).toMatchObject({
      command: 'submit_sm_resp',
      response: true,
      status: 0,
      sequence: 7,
      messageId: '0000A1',
    })
  })

  it.each([
    ['empty', cstring('')],
    ['absent', Buffer.alloc(0)],
    ['endless', Buffer.alloc(200, 'A')],
  ])('takes an %s id for none', (_, body) => {
    expect(readPdu(packPdu(0x8000_0004, 0, 7, body)).messageId).toBe('')
  })

  it('reads an id that has no NUL at its end', () => {
    expect(readPdu(packPdu(0x8000_0004, 0, 7, Buffer.from('abc'))).messageId).toBe('abc')
  })

  it('makes an id harmless that holds control characters', () => {
    expect(readPdu(packPdu(0x8000_0004, 0, 7, cstring('a\nb\u001b[31m'))).messageId).toBe('a?b?[31m')
  })

  it('does not look at the body of a refusal', () => {
    expect(readPdu(packPdu(0x8000_0004, 0x58, 7, Buffer.from([1, 2, 3])))).toMatchObject({
      status: 0x58,
      messageId: '',
    })
  })

  it('ends at an answer whose integer parameter has no octets', () => {
    const body = Buffer.concat([cstring('abc'), tlv(0x0427, '')])
    expect(() => readPdu(packPdu(0x8000_0004, 0, 7, body))).toThrow(ProtocolSurprise)
  })

  it('names a command that the standard does not know', () => {
    expect(readPdu(packPdu(0x7777, 0, 1))).toMatchObject({ command: 'unknown', commandId: 0x7777, response: false })
  })
})

it('writes a PDU that another reader reads', () => {
  expect(writePdu('enquire_link', 9)).toEqual(packPdu(0x15, 0, 9))
  expect(writePdu('deliver_sm_resp', 3, {}, 0x64)).toEqual(packPdu(0x8000_0005, 0x64, 3))
  expect(writePdu('deliver_sm_resp', 3)).toEqual(packPdu(0x8000_0005, 0, 3, cstring('')))
})

describe('a submit_sm', () => {
  const long = 'Your order has come to the store, where it waits for you. '.repeat(5)
  const cases: readonly [string, string, string, LongText, object][] = [
    ['a short text', 'SHOP', 'Hello {}', 'udh', {}],
    ['an empty text', '+36301234567', '', 'udh', {}],
    ['other letters', 'SHOP', 'Ваш заказ', 'udh', { alphabet: 'ucs2' }],
    ['a long text with headers', 'SHOP', long, 'udh', {}],
    ['a long text with SAR parameters', 'SHOP', long, 'sar', {}],
    ['a long text as payload', 'SHOP', long, 'payload', {}],
    ['a text that expires, with a receipt', 'SHOP', 'Hello', 'udh', { validFor: 90_000, receipts: true }],
  ]
  it.each(cases)('with %s has the same octets as from the codec', (_, sender, text, longText, more) => {
    const { alphabet = 'gsm', ...rest } = more as { alphabet?: 'gsm' | 'ucs2' }
    const sms = { sender, text, alphabet, parts: 1 }
    const plan = planSubmit({ id: 'msg_1', sms, recipient: '+36301234567', longText, receipts: false, ...rest })
    const parts = plan.kind === 'plan' ? plan.parts : expect.unreachable()
    expect(parts.length).toBeGreaterThan(0)
    for (const { fields } of parts) {
      const codec = new smpp.PDU('submit_sm', { ...fields, sequence_number: 7, command_status: 0 })
      expect(writePdu('submit_sm', 7, fields).toString('hex')).toBe(codec.toBuffer().toString('hex'))
    }
  })
})
