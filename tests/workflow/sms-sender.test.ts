import { expect, test } from 'vitest'
import { smsSenderFrom, type SenderSources } from '../../src/workflow/messages/sms-sender.ts'

const company = { code: 'HU01', name: 'Example', phone: '+36 1 234-5678' }
const store = { name: 'B', mobile: '+36 30 111 1111', phone: '+36 1 111 1111' }
const fromStore = { name: 'S', mobile: '+421 905 222 222' }
/** The order of NP Retail (N53). */
const chain = ['store.mobile', 'store.phone', 'company.phone', 'fromStore.mobile', 'fromStore.phone', 'noreply']

test.each<[string, Partial<SenderSources>, string, readonly string[], string | undefined]>([
  ['the mobile of the store', { store, fromStore }, '+36301234567', chain, '+36301111111'],
  [
    'its phone when it has no mobile',
    { store: { name: 'B', phone: store.phone } },
    '+36301234567',
    chain,
    '+3611111111',
  ],
  ['the company when the store has neither', { store: { name: 'B' }, fromStore }, '+36301234567', chain, '+3612345678'],
  [
    'the sending store after that',
    { fromStore, company: { code: 'X', name: 'X' } },
    '+36301234567',
    chain,
    '+421905222222',
  ],
  ['a name in the end', { company: { code: 'X', name: 'X' } }, '+36301234567', chain, 'noreply'],
  ['nobody writes to himself', { store }, '+36301111111', chain, '+3611111111'],
  ['nothing that is no sender', {}, '+36301234567', ['store.mobile', 'far too long a name'], undefined],
])('%s', (_, sources, recipient, candidates, expected) => {
  expect(smsSenderFrom({ company, ...sources })(candidates, recipient)).toBe(expected)
})
