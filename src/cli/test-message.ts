/**
 * Tries a transport of the config directly, outside the ledger: verify, then at most one message.
 *
 * Receipts that the gateway hands to this session are not answered as taken, so that it gives them to the
 * daemon. A rehearsal redirects the message. Prints what happened at each step.
 */
import type { LoadedConfig } from '../config/load.ts'
import { hasPrefix, smsAccounts, smsRoutes } from '../config/sms-accounts.ts'
import { isoIn } from '../core/date.ts'
import type { Attempt, MailContent, SmsContent } from '../core/message.ts'
import { openMail, openSms } from '../daemon/transports.ts'
import type { MailTransport } from '../dispatch/mail/pool.ts'
import type { SmsAccount } from '../dispatch/sms/account.ts'
import { createLog, type Log } from '../platform/log.ts'
import { listOf } from '../workflow/compile.ts'
import type { Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { Failure, usage } from './failure.ts'

/** Milliseconds for what is under way when the test ends. */
const graceMs = 5_000

export async function testMail(cli: Cli, to: string | undefined): Promise<void> {
  const loaded = await cli.config()
  const mail = openMail(loaded, { clock: cli.clock, log: quietLog(cli, loaded) })
  if (mail === undefined) throw new Failure(exitCodes.config, 'mail.transport is none: there is nothing to test')
  try {
    const { ok, checks } = await mail.verify()
    for (const check of checks) {
      cli.out.value(check)
      if (!cli.out.json) cli.out.line(`${check.step}: ${check.result}, ${check.detail}`)
    }
    if (!ok) return cli.end(exitCodes.unavailable)
    if (to !== undefined) tell(cli, await sendMail(cli, loaded, mail, to))
  } finally {
    await mail.close({ graceMs })
  }
}

interface Sent {
  readonly to: string
  readonly attempt: Attempt
}

async function sendMail(cli: Cli, { config }: LoadedConfig, transport: MailTransport, wanted: string): Promise<Sent> {
  if (!/^[^\s@<>,;]+@[^\s@<>,;]+$/.test(wanted)) throw usage(`--to: "${wanted}" is no mail address`)
  const to = redirected(cli, config, 'mail', wanted)
  const now = cli.clock.now()
  const id = `test-${now.toString(36)}`
  const { from, replyTo } = config.mail
  const about = `${config.company.name}, ${isoIn(now, config.timeZone)}`
  const mail: MailContent = {
    from: { address: from.address, ...(from.name !== undefined && { name: from.name }) },
    ...(replyTo !== undefined && { replyTo }),
    subject: `${to === wanted ? '' : `[REHEARSAL to ${wanted}] `}Test message of Orderly`,
    text: `This is a test message of Orderly (${about}), sent by ${cli.actor()}. There is nothing to do.\n`,
    attachments: [],
    date: now,
    messageId: `<${id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`,
  }
  return {
    to,
    attempt: await transport.send({ id, mail, recipients: [{ address: to, as: 'to', role: 'test' }], settled: [] }),
  }
}

/** It is for the daemon: a session that rejects it is given it no more, the next one is. */
const leaveIt = (): Promise<never> =>
  Promise.reject(new Error('a test keeps no receipts and no texts: the gateway is to send them again'))

export interface SmsTest {
  readonly to?: string
  /** One of several; without it all are tried, and the routes choose. */
  readonly account?: string
}

export async function testSms(cli: Cli, { to, account }: SmsTest): Promise<void> {
  const loaded = await cli.config()
  const takers = { onReceipt: leaveIt, onIncoming: leaveIt }
  const all = openSms(loaded, { clock: cli.clock, log: quietLog(cli, loaded) }, takers)
  try {
    if (all.size === 0) throw new Failure(exitCodes.config, 'sms.transport is none: there is nothing to test')
    const number = to === undefined ? undefined : numberOf(to)
    const wanted = chosen(loaded, all, account, number)
    for (const [name, sms] of wanted) if (!(await bind(cli, loaded, name, sms, all.size > 1))) return
    const [first] = wanted
    if (number !== undefined && first !== undefined) tell(cli, await sendSms(cli, loaded, first[1], number))
  } finally {
    await Promise.all([...all.values()].map((sms) => sms.close({ graceMs })))
  }
}

type Named = readonly [name: string, account: SmsAccount]

/** The named one, the one that the routes send this number by, or all. */
function chosen(
  { config }: LoadedConfig,
  all: ReadonlyMap<string, SmsAccount>,
  account: string | undefined,
  number: string | undefined,
): readonly Named[] {
  const fits = smsRoutes(config.sms).find(({ prefixes }) => number !== undefined && hasPrefix(number, prefixes))
  const name = account ?? (number === undefined || all.size === 1 ? undefined : fits?.account)
  if (account === undefined && number !== undefined && all.size > 1 && name === undefined) {
    throw new Failure(exitCodes.config, `sms.routes: no route fits ${number}`)
  }
  if (name === undefined) return [...all]
  const found = all.get(name)
  if (found === undefined) throw usage(`--account: there is no "${name}"; expected ${[...all.keys()].join(', ')}`)
  return [[name, found]]
}

async function bind(cli: Cli, loaded: LoadedConfig, name: string, sms: SmsAccount, several: boolean): Promise<boolean> {
  const result = await sms.verify()
  const detail = result.kind === 'ok' ? describe(loaded, name) : result.reason
  cli.out.value({ step: 'bind', ...(several && { account: name }), result: result.kind, detail })
  if (!cli.out.json) cli.out.line(`bind${several ? ` ${name}` : ''}: ${result.kind}, ${detail}`)
  if (result.kind === 'ok') return true
  cli.out.complain(hintFor(result.reason))
  cli.end(exitCodes.unavailable)
  return false
}

function describe({ config: { sms } }: LoadedConfig, name: string): string {
  if (sms.transport === 'files') return 'messages are written to files'
  const { settings } = smsAccounts(sms).find((account) => account.name === name) ?? { settings: sms }
  return `${settings.host ?? ''}:${settings.port} takes messages from ${settings.systemId ?? ''}`
}

/** What a person can do about the usual reasons. */
function hintFor(reason: string): string {
  if (/RINVPASWD|RINVSYSID|RBINDFAIL|RINVSYSTYP/.test(reason))
    return 'Check systemId, password and systemType of the account with the provider.'
  if (/RALYBND/.test(reason))
    return 'The account is bound already, by the daemon: the provider allows no second session. Stop it for the test.'
  if (/ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ETIMEDOUT|no answer/i.test(reason))
    return 'Check sms.host, sms.port and the firewall.'
  if (/certificate|TLS|SSL/i.test(reason)) return 'Check sms.tls, sms.caFile and sms.port.'
  return 'Check the sms section of the config.'
}

function numberOf(wanted: string): string {
  const number = wanted.replace(/[\s()/.-]/g, '')
  if (/^\+[1-9]\d{6,14}$/.test(number)) return number
  throw usage(`--to: "${wanted}" is no phone number with country code such as +36301234567`)
}

async function sendSms(cli: Cli, { config }: LoadedConfig, account: SmsAccount, number: string): Promise<Sent> {
  const to = redirected(cli, config, 'sms', number)
  const sms: SmsContent = {
    sender: senderOf(config),
    text: `Test message of Orderly, ${config.company.code}`,
    alphabet: 'gsm',
    parts: 1,
  }
  const message = { id: `test-${cli.clock.now().toString(36)}`, sms, recipient: to, accepted: [] }
  return { to, attempt: await account.send(message) }
}

/** As for real messages, but there is no store: its numbers are left out. */
function senderOf(config: LoadedConfig['config']): string {
  for (const candidate of listOf(config.sms.sender)) {
    const value =
      candidate === 'company.phone'
        ? config.company.phone
        : /^(store|fromStore)\./.test(candidate)
          ? undefined
          : candidate
    const digits = value?.replace(/[\s()/.-]/g, '')
    if (digits !== undefined && /^\+?\d{3,15}$/.test(digits)) return digits
    if (value !== undefined && /^[A-Za-z0-9 _.-]{1,11}$/.test(value)) return value
  }
  throw new Failure(exitCodes.config, 'sms.sender names no number or name that could be used without a store')
}

function redirected(cli: Cli, { safety }: LoadedConfig['config'], channel: 'mail' | 'sms', wanted: string): string {
  if (safety.mode === 'live') return wanted
  const to = safety.redirectTo?.[channel]
  if (to === undefined)
    throw new Failure(
      exitCodes.config,
      `safety.mode is rehearsal and safety.redirectTo.${channel} is not set: nothing leaves`,
    )
  cli.out.complain(`rehearsal: the message for ${wanted} goes to ${to}`)
  return to
}

function tell(cli: Cli, { to, attempt: { outcome } }: Sent): void {
  const detail = outcome.kind === 'accepted' ? outcome.response : outcome.reason
  cli.out.value({ step: 'send', to, result: outcome.kind, detail })
  if (!cli.out.json) cli.out.line(`send to ${to}: ${outcome.kind}, ${detail}`)
  if (outcome.kind !== 'accepted') cli.end(exitCodes.unavailable)
}

/** The steps are told by the command: only errors of the transports are logged, on standard error. */
const quietLog = (cli: Cli, { secrets }: LoadedConfig): Log =>
  createLog({
    level: 'error',
    secrets: secrets.values(),
    destination: { write: (line) => void cli.io.err.write(line) },
    clock: cli.clock,
  })
