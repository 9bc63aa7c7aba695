import { expect, test } from 'vitest'
import { Sms } from '../../src/config/schema.ts'
import { hasPrefix, smsAccounts, smsRoutes } from '../../src/config/sms-accounts.ts'

test('without accounts there is one, called sms, with what is written there', () => {
  const sms = Sms.parse({ transport: 'smpp', host: 'h', systemId: 's' })
  const [only, ...others] = smsAccounts(sms)
  expect([only?.name, only?.passwordAt, others]).toEqual(['sms', 'sms.password', []])
  expect(only?.settings).toBe(sms)
  expect(smsRoutes(sms)).toEqual([{ prefixes: [], account: 'sms' }])
})

test('what an account leaves out is as written beside the accounts, its password too', () => {
  const sms = Sms.parse({
    transport: 'smpp',
    host: 'shared.example.com',
    password: '${SHARED}',
    window: 5,
    accounts: { home: { systemId: 'a', window: 20 }, 'far.away': { systemId: 'b', host: 'own', password: '${OWN}' } },
  })
  const [home, far] = smsAccounts(sms)
  expect(home?.settings).toMatchObject({ host: 'shared.example.com', port: 2775, systemId: 'a', window: 20 })
  expect(far?.settings).toMatchObject({ host: 'own', systemId: 'b', window: 5 })
  // Under these names the secrets are kept.
  expect([home?.passwordAt, far?.passwordAt]).toEqual(['sms.password', 'sms.accounts["far.away"].password'])
  expect([home?.pathOf('host'), far?.pathOf('host')]).toEqual([
    ['sms', 'host'],
    ['sms', 'accounts', 'far.away', 'host'],
  ])
  expect(smsRoutes(sms).map(({ account }) => account)).toEqual(['home', 'far.away'])
})

test('a prefix is one text or several; none fits all numbers', () => {
  const routes = [{ prefix: '+36', account: 'a' }, { prefix: ['+49', '+43'], account: 'b' }, { account: 'c' }]
  const ways = smsRoutes(Sms.parse({ accounts: { a: {}, b: {}, c: {} }, routes }))
  const first = (number: string) => ways.find(({ prefixes }) => hasPrefix(number, prefixes))?.account
  expect(['+36301', '+4366', '+4915', '+1212'].map(first)).toEqual(['a', 'b', 'b', 'c'])
})
