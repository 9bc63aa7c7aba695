/**
 * Mail, SMS and rehearsal: what the chosen transport needs must be there, sender ids must be possible.
 *
 * Sender ids: digits at most 15 (E.164), letters at most 11 (3GPP TS 23.040 §9.1.2.5); scenario 37.
 * Throws nothing.
 */
import { assertNever } from '../core/assert-never.ts'
import type { CheckContext } from './check-context.ts'
import type { Finding, Path } from './finding.ts'
import { eachOf } from './names.ts'
import { didYouMean } from './nearest.ts'
import { type NamedSmsAccount, smsAccounts } from './sms-accounts.ts'

type Context = Pick<CheckContext, 'config'>

export const checkTransports = (context: Context): readonly Finding[] => [
  ...mailNeeds(context),
  ...smsNeeds(context),
  ...rehearsal(context),
  ...senders(context),
  ...unusedTransports(context),
]

function needed(path: Path, why: string): Finding {
  return { code: 'C060', path, at: 'key', message: `"${path.at(-1)}" is missing: ${why}` }
}

function mailNeeds({ config: { mail } }: Context): readonly Finding[] {
  switch (mail.transport) {
    case 'none':
      return []
    case 'files':
      return mail.folder === undefined ? [needed(['mail', 'folder'], 'the files transport writes there')] : []
    case 'smtp': {
      const host = mail.host === undefined ? [needed(['mail', 'host'], 'the smtp transport needs a server')] : []
      const inClear = mail.auth !== 'none' && mail.security === 'none' && !isLoopback(mail.host)
      return inClear ? [...host, clearPassword] : host
    }
    default:
      return assertNever(mail.transport, 'mail transport')
  }
}

const isLoopback = (host: string | undefined): boolean => /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host ?? '')
const clearPassword: Finding = {
  code: 'C063',
  path: ['mail', 'security'],
  severity: 'warning',
  message: 'user and password go over the line in clear',
  hint: 'Set security: starttls or tls.',
}

const clearSmpp = (path: Path): Finding => ({
  code: 'C063',
  path,
  severity: 'warning',
  message: 'password, numbers and texts go over the line in clear',
  hint: 'Set tls: true where the provider has it, or go through a tunnel.',
})

function smsNeeds({ config: { sms } }: Context): readonly Finding[] {
  switch (sms.transport) {
    case 'none':
      return []
    case 'files':
      return sms.folder === undefined ? [needed(['sms', 'folder'], 'the files transport writes there')] : []
    case 'smpp':
      return smsAccounts(sms).flatMap(accountNeeds)
    default:
      return assertNever(sms.transport, 'SMS transport')
  }
}

function accountNeeds({ settings, pathOf }: NamedSmsAccount): readonly Finding[] {
  const missing = (['host', 'systemId', 'password'] as const).filter((key) => settings[key] === undefined)
  const inClear = !settings.tls && !isLoopback(settings.host) && missing.length === 0
  return [
    ...missing.map((key) => needed(pathOf(key), 'the smpp transport needs it')),
    ...(inClear ? [clearSmpp(pathOf('tls'))] : []),
  ]
}

function rehearsal({ config: { safety, mail, sms } }: Context): readonly Finding[] {
  if (safety.mode !== 'rehearsal') return []
  const lacks = (media: 'mail' | 'sms', transport: string): readonly Finding[] => {
    if (transport === 'none' || safety.redirectTo?.[media] !== undefined) return []
    const path = ['safety', 'redirectTo', media]
    return [
      { code: 'C061', path, at: 'key', message: `a rehearsal needs redirectTo.${media}, where every ${media} goes` },
    ]
  }
  return [...lacks('mail', mail.transport), ...lacks('sms', sms.transport)]
}

const senderFields = ['store.mobile', 'store.phone', 'fromStore.mobile', 'fromStore.phone', 'company.phone'] as const

function senders({ config }: Context): readonly Finding[] {
  const named = eachOf(config.sms.sender, ['sms', 'sender'])
  /** `mobile` stands for those of either store. */
  const uses = (field: string): boolean =>
    config.sms.transport !== 'none' &&
    named.some(([text]) => [field, `store.${field}`, `fromStore.${field}`].includes(text))
  const number = (field: string, value: string | undefined, path: Path): readonly Finding[] =>
    value !== undefined && uses(field) && !isNumber(value) ? [badNumber(path)] : []
  return [
    ...named.flatMap(([text, path]) => literalSender(text, path)),
    ...number('company.phone', config.company.phone, ['company', 'phone']),
    ...Object.entries(config.stores).flatMap(([code, { mobile, phone }]) => [
      ...number('mobile', mobile, ['stores', code, 'mobile']),
      ...number('phone', phone, ['stores', code, 'phone']),
    ]),
  ]
}

function literalSender(text: string, path: Path): readonly Finding[] {
  if (senderFields.some((field) => field === text)) return []
  const hint = didYouMean(text, senderFields)
  const isField = /^(store|fromStore|company)\./i.test(text)
  if (!isField && (isNumber(text) || /^(?=.*[A-Za-z])[A-Za-z0-9 .&_+-]{1,11}$/.test(text))) return []
  const expected = `${senderFields.join(', ')}, a number of at most 15 digits, or a name of at most 11 letters and digits`
  return [{ code: 'C062', path, message: 'this cannot be the sender of an SMS', expected, ...(hint ? { hint } : {}) }]
}

/** Blanks and the usual marks are taken out before sending. */
const isNumber = (text: string): boolean => /^\+?\d{3,15}$/.test(text.replaceAll(/[ ()./-]/g, ''))
const badNumber = (path: Path): Finding => ({
  code: 'C062',
  path,
  message: 'this number cannot be the sender of an SMS',
  expected: 'at most 15 digits, e.g. "+36 30 123 4567"',
})

/** Messages that are planned for a transport that is off would only ever be noted as suppressed. */
function unusedTransports({ config }: Context): readonly Finding[] {
  const media = (['mail', 'sms'] as const).filter((name) => config[name].transport === 'none')
  return media.flatMap((name): readonly Finding[] => {
    const using = Object.entries(config.workflows).filter(
      ([, workflow]) => workflow.enabled && mentions(workflow, name),
    )
    if (using.length === 0) return []
    const codes = using.map(([code]) => code).join(', ')
    const message = `workflows have ${name} templates (${codes}), but the transport is none: nothing will be sent`
    return [{ code: 'C064', path: [name, 'transport'], at: 'key', severity: 'warning', message }]
  })
}

/** Whether a key of that name stands anywhere in the workflow with a value. */
function mentions(value: unknown, key: string): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([name, item]) => (name === key && item !== undefined) || mentions(item, key))
}
