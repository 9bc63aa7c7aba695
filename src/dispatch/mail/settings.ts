/**
 * What the mail transport is told: server, security, login, limits, times.
 * A plain value made by the daemon from the config (P04-P06, N45). Nothing here reads a file or the
 * environment; `ca` is the text of the PEM file, `auth` holds the password in clear and is never logged.
 */

export interface MailSettings {
  readonly host: string
  /** none 25, starttls 587, tls 465 by convention. */
  readonly port: number
  /** starttls is demanded, never skipped (P04); none sends in clear, also the login. */
  readonly security: 'none' | 'starttls' | 'tls'
  /** Takes any certificate of this one server (P05). */
  readonly allowSelfSigned: boolean
  /** PEM text: only certificates of these authorities are trusted. */
  readonly ca?: string | undefined
  /** Name to be found in the certificate; `host` when absent. */
  readonly servername?: string | undefined
  readonly auth?: { readonly user: string; readonly password: string } | undefined
  /** Connections, and so messages, at a time. */
  readonly connections: number
  /** Most messages a minute, spread evenly; no limit when absent. */
  readonly perMinute?: number | undefined
  /** What EHLO says of us: a host name or an address literal. */
  readonly name: string
  /** Messages after which a connection is closed and another one opened. */
  readonly messagesPerConnection?: number | undefined
  readonly times?: Partial<MailTimes> | undefined
  /** Pauses after "the server is not there"; they double. */
  readonly backOff?: Pauses | undefined
  /** Pauses after "too fast" (421, 4.3.2, quota); they double. */
  readonly pause?: Pauses | undefined
}

export interface Pauses {
  readonly firstMs: number
  readonly maxMs: number
}

/** Milliseconds; RFC 5321 section 4.5.3.2 gives the reasons for patience. */
export interface MailTimes {
  /** Name look-up, TCP and, with `tls`, the TLS handshake. */
  readonly connectMs: number
  readonly greetingMs: number
  /** EHLO, STARTTLS, login; then MAIL, RCPT and DATA of one message together. */
  readonly commandMs: number
  /** Progress of the message's bytes. */
  readonly dataMs: number
  /** Answer after the final dot. Too short a wait makes doubles. */
  readonly finalMs: number
  /** A kept connection without work is closed after it. */
  readonly idleMs: number
}

const defaultTimes: MailTimes = {
  connectMs: 15_000,
  greetingMs: 30_000,
  commandMs: 120_000,
  dataMs: 180_000,
  finalMs: 600_000,
  idleMs: 20_000,
}

/** The times of these settings, with the defaults. */
export const timesOf = (settings: MailSettings): MailTimes => ({ ...defaultTimes, ...settings.times })
