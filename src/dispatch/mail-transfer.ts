/**
 * Sends one message over an open session and tells how far it got.
 * Guarantees: it is known whether the last byte may have left, because the bytes of DATA are written to the
 * socket here, the last piece only when all before it is flushed; every wait has an end; a session out of
 * step is dropped and never believed. Does not judge answers, does not retry. Throws nothing.
 */
import { isAscii } from 'node:buffer'
import type { Transform } from 'node:stream'
import { Readable } from 'node:stream'
import type SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { Deadline } from './deadline.ts'
import { startDeadline } from './deadline.ts'
import { cleanText, readAnswer } from './mail-answers.ts'
import type { LineError } from './mail-failures.ts'
import type { Conversation, Rejection } from './mail-results.ts'
import type { MailTimes } from './mail-settings.ts'

export interface Envelope {
  /** Checked addresses (see mail-address.ts); they become SMTP commands. */
  readonly from: string
  readonly to: readonly string[]
}

/** What nodemailer makes of the envelope that it is handed, while it works on it. */
interface Talk {
  readonly from: string
  readonly to: string[]
  readonly size: number
  readonly use8BitMime: boolean
  readonly rejectedErrors?: readonly {
    readonly recipient?: string | undefined
    readonly response?: string | undefined
  }[]
}

/** One message on its way. */
interface Transfer {
  readonly smtp: SMTPConnection
  readonly talk: Talk
  readonly secrets: readonly string[]
  /** nothing: before "go ahead"; some: part of the message; all: the last piece is handed over. */
  written: 'nothing' | 'some' | 'all'
  /** Told once; what comes later is dropped. */
  readonly tell: (conversation: Conversation) => void
  over: boolean
}

/** Sends `data` (the bytes of DATA with the final dot, see `dataBytes`) to the envelope's recipients. */
export async function transfer(
  smtp: SMTPConnection,
  envelope: Envelope,
  data: Buffer,
  times: MailTimes,
  secrets: readonly string[],
): Promise<Conversation> {
  const { promise, resolve } = Promise.withResolvers<Conversation>()
  const talk: Talk = { from: envelope.from, to: [...envelope.to], size: data.length, use8BitMime: !isAscii(data) }
  const one: Transfer = { smtp, talk, secrets, written: 'nothing', tell: resolve, over: false }
  const deadline = startDeadline(times.commandMs, () => broken(one, 'no answer in time'))
  // A library error reaches the callback of send right after this event, and says more.
  const ended = (): void => queueMicrotask(() => broken(one, 'the connection was closed'))
  smtp.once('end', ended)
  smtp.send(
    talk,
    sourceOf(() => goAhead(one, data, deadline, times)),
    (error, info) => {
      if (info) answered(one, info.response)
      else if (error) failed(one, error)
    },
  )
  const conversation = await promise
  deadline.clear()
  smtp.off('end', ended)
  // Nodemailer looks for further answers in an immediate of its own: ours is queued after it, so that an
  // answer too many ends this session instead of being taken for the next message's.
  await new Promise((next) => setImmediate(next))
  return conversation
}

/** close() alone would flush and end; what is half sent must not trickle on. */
export function destroy(smtp: SMTPConnection): void {
  const socket = smtp._socket
  smtp.close()
  if (socket) socket.destroy()
}

/**
 * A message stream for nodemailer that never gives a byte by itself: nodemailer pipes it when the server
 * has said "go ahead", and from there on we write to the socket in its stead.
 */
function sourceOf(onGoAhead: () => Promise<void>): Readable {
  const source = new Readable({ read() {} })
  source.pipe = (stream) => {
    const transform = stream as unknown as Transform
    transform.unpipe()
    transform.destroy()
    void onGoAhead()
    return stream
  }
  return source
}

/** Bytes that are handed to the socket in one go; of the last ones it cannot be told how many went. */
const PIECE = 65_536

async function goAhead(one: Transfer, data: Buffer, deadline: Deadline, times: MailTimes): Promise<void> {
  if (!String(one.smtp.lastServerResponse).startsWith('354')) return broken(one, 'the server is out of step')
  for (let at = 0; at < data.length && !one.over; at += PIECE) {
    const last = at + PIECE >= data.length
    one.written = last ? 'all' : 'some'
    deadline.restart(times.dataMs)
    if (!(await flushed(one.smtp, data.subarray(at, at + PIECE)))) return
  }
  if (!one.over) deadline.restart(times.finalMs)
}

/** Hands bytes to the socket; true when the kernel has them. An error is told by the connection itself. */
function flushed(smtp: SMTPConnection, bytes: Buffer): Promise<boolean> {
  const socket = smtp._socket
  if (!socket || socket.destroyed) return Promise.resolve(false)
  return new Promise((done) => {
    socket.write(bytes, (error) => done(error === null || error === undefined))
  })
}

function settle(one: Transfer, conversation: Conversation): void {
  if (one.over) return
  one.over = true
  one.tell(conversation)
}

function broken(one: Transfer, reason: string): void {
  if (one.over) return
  const lastByte = one.written === 'all' ? 'left' : 'kept'
  settle(one, { kind: 'broken', lastByte, reason, rejected: rejections(one) })
  destroy(one.smtp)
}

/** The server's yes to the whole message. */
function answered(one: Transfer, response: string): void {
  if (one.written !== 'all') return broken(one, 'the server answered before the message was sent')
  const text = cleanText(response, one.secrets)
  settle(one, { kind: 'answered', to: 'message', response: text, rejected: rejections(one) })
}

/** What an error of nodemailer's send means; the answer that it carries counts, not its words. */
function failed(one: Transfer, error: LineError): void {
  if (error.response === undefined) {
    const early = error.code === 'EMESSAGE' || error.code === 'EENVELOPE'
    if (!early) return broken(one, cleanText(error.message, one.secrets))
    // Found by the library before anything was sent: larger than the server's SIZE.
    return settle(one, { kind: 'unfit', reason: cleanText(error.message, one.secrets), code: '5.3.4' })
  }
  const response = cleanText(error.response, one.secrets)
  // EPROTOCOL: an answer that nobody asked for, so not one to this message.
  if (error.code === 'EPROTOCOL' || readAnswer(response).code < 400)
    return broken(one, `the server answered ${response}`)
  const to = one.written === 'all' ? 'message' : error.command === 'MAIL FROM' ? 'sender' : 'recipients'
  settle(one, { kind: 'answered', to, response, rejected: rejections(one) })
  if (one.written === 'some') destroy(one.smtp) // the rest of the message would be read as commands
}

function rejections(one: Transfer): Rejection[] {
  return (one.talk.rejectedErrors ?? []).map((error) => ({
    address: error.recipient ?? '',
    response: cleanText(error.response ?? '', one.secrets),
  }))
}
