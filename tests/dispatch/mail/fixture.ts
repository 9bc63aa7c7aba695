/** Mails, settings and tools for the tests of the mail transport. */
import type { MailContent, Recipient } from '../../../src/core/message.ts'
import type { MailJob } from '../../../src/dispatch/mail/plan.ts'
import type { MailLog } from '../../../src/dispatch/mail/pool.ts'
import type { MailSettings } from '../../../src/dispatch/mail/settings.ts'

export const to = (address: string, as: Recipient['as'] = 'to'): Recipient => ({ address, as, role: 'customer' })

export const content = (more: Partial<MailContent> = {}): MailContent => ({
  from: { name: 'Example Retail', address: 'shop@example.com' },
  subject: 'Your order 1001 is ready',
  text: 'Dear customer,\n\n.a line with a dot\nBye\n',
  attachments: [],
  date: Date.UTC(2026, 10, 22, 9, 0, 0),
  messageId: '<msg_1@example.com>',
  ...more,
})

export const job = (more: Partial<MailJob> = {}): MailJob => ({
  id: 'msg_1',
  mail: content(),
  recipients: [to('c@example.org')],
  settled: [],
  ...more,
})

/** A mail of about `bytes` bytes; above 64 KiB it is more than one piece of the transfer. */
export const bigJob = (bytes: number): MailJob => {
  const attachment = { name: 'big.bin', contentType: 'application/octet-stream', content: 'QUJD'.repeat(bytes / 4) }
  return job({ mail: content({ attachments: [attachment] }) })
}

export const settings = (port: number, more: Partial<MailSettings> = {}): MailSettings => ({
  host: '127.0.0.1',
  port,
  security: 'none',
  allowSelfSigned: false,
  connections: 2,
  name: 'orderly.example.com',
  ...more,
})

/** Short waits, so that silence is found out soon. */
export const hasty = { connectMs: 300, greetingMs: 300, commandMs: 300, dataMs: 300, finalMs: 300, idleMs: 5_000 }

export function memoryLog(): MailLog & { readonly lines: string[] } {
  const lines: string[] = []
  const note = (fields: object, text: string): void => {
    lines.push(`${text} ${JSON.stringify(fields)}`)
  }
  return { lines, info: note, warn: note }
}
