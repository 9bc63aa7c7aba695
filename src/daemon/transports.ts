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
import { durationOf } from '../core/date.ts'
import type { Receipt } from '../core/message.ts'
import type { Transport } from '../dispatch/dispatcher.ts'
import { openMailFiles } from '../dispatch/mail/files.ts'
import { type MailTransport, openMailPool } from '../dispatch/mail/pool.ts'
import type { MailSettings } from '../dispatch/mail/settings.ts'
import { openSmsAccount, type SmsAccount, type SmsSettings } from '../dispatch/sms/account.ts'
import { openSmsFiles } from '../dispatch/sms/files.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'

export interface TransportTools {
  readonly clock: Clock
  readonly log: Log
}

/** Ports by convention (P04). */
const mailPorts = { none: 25, starttls: 587, tls: 465 } as const
/** Name of the one SMS account of this version, under which its receipts are kept. */
export const smsAccountName = 'sms'

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

export function openSms(
  { config, secrets, folder }: LoadedConfig,
  tools: TransportTools,
  onReceipt: (receipt: Receipt) => Promise<void>,
): SmsAccount | undefined {
  const { sms } = config
  if (sms.transport === 'none') return undefined
  if (sms.transport === 'files') return openSmsFiles({ folder: madeFolder(folder, sms.folder ?? '../var/sms') })
  const ca = pem(folder, sms.caFile)
  const settings: SmsSettings = {
    name: smsAccountName,
    host: sms.host ?? '',
    port: sms.port,
    ...(sms.tls && { tls: { allowSelfSigned: sms.allowSelfSigned, ...(ca !== undefined && { ca }) } }),
    systemId: sms.systemId ?? '',
    password: secrets.get('sms.password') ?? '',
    systemType: sms.systemType,
    bind: 'transceiver',
    window: sms.window,
    perSecond: sms.perSecond,
    responseTimeout: durationOf(sms.answerTimeout),
    enquireEvery: durationOf(sms.enquireEvery),
    reconnect: { firstMs: durationOf(sms.reconnect.first), maxMs: durationOf(sms.reconnect.max) },
    idBase: sms.idBase,
    longText: 'udh',
    receipts: sms.receipts,
  }
  return openSmsAccount(settings, { ...tools, onReceipt })
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

/** The SMS account as the dispatcher sees it. */
export const smsDispatch = (sms: SmsAccount, afterRecorded: Transport['afterRecorded']): Transport => ({
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
  account: smsAccountName,
  ...(afterRecorded && { afterRecorded }),
})

/** How a transport is, in words of its own kind; `off` where there is none. */
export function mailStatus(mail: MailTransport | undefined): { readonly state: string; readonly reason?: string } {
  if (mail === undefined) return { state: 'off' }
  const { state, reason } = mail.state()
  return { state, ...(reason !== undefined && { reason }) }
}

export function smsStatus(sms: SmsAccount | undefined): { readonly state: string; readonly reason?: string } {
  if (sms === undefined) return { state: 'off' }
  const state = sms.state()
  return { state: state.kind, ...('reason' in state && typeof state.reason === 'string' && { reason: state.reason }) }
}

function madeFolder(base: string, folder: string): string {
  const path = resolve(base, folder)
  mkdirSync(path, { recursive: true })
  return path
}

const pem = (base: string, file: string | undefined): string | undefined =>
  file === undefined ? undefined : readFileSync(resolve(base, file), 'utf8')
