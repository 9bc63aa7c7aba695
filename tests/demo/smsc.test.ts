import { readdir, readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Receipt } from '../../src/core/message.ts'
import { openSmsc, type Smsc } from '../../src/demo/smsc.ts'
import { openSmsAccount, type SmsAccount, type SmsSettings } from '../../src/dispatch/sms/account.ts'
import { canonicalId } from '../../src/dispatch/sms/receipts-text.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { listLog } from '../neighbours/silent-log.ts'
import { cstring, packPdu, tlv } from '../neighbours/smsc.ts'
import { temporaryFolder } from './temporary-folder.ts'

const login = { systemId: 'orderly', password: 'demo' }

async function gateway(receiptAfterMs = 20): Promise<Smsc & { readonly folder: string }> {
  const folder = await temporaryFolder()
  const smsc = await openSmsc({ ...login, folder, clock: systemClock, receiptAfterMs })
  onTestFinished(() => smsc[Symbol.asyncDispose]())
  return Object.assign(smsc, { folder })
}

function account(port: number, more: Partial<SmsSettings> = {}): SmsAccount & { readonly receipts: Receipt[] } {
  const receipts: Receipt[] = []
  const settings: SmsSettings = {
    ...login,
    name: 'sms',
    host: '127.0.0.1',
    port,
    bind: 'transceiver',
    window: 5,
    perSecond: 1000,
    responseTimeout: 2_000,
    enquireEvery: 200,
    idBase: 'same',
    longText: 'udh',
    receipts: true,
    ...more,
  }
  const onReceipt = async (receipt: Receipt): Promise<void> => void receipts.push(receipt)
  const opened = openSmsAccount(settings, {
    clock: systemClock,
    log: listLog(),
    onReceipt,
    onIncoming: async () => undefined,
  })
  onTestFinished(() => opened.close({ graceMs: 500 }))
  return Object.assign(opened, { receipts })
}

const sms = (text: string, alphabet: 'gsm' | 'ucs2' = 'gsm') => ({ sender: 'SHOP', text, alphabet, parts: 1 })
const recipient = '+36301234567'

test.each(['udh', 'sar', 'payload'] as const)(
  'a long text by %s is one file, with a receipt for each part',
  async (longText) => {
    const smsc = await gateway()
    const phone = account(smsc.port, { longText })
    expect(await phone.verify()).toEqual({ kind: 'ok' })
    const text = `Ready: ${'12 € {a} '.repeat(40)}`
    const attempt = await phone.send({ id: 'msg_1', sms: sms(text), recipient, accepted: [] })
    expect(attempt.outcome.kind).toBe('accepted')
    const ids = attempt.parts?.map(({ smscId }) => smscId) ?? []
    expect(ids.length).toBe(longText === 'payload' ? 1 : 4)
    await expect.poll(() => phone.receipts.length).toBe(ids.length)
    expect(phone.receipts.map(({ smscId, state, destination }) => [smscId, state, destination])).toEqual(
      ids.map((id) => [id, 'delivered', recipient]),
    )
    expect(smsc.texts).toMatchObject([{ from: 'SHOP', to: '36301234567', text, alphabet: 'GSM 7 bit' }])
    expect(smsc.texts[0]?.ids.map((id) => canonicalId(id, 'answer', 'same'))).toEqual(ids)
    expect(await readdir(smsc.folder)).toEqual(['01-36301234567.txt'])
    expect(await readFile(join(smsc.folder, '01-36301234567.txt'), 'utf8')).toContain(`From: SHOP\nTo: 36301234567\n`)
    expect(smsc.receiptsDue()).toBe(0)
  },
)

test('UCS-2 texts come out as they went in', async () => {
  const smsc = await gateway()
  const text = `Átvehető 😀 ${'ű'.repeat(100)}`
  const phone = account(smsc.port)
  await phone.verify()
  await phone.send({ id: 'msg_2', sms: sms(text, 'ucs2'), recipient, accepted: [] })
  expect(smsc.texts).toMatchObject([{ text, parts: 2, alphabet: 'UCS-2' }])
})

