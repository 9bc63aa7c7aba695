import { describe, expect, test } from 'vitest'

import type { ImportKind } from '../../src/config/schema.ts'
import type { Defaults } from '../../src/formats/defaults.ts'
import { parseFile } from './reading.ts'

const format = { type: 'json', dates: ['yyyy-MM-dd', 'yyyy-MM-ddTHH:mm:ss'] }
const parse = (kind: ImportKind, records: object | object[], given: Partial<Defaults> = {}) =>
  parseFile(JSON.stringify(records), format, kind, given)
const codes = async (kind: ImportKind, records: object): Promise<string[]> =>
  (await parse(kind, records)).problems.map(({ code, place }) => `${code} ${place.path}`)

describe('orderStatus and collectStatus', () => {
  test('an order status is any word; a store answers with four', async () => {
    expect((await parse('orderStatus', { order: '1', status: 'Picked up' })).records).toEqual([
      { kind: 'status', order: '1', status: 'Picked up' },
    ])
    expect((await parse('collectStatus', { order: '1', status: 'Confirmed' })).records).toMatchObject([
      { status: 'confirmed' },
    ])
    expect(await codes('collectStatus', { order: '1', status: 'ok' })).toEqual(['D034 status'])
  })

  test('a store names what went over the counter by row, by text or by the lines of a record', async () => {
    const lines = [{ line: '1', quantity: '2' }]
    const row = { order: '1', status: 'delivered', documentNumber: 'R1' }
    for (const named of [{ line: '1', quantity: '2' }, { quantities: '1:2' }]) {
      expect((await parse('collectStatus', { ...row, ...named })).records).toMatchObject([{ lines }])
    }
    const grouped = {
      ...row,
      lines: [
        { number: '1', quantity: '2' },
        { number: 'B', quantity: '0.5' },
      ],
    }
    expect((await parse('collectStatus', grouped)).records).toMatchObject([
      { lines: [...lines, { line: 'B', quantity: '0.5' }] },
    ])
    expect((await parse('collectStatus', row)).records[0]).not.toHaveProperty('lines')
    expect(await codes('collectStatus', { ...row, quantity: '2' })).toEqual(['D030 line'])
    expect(await codes('collectStatus', { ...row, line: '1' })).toEqual(['D030 quantity'])
    expect(await codes('collectStatus', { ...row, quantities: '1=2' })).toEqual(['D031 quantities'])
  })

  test('the Orderly of a company numbers what it tells, and has more words then', async () => {
    const told = { order: '1', status: 'deliveryExpired', sequence: '4', sender: 'SK01' }
    expect((await parse('collectStatus', told)).records).toMatchObject([{ sequence: 4, sender: 'SK01' }])
    expect(await codes('collectStatus', { ...told, sequence: 'x' })).toEqual(['D031 sequence'])
    expect(await codes('collectStatus', { order: '1', status: 'deliveryExpired' })).toEqual(['D034 status'])
  })

  test('an order that its company takes back is a rejection of it', async () => {
    const { records } = await parse('orders', { number: '7', action: 'cancel' }, { channel: 'web' })
    expect(records).toMatchObject([{ kind: 'status', order: '7', channel: 'web', status: 'rejected' }])
  })

  test('order and status must be there', async () => {
    expect(await codes('orderStatus', {})).toEqual(['D030 order', 'D030 status'])
    expect(await codes('collectStatus', {})).toEqual(['D030 order', 'D030 status'])
  })

  test.each([
    ['2026-11-22', '2026-11-22'],
    ['2026-11-22T10:00:00', '2026-11-22T09:00:00.000Z'],
    ['2026-07-22T10:00:00', '2026-07-22T08:00:00.000Z'],
    ['2026-11-22T10:00:00-05:00', '2026-11-22T15:00:00.000Z'],
    ['2026-11-22T10:00:00Z', '2026-11-22T10:00:00.000Z'],
  ])('the time %s in Budapest is %s', async (at, expected) => {
    expect((await parse('orderStatus', { order: '1', status: 'x', at })).records).toMatchObject([{ at: expected }])
  })

  test('means any channel unless the file or the import names one', async () => {
    expect((await parse('orderStatus', { order: '1', status: 'x' })).records[0]).not.toHaveProperty('channel')
    expect((await parse('orderStatus', { order: '1', status: 'x' }, { statusChannel: 'web' })).records).toMatchObject([
      { channel: 'web' },
    ])
    expect(
      (await parse('orderStatus', { order: '1', status: 'x', channel: 'b2b' }, { statusChannel: 'web' })).records,
    ).toMatchObject([{ channel: 'b2b' }])
  })
})

describe('opt-outs', () => {
  test('a number becomes international, an address lower case', async () => {
    expect(
      (await parse('optOuts', { phone: '06 30 123 4567', reason: 'letter' }, { country: 'HU' })).records,
    ).toMatchObject([{ kind: 'optOut', action: 'add', channel: 'sms', address: '+36301234567', reason: 'letter' }])
    expect((await parse('optOuts', { email: 'Anna@Example.com', action: 'remove' })).records).toMatchObject([
      { action: 'remove', channel: 'mail', address: 'anna@example.com' },
    ])
  })

  test('one of both must be there, and be one', async () => {
    expect(await codes('optOuts', {})).toEqual(['D030 phone'])
    expect(await codes('optOuts', { phone: '12' })).toContain('D030 phone')
    expect(await codes('optOuts', { phone: '+36301234567', action: 'maybe' })).toEqual(['D034 action'])
  })
})

