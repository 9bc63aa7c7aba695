import MailComposer from 'nodemailer/lib/mail-composer'
import { describe, expect, it } from 'vitest'
import { checkAddress } from '../../../src/dispatch/mail/address.ts'
import { composeMail, dataBytes } from '../../../src/dispatch/mail/compose.ts'
import type { MailContent, Recipient } from '../../../src/core/message.ts'
import { content, to } from './fixture.ts'

const headers = (mail: Buffer): string[] => (mail.toString().split('\r\n\r\n')[0] ?? '').split(/\r\n(?![ \t])/)
const names = (mail: Buffer): string[] => headers(mail).map((line) => line.split(':')[0] ?? '')
const png = Buffer.from('89504e470d0a1a0a', 'hex').toString('base64')
const rich: Partial<MailContent> = {
  text: 'Größe: 5 €\nline two '.repeat(20),
  html: '<p>Größe <img src="cid:logo"></p>\n'.repeat(10),
  attachments: [
    {
      name: 'Rechnung für März.pdf',
      contentType: 'application/pdf',
      content: Buffer.from('x'.repeat(500)).toString('base64'),
    },
    { name: 'logo.png', contentType: 'image/png', content: png, contentId: 'logo' },
  ],
}

async function byLibrary(mail: MailContent, ours: Buffer, recipients: readonly Recipient[] = [to('c@example.org')]) {
  const boundary = /--_NmP-(\w+)-Part/.exec(ours.toString())?.[1] ?? 'none'
  const named = (as: Recipient['as']) =>
    recipients.filter((one) => one.as === as).map(({ name = '', address }) => ({ name, address }))
  const theirs = await new MailComposer({
    from: { name: mail.from.name ?? '', address: mail.from.address },
    to: named('to'),
    cc: named('cc'),
    ...(mail.replyTo === undefined ? {} : { replyTo: { name: '', address: mail.replyTo } }),
    headers: { 'Auto-Submitted': 'auto-generated' },
    subject: mail.subject,
    messageId: mail.messageId,
    date: new Date(mail.date),
    text: mail.text.replaceAll('\n', '\r\n'),
    ...(mail.html === undefined ? {} : { html: mail.html.replaceAll('\n', '\r\n') }),
    attachments: mail.attachments.map((one) => ({
      filename: one.name,
      contentType: one.contentType,
      content: Buffer.from(one.content, 'base64'),
      ...(one.contentId === undefined ? {} : { cid: one.contentId }),
    })),
    baseBoundary: boundary,
  })
    .compile()
    .build()
  const text = theirs.toString('latin1')
  return text.endsWith('\r\n') ? text : `${text}\r\n`
}

const word = (at: number): string =>
  [
    'Größe',
    'ready',
    '=?utf-8?Q?x?=',
    '"quoted"',
    'ő',
    '=?',
    'x'.repeat(80),
    '注文',
    'a, b',
    '(c)',
    "it's",
    '',
    ' ',
    '#1',
  ][at % 14] ?? ''
const phrase = (seed: number): string =>
  Array.from({ length: seed % 6 }, (_, i) => word(seed * 7 + i * (3 + (seed % 5)))).join(' ')

