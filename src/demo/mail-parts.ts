/**
 * Reads a mail as it came over the wire: addresses, subject, Message-ID, and its text and HTML parts.
 *
 * Enough MIME (RFC 2045–2047) to show in a browser what was sent: multipart of any depth up to ten,
 * base64 and quoted-printable, encoded words in headers. Attachments are left out. Broken input gives
 * what can be read of it. Throws nothing.
 */

export interface MailParts {
  readonly subject: string
  readonly messageId: string
  readonly text?: string
  readonly html?: string
}

interface Entity {
  readonly headers: ReadonlyMap<string, string>
  /** One character an octet. */
  readonly body: string
}

const deepest = 10

export function readMail(bytes: Buffer): MailParts {
  const mail = readEntity(bytes.toString('latin1'))
  const leaves = leavesOf(mail, 0)
  const text = leaves.find((leaf) => mediaType(leaf) === 'text/plain')
  const html = leaves.find((leaf) => mediaType(leaf) === 'text/html')
  return {
    subject: decodeWords(mail.headers.get('subject') ?? ''),
    messageId: mail.headers.get('message-id') ?? '',
    ...(text && { text: textOf(text) }),
    ...(html && { html: textOf(html) }),
  }
}

function readEntity(source: string): Entity {
  const end = /\r?\n\r?\n/.exec(source)
  const head = end === null ? source : source.slice(0, end.index)
  const headers = new Map<string, string>()
  for (const line of head.replace(/\r?\n(?=[ \t])/g, '').split(/\r?\n/)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    if (colon > 0 && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim())
  }
  return { headers, body: end === null ? '' : source.slice(end.index + end[0].length) }
}

/** The parts that are no containers, in their order, without attachments. */
function leavesOf(entity: Entity, depth: number): readonly Entity[] {
  const boundary = parameter(entity, 'boundary')
  if (!mediaType(entity).startsWith('multipart/') || boundary === undefined || depth >= deepest) {
    return /^attachment/i.test(entity.headers.get('content-disposition') ?? '') ? [] : [entity]
  }
  const pieces = `\r\n${entity.body}`.split(`\r\n--${boundary}`)
  const last = pieces.findIndex((piece) => piece.startsWith('--'))
  const inside = pieces.slice(1, last < 0 ? undefined : last)
  return inside.flatMap((piece) => leavesOf(readEntity(piece.replace(/^[ \t]*\r?\n/, '')), depth + 1))
}

const contentType = ({ headers }: Entity): string => headers.get('content-type') ?? 'text/plain'
const mediaType = (entity: Entity): string => contentType(entity).split(';', 1)[0]?.trim().toLowerCase() ?? ''

function parameter(entity: Entity, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^\\s;]+))`, 'i').exec(contentType(entity))
  return match?.[1] ?? match?.[2]
}

function textOf(entity: Entity): string {
  const encoding = (entity.headers.get('content-transfer-encoding') ?? '7bit').trim().toLowerCase()
  return decodeBytes(bytesOf(entity.body, encoding), parameter(entity, 'charset') ?? 'utf-8').replaceAll('\r\n', '\n')
}

function bytesOf(body: string, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(body, 'base64')
  return Buffer.from(encoding === 'quoted-printable' ? unquote(body.replace(/=[ \t]*\r?\n/g, '')) : body, 'latin1')
}

const unquote = (text: string): string =>
  text.replace(/=([0-9A-F]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))

function decodeBytes(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    return bytes.toString('latin1') // a charset that nobody knows: show the octets
  }
}

/** Encoded words (RFC 2047); blanks between two of them are no text. */
function decodeWords(text: string): string {
  const joined = text.replace(/(\?=)\s+(?==\?)/g, '$1')
  return joined.replace(/=\?([^?]+)\?([bq])\?([^?]*)\?=/gi, (_, charset: string, kind: string, word: string) => {
    const encoding = kind.toLowerCase() === 'b' ? 'base64' : 'quoted-printable'
    return decodeBytes(bytesOf(encoding === 'base64' ? word : word.replaceAll('_', ' '), encoding), charset)
  })
}
