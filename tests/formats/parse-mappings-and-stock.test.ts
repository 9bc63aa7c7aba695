import { describe, expect, test } from 'vitest'
import type { ImportKind } from '../../src/config/schema.ts'
import type { Defaults } from '../../src/formats/defaults.ts'
import { parseFile } from './reading.ts'

const format = { type: 'json', dates: ['yyyy-MM-dd', 'yyyy-MM-ddTHH:mm:ss'] }
const parse = (kind: ImportKind, records: object | object[], given: Partial<Defaults> = {}) =>
  parseFile(JSON.stringify(records), format, kind, given)
const codes = async (kind: ImportKind, records: object): Promise<string[]> =>
  (await parse(kind, records)).problems.map(({ code, place }) => `${code} ${place.path}`)

describe('mappings', () => {
  test('a row is set for all senders and for the company of the import, unless it says otherwise', async () => {
    const row = { about: 'Customer', key: 'C1', target: 'K1' }
    expect((await parse('mappings', row, { company: 'SK01' })).records).toEqual([
      { kind: 'mapping', action: 'set', about: 'customer', company: 'SK01', from: '*', key: 'C1', target: 'K1' },
    ])
    const whole = { ...row, company: 'AT01', from: 'BUD01', targetVariant: 'M', description: 'Anna' }
    expect((await parse('mappings', whole)).records).toMatchObject([
      { company: 'AT01', from: 'BUD01', targetVariant: 'M', description: 'Anna' },
    ])
  })

  test('a row that is taken away needs no target; one that is set does', async () => {
    const row = { about: 'item', key: 'A' }
    expect((await parse('mappings', { ...row, action: 'remove' })).records).toMatchObject([
      { action: 'remove', target: '' },
    ])
    expect(await codes('mappings', row)).toEqual(['D030 target'])
    expect(await codes('mappings', {})).toEqual(['D030 about', 'D030 key', 'D030 target'])
    expect(await codes('mappings', { about: 'store', key: 'A', target: 'B', action: 'drop' })).toEqual([
      'D034 action',
      'D034 about',
    ])
  })
})

describe('stock', () => {
  test('lies at a location or at a store, in a quantity, at a time', async () => {
    const row = { sku: 'A', quantity: '3.5', at: '2026-03-02T10:00:00' }
    expect(
      (await parse('stock', { ...row, location: 'L1', variant: 'M' }, { zone: 'Europe/Budapest' })).records,
    ).toEqual([
      { kind: 'stock', location: 'L1', sku: 'A', variant: 'M', quantity: '3.5', at: '2026-03-02T09:00:00.000Z' },
    ])
    expect((await parse('stock', { ...row, store: 'S1' })).records).toMatchObject([{ store: 'S1' }])
    expect(await codes('stock', row)).toEqual(['D030 location'])
    expect(await codes('stock', { location: 'L1' })).toEqual(['D030 quantity', 'D030 sku'])
    expect(await codes('stock', { location: 'L1', sku: 'A', quantity: 'many' })).toEqual(['D031 quantity'])
  })
})

describe('stores', () => {
  const store = { code: 'S1' }

  test('bring all that the config can say of one but its own notices', async () => {
    const said = {
      ...store,
      fax: '+36 1 234',
      timeZone: 'Europe/Budapest',
      workflow: 'collect',
      salesperson: 'SP1',
      billTo: 'C9',
      prepaymentAccount: '4531',
      url: 'https://shop.example.com/s1',
      latitude: '47.5',
      longitude: '-19.25',
    }
    expect((await parse('stores', said)).records).toEqual([{ kind: 'store', company: 'HU01', ...said }])
  })

  test.each([
    [{ timeZone: 'Europe/Budapast' }, 'D034 timeZone'],
    [{ timeZone: '+02:00' }, 'D034 timeZone'],
    [{ url: 'javascript:alert(1)' }, 'D035 url'],
    [{ latitude: '90.1', longitude: '0' }, 'D035 latitude'],
    [{ latitude: '0', longitude: '-181' }, 'D035 longitude'],
    [{ latitude: 'north' }, 'D031 latitude'],
  ])('%j is refused', async (fields, problem) => {
    expect(await codes('stores', { ...store, ...fields })).toEqual([problem])
  })
})

test('customers and answers name the customer that was asked for', async () => {
  expect((await parse('customers', { number: 'K1', id: 'cus_1' })).records).toMatchObject([{ madeAs: 'cus_1' }])
  const answer = { about: 'customer', document: 'cus_1', accepted: 'yes', number: 'K1' }
  expect((await parse('acknowledgements', answer)).records).toMatchObject([{ about: 'customer', number: 'K1' }])
})