test('an account with two binds gets its receipts at the receiver, and none when it asks for none', async () => {
  const smsc = await gateway()
  const two = account(smsc.port, { bind: 'transmitter' })
  expect(await two.verify()).toEqual({ kind: 'ok' })
  await two.send({ id: 'msg_3', sms: sms('hello'), recipient, accepted: [] })
  await expect.poll(() => two.receipts.length).toBe(1)
  const none = account(smsc.port, { receipts: false })
  await none.verify()
  await none.send({ id: 'msg_4', sms: sms('hello again'), recipient, accepted: [] })
  expect(smsc.receiptsDue()).toBe(0)
  expect(smsc.texts).toHaveLength(2)
})

test('a receipt waits for an account that is away and comes when it is back', async () => {
  const smsc = await gateway(300)
  const first = account(smsc.port)
  await first.verify()
  await first.send({ id: 'msg_5', sms: sms('hello'), recipient, accepted: [] })
  await first.close({ graceMs: 100 })
  await expect.poll(() => smsc.receiptsDue(), { interval: 50 }).toBe(1)
  const second = account(smsc.port)
  await expect.poll(() => second.receipts.length, { timeout: 3_000 }).toBe(1)
  expect(first.receipts).toEqual([])
})

test('a wrong password is refused', async () => {
  const smsc = await gateway()
  const phone = account(smsc.port, { password: 'wrong' })
  expect(await phone.verify()).toMatchObject({ kind: 'failed', reason: expect.stringContaining('ESME_RINVPASWD') })
})

// ── The wire, octet by octet ──────────────────────────────────────────────────────────────────

interface Wire {
  send(...pdus: readonly Buffer[]): void
  /** [command, status, sequence] of what came, and its body. */
  readonly came: { readonly head: readonly number[]; readonly body: Buffer }[]
  readonly ended: Promise<void>
}

function wire(port: number): Wire {
  const socket: Socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  const came: { head: number[]; body: Buffer }[] = []
  let held = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    held = Buffer.concat([held, chunk])
    while (held.length >= 16 && held.length >= held.readUInt32BE(0)) {
      const frame = held.subarray(0, held.readUInt32BE(0))
      held = held.subarray(frame.length)
      came.push({ head: [4, 8, 12].map((at) => frame.readUInt32BE(at)), body: frame.subarray(16) })
    }
  })
  const ended = new Promise<void>((resolve) => {
    socket.on('close', () => resolve())
    socket.on('error', () => resolve())
  })
  return { send: (...pdus) => void socket.write(Buffer.concat(pdus)), came, ended }
}

const bindBody = (password = 'demo', version = 0x34): Buffer =>
  Buffer.concat([cstring('orderly'), cstring(password), cstring('VMA'), Buffer.from([version, 0, 0]), cstring('')])
const bind = (command: number, sequence: number, body = bindBody()): Buffer => packPdu(command, 0, sequence, body)
const submitBody = (registered: number, text = 'hello', to = '36301234567'): Buffer =>
  Buffer.concat([
    cstring(''),
    Buffer.from([2, 1]),
    cstring('1234'),
    Buffer.from([2, 1]),
    cstring(to),
    Buffer.from([3, 0, 0]),
    cstring(''),
    cstring(''),
    Buffer.from([registered, 0, 0, 0, text.length]),
    Buffer.from(text, 'latin1'),
  ])

