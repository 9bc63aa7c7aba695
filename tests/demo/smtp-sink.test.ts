import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { expect, test } from 'vitest'
import { openSmtpSink } from '../../src/demo/smtp-sink.ts'
import { temporaryFolder } from './temporary-folder.ts'

const from = { name: 'Example Shop', address: 'shop@example.com' }

test('a mail of a foreign client is kept as .eml, and its HTML part as a page one can open', async () => {
  const folder = await temporaryFolder()
  await using sink = await openSmtpSink(folder)
  const client = createTransport({ host: '127.0.0.1', port: sink.port, secure: false })
  const html = '<p>Kedves <b>Győző</b> = tisztelt vevő!</p>\n'.repeat(4)
  const subject = 'Átvehető a rendelése: 100246'
  await client.sendMail({ from, to: 'gyozo@example.com', subject, text: 'Győző', html, messageId: '<m1@example.com>' })
  client.close()

  expect(sink.mails).toEqual([
    {
      from: 'shop@example.com',
      to: ['gyozo@example.com'],
      subject,
      messageId: '<m1@example.com>',
      file: '01-gyozo@example.com-Átvehető-a-rendelése-100246.eml',
      html: '01-gyozo@example.com-Átvehető-a-rendelése-100246.html',
    },
  ])
  expect(await readFile(join(folder, sink.mails[0]?.html ?? ''), 'utf8')).toBe(html)
  expect(await readFile(join(folder, sink.mails[0]?.file ?? ''), 'utf8')).toContain('To: gyozo@example.com')
})

test.each([
  ['base64', 'base64'],
  ['quoted-printable', 'quoted-printable'],
] as const)('an HTML part in %s with an image beside it is found and decoded', async (_, encoding) => {
  const folder = await temporaryFolder()
  await using sink = await openSmtpSink(folder)
  const client = createTransport({ host: '127.0.0.1', port: sink.port, secure: false })
  const html = `<p>${'űrlap – ár: 12 € '.repeat(40)}</p>`
  const attachments = [
    { filename: 'logo.png', content: Buffer.from([1, 2, 3]), cid: 'logo' },
    { filename: 'page.html', content: '<p>attached</p>' },
  ]
  await client.sendMail({
    from,
    to: 'a@example.com',
    subject: 'x',
    text: 't',
    html,
    attachments,
    textEncoding: encoding,
  })
  client.close()
  expect(await readFile(join(folder, sink.mails[0]?.html ?? ''), 'utf8')).toBe(html)
})

test('what is hostile in subject and address stays inside the folder and makes plain names', async () => {
  const folder = await temporaryFolder()
  await using sink = await openSmtpSink(folder)
  const client = createTransport({ host: '127.0.0.1', port: sink.port, secure: false })
  const to = 'x/y/z@example.com'
  await client.sendMail({ from, to, subject: '../../../etc/passwd\u0000 "; rm -rf', text: 'text only' })
  client.close()
  expect(await readdir(folder)).toEqual(['01-x_y_z@example.com-etc-passwd-rm-rf.eml'])
  expect(sink.mails[0]?.html).toBeUndefined()
})

test('several mails at a time get a number each, and none is lost', async () => {
  const folder = await temporaryFolder()
  await using sink = await openSmtpSink(folder)
  const client = createTransport({ host: '127.0.0.1', port: sink.port, secure: false, pool: true, maxConnections: 3 })
  const subjects = Array.from({ length: 12 }, (_, i) => `Mail ${i}`)
  await Promise.all(subjects.map((subject) => client.sendMail({ from, to: 'a@example.com', subject, text: 't' })))
  client.close()
  expect(sink.mails.map(({ subject }) => subject).toSorted()).toEqual(subjects.toSorted())
  expect(new Set(sink.mails.map(({ file }) => file.slice(0, 2))).size).toBe(12)
  expect(await readdir(folder)).toHaveLength(12)
})
