/**
 * One connection to the mail server, opened by nodemailer's SMTPConnection and kept for many messages.
 * Guarantees: TLS as demanded or no session, no login in a session that does not offer it, every wait has an
 * end, and of each message it is known how far it got (transfer.ts).
 * Does not retry, does not judge answers. Throws nothing: failures are values.
 */
import type { TLSSocket } from 'node:tls'
import type Connection from 'nodemailer/lib/smtp-connection'
import { startDeadline } from '../deadline.ts'
import { cleanText, secretsOf } from './answers.ts'
import { failureOf, noLoginOffered } from './failures.ts'
import type { LineError, SessionFailure } from './failures.ts'
import { SMTPConnection } from './nodemailer.ts'
import type { Conversation } from './results.ts'
import { timesOf } from './settings.ts'
import type { MailSettings, MailTimes } from './settings.ts'
import { transfer } from './transfer.ts'
import type { Envelope } from './transfer.ts'
import { destroyConnection, openWire } from './wire.ts'
import type { Wire } from './wire.ts'

export interface MailConnection {
  /** The server takes addresses beyond ASCII (RFC 6531). */
  readonly utf8: boolean
  /** `TLSv1.3, certificate of mail.example.com`, or undefined in clear. */
  readonly secured: string | undefined
  /** Sends one message at a time; `data` are the bytes of DATA with the final dot. */
  send(envelope: Envelope, data: Buffer): Promise<Conversation>
  /** Asks the server for a sign of life; undefined when it gave it, else the reason. */
  probe(): Promise<string | undefined>
  usable(): boolean
  /** Says goodbye and closes. */
  quit(): void
  /** Closes at once; a message on its way becomes deferred or unknown. */
  destroy(): void
}

export type Opened =
  | { readonly kind: 'open'; readonly connection: MailConnection }
  | { readonly kind: 'failed'; readonly failure: SessionFailure }

/**
 * Connects, secures and logs in; `signal` ends the attempt. `onEnd` is called when the connection is gone,
 * by whichever side.
 */
export async function openMailConnection(
  settings: MailSettings,
  signal: AbortSignal,
  onEnd: () => void = () => undefined,
): Promise<Opened> {
  const times = timesOf(settings)
  const secrets = secretsOf(settings.auth)
  const smtp = new SMTPConnection(optionsOf(settings, times))
  smtp.on('error', () => undefined) // told through the steps; without a listener Node would throw it
  const fail = (failure: SessionFailure): Opened => {
    destroyConnection(smtp)
    return { kind: 'failed', failure }
  }
  const setUpMs = times.connectMs + times.greetingMs + times.commandMs
  const refused = await step(smtp, setUpMs, signal, (done) => smtp.connect(done))
  if (refused) return fail(failureOf(refused, 'connect', settings, secrets))
  const hello = String(smtp.lastServerResponse)
  if (settings.auth !== undefined) {
    if (!smtp.allowsAuth) return fail(noLoginOffered(settings))
    const { user, password } = settings.auth
    const unwanted = await step(smtp, times.commandMs, signal, (done) => smtp.login({ user, pass: password }, done))
    if (unwanted) return fail(failureOf(unwanted, 'login', settings, secrets))
  }
  smtp.once('end', onEnd)
  return { kind: 'open', connection: connectionOver(smtp, hello, times, secrets) }
}

function optionsOf(settings: MailSettings, times: MailTimes): ConstructorParameters<typeof Connection>[0] {
  return {
    host: settings.host,
    port: settings.port,
    name: settings.name,
    secure: settings.security === 'tls',
    requireTLS: settings.security === 'starttls',
    ignoreTLS: settings.security === 'none',
    connectionTimeout: times.connectMs + times.greetingMs,
    greetingTimeout: times.greetingMs,
    dnsTimeout: times.connectMs,
    // The waits of a session are ended here, each with what it means; the library's own is only the last resort.
    socketTimeout: Math.max(times.finalMs, times.dataMs, times.commandMs, times.idleMs) + 60_000,
    socketCloseTimeout: 1_000,
    maxResponseSize: 65_536,
    tls: {
      rejectUnauthorized: !settings.allowSelfSigned,
      minVersion: 'TLSv1.2',
      ...(settings.ca === undefined ? {} : { ca: settings.ca }),
      ...(settings.servername === undefined ? {} : { servername: settings.servername }),
    },
  }
}

/** One step of the session, ended by its answer, by the end of the connection or by the time. */
function step(
  smtp: Connection,
  ms: number,
  signal: AbortSignal | undefined,
  start: (done: (error?: Error | null) => void) => void,
): Promise<LineError | undefined> {
  return new Promise((resolve) => {
    const finish = (error?: LineError | null): void => {
      deadline.clear()
      smtp.off('error', finish)
      smtp.off('end', ended)
      signal?.removeEventListener('abort', stopped)
      resolve(error ?? undefined)
    }
    const stopped = (): void => finish({ message: 'stopped', code: 'ECONNECTION' })
    const ended = (): void => finish({ message: 'Connection closed unexpectedly', code: 'ECONNECTION' })
    const deadline = startDeadline(ms, () => finish({ message: `no answer within ${ms / 1000} s`, code: 'ETIMEDOUT' }))
    smtp.once('error', finish)
    smtp.once('end', ended)
    signal?.addEventListener('abort', stopped)
    if (signal?.aborted === true) stopped()
    else start(finish)
  })
}

function connectionOver(smtp: Connection, hello: string, times: MailTimes, secrets: readonly string[]): MailConnection {
  const wire = openWire(smtp, hello)
  return {
    utf8: wire.offers.utf8,
    secured: securedBy(smtp),
    send: (envelope, data) => transfer(wire, envelope, data, times, secrets),
    probe: async () => {
      const { reply, ended } = await ask(wire, 'RSET', times.commandMs)
      if (reply?.startsWith('2') === true) return undefined
      return cleanText(reply ?? ended, secrets)
    },
    usable: () => wire.usable(),
    quit: () => {
      void ask(wire, 'QUIT', 2_000).then(({ reply }) => (reply === undefined ? wire.destroy() : wire.close()))
    },
    destroy: () => wire.destroy(),
  }
}

/** One command, and its reply or why there was none. */
function ask(wire: Wire, command: string, ms: number): Promise<{ reply?: string; ended: string }> {
  return new Promise((resolve) => {
    const finish = (answer: { reply?: string; ended: string }): void => {
      late.clear()
      wire.listen(undefined)
      resolve(answer)
    }
    const late = startDeadline(ms, () => finish({ ended: `no answer within ${ms / 1000} s` }))
    wire.listen({ onReply: (reply) => finish({ reply, ended: '' }), onEnd: (ended) => finish({ ended }) })
    if (wire.usable()) wire.write(`${command}\r\n`)
    else finish({ ended: 'the connection was closed' })
  })
}

function securedBy(smtp: Connection): string | undefined {
  if (!smtp.secure) return undefined
  const socket = smtp._socket as TLSSocket
  const name = socket.getPeerCertificate().subject?.CN
  const trust = socket.authorized ? '' : ', not checked'
  return cleanText(`${socket.getProtocol() ?? 'TLS'}, certificate of ${String(name ?? 'no name')}${trust}`)
}
