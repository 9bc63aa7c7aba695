/**
 * Why no session with the mail server came about, in plain words with what to do (P05, P07).
 * Guarantees: no secret and no control character in the words; wrong TLS modes, certificates and logins are
 * told apart from a server that is away. Decides nothing about messages. Pure; throws nothing.
 */
import { cleanText, readAnswer } from './answers.ts'
import type { MailSettings } from './settings.ts'

export type SessionStep = 'reach' | 'tls' | 'login' | 'session'

/** `pace`: the server is there and wants fewer of us; `login`: it does not want us at all; `down`: the rest. */
export interface SessionFailure {
  readonly kind: 'down' | 'pace' | 'login'
  readonly step: SessionStep
  readonly reason: string
  /** Waiting does not mend it: a certificate that is not trusted, or no TLS where it is demanded. */
  readonly needsPerson?: boolean
}

/** What nodemailer and Node put on an error; all of it may be missing. */
export interface LineError {
  readonly message: string
  readonly code?: string | undefined
  readonly originalCode?: string | undefined
  readonly command?: string | undefined
  readonly response?: string | undefined
  readonly timeoutType?: string | undefined
}

/** The failure that an error of connect or login means. `phase`: what was being done. */
export function failureOf(
  error: LineError,
  phase: 'connect' | 'login',
  settings: MailSettings,
  secrets: readonly string[],
): SessionFailure {
  const said = error.response === undefined ? undefined : cleanText(error.response, secrets)
  if (said !== undefined && /^(?:421|432|4\d\d[ -]4\.3\.2)/.test(said)) {
    return { kind: 'pace', step: phase === 'login' ? 'login' : 'reach', reason: `${place(settings)} says ${said}` }
  }
  if (phase === 'login') return loginFailure(error, said, settings)
  const tls = tlsReason(error, said, settings)
  if (tls !== undefined) return { kind: 'down', step: 'tls', reason: tls, needsPerson: isUntrusted(error) }
  return { kind: 'down', step: 'reach', reason: reachReason(error, said, settings, secrets) }
}

const place = (settings: MailSettings): string => `${settings.host}:${settings.port}`

function loginFailure(error: LineError, said: string | undefined, settings: MailSettings): SessionFailure {
  const user = settings.auth?.user ?? ''
  if (said === undefined) {
    const reason = `${place(settings)} broke off during the login: ${cleanText(error.message)}`
    return { kind: 'down', step: 'login', reason }
  }
  const reason = `${place(settings)} does not accept the login of ${cleanText(user)}: ${said}`
  // Only a plain no is one: 4xx and nonsense say nothing about the password.
  if (readAnswer(said).code < 500) return { kind: 'down', step: 'login', reason }
  return { kind: 'login', step: 'login', reason: `${reason}. Check mail.auth` }
}

/** The login that the server does not offer, so that nothing is sent without it or with it in clear. */
export const noLoginOffered = (settings: MailSettings): SessionFailure => ({
  kind: 'login',
  step: 'login',
  reason:
    `${place(settings)} offers no login on this connection` +
    (settings.security === 'none'
      ? '; it may offer it after security: starttls'
      : '. Set mail.auth to none, or check the port'),
})

const untrusted: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by an authority that is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'is signed by an authority that is not known here',
  UNABLE_TO_GET_ISSUER_CERT: 'is signed by an authority that is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by an authority that is not known here',
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet; is the clock of this machine right?',
}

const isUntrusted = ({ code, originalCode }: LineError): boolean =>
  [code, originalCode].some(
    (one) => one !== undefined && (Object.hasOwn(untrusted, one) || one === 'ERR_TLS_CERT_ALTNAME_INVALID'),
  )

function tlsReason(error: LineError, said: string | undefined, settings: MailSettings): string | undefined {
  const codes = [error.code, error.originalCode]
  const why = codes.map((code) => (code === undefined ? undefined : untrusted[code])).find((text) => text !== undefined)
  if (why !== undefined) {
    return `the certificate of ${place(settings)} ${why}. Set mail.caFile to the authority's certificate, or mail.allowSelfSigned: true`
  }
  if (codes.includes('ERR_TLS_CERT_ALTNAME_INVALID')) {
    return `the certificate of ${place(settings)} is for another name: ${cleanText(error.message)}. Set mail.host to the name in it`
  }
  if (/wrong version number|packet length too long|http request/i.test(error.message)) {
    return `port ${settings.port} of ${settings.host} does not speak TLS at once: set mail.security: starttls (or none)`
  }
  if (error.command === 'STARTTLS' && said !== undefined) {
    return `${place(settings)} does not offer STARTTLS (${said}): set mail.security: tls for its TLS port, or none to send in clear`
  }
  if (error.command === 'EHLO' && /STARTTLS/.test(error.message)) {
    return `${place(settings)} does not know EHLO and so no STARTTLS (${said ?? 'no answer'})`
  }
  const tls = error.code === 'ETLS' || error.timeoutType === 'UPGRADE_TIMEOUT' || /\bssl\b|\btls\b/i.test(error.message)
  return tls ? `TLS with ${place(settings)} failed: ${cleanText(error.message)}` : undefined
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ECONNRESET: 'it cut the connection',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name server does not answer',
}

function reachReason(
  error: LineError,
  said: string | undefined,
  settings: MailSettings,
  secrets: readonly string[],
): string {
  if (said !== undefined) return `${place(settings)} turns us away: ${said}`
  if (error.timeoutType === 'GREETING_TIMEOUT' || isSilentClose(error)) {
    const hint =
      settings.security === 'tls' ? '' : `. If port ${settings.port} speaks TLS at once, set mail.security: tls`
    return `${place(settings)} takes the connection but sends no greeting${hint}`
  }
  if (error.timeoutType === 'CONNECT_TIMEOUT') return `${place(settings)} does not answer`
  const word = words[error.originalCode ?? ''] ?? words[error.code ?? '']
  return word === undefined ? `${place(settings)}: ${cleanText(error.message, secrets)}` : `${place(settings)}: ${word}`
}

/** nodemailer's words for a server that hangs up before its greeting. */
const isSilentClose = (error: LineError): boolean =>
  error.code === 'ECONNECTION' && /closed unexpectedly/.test(error.message)