describe('shipments', () => {
  const row = { order: '1', state: 'InTransit' }

  test('the state is one of six words, in any case; times are as in status files', async () => {
    const { records } = await parse('shipments', {
      ...row,
      carrier: 'DHL',
      trackingNumber: 'T1',
      trackingUrl: 'https://parcel.example.com/t?n=T1',
      reason: 'late',
      at: '2026-11-22T10:00:00',
    })
    expect(records).toEqual([
      {
        kind: 'shipment',
        order: '1',
        state: 'inTransit',
        carrier: 'DHL',
        trackingNumber: 'T1',
        trackingUrl: 'https://parcel.example.com/t?n=T1',
        reason: 'late',
        at: '2026-11-22T09:00:00.000Z',
      },
    ])
    expect(await codes('shipments', { ...row, state: 'lost' })).toEqual(['D034 state'])
    expect(await codes('shipments', {})).toEqual(['D030 state', 'D030 order'])
  })

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'parcel.example.com/T1',
    'https://',
    'https://e.com/"onclick="x',
    'https://e.com/ x',
    `https://e.com/${'x'.repeat(1000)}`,
  ])('a page at %s does not come into a mail', async (trackingUrl) => {
    expect(await codes('shipments', { ...row, trackingUrl })).toEqual(['D035 trackingUrl'])
  })
})

describe('payments', () => {
  test.each([
    [{ amount: '10' }, 'credit'],
    [{ amount: '-10' }, 'debit'],
    [{ amount: '10', direction: 'debit' }, 'debit'],
    [{ amount: '-10', direction: 'DBIT' }, 'debit'],
    [{ amount: '10', direction: 'C' }, 'credit'],
    [{ amount: '10', direction: 's' }, 'debit'],
  ])('%j is a %s of 10', async (fields, direction) => {
    expect((await parse('payments', { bankKey: 'k', currency: 'EUR', ...fields })).records).toMatchObject([
      { direction, amount: 1000 },
    ])
  })

  test('an amount must be there; one of zero is told', async () => {
    expect(await codes('payments', { bankKey: 'k' })).toEqual(['D030 amount'])
    expect(await codes('payments', { bankKey: 'k', amount: '0.00' })).toEqual(['D059 amount'])
  })

  test('account and currency come from the config where the file has none', async () => {
    expect((await parse('payments', { bankKey: 'k', amount: '1' })).records).toMatchObject([
      { account: 'HU42117730161111101800000000', currency: 'HUF', method: 'transfer', reversal: false },
    ])
    expect((await parse('payments', { bankKey: 'k', amount: '1', account: 'DE02 1234' })).records).toMatchObject([
      { account: 'DE021234' },
    ])
  })

  test('without a bank reference equal ones get numbers, others their own keys, and a repeated file the same', async () => {
    const coffee = { amount: '-3', bookedOn: '2026-11-22', counterName: 'Café' }
    const file = [coffee, coffee, { ...coffee, bookedOn: '2026-11-23' }, { ...coffee, counterName: 'Bar' }]
    const keysOf = async (): Promise<unknown[]> =>
      (await parse('payments', file)).records.map((record) => record.kind === 'payment' && record.bankKey)
    const keys = await keysOf()
    expect(new Set(keys).size).toBe(4)
    expect(keys[1]).toBe(`${String(keys[0])}#2`)
    expect(await keysOf()).toEqual(keys)
  })
})

describe('customers, stores, acknowledgements', () => {
  test('a customer belongs to the company of the import unless the file says otherwise', async () => {
    const { records } = await parse('customers', [
      { number: 'C1', iban: 'hu42 1177', phone: '06301234567' },
      { number: 'C1', company: 'AT02', email: 'x' },
    ])
    expect(records).toEqual([
      { kind: 'customer', company: 'HU01', number: 'C1', iban: 'HU421177', phone: '+36301234567' },
      { kind: 'customer', company: 'AT02', number: 'C1' },
    ])
  })

  test('a store has a code and phones by the country of its address', async () => {
    const { records } = await parse('stores', {
      code: 'V1',
      mobile: '0664 1234567',
      address: { country: 'AT', city: 'Wien' },
    })
    expect(records).toMatchObject([{ kind: 'store', code: 'V1', mobile: '+436641234567', address: { city: 'Wien' } }])
    expect(await codes('stores', {})).toEqual(['D030 code'])
  })

  test('an acknowledgement says what, which and whether', async () => {
    expect(
      (await parse('acknowledgements', { about: 'Invoice', document: 'inv_1', accepted: true, number: '7' })).records,
    ).toEqual([{ kind: 'acknowledgement', about: 'invoice', document: 'inv_1', accepted: true, number: '7' }])
    expect(await codes('acknowledgements', {})).toEqual(['D030 about', 'D030 accepted', 'D030 document'])
    expect(await codes('acknowledgements', { about: 'order', document: '1', accepted: 'so so' })).toEqual([
      'D034 about',
      'D033 accepted',
    ])
  })
})