describe('composing a mail', () => {
  it('gives the same bytes each time, and others for another Message-ID', () => {
    const one = composeMail(content(rich), [to('c@example.org')])
    expect(composeMail(content(rich), [to('c@example.org')])).toEqual(one)
    expect(composeMail(content({ ...rich, messageId: '<msg_2@example.com>' }), [to('c@example.org')])).not.toEqual(one)
  })

  it.each<[string, Partial<MailContent>]>([
    ['plain text', {}],
    ['text beyond ASCII', { text: '注文の準備ができました。\n'.repeat(9) }],
    ['long lines', { text: 'a'.repeat(3000) }],
    ['text and HTML', { html: '<p>Grüße</p>' }],
    ['images and attachments', rich],
    [
      'an attached mail',
      { attachments: [{ name: 'm.eml', contentType: 'message/rfc822', content: btoa('Subject: x\r\n\r\ny\r\n') }] },
    ],
    [
      'an empty text and an empty attachment',
      { text: '', attachments: [{ name: 'e.txt', contentType: 'text/plain', content: '' }] },
    ],
  ])('writes the same mail as the library streams it: %s', async (_what, more) => {
    const mail = content(more)
    const ours = composeMail(mail, [to('c@example.org')])
    expect(ours.toString('latin1')).toBe(await byLibrary(mail, ours))
  })

  it('writes subjects, names and addresses of every kind as the library does', async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const mail = content({
        subject: phrase(seed),
        from: { name: phrase(seed + 1), address: 'shop@example.com' },
        text: `${phrase(seed + 2)} \n${phrase(seed + 3)}\t\n.\n${'é'.repeat(seed % 90)}`,
        messageId: `<${'m'.repeat(1 + (seed % 80))}@example.com>`,
        ...(seed % 3 === 0 ? { html: `<p>${phrase(seed + 4)}</p>\n${'y'.repeat(seed)}` } : {}),
        ...(seed % 4 === 0 ? { replyTo: 'desk@example.com' } : {}),
      })
      const recipients = Array.from({ length: 1 + (seed % 4) }, (_, i) => ({
        ...to(
          ['c@example.org', 'd.e+f@xn--jgeva-dua.ee', 'őr@example.org', "o'neill@example.org"][(seed + i) % 4] ?? '',
          i > 1 ? 'cc' : 'to',
        ),
        name: phrase(seed + 5 + i),
      }))
      const ours = composeMail(mail, recipients)
      expect(ours.toString('latin1')).toBe(await byLibrary(mail, ours, recipients))
    }
  })

  it('names to and cc in the headers, and bcc nowhere', () => {
    const mail = composeMail(content(), [to('a@x.io'), to('b@x.io', 'cc'), to('hidden@x.io', 'bcc')])
    expect(headers(mail)).toContain('To: a@x.io')
    expect(headers(mail)).toContain('Cc: b@x.io')
    expect(mail.toString()).not.toContain('hidden')
  })

  it.each<[string, Partial<MailContent>]>([
    ['subject', { subject: 'Hi\r\nBcc: evil@x.io\r\n\r\nbody' }],
    ['sender name', { from: { name: 'Shop"\r\nBcc: evil@x.io', address: 'shop@example.com' } }],
    ['message id', { messageId: '<a@b>\r\nBcc: evil@x.io' }],
    ['reply address', { replyTo: 'a@x.io\r\nBcc: evil@x.io' }],
  ])('makes no header out of a line break in the %s', (_what, more) => {
    const mail = composeMail(content(more), [to('c@example.org')])
    expect(names(mail)).not.toContain('Bcc')
    expect(mail.toString()).not.toMatch(/\n\s*Bcc:/i)
  })

  it('makes no header out of a line break in an attachment name, type or content id', () => {
    const hostile = {
      name: 'a\r\nX-Evil: 1\r\n\r\n.txt',
      contentType: 'text/plain\r\nX-Evil: 1',
      content: btoa('hello'),
      contentId: 'x\r\nX-Evil: 1',
    }
    const mail = composeMail(content({ html: '<p>x</p>', attachments: [hostile] }), [to('c@example.org')])
    expect(mail.toString()).not.toMatch(/^X-Evil/m)
  })

  it('never reads a file that the content names, not even when a text is an object with a path', () => {
    const sneaky = { path: '/etc/passwd' } as unknown as string
    const attachments = [{ name: '/etc/passwd', contentType: 'text/plain', content: '' }]
    expect(() => composeMail(content({ text: sneaky }), [to('c@example.org')])).toThrow(TypeError)
    const mail = composeMail(content({ text: 'file:///etc/passwd', attachments }), [to('c@example.org')])
    expect(mail.toString()).not.toContain('root:')
  })

  it('cannot be split by a text that holds the boundary of a mail with the same Message-ID', () => {
    const first = composeMail(content({ html: '<p>x</p>' }), [to('c@example.org')]).toString()
    const boundary = /boundary="(.*?)"/.exec(first)?.[1] ?? 'none'
    const text = `hello\n--${boundary}\nContent-Type: text/html\n\n<b>evil</b>\n`
    const second = composeMail(content({ html: '<p>x</p>', text }), [to('c@example.org')]).toString()
    expect(/boundary="(.*?)"/.exec(second)?.[1]).not.toBe(boundary)
  })
})

describe('the bytes of DATA', () => {
  it.each([
    ['a\r\n.\r\nb', 'a\r\n..\r\nb\r\n.\r\n'],
    ['.a', '..a\r\n.\r\n'],
    ['a\n.\nb\r\n', 'a\r\n..\r\nb\r\n.\r\n'],
    ['a\r.\rb', 'a\r\n..\r\nb\r\n.\r\n'],
    ['a\n.\r\nMAIL FROM:<e@x.io>\r\n', 'a\r\n..\r\nMAIL FROM:<e@x.io>\r\n.\r\n'],
    ['', '\r\n.\r\n'],
  ])('end once, whatever the text holds: %j', (text, expected) => {
    expect(dataBytes(Buffer.from(text)).toString()).toBe(expected)
  })
})

describe('a mail address', () => {
  it.each([
    ['c@example.org', 'c@example.org', false],
    [' c@EXAMPLE.org ', 'c@example.org', false],
    ["o'neil+x.y@sub.example.co.uk", "o'neil+x.y@sub.example.co.uk", false],
    ['root@localhost', 'root@localhost', false],
    ['info@bücher.example', 'info@xn--bcher-kva.example', false],
    ['jürgen@bücher.example', 'jürgen@xn--bcher-kva.example', true],
    ['用户@例え.jp', '用户@xn--r8jz45g.jp', true],
  ])('is taken: %s', (text, address, needsUtf8) => {
    expect(checkAddress(text)).toEqual({ kind: 'good', address, needsUtf8 })
  })

  it.each([
    'c@y.io\r\nBcc: evil@x.io',
    'c@y.io>\r\nRCPT TO:<evil@x.io',
    'c@y.io\n',
    'c@y.io\u0000',
    'c@y.io,d@y.io',
    'c@y.io;d@y.io',
    'C <c@y.io>',
    '"a b"@y.io',
    'a b@y.io',
    'a\u200bb@y.io',
    'a\u202eb@y.io',
    'a@b@y.io',
    'a@[x@evil.com]',
    'user%y.io@relay.example@z',
    '.a@y.io',
    'a..b@y.io',
    'a.@y.io',
    'a@y..io',
    'a@-y.io',
    'a@y_z.io',
    'a@[127.0.0.1]',
    'a@',
    '@y.io',
    'plain',
    '',
    `${'a'.repeat(65)}@y.io`,
    `a@${'b'.repeat(64)}.io`,
    `a@${'bbbbbbb.'.repeat(40)}io`,
    'a@ex%61mple.com',
    'a@y.io/../x',
  ])('is not taken: %j', (text) => {
    expect(checkAddress(text).kind).toBe('bad')
  })
})
