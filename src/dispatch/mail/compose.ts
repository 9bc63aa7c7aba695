/**
 * Composes a mail: frozen content and recipients to the bytes of RFC 5322, and those to the bytes of DATA.
 * Guarantees: the same input gives the same bytes (date, Message-ID and boundaries come from the content),
 * blind copies are in no header, line ends are CRLF, and text from outside is never a header, a path or a URL.
 * A mail of text, or text and HTML, is put together here from nodemailer's encodings, byte for byte as its composer
 * would; one with attachments by the composer, but written at once, since its streams cost more than the rest.
 * Does not send. Throws only when the library does.
 */
import type MimeNode from 'nodemailer/lib/mime-node'
import { digest } from '../../core/ids.ts'
import type { Attachment, MailContent, Recipient } from '../../core/message.ts'
import { addressHeader, idHeader, textHeader } from './headers.ts'
import type { Mailbox } from './headers.ts'
import { MailComposer, quotedPrintable } from './nodemailer.ts'

/** Bytes with CRLF line ends; addresses are used as they stand and must have passed `checkAddress`. */
export function composeMail(content: MailContent, recipients: readonly Recipient[]): Buffer {
  const ours = content.attachments.length === 0 && isText(content.text) && isText(content.html ?? content.text)
  const mail = ours ? ofTexts(content, recipients) : ofComposer(content, recipients)
  return Buffer.from(mail.endsWith('\r\n') ? mail : `${mail}\r\n`, 'latin1')
}

const isText = (text: unknown): boolean => typeof text === 'string' && text !== ''

const namedAs = (recipients: readonly Recipient[], as: Recipient['as']): Mailbox[] =>
  recipients.filter((one) => one.as === as).map(({ name, address }) => ({ name: plain(name), address }))

/** RFC 3834: no out-of-office answers. */
const automatic = 'auto-generated'

