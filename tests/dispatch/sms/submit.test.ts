import { describe, expect, it } from 'vitest'
import { planSubmit, relativeTime } from '../../../src/dispatch/sms/submit.ts'
import type { PlannedPart, SubmitPlan, SubmitRequest } from '../../../src/dispatch/sms/submit.ts'

interface Draft {
  readonly text?: string
  readonly sender?: string
  readonly recipient?: string
  readonly alphabet?: 'gsm' | 'ucs2'
  readonly rest?: Partial<SubmitRequest>
}

function plan({
  text = 'Hello',
  sender = 'SHOP',
  recipient = '+36301234567',
  alphabet = 'gsm',
  rest,
}: Draft): SubmitPlan {
  const sms = { sender, text, alphabet, parts: 1 }
  return planSubmit({ id: 'msg_1', sms, recipient, longText: 'udh', receipts: true, ...rest })
}

function partsOf(draft: Draft): readonly PlannedPart[] {
  const planned = plan(draft)
  if (planned.kind === 'plan') return planned.parts
  throw new Error(planned.reason)
}

const bytes = (part: PlannedPart | undefined, field = 'short_message'): Buffer => part?.fields[field] as Buffer

describe('text', () => {
  it('labels GSM text 0 and sends it unpacked, with @ as the octet 0', () => {
    const [part] = partsOf({ text: '@ç'.replace('ç', 'Ç') + 'a€' })
    expect(part?.fields['data_coding']).toBe(0)
    expect([...bytes(part)]).toEqual([0x00, 0x09, 0x61, 0x1b, 0x65])
    expect(part?.fields['esm_class']).toBeUndefined()
  })

  it('labels everything else 8 and keeps surrogate pairs', () => {
    const [part] = partsOf({ text: 'ő😀', alphabet: 'ucs2' })
    expect(part?.fields['data_coding']).toBe(8)
    expect(bytes(part).toString('hex')).toBe('0151d83dde00')
  })

  it('refuses a text that is marked GSM and is not, instead of sending spaces', () => {
    expect(plan({ text: 'űr' })).toMatchObject({ kind: 'invalid', code: 'invalid_text' })
  })

  it('refuses more parts than the header can count', () => {
    expect(plan({ text: 'a'.repeat(153 * 256) })).toMatchObject({ kind: 'invalid', code: 'too_many_parts' })
    expect(partsOf({ text: 'a'.repeat(153 * 255) })).toHaveLength(255)
  })
})

const text = 'x'.repeat(400)
const reference = (id: string): number | undefined => bytes(partsOf({ text, rest: { id } })[0])[3]

describe('long text', () => {
  it('carries a user data header in each part, all with one reference', () => {
    const parts = partsOf({ text })
    const headers = parts.map((part) => [...bytes(part).subarray(0, 6)])
    expect(headers).toEqual([1, 2, 3].map((number) => [5, 0, 3, headers[0]?.[3], 3, number]))
    expect(parts.map((part) => part.fields['esm_class'])).toEqual([0x40, 0x40, 0x40])
    expect(parts.map((part) => bytes(part).length)).toEqual([159, 159, 100])
  })

  it('keeps the reference when the message is planned again, and has another for another message', () => {
    expect(reference('msg_1')).toBe(reference('msg_1'))
    expect(new Set(Array.from({ length: 40 }, (_, i) => reference(`msg_${i}`))).size).toBeGreaterThan(30)
  })

  it('uses SAR parameters without any header when the provider wants them', () => {
    const parts = partsOf({ text, rest: { longText: 'sar' } })
    expect(parts.map((part) => bytes(part).length)).toEqual([153, 153, 94])
    expect(parts.map((part) => part.fields['sar_segment_seqnum'])).toEqual([1, 2, 3])
    expect(parts.every((part) => part.fields['esm_class'] === undefined)).toBe(true)
  })

  it('goes whole in message_payload, counted as the parts that it costs', () => {
    const [part, ...others] = partsOf({ text, rest: { longText: 'payload' } })
    expect(others).toEqual([])
    expect(part).toMatchObject({ part: 1, total: 1, weight: 3 })
    expect(bytes(part)).toHaveLength(0)
    expect(bytes(part, 'message_payload')).toHaveLength(400)
  })

  it.each(['udh', 'sar', 'payload'] as const)('sends a short text the plain way under %s', (longText) => {
    expect(partsOf({ rest: { longText } })[0]?.fields).not.toHaveProperty('sar_msg_ref_num')
    expect(bytes(partsOf({ rest: { longText } })[0])).toHaveLength(5)
  })
})

describe('addresses', () => {
  it.each([
    ['+36301234567', 1, 1, '36301234567'],
    ['36301234567', 1, 1, '36301234567'],
    ['  SHOP ', 5, 0, 'SHOP'],
    ['Shop 24', 5, 0, 'Shop 24'],
  ])('sends %j with TON %i and NPI %i', (sender, ton, npi, address) => {
    expect(partsOf({ sender })[0]?.fields).toMatchObject({
      source_addr_ton: ton,
      source_addr_npi: npi,
      source_addr: address,
    })
  })

  it.each(['', 'Bäck', 'B\0evil', 'A\nB', 'TwelveLetter', '1234567890123456', '...', 'Shop\u001b'])(
    'refuses the sender %j',
    (sender) => {
      expect(plan({ sender })).toMatchObject({ kind: 'invalid', code: 'invalid_sender' })
    },
  )

  it('sends to the bare digits, international', () => {
    expect(partsOf({})[0]?.fields).toMatchObject({
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      destination_addr: '36301234567',
    })
  })

  it.each(['', '+0630123456', '+3630 1234567', '+3630123456789012', '+36a', '36301234567\0', '+3630\n1234567'])(
    'refuses the recipient %j',
    (recipient) => {
      expect(plan({ recipient })).toMatchObject({ kind: 'invalid', code: 'invalid_recipient' })
    },
  )

  it('shows a hostile sender harmlessly in its reason', () => {
    const planned = plan({ sender: 'B\u001b[2J\0' })
    expect(planned.kind === 'invalid' && planned.reason).toMatch(/^[\x20-\x7e]+$/)
  })
})

describe('options', () => {
  it('asks for a receipt, or not', () => {
    expect(partsOf({})[0]?.fields['registered_delivery']).toBe(1)
    expect(partsOf({ rest: { receipts: false } })[0]?.fields['registered_delivery']).toBe(0)
  })

  it.each([
    [3_600_000, '000000010000000R'],
    [90_061_000, '000001010101000R'],
    [-5, '000000000100000R'],
    [400 * 86_400_000, '000028000000000R'],
  ])('writes %i ms as the relative time %s', (ms, text) => {
    expect(relativeTime(ms)).toBe(text)
    expect(partsOf({ rest: { validFor: ms } })[0]?.fields['validity_period']).toBe(text)
  })
})
