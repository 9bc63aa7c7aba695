/**
 * The TCP or TLS connection below an SMPP session.
 *
 * Guarantees that with TLS the certificate is checked against the host name, unless self-signed ones are allowed
 * in the settings, and that one write is under way at a time, so that what was handed to the system is known.
 * Does not reconnect and keeps no time. The events carry every failure; nothing is thrown after the connect.
 */
import { connect as connectTcp, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { startDeadline } from '../deadline.ts'

export interface SocketSettings {
  readonly host: string
  readonly port: number
  readonly tls?: {
    /** PEM of the authority that signed the gateway's certificate; the system's authorities when absent. */
    readonly ca?: string
    readonly allowSelfSigned?: boolean
  }
}

export interface SocketEvents {
  /** Connected, with TLS also greeted and checked. */
  readonly onReady: () => void
  readonly onBytes: (chunk: Buffer) => void
  /** Told at least once when the connection is over or failed; `needsPerson`: waiting does not mend it. */
  readonly onEnd: (reason: string, needsPerson?: boolean) => void
}

export interface Wire {
  /** Writes; `onHanded` is called when the system has taken all of it. Not to be called again before that. */
  write(bytes: Buffer, onHanded: () => void): void
  /** Writes the last words, if any, and closes; at the latest after a second nothing is left. */
  close(lastWords?: Buffer): void
}

export function openWire(settings: SocketSettings, events: SocketEvents): Wire {
  const socket = settings.tls
    ? tlsSocket(settings, events.onReady)
    : connectTcp(settings.port, settings.host, events.onReady)
  socket.setNoDelay(true)
  socket.setKeepAlive(true, 30_000)
  socket.on('data', events.onBytes)
  socket.on('error', (error) => events.onEnd(reasonOf(error, settings), isUntrusted(error)))
  socket.on('end', () => events.onEnd('the gateway closed the connection'))
  socket.on('close', () => events.onEnd('the connection is closed'))
  return {
    // A failed write ends the connection by its error event.
    write: (bytes, onHanded) => socket.write(bytes, (error) => (error ? undefined : onHanded())),
    close: (lastWords) => (lastWords ? closeGently(socket, lastWords) : socket.destroy()),
  }
}

/** What OpenSSL and Node say of a certificate that is not to be trusted. */
const untrusted: ReadonlySet<unknown> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])
const isUntrusted = (error: Error): boolean => 'code' in error && untrusted.has(error.code)

function reasonOf(error: Error, { host, port }: SocketSettings): string {
  const said = error.message || error.name
  if (!isUntrusted(error)) return said
  return `the certificate of ${host}:${port} is not trusted (${said}): set caFile to the certificate of its authority`
}

function tlsSocket(settings: SocketSettings, onReady: () => void): Socket {
  const { host, port, tls } = settings
  return connectTls(
    {
      host,
      port,
      rejectUnauthorized: tls?.allowSelfSigned !== true,
      ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
      // A server name must not be an address (RFC 6066 §3); the certificate is then checked against the address.
      ...(isIP(host) === 0 ? { servername: host } : {}),
    },
    onReady,
  )
}

function closeGently(socket: Socket, lastWords: Buffer): void {
  const limit = startDeadline(1000, () => socket.destroy())
  socket.once('close', () => limit.clear())
  socket.end(lastWords, () => socket.destroySoon())
}