test('answers and receipts have the fields that a strict ESME asks for', async () => {
  const smsc = await gateway()
  const line = wire(smsc.port)
  line.send(bind(0x09, 1), packPdu(0x15, 0, 2), packPdu(0x04, 0, 3, submitBody(17)))
  await expect.poll(() => line.came.length).toBe(4)
  const [bound, alive, submitted, receipt] = line.came
  expect(bound?.head).toEqual([0x8000_0009, 0, 1])
  expect(bound?.body).toEqual(Buffer.concat([cstring('orderly-demo'), tlv(0x0210, Buffer.from([0x34]))]))
  expect(alive).toEqual({ head: [0x8000_0015, 0, 2], body: Buffer.alloc(0) })
  expect(submitted?.head).toEqual([0x8000_0004, 0, 3])
  const id = submitted?.body.toString('latin1').replace(/\0$/, '') ?? ''
  expect(submitted?.body).toEqual(cstring(id))
  expect(receipt?.head).toEqual([0x05, 0, 1])
  const body = receipt?.body ?? Buffer.alloc(0)
  const addresses = Buffer.concat([
    cstring(''),
    Buffer.from([2, 1]),
    cstring('36301234567'),
    Buffer.from([2, 1]),
    cstring('1234'),
  ])
  expect(body.subarray(0, addresses.length)).toEqual(addresses)
  expect(body[addresses.length]).toBe(0x04)
  const text = new RegExp(
    `id:${id} sub:001 dlvrd:001 submit date:\\d{10} done date:\\d{10} stat:DELIVRD err:000 text:hello`,
  )
  expect(body.toString('latin1')).toMatch(text)
  const tail = Buffer.concat([tlv(0x001e, `${id}\0`), tlv(0x0427, Buffer.from([2]))])
  expect(body.subarray(-tail.length)).toEqual(tail)
  expect(smsc.receiptsDue()).toBe(1)
  line.send(packPdu(0x8000_0005, 0, 1, cstring('')))
  await expect.poll(() => smsc.receiptsDue()).toBe(0)
  line.send(packPdu(0x06, 0, 9))
  await expect.poll(() => line.came.at(-1)?.head).toEqual([0x8000_0006, 0, 9])
  await line.ended
})

test.each([
  ['a submission before the bind', [packPdu(0x04, 0, 1, submitBody(0))], [0x8000_0004, 0x04]],
  ['a submission over a receiver', [bind(0x01, 1), packPdu(0x04, 0, 2, submitBody(0))], [0x8000_0004, 0x04]],
  ['a second bind', [bind(0x09, 1), bind(0x02, 2)], [0x8000_0002, 0x05]],
  ['a bind without its end', [bind(0x09, 1, Buffer.from('orderly'))], [0x8000_0009, 0x02]],
  ['an unknown account', [bind(0x09, 1, Buffer.concat([cstring('x'), bindBody().subarray(8)]))], [0x8000_0009, 0x0f]],
  ['a body that is cut', [bind(0x09, 1), packPdu(0x04, 0, 2, submitBody(0).subarray(0, -2))], [0x8000_0004, 0x02]],
  ['no destination', [bind(0x09, 1), packPdu(0x04, 0, 2, submitBody(0, 'x', ''))], [0x8000_0004, 0x0b]],
  ['an unknown command', [bind(0x09, 1), packPdu(0x0fff, 0, 2)], [0x8000_0000, 0x03]],
])('%s is answered with its status', async (_, pdus, expected) => {
  const smsc = await gateway()
  const line = wire(smsc.port)
  line.send(...pdus)
  await expect.poll(() => line.came.length).toBe(pdus.length)
  expect(line.came.at(-1)?.head.slice(0, 2)).toEqual(expected)
  expect(smsc.texts).toEqual([])
})

test.each([0, 4, 15, 100_000])('a PDU of length %i ends its connection and no other', async (length) => {
  const smsc = await gateway()
  const good = wire(smsc.port)
  good.send(bind(0x09, 1))
  const bad = wire(smsc.port)
  const head = Buffer.alloc(16)
  head.writeUInt32BE(length, 0)
  bad.send(head)
  await bad.ended
  good.send(packPdu(0x15, 0, 2))
  await expect.poll(() => good.came.length).toBe(2)
})
