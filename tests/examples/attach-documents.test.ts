import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Message } from '../../src/core/message.ts'
import { loadSetup } from '../../src/daemon/load-setup.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { fireDueTimers } from '../../src/schedule/timer-loop.ts'
import { openShippedShop, type ShippedShop } from './shipped-shop.ts'

let shop: ShippedShop
beforeEach(async () => {
  shop = openShippedShop()
  await shop.orders({ number: '100245', payment: 'Előre' })
})
afterEach(async () => {
  using _ = shop
  const { code, out, err } = await shop.run('audit')
  expect(code, out + err).toBe(0)
})

const hour = 3_600_000
/** The mail with the proforma, as it is after so many milliseconds. */
async function afterLooking(ms: number): Promise<Message> {
  const read = await loadSetup(join(shop.folder, 'config', 'orderly.yaml'), {})
  if (read.kind === 'bad') throw new Error(JSON.stringify(read.problems))
  await using ledger = await openLedger(join(shop.folder, 'var', 'ledger.db'), { busyTimeoutMs: 10_000 })
  const now = Date.now() + ms
  const documents = join(shop.folder, 'exchange/in/documents')
  await fireDueTimers({ ledger, setup: read.value.setup, documents, clock: { now: () => now, monotonic: () => now } })
  return await proforma()
}

async function proforma(): Promise<Message> {
  const messages = await shop.look(async (ledger) => await ledger.messages({ channel: 'mail', limit: 50 }))
  const found = messages.find(({ template }) => template === 'customer/proforma')
  if (found === undefined) throw new Error('no mail with the proforma')
  return found
}

const issued = (pdf = 'PF-1.pdf'): Promise<void> =>
  shop.import(
    'invoices:INV',
    `InvoiceNo;OrderNo;Type;Date;DueDate;Amount;Currency;PaymentRef;File\nPF-1;100245;P;;;;;;${pdf}\n`,
  )

describe('a mail with a document', () => {
  test('waits until the PDF is there and complete, and is then sent with it', async () => {
    await issued()
    expect(await proforma()).toMatchObject({ state: 'held', reason: 'waits for the PDF of: proforma' })
    expect(await afterLooking(0)).toMatchObject({ state: 'held' })
    shop.pdf('PF-1.pdf', '%PDF-1.7\nhalf of it')
    expect(await afterLooking(hour)).toMatchObject({ state: 'held' })
    const file = shop.pdf('PF-1.pdf')
    const mail = await afterLooking(2 * hour)
    expect(mail).toMatchObject({ state: 'queued' })
    expect(mail.mail?.awaits).toBeUndefined()
    expect(
      mail.mail?.attachments.map(({ name, content }) => [name, Buffer.from(content, 'base64').toString()]),
    ).toContainEqual(['PF-1.pdf', '%PDF-1.7\nthe document\n%%EOF\n'])
    writeFileSync(file, 'changed later')
    expect((await afterLooking(3 * hour)).mail).toEqual(mail.mail)
    const history = await shop.look(async (ledger) => await ledger.eventsOf(mail.id))
    expect(history.find(({ name }) => name === 'message.attached')?.after?.['documents']).toMatch(
      /^PF-1\.pdf \([0-9a-f]{64}\)$/,
    )
  })

  test('takes the name by the pattern where the ERP gives none; a slash in the number is a dash', async () => {
    await shop.import(
      'invoices:INV',
      'InvoiceNo;OrderNo;Type;Date;DueDate;Amount;Currency;PaymentRef;File\n2026/0311;100245;P;;;;;;\n',
    )
    shop.pdf('2026-0311.pdf')
    expect(await afterLooking(hour)).toMatchObject({ state: 'queued' })
  })

  test('that was written a moment ago is left to its writer', async () => {
    await issued()
    writeFileSync(join(shop.folder, 'exchange/in/documents/PF-1.pdf'), '%PDF-1.7\n%%EOF\n')
    expect(await afterLooking(0)).toMatchObject({ state: 'held' })
    expect(await afterLooking(hour)).toMatchObject({ state: 'queued' })
  })

  test('that does not come in time is alarmed once and stays held; a person may send the mail', async () => {
    await issued()
    await afterLooking(0)
    expect(await afterLooking(25 * hour)).toMatchObject({
      state: 'held',
      reason: 'its documents did not come in time: PF-1.pdf is not there',
    })
    shop.pdf('PF-1.pdf')
    expect(await afterLooking(50 * hour)).toMatchObject({ state: 'held' })
    const alarms = await shop.look(async (ledger) => await ledger.messages({ channel: 'mail', limit: 50 }))
    expect(alarms.filter(({ mail }) => mail?.subject.includes('did not come'))).toHaveLength(1)
    const { id } = await proforma()
    expect((await shop.run('messages', 'send', id)).code).toBe(0)
    expect(await proforma()).toMatchObject({ state: 'queued' })
  })

  test('that a person cancelled meanwhile stays cancelled', async () => {
    await issued()
    const { id } = await proforma()
    await shop.run('messages', 'cancel', id)
    shop.pdf('PF-1.pdf')
    expect(await afterLooking(hour)).toMatchObject({ state: 'cancelled' })
  })

  test.each([
    ['a link out of the folder', (path: string, secret: string) => symlinkSync(secret, path)],
    ['a folder', (path: string) => mkdirSync(path)],
    ['a pipe that nobody writes to', (path: string) => void execFileSync('mkfifo', [path])],
  ])('is never %s', async (_, make) => {
    const secret = join(shop.folder, 'secret.pdf')
    writeFileSync(secret, '%PDF-1.7\nsecret\n%%EOF\n')
    make(join(shop.folder, 'exchange/in/documents/PF-1.pdf'), secret)
    await issued()
    expect(await afterLooking(hour)).toMatchObject({ state: 'held' })
  })

  test('is not read for a name that leads elsewhere, also by the number of the ERP', async () => {
    writeFileSync(join(shop.folder, 'exchange/in/secret.pdf'), '%PDF-1.7\nsecret\n%%EOF\n')
    await shop.import(
      'invoices:INV',
      'InvoiceNo;OrderNo;Type;Date;DueDate;Amount;Currency;PaymentRef;File\n../secret;100245;P;;;;;;\n',
    )
    expect(await afterLooking(hour)).toMatchObject({ state: 'held' })
    expect(await afterLooking(26 * hour)).toMatchObject({
      reason: expect.stringContaining('is not the name of a file') as string,
    })
  })
})

test('the daemon attaches the document and writes the mail', { timeout: 60_000 }, async () => {
  await issued()
  shop.pdf('PF-1.pdf')
  const runner = fileURLToPath(new URL('../end-to-end/run-daemon.ts', import.meta.url))
  const daemon = spawn(process.execPath, [runner, join(shop.folder, 'config', 'orderly.yaml')], { stdio: 'ignore' })
  try {
    const written = (): string | undefined =>
      shop
        .files('var/mail')
        .map((name) => shop.read('var/mail', name))
        .find((text) => text.includes('PF-1.pdf'))
    await expect.poll(written, { timeout: 50_000, interval: 300 }).toMatch(/To: .*kovacs@example\.com/)
    expect(written()).toContain(Buffer.from('%PDF-1.7\nthe document\n%%EOF\n').toString('base64'))
  } finally {
    daemon.kill('SIGTERM')
    if (daemon.exitCode === null) await once(daemon, 'exit')
  }
})
