/**
 * A mail server of the demo's own, on loopback: takes every mail and keeps it as a file one can open.
 *
 * Guarantees: a mail is on the disk before it is answered with 250; it is stored as `NN-to-subject.eml` and its
 * HTML part beside it as `.html`. Plain SMTP without login. Delivers nothing to anybody. Throws when it cannot listen.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { safeName, writeAtomic } from '../platform/files.ts'
import { readMail } from './mail-parts.ts'

export interface ReceivedMail {
  /** Envelope sender and recipients. */
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  /** With its angle brackets. */
  readonly messageId: string
  /** Name of the `.eml` file in the folder. */
  readonly file: string
  /** Name of the HTML part's file, where the mail has one. */
  readonly html?: string
}

export interface SmtpSink extends AsyncDisposable {
  readonly port: number
  /** In the order in which they came. */
  readonly mails: readonly ReceivedMail[]
}

/** Octets of the largest mail. */
const largest = 50_000_000

/** `folder` must exist. */
export async function openSmtpSink(folder: string): Promise<SmtpSink> {
  const mails: ReceivedMail[] = []
  let count = 0
  const keep = async (stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    if (stream.sizeExceeded) throw Object.assign(new Error('mail too large'), { responseCode: 552 })
    count += 1
    mails.push(await store(folder, count, Buffer.concat(chunks), session))
  }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    size: largest,
    closeTimeout: 1_000,
    onData: (stream, session, answer) => {
      keep(stream, session).then(
        () => answer(null, 'kept'),
        (error: unknown) => answer(error instanceof Error ? error : new Error(String(error))),
      )
    },
  })
  server.on('error', () => undefined) // of one connection: the client sees it too
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(resolve)),
  }
}

async function store(folder: string, number: number, bytes: Buffer, session: SMTPServerSession): Promise<ReceivedMail> {
  const { subject, messageId, html } = readMail(bytes)
  const to = session.envelope.rcptTo.map(({ address }) => address)
  const stem = [String(number).padStart(2, '0'), short(to[0] ?? 'nobody'), words(subject)].join('-')
  const file = safeName(`${stem}.eml`)
  await writeAtomic(folder, file, bytes)
  const page = safeName(`${stem}.html`)
  if (html !== undefined) await writeAtomic(folder, page, html)
  const from = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address
  return { from, to, subject, messageId, file, ...(html !== undefined && { html: page }) }
}

/** Characters of the address and of the subject in a file name: a name fits into a line of the story. */
const longest = { address: 28, subject: 34 } as const
const short = (text: string): string => Array.from(text).slice(0, longest.address).join('')

/** Words joined by dashes, so that names can be typed without quotes; a long subject ends with a whole word. */
function words(subject: string): string {
  const all = subject.split(/[^\p{L}\p{M}\p{N}]+/u).filter((word) => word !== '')
  const kept = all.filter((_, i) => Array.from(all.slice(0, i + 1).join('-')).length <= longest.subject)
  return kept.join('-') || 'mail'
}
