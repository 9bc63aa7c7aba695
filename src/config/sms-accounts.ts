/**
 * The SMS accounts of a config, each with all its settings, and the routes between them.
 *
 * One account, written straight under `sms`, is called `sms`; under `sms.accounts` each has its own name, and what
 * it leaves out is as written beside them. Says where each value stands, so that checks and secrets find it.
 * Pure; throws nothing.
 */
import { type Path, pathText } from './finding.ts'
import type { Sms, SmsAccountConfig } from './schema.ts'

export interface NamedSmsAccount {
  /** The account of its messages and receipts. */
  readonly name: string
  readonly settings: Sms
  /** Where the value of a key stands; where it would belong, when it stands nowhere. */
  readonly pathOf: (key: keyof SmsAccountConfig) => Path
  /** Name of the password among the secrets. */
  readonly passwordAt: string
}

export interface SmsRoute {
  /** No prefix: all numbers. */
  readonly prefixes: readonly string[]
  readonly account: string
}

/** Name of the one account of a config that has no `sms.accounts`. */
export const onlyAccount = 'sms'

export function smsAccounts(sms: Sms): readonly NamedSmsAccount[] {
  if (sms.accounts === undefined) {
    return [{ name: onlyAccount, settings: sms, pathOf: (key) => ['sms', key], passwordAt: 'sms.password' }]
  }
  return Object.entries(sms.accounts).map(([name, own]) => {
    const pathOf = (key: keyof SmsAccountConfig): Path =>
      own[key] === undefined && sms[key] !== undefined ? ['sms', key] : ['sms', 'accounts', name, key]
    return { name, settings: over(sms, own), pathOf, passwordAt: pathText(pathOf('password')) }
  })
}

/** In the order in which they are tried; without any, each account takes all numbers. */
export function smsRoutes({ accounts, routes }: Sms): readonly SmsRoute[] {
  if (routes.length === 0) {
    return Object.keys(accounts ?? { [onlyAccount]: {} }).map((account) => ({ prefixes: [], account }))
  }
  return routes.map(({ prefix = [], account }) => ({
    prefixes: typeof prefix === 'string' ? [prefix] : prefix,
    account,
  }))
}

/** Whether the number, in international form, begins with one of the prefixes; no prefix fits all. */
export const hasPrefix = (number: string, prefixes: readonly string[]): boolean =>
  prefixes.length === 0 || prefixes.some((prefix) => number.startsWith(prefix))

/** Keys that are there without a value must not hide those of `sms`. */
function over(sms: Sms, own: SmsAccountConfig): Sms {
  const written = Object.entries(own).filter(([, value]) => value !== undefined)
  return { ...sms, ...(Object.fromEntries(written) as Partial<Sms>) }
}
