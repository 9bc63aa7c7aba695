/**
 * The line of a session that nodemailer has opened, secured and logged in: commands out, whole replies in.
 *
 * Guarantees: a reply is handed over complete (RFC 5321 section 4.2.1) to the one that listens, and who listens is
 * told once when the line ends; a word that nobody asked for ends it, so that no answer is taken for another's.
 * Nodemailer keeps watch over the socket (errors, close, idle time). Does not judge replies, keeps no time. Throws nothing.
 */
import type SMTPConnection from 'nodemailer/lib/smtp-connection'

export interface Listener {
  readonly onReply: (reply: string) => void
  readonly onEnd: (reason: string) => void
}

export interface Wire {
  /** What the server's EHLO offered. */
  readonly offers: Offers
  /** A mail transaction is open that came to nothing: the next one begins with RSET. */
  leftOpen: boolean
  /** The one that hears what comes now; nobody between messages. */
  listen(listener: Listener | undefined): void
  /** `onHanded`: the kernel has the bytes. */
  write(bytes: string | Buffer, onHanded?: () => void): void
  usable(): boolean
  /** Ends it after what was written. */
  close(): void
  /** Ends it now; what is half sent does not trickle on. */
  destroy(): void
}

/** Extensions that are used (RFC 1870, 2920, 6152, 6531). */
export interface Offers {
  readonly pipelining: boolean
  readonly eightBit: boolean
  readonly utf8: boolean
  /** Whether SIZE is offered, and the largest message in octets; 0 for no limit. */
  readonly size: { readonly most: number } | undefined
}

/** No reply may be longer, in characters. */
const longestReply = 65_536

/** `hello`: the server's answer to EHLO in the state that the session has now. */
export function openWire(smtp: SMTPConnection, hello: string): Wire {
  const socket = smtp._socket
  let listener: Listener | undefined
  let lastError: string | undefined
  let rest = ''
  let reply = ''

  const destroy = (): void => destroyConnection(smtp)
  const take = (line: string): void => {
    if (line === '' && reply === '') return // an empty line is no reply
    reply += reply === '' ? line : `\n${line}`
    if (/^\d{3}-/.test(line) && reply.length <= longestReply) return
    const whole = readable(reply)
    reply = ''
    if (listener === undefined) destroy()
    else listener.onReply(whole)
  }
  const read = (chunk: Buffer): void => {
    rest += chunk.toString('latin1')
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const line = rest.slice(0, rest[end - 1] === '\r' ? end - 1 : end)
      rest = rest.slice(end + 1)
      take(line)
    }
    if (rest.length > longestReply || (listener === undefined && rest !== '')) destroy()
  }
  if (socket) {
    socket.removeAllListeners('data')
    socket.on('data', read)
  }
  smtp.on('error', (error) => {
    lastError = error.message
  })
  smtp.once('end', () => listener?.onEnd(lastError ?? 'the connection was closed'))
  return {
    offers: offersOf(hello),
    leftOpen: false,
    listen: (next) => {
      listener = next
    },
    write: (bytes, onHanded) => {
      if (socket && !socket.destroyed) socket.write(bytes, (error) => (error ? undefined : onHanded?.()))
    },
    usable: () => !smtp.destroyed && socket !== null && socket !== false && socket.writable,
    close: () => smtp.close(),
    destroy,
  }
}

/** nodemailer's close() alone would flush and end; what is half sent must not trickle on. */
export function destroyConnection(smtp: SMTPConnection): void {
  const socket = smtp._socket
  smtp.close()
  if (socket) socket.destroy()
}

/** Bytes beyond ASCII are read as UTF-8 (RFC 6531 section 3.7.4). */
const readable = (latin1: string): string =>
  /[\x80-\xff]/.test(latin1) ? Buffer.from(latin1, 'latin1').toString() : latin1

function offersOf(hello: string): Offers {
  const size = /^250[ -]SIZE(?: +(\d+))?/im.exec(hello)
  return {
    pipelining: /^250[ -]PIPELINING\b/im.test(hello),
    eightBit: /^250[ -]8BITMIME\b/im.test(hello),
    utf8: /^250[ -]SMTPUTF8\b/im.test(hello),
    size: size === null ? undefined : { most: Number(size[1] ?? 0) },
  }
}