function ofComposer(content: MailContent, recipients: readonly Recipient[]): string {
  const root = new MailComposer({
    from: { name: plain(content.from.name), address: content.from.address },
    to: namedAs(recipients, 'to'),
    cc: namedAs(recipients, 'cc'),
    ...(content.replyTo === undefined ? {} : { replyTo: { name: '', address: content.replyTo } }),
    subject: plain(content.subject),
    messageId: content.messageId,
    date: new Date(content.date),
    headers: { 'Auto-Submitted': automatic },
    text: crlf(content.text),
    ...(content.html === undefined ? {} : { html: crlf(content.html) }),
    attachments: content.attachments.map((one) => attached(one)),
    baseBoundary: boundaryOf(content),
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile()
  return written(root)
}

/** A mail without attachments. */
function ofTexts(content: MailContent, recipients: readonly Recipient[]): string {
  const text = textPart('plain', content.text)
  const { from, replyTo, html } = content
  const lines = [
    `Auto-Submitted: ${automatic}`,
    ...addressHeader('From', [{ name: plain(from.name), address: from.address }]),
    ...addressHeader('To', namedAs(recipients, 'to')),
    ...addressHeader('Cc', namedAs(recipients, 'cc')),
    ...addressHeader('Reply-To', replyTo === undefined ? [] : [{ name: '', address: replyTo }]),
    ...textHeader('Subject', plain(content.subject)),
    ...idHeader('Message-ID', plain(content.messageId)),
    `Date: ${new Date(content.date).toUTCString().replace('GMT', '+0000')}`,
    ...(html === undefined ? [text.encoding] : []),
    'MIME-Version: 1.0',
  ]
  const head = latin1(lines.join('\r\n'))
  if (html === undefined) return [head, text.type, '', text.body].join('\r\n')
  const boundary = `--_NmP-${boundaryOf(content)}-Part_1`
  const parts = [text, textPart('html', html)].map(
    ({ type, encoding, body }) => `--${boundary}\r\n${type}\r\n${encoding}\r\n\r\n${body}\r\n`,
  )
  const type = `Content-Type: multipart/alternative;\r\n boundary="${boundary}"`
  return [head, type, '', `${parts.join('')}--${boundary}--\r\n`].join('\r\n')
}

/** Headers and body of one text; the encoding is the one that keeps it shortest and readable (RFC 2045 section 6). */
function textPart(kind: 'plain' | 'html', text: string): { type: string; encoding: string; body: string } {
  const content = crlf(text)
  const encoding = encodingOf(content)
  return {
    type: `Content-Type: text/${kind}; charset=utf-8`,
    encoding: `Content-Transfer-Encoding: ${encoding}`,
    body: encoded(content, encoding),
  }
}

/** Beyond it lines are not looked at. */
const muchText = 131_072

function encodingOf(text: string): '7bit' | 'quoted-printable' | 'base64' {
  // Everything but printable ASCII, tabs and line ends.
  const special = text.match(/[^\t\n\r\x20-\x7f]/g)?.length ?? 0
  if (special === 0) return text.length > muchText || /^.{77}/m.test(text) ? 'quoted-printable' : '7bit'
  return special < (text.match(/[a-z]/gi)?.length ?? 0) ? 'quoted-printable' : 'base64'
}

/**
 * A hash over all that stands unencoded between the boundaries, so that no text from outside can
 * hold the boundary of its own mail.
 */
function boundaryOf(content: MailContent): string {
  const open = content.attachments.filter((one) => one.contentType.toLowerCase().startsWith('message/'))
  return digest('boundary', content.messageId, content.text, content.html ?? '', ...open.map((one) => one.content))
}

function attached(one: Attachment) {
  return {
    filename: plain(one.name),
    contentType: typeOf(one.contentType),
    content: Buffer.from(one.content, 'base64'),
    ...(one.contentId === undefined ? {} : { cid: plain(one.contentId) }),
  }
}

/** A media type that we may write; `multipart` would need parts, and what is none is plain bytes. */
const typeOf = (text: string): string =>
  /^(?!multipart\/)[\w.+-]+\/[\w.+-]+(?: *; *[\w-]+=[\w."-]+)*$/i.test(text) ? text : 'application/octet-stream'

/** Control characters (line breaks too) become spaces: a value of one header stays one. */
const plain = (text: string | undefined): string => (text ?? '').replaceAll(/\p{Cc}+/gu, ' ')

const crlf = (text: string): string => text.replaceAll(/\r\n|\r|\n/g, '\r\n')

/** One node of the MIME tree with all below it, as a string of bytes (latin1). */
function written(node: MimeNode): string {
  const encoding = node.getTransferEncoding()
  const head = `${latin1(node.buildHeaders())}\r\n\r\n${encoded(node.content, encoding)}`
  if (node.childNodes.length === 0) return head
  const boundary = `--${latin1(node.boundary || '')}`
  return `${head}${boundary}\r\n${node.childNodes.map((child) => written(child)).join(`\r\n${boundary}\r\n`)}\r\n${boundary}--\r\n`
}

function encoded(content: unknown, encoding: string | false): string {
  if (typeof content !== 'string' && !Buffer.isBuffer(content)) return ''
  if (encoding === 'quoted-printable') return quotedPrintable.wrap(quotedPrintable.encode(content))
  if (encoding !== 'base64') return Buffer.from(content).toString('latin1')
  return Buffer.from(content)
    .toString('base64')
    .replaceAll(/.{76}(?!$)/g, '$&\r\n')
}

const latin1 = (text: string): string => Buffer.from(text).toString('latin1')

/**
 * The bytes of DATA: lone CR or LF made CRLF, lines that begin with a dot given another one, and
 * the final dot (RFC 5321 4.5.2; no lone line end may pass, else it could end the mail: "smuggling").
 */
export function dataBytes(mail: Buffer): Buffer {
  const lines = mail.toString('latin1').replaceAll(/\r\n|\r|\n/g, '\r\n')
  const stuffed = lines.replaceAll(/^\.|(?<=\r\n)\./g, '..')
  return Buffer.from(stuffed.endsWith('\r\n') ? `${stuffed}.\r\n` : `${stuffed}\r\n.\r\n`, 'latin1')
}
