import { describe, expect, it } from 'vitest'
import { NotLoaded, Snapshot } from '../../src/core/known.ts'
import { type CustomerRule, mapCustomer } from '../../src/workflow/mapping/map-customer.ts'
import { knownOf } from './known-of.ts'
import { customerOf, orderOf } from './sample-records.ts'

const known = knownOf([
  customerOf('C1', { company: 'HU02', email: 'Anna@Example.com', phone: '+36301111111' }),
  customerOf('C2', { company: 'HU02', email: 'bela@example.com', phone: '+36302222222' }),
  customerOf('C3', { company: 'HU02', email: 'family@example.com', phone: '+36303333333' }),
  customerOf('C4', { company: 'HU02', email: 'family@example.com', phone: '+36304444444' }),
  customerOf('C5', { company: 'HU02' }),
  customerOf('C6', { company: 'HU01', email: 'only@here.com', phone: '+36306666666' }),
])

type Case = [string, CustomerRule, { number?: string; email?: string; phone?: string }, string]
const cases: readonly Case[] = [
  ['none always makes a new customer', 'none', { email: 'anna@example.com' }, 'new'],
  ['e-mail is compared without regard to case', 'email', { email: ' ANNA@example.COM ' }, 'C1 by email'],
  ['an unknown e-mail makes a new customer', 'email', { email: 'nobody@example.com' }, 'new'],
  ['an empty e-mail never matches', 'email', { email: '' }, 'new'],
  ['an absent e-mail never matches', 'email', {}, 'new'],
  ['a phone number is compared in international form', 'phone', { phone: '+36 30 222-2222' }, 'C2 by phone'],
  ['00 stands for the plus', 'phone', { phone: '0036302222222' }, 'C2 by phone'],
  ['a national number is read for the country', 'phone', { phone: '06 30 222 2222' }, 'C2 by phone'],
  ['an empty phone never matches', 'phone', { phone: '' }, 'new'],
  ['text that is no phone number never matches', 'phone', { phone: 'call me' }, 'new'],
  ['a customer of another company does not count', 'email', { email: 'only@here.com' }, 'new'],
  ['both must fit', 'emailAndPhone', { email: 'anna@example.com', phone: '+36301111111' }, 'C1 by emailAndPhone'],
  ['both must fit the same customer', 'emailAndPhone', { email: 'anna@example.com', phone: '+36302222222' }, 'new'],
  ['both must be given', 'emailAndPhone', { email: 'anna@example.com' }, 'new'],
  [
    'both together may tell apart what one does not',
    'emailAndPhone',
    { email: 'family@example.com', phone: '+36304444444' },
    'C4 by emailAndPhone',
  ],
  [
    'either: the e-mail goes first',
    'emailOrPhone',
    { email: 'anna@example.com', phone: '+36302222222' },
    'C1 by email',
  ],
  ['either: then the phone', 'emailOrPhone', { email: 'x@example.com', phone: '+36302222222' }, 'C2 by phone'],
  ['either: neither', 'emailOrPhone', { email: '', phone: '' }, 'new'],
  [
    'either: an e-mail of several customers is not decided by the phone',
    'emailOrPhone',
    { email: 'family@example.com', phone: '+36302222222' },
    'failed: 2 customers of company HU02 have this e-mail address: C3, C4',
  ],
  [
    'several customers are named',
    'email',
    { email: 'family@example.com' },
    'failed: 2 customers of company HU02 have this e-mail address: C3, C4',
  ],
  ['the source number must exist', 'source', { number: 'C5' }, 'C5 by source'],
  [
    'a source number of another company does not exist',
    'source',
    { number: 'C6' },
    'failed: company HU02 has no customer C6',
  ],
  ['without a source number it fails', 'source', {}, 'failed: the order states no customer number'],
]

const said = (mapping: ReturnType<typeof mapCustomer>): string => {
  switch (mapping.kind) {
    case 'mapped':
      return `${mapping.number} by ${mapping.by}`
    case 'failed':
      return `failed: ${mapping.reason}`
    case 'new':
      return 'new'
  }
}

describe('the customer at the collecting company (N15)', () => {
  it.each(cases)('%s', (_, rule, customer, expected) => {
    expect(said(mapCustomer(orderOf({ number: '1', gross: 1, customer }), rule, undefined, 'HU02', known, 'HU'))).toBe(
      expected,
    )
  })

  it.each([
    ['must exist', 'C5', 'C5 by fixed'],
    ['fails when it does not', 'C9', 'failed: company HU02 has no customer C9'],
    ['fails when the workflow names none', undefined, 'failed: the workflow names no fixedCustomer'],
  ])('a fixed customer %s', (_, fixed, expected) => {
    expect(said(mapCustomer(orderOf({ number: '1', gross: 1 }), 'fixed', fixed, 'HU02', known))).toBe(expected)
  })

  it('reads a national number for the country of the customer before the given one', () => {
    const customer = { phone: '06302222222', address: { country: 'HU' } }
    const order = orderOf({ number: '1', gross: 1, customer })
    expect(said(mapCustomer(order, 'phone', undefined, 'HU02', known, 'DE'))).toBe('C2 by phone')
    const { address: _, ...abroad } = customer
    expect(
      said(mapCustomer(orderOf({ number: '1', gross: 1, customer: abroad }), 'phone', undefined, 'HU02', known)),
    ).toBe('new')
  })

  it('reads 00 for the plus where no country is known', () => {
    const order = orderOf({ number: '1', gross: 1, customer: { phone: ' 0036 30 222 2222' } })
    expect(said(mapCustomer(order, 'phone', undefined, 'HU02', known))).toBe('C2 by phone')
  })

  it('shortens a long list of customers', () => {
    const many = Array.from({ length: 8 }, (_, i) => customerOf(`M${i}`, { company: 'HU02', email: 'm@example.com' }))
    const order = orderOf({ number: '1', gross: 1, customer: { email: 'm@example.com' } })
    expect(said(mapCustomer(order, 'email', undefined, 'HU02', knownOf(many)))).toMatch(
      /M0, M1, M2, M3, M4 and 3 more$/,
    )
  })

  it('asks for what is not loaded', () => {
    const order = orderOf({ number: '1', gross: 1, customer: { email: 'a@b.c' } })
    expect(() => mapCustomer(order, 'email', undefined, 'HU02', new Snapshot(0, new Map()))).toThrow(NotLoaded)
  })
})
