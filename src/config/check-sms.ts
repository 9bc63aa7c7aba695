/**
 * SMS accounts, routes, quiet hours, prices and groups: what does not fit together.
 *
 * What the accounts need says check-transports.ts. Throws nothing.
 */
import { durationOf } from '../core/date.ts'
import type { CheckContext } from './check-context.ts'
import type { Finding, Path } from './finding.ts'
import { didYouMean } from './nearest.ts'
import type { Group, Sms } from './schema.ts'

type Context = Pick<CheckContext, 'config'>

export const checkSms = ({ config: { sms, groups } }: Context): readonly Finding[] => [
  ...Object.entries(groups).flatMap(([code, { members }]) =>
    members.flatMap((member, i) => ofMember(member, ['groups', code, 'members', i])),
  ),
  ...accounts(sms),
  ...routes(sms),
  ...neverUsed(sms.prices),
  ...quiet(sms),
]

function accounts({ accounts: own }: Sms): readonly Finding[] {
  if (own === undefined || Object.keys(own).length > 0) return []
  return [{ code: 'C060', path: ['sms', 'accounts'], message: 'at least one account is needed here' }]
}

function ofMember({ mobile, email }: Group['members'][number], path: Path): readonly Finding[] {
  if (mobile === undefined && email === undefined) {
    return [{ code: 'C060', path, message: 'neither "mobile" nor "email": nothing can be sent to this member' }]
  }
  if (mobile === undefined || /^\+[1-9]\d{6,14}$/.test(mobile.replaceAll(/[ ()./-]/g, ''))) return []
  const expected = 'a number in international form such as "+36 30 123 4567"'
  return [{ code: 'C062', path: [...path, 'mobile'], message: 'no SMS can go to this number', expected }]
}

/** A route names an account, and each account is named by one. */
function routes({ accounts: own, routes: list }: Sms): readonly Finding[] {
  if (list.length === 0) return []
  const names = own === undefined ? ['sms'] : Object.keys(own)
  const unknown = list.flatMap(({ account }, i): readonly Finding[] => {
    if (names.includes(account)) return []
    const hint = didYouMean(account, names)
    const path = ['sms', 'routes', i, 'account']
    return [
      { code: 'C065', path, message: 'there is no such account', expected: names.join(', '), ...(hint && { hint }) },
    ]
  })
  const unused = names.filter((name) => list.every(({ account }) => account !== name))
  return [
    ...unknown,
    ...unused.map((name): Finding => {
      const path = own === undefined ? ['sms', 'routes'] : ['sms', 'accounts', name]
      return { code: 'C065', path, at: 'key', severity: 'warning', message: `no route leads to account ${name}` }
    }),
  ]
}

/** What stands below a row for all numbers. */
function neverUsed(prices: Sms['prices']): readonly Finding[] {
  const all = prices.findIndex(({ prefix }) => prefix === undefined)
  if (all < 0 || all === prices.length - 1) return []
  const message = 'a price above it is for all numbers: this one is never used'
  return [{ code: 'C065', path: ['sms', 'prices', all + 1], severity: 'warning', message }]
}

/** What waits until its maximum age is over is never sent. */
function quiet({ quiet: hours, maxAge }: Sms): readonly Finding[] {
  if (hours === undefined || maxAge === 'never') return []
  const list = Array.isArray(hours) ? hours : [hours]
  return list.flatMap(({ from, to }, i): readonly Finding[] => {
    const length = (minutes(to) - minutes(from) + 1440) % 1440 || 1440
    if (length * 60_000 < durationOf(maxAge)) return []
    const path = Array.isArray(hours) ? ['sms', 'quiet', i] : ['sms', 'quiet']
    const message = `these hours are longer than sms.maxAge (${maxAge}): what is planned at their begin is never sent`
    return [{ code: 'C065', path, severity: 'warning', message }]
  })
}

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
