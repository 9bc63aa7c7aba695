/**
 * Makes the mail and SMS transports that the config names: a server, or files for trying out.
 *
 * Secrets go from their own store straight into the transport. The CLI's `test` uses the same.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import type { LoadedConfig } from '../config/load.ts'
import type { Mail } from '../config/schema.ts'
import { type NamedSmsAccount, onlyAccount, smsAccounts } from '../config/sms-accounts.ts'
import { assertNever } from '../core/assert-never.ts'
import { durationOf } from '../core/date.ts'
import type { Transport } from '../dispatch/dispatcher.ts'
import { openMailFiles } from '../dispatch/mail/files.ts'
import { type MailTransport, openMailPool } from '../dispatch/mail/pool.ts'
import type { MailSettings } from '../dispatch/mail/settings.ts'
import { openSmsAccount, type SmsAccount, type SmsSettings, type SmsSurroundings } from '../dispatch/sms/account.ts'
import { openSmsFiles } from '../dispatch/sms/files.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import type { TransportStatus } from './status-document.ts'

export interface TransportTools {
  readonly clock: Clock
  readonly log: Log
}

/** Ports by convention (P04). */
const mailPorts = { none: 25, starttls: 587, tls: 465 } as const

export function openMail({ config, secrets, folder }: LoadedConfig, tools: TransportTools): MailTransport | undefined {
  const { mail } = config
  if (mail.transport === 'none') return undefined
  if (mail.transport === 'files') return openMailFiles(madeFolder(folder, mail.folder ?? '../var/mail'), tools)
  const auth =
    mail.auth === 'none' ? undefined : { user: mail.auth.user, password: secrets.get('mail.auth.password') ?? '' }
  const settings: MailSettings = {
    host: mail.host ?? '',
    port: mail.port ?? mailPorts[mail.security],
    security: mail.security,
    allowSelfSigned: mail.allowSelfSigned,
    ca: pem(folder, mail.caFile),
    auth,
    connections: mail.connections,
    perMinute: mail.perMinute,
    name: hostname() || 'localhost',
    times: mailTimes(mail.timeouts),
    backOff: pausesOf(mail.pauses.away),
    pause: pausesOf(mail.pauses.tooFast),
  }
  return openMailPool(settings, tools)
}

/** All accounts of the config, by name; none where SMS is off. What does not go to a gateway is one account. */
export function openSms(
  loaded: LoadedConfig,
  tools: TransportTools,
  takers: Pick<SmsSurroundings, 'onReceipt' | 'onIncoming'>,
): ReadonlyMap<string, SmsAccount> {
  const { sms } = loaded.config
  switch (sms.transport) {
    case 'none':
      return new Map()
    case 'files':
      return new Map([[onlyAccount, openSmsFiles({ folder: madeFolder(loaded.folder, sms.folder ?? '../var/sms') })]])
    case 'smpp': {
      const wanted = smsAccounts(sms).map((account) => smsSettings(loaded, account))
      return new Map(wanted.map((settings) => [settings.name, openSmsAccount(settings, { ...tools, ...takers })]))
    }
    default:
      return assertNever(sms.transport, 'SMS transport')
  }
}

function smsSettings({ secrets, folder }: LoadedConfig, { name, settings, passwordAt }: NamedSmsAccount): SmsSettings {
  const ca = pem(folder, settings.caFile)
  return {
    name,
    host: settings.host ?? '',
    port: settings.port,
    ...(settings.tls && { tls: { allowSelfSigned: settings.allowSelfSigned, ...(ca !== undefined && { ca }) } }),
    systemId: settings.systemId ?? '',
    password: secrets.get(passwordAt) ?? '',
    systemType: settings.systemType,
    bind: settings.bind,
    window: settings.window,
    perSecond: settings.perSecond,
    responseTimeout: durationOf(settings.answerTimeout),
    enquireEvery: durationOf(settings.enquireEvery),
    reconnect: { firstMs: durationOf(settings.reconnect.first), maxMs: durationOf(settings.reconnect.max) },
    idBase: settings.idBase,
    longText: settings.longText,
    receipts: settings.receipts,
  }
}

const mailTimes = ({ connect, greeting, command, data, answer }: Mail['timeouts']): MailSettings['times'] => ({
  connectMs: durationOf(connect),
  greetingMs: durationOf(greeting),
  commandMs: durationOf(command),
  dataMs: durationOf(data),
  finalMs: durationOf(answer),
})

const pausesOf = ({ first, max }: Mail['pauses']['away']): MailSettings['pause'] => ({
  firstMs: durationOf(first),
  maxMs: durationOf(max),
})

/** The mail transport as the dispatcher sees it. */
export const mailDispatch = (mail: MailTransport): Transport => ({
  free: () => mail.free(),
  line: () => mail.line(),
  send: (message) => {
    if (message.mail === undefined) throw new Error(`message ${message.id} has no mail content`)
    return mail.send({ id: message.id, mail: message.mail, recipients: message.recipients, settled: message.settled })
  },
})

/** An SMS account as its dispatcher sees it. */
export const smsDispatch = (
  account: string,
  sms: SmsAccount,
  more: Pick<Transport, 'afterRecorded' | 'lane'> = {},
): Transport => ({
  ...more,
  account,
  free: () => sms.free(),
  line: () => sms.line(),
  send: (message) => {
    const [recipient] = message.recipients
    if (message.sms === undefined || recipient === undefined)
      throw new Error(`message ${message.id} has no SMS content`)
    return sms.send({
      id: message.id,
      sms: message.sms,
      recipient: recipient.address,
      accepted: message.acceptedParts,
      ...(message.expiresAt !== undefined && { expiresAt: message.expiresAt }),
    })
  },
})

type Status = Omit<TransportStatus, 'inFlight'>

/** How a transport is, in words of its own kind; `off` where there is none. */
export function mailStatus(mail: MailTransport | undefined): Status {
  if (mail === undefined) return { state: 'off' }
  const { state, reason, needsPerson } = mail.state()
  return { state, ...(reason !== undefined && { reason }), ...(needsPerson === true && { needsPerson }) }
}

export function smsStatus(sms: Pick<SmsAccount, 'state'>): Status {
  const state = sms.state()
  if (state.kind === 'throttled') return { state: state.kind, reason: `for ${state.forMs} ms` }
  return {
    state: state.kind,
    ...('reason' in state && state.reason !== undefined && { reason: state.reason }),
    ...('needsPerson' in state && state.needsPerson && { needsPerson: true }),
  }
}

function madeFolder(base: string, folder: string): string {
  const path = resolve(base, folder)
  mkdirSync(path, { recursive: true })
  return path
}

const pem = (base: string, file: string | undefined): string | undefined =>
  file === undefined ? undefined : readFileSync(resolve(base, file), 'utf8')
