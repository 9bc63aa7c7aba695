import { afterEach, describe, expect, it } from 'vitest'
import type { Receipt } from '../../../src/core/message.ts'
import { openSmsAccount } from '../../../src/dispatch/sms/account.ts'
import type { SmsAccount, SmsSettings, SmsToSend } from '../../../src/dispatch/sms/account.ts'
import type { IncomingSms } from '../../../src/dispatch/sms/incoming-text.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { listLog } from '../../neighbours/silent-log.ts'
import type { Entry } from '../../neighbours/silent-log.ts'
import { deliverBody, id, receiptText, startSmsc, testCertificate, testKey, tlv } from '../../neighbours/smsc.ts'
import type { Script, Smsc } from '../../neighbours/smsc.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close()
})

async function smscOf(script: Script = {}, port = 0): Promise<Smsc> {
  const smsc = await startSmsc(script, port)
  open.push({ close: () => smsc.stop() })
  return smsc
}

interface Opened {
  readonly account: SmsAccount
  readonly receipts: Receipt[]
  readonly incoming: IncomingSms[]
  readonly entries: Entry[]
}

function openAccount(
  port: number,
  settings: Partial<SmsSettings> = {},
  keep: (receipt: Receipt) => Promise<void> = async () => {},
): Opened {
  const receipts: Receipt[] = []
  const incoming: IncomingSms[] = []
  const log = listLog()
  const account = openSmsAccount(
    {
      name: 'main',
      host: '127.0.0.1',
      port,
      systemId: 'orderly',
      password: 'secret',
      bind: 'transceiver',
      window: 10,
      perSecond: 1000,
      responseTimeout: 300,
      enquireEvery: 60_000,
      idBase: 'same',
      longText: 'udh',
      receipts: true,
      reconnect: { firstMs: 20, maxMs: 60 },
      ...settings,
    },
    {
      clock: systemClock,
      log,
      onReceipt: async (receipt) => {
        await keep(receipt)
        receipts.push(receipt)
      },
      onIncoming: async (text) => void incoming.push(text),
    },
  )
  open.unshift({ close: () => account.close({ graceMs: 0 }) })
  return { account, receipts, incoming, entries: log.entries }
}

async function bound(script: Script = {}, settings: Partial<SmsSettings> = {}): Promise<Opened & { smsc: Smsc }> {
  const smsc = await smscOf(script)
  const opened = openAccount(smsc.port, settings)
  expect(await opened.account.verify()).toEqual({ kind: 'ok' })
  return { ...opened, smsc }
}

function message(text = 'Hello', rest: Partial<SmsToSend> = {}): SmsToSend {
  const sms = { sender: 'SHOP', text, alphabet: 'gsm' as const, parts: 1 }
  return { id: 'msg_1', sms, recipient: '+36301234567', accepted: [], ...rest }
}

const long = 'x'.repeat(400) // three parts
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const until = async (condition: () => boolean): Promise<void> => {
  for (let i = 0; i < 400 && !condition(); i++) await pause(10)
  expect(condition()).toBe(true)
}

describe('sending', () => {
  it('puts a message on the wire as GSM text with the label 0', async () => {
    const { account, smsc } = await bound()
    const attempt = await account.send(message('@ €'))
    expect(attempt).toEqual({
      outcome: { kind: 'accepted', response: '1' },
      parts: [{ part: 1, smscId: '1', outcome: { kind: 'accepted', response: '1' } }],
    })
    expect(smsc.submitted[0]).toMatchObject({
      source: 'SHOP',
      sourceTon: 5,
      sourceNpi: 0,
      destination: '36301234567',
      destinationTon: 1,
      destinationNpi: 1,
      dataCoding: 0,
      esmClass: 0,
      registeredDelivery: 1,
      validity: '',
    })
    expect([...(smsc.submitted[0]?.octets ?? [])]).toEqual([0x00, 0x20, 0x1b, 0x65])
  })

  it('puts Unicode on the wire with the label 8', async () => {
    const { account, smsc } = await bound()
    const sms = { sender: '+36301111111', text: 'ő😀', alphabet: 'ucs2' as const, parts: 1 }
    await account.send({ ...message(), sms })
    expect(smsc.submitted[0]).toMatchObject({ source: '36301111111', sourceTon: 1, sourceNpi: 1, dataCoding: 8 })
    expect(smsc.submitted[0]?.octets.toString('hex')).toBe('0151d83dde00')
  })

  it('sends the parts of a long message in order, one after the other', async () => {
    const { account, smsc } = await bound({
      onSubmit: async (_submitted, _peer, count) => {
        await pause(count === 1 ? 40 : 1)
        return { messageId: `id${count}` }
      },
    })
    const attempt = await account.send(message(long))
    expect(attempt.outcome).toEqual({ kind: 'accepted', response: 'id1 id2 id3' })
    expect(attempt.parts?.map(({ part, smscId }) => [part, smscId])).toEqual([
      [1, 'id1'],
      [2, 'id2'],
      [3, 'id3'],
    ])
    expect(smsc.submitted.map(({ esmClass, octets }) => [esmClass, octets[4], octets[5]])).toEqual([
      [0x40, 3, 1],
      [0x40, 3, 2],
      [0x40, 3, 3],
    ])
    expect(smsc.mostInFlight()).toBe(1)
  })

  it('sends only the parts that are not accepted yet, under the same reference', async () => {
    const { account, smsc } = await bound({ onSubmit: (_s, _p, count) => ({ status: count === 2 ? 0x08 : 0 }) })
    const first = await account.send(message(long))
    expect(first.outcome).toMatchObject({ kind: 'deferred', reason: expect.stringContaining('part 2 of 3') })
    expect(first.parts?.map(({ part, outcome }) => [part, outcome.kind])).toEqual([
      [1, 'accepted'],
      [2, 'deferred'],
    ])
    const second = await account.send(message(long, { accepted: [{ part: 1, smscId: '1' }] }))
    expect(second.outcome).toEqual({ kind: 'accepted', response: '1 3 4' })
    expect(smsc.submitted.map(({ octets }) => octets[5])).toEqual([1, 2, 2, 3])
    expect(new Set(smsc.submitted.map(({ octets }) => octets[3])).size).toBe(1)
  })

  it.each(['sar', 'payload'] as const)('sends long text by %s', async (longText) => {
    const { account, smsc } = await bound({}, { longText })
    expect((await account.send(message(long))).outcome.kind).toBe('accepted')
    const [first] = smsc.submitted
    expect(smsc.submitted).toHaveLength(longText === 'sar' ? 3 : 1)
    expect(first?.esmClass).toBe(0)
    expect(first?.tlvs.get(longText === 'sar' ? 0x020e : 0x0424)?.length).toBe(longText === 'sar' ? 1 : 400)
  })

  it('takes an empty message id for accepted', async () => {
    const { account } = await bound({ onSubmit: () => ({ messageId: '' }) })
    const attempt = await account.send(message())
    expect(attempt.outcome).toEqual({ kind: 'accepted', response: '(no id)' })
    expect(attempt.parts?.[0]?.smscId).toBe('')
  })

  it('passes the remaining time on as validity', async () => {
    const { account, smsc } = await bound()
    await account.send(message('Hi', { expiresAt: Date.now() + 3_600_500 }))
    expect(smsc.submitted[0]?.validity).toBe('000000010000000R')
  })

  it.each([
    ['a NUL in the sender', { sms: { sender: 'B\0evil', text: 'x', alphabet: 'gsm', parts: 1 } }, 'invalid_sender'],
    ['a recipient without a country', { recipient: '06301234567' }, 'invalid_recipient'],
    ['text that is not GSM', { sms: { sender: 'S', text: 'ű', alphabet: 'gsm', parts: 1 } }, 'invalid_text'],
  ] as const)('refuses %s before a byte is written', async (_, rest, code) => {
    const { account, smsc } = await bound()
    expect(await account.send(message('x', rest))).toMatchObject({ outcome: { kind: 'refused', code }, parts: [] })
    expect(smsc.submitted).toEqual([])
  })
})

describe('answers', () => {
  it.each([
    [0x0b, { kind: 'refused', code: 'ESME_RINVDSTADR' }],
    [0x08, { kind: 'deferred' }],
    [0x64, { kind: 'deferred' }],
    [0x40c, { kind: 'deferred' }],
  ])('of status %i', async (status, outcome) => {
    const { account } = await bound({ onSubmit: () => ({ status }) })
    expect((await account.send(message())).outcome).toMatchObject(outcome)
  })

  it('mean what the provider says', async () => {
    const { account } = await bound({ onSubmit: () => ({ status: 0x40c }) }, { statusTable: { 0x40c: 'permanent' } })
    expect((await account.send(message())).outcome).toMatchObject({ kind: 'refused', code: '0x40c' })
  })

  it('that never come are unknown, and the account then goes carefully', async () => {
    const { account, smsc } = await bound(
      { onSubmit: (_s, _p, count) => (count === 1 ? 'none' : {}) },
      { responseTimeout: 80 },
    )
    expect((await account.send(message())).outcome).toMatchObject({ kind: 'unknown' })
    expect(account.free()).toBe(0)
    await until(() => account.free() > 0)
    expect(account.free()).toBe(1)
    expect((await account.send(message())).outcome).toMatchObject({ kind: 'accepted' })
    expect(account.free()).toBe(10)
    expect(smsc.binds).toHaveLength(1)
  })

  it('of a broken bind state bring a new session, and the message comes back unharmed', async () => {
    const { account, smsc } = await bound({ onSubmit: (_s, _p, count) => (count === 1 ? { status: 0x04 } : {}) })
    expect((await account.send(message())).outcome).toMatchObject({ kind: 'deferred', pace: 'account' })
    await until(() => smsc.binds.length === 2 && account.state().kind === 'bound')
    expect((await account.send(message())).outcome).toMatchObject({ kind: 'accepted' })
  })
})

describe('pace', () => {
  it('stops the account for a second when it is throttled, without charging anybody', async () => {
    const { account, smsc } = await bound({ onSubmit: (_s, _p, count) => (count === 1 ? { status: 0x58 } : {}) })
    const throttled = await account.send(message())
    expect(throttled.outcome).toMatchObject({ kind: 'deferred', pace: 'account', retryAfterMs: 1000 })
    expect(account.state()).toMatchObject({ kind: 'throttled' })
    expect(account.free()).toBe(0)
    const other = await account.send(message('other'))
    expect(other.outcome).toMatchObject({ kind: 'deferred', pace: 'account' })
    expect(smsc.submitted).toHaveLength(1)
    await until(() => account.free() > 0)
    expect((await account.send(message())).outcome.kind).toBe('accepted')
  })

  it('leaves a recipient alone whose queue is full, and no other', async () => {
    const { account, smsc } = await bound({
      onSubmit: ({ destination }) => ({ status: destination === '36301234567' ? 0x14 : 0 }),
    })
    const full = { kind: 'deferred', pace: 'recipient' }
    expect((await account.send(message())).outcome).toMatchObject({ ...full, retryAfterMs: 180_000 })
    expect((await account.send(message())).outcome).toMatchObject(full)
    expect((await account.send(message('x', { recipient: '+36309999999' }))).outcome.kind).toBe('accepted')
    expect(smsc.submitted).toHaveLength(2)
  })

  it('keeps to the parts a second that were agreed', async () => {
    const { account, smsc } = await bound({}, { perSecond: 20 })
    await Promise.all([account.send(message(long)), account.send(message(long)), account.send(message())])
    const times = smsc.submitted.map(({ at }) => at)
    expect(times).toHaveLength(7)
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(270)
  })

  it('never has more than the window without an answer, and leases no more than that', async () => {
    const { account, smsc } = await bound(
      {
        onSubmit: async () => {
          await pause(10)
          return {}
        },
      },
      { window: 3 },
    )
    expect(account.free()).toBe(3)
    const all = Promise.all(Array.from({ length: 30 }, () => account.send(message(long))))
    expect(account.free()).toBe(0)
    const attempts = await all
    expect(attempts.every((attempt) => attempt.outcome.kind === 'accepted')).toBe(true)
    expect(smsc.submitted).toHaveLength(90)
    expect(smsc.mostInFlight()).toBe(3)
    expect(account.free()).toBe(3)
  })

  it('lets as many wait in line as go in 20 ms, and only a window more after a pause', async () => {
    const { account } = await bound({}, { window: 5, perSecond: 10_000 })
    expect(account.line()).toEqual({ waiting: 0, room: 5 })
    let [sent, began, took] = [0, performance.now(), 0]
    while (took < 400) {
      sent += (await Promise.all(Array.from({ length: 20 }, () => account.send(message())))).length
      took = performance.now() - began
    }
    const { room } = account.line()
    expect(room).toBeGreaterThan(5)
    // Twice the mean: the pace of the last stretch counts, and it is not even.
    expect(room).toBeLessThan((2 * 20 * sent) / took)
    await pause(400)
    expect(account.line()).toEqual({ waiting: 0, room: 5 })
  })

  it('leases no more than a second of work', async () => {
    const { account } = await bound({}, { window: 100, perSecond: 2 })
    expect(account.free()).toBe(2)
    expect(account.line()).toEqual({ waiting: 0, room: 0 })
  })

  it('lets a window more wait in line, in order, and sends none of them when it is throttled meanwhile', async () => {
    const { account, smsc } = await bound(
      {
        onSubmit: async (_submitted, _peer, count) => {
          await pause(20)
          return count <= 2 ? {} : { status: 0x58 }
        },
      },
      { window: 2, perSecond: 100 },
    )
    expect(account.line()).toEqual({ waiting: 0, room: 2 })
    const sent = [1, 2, 3, 4, 5, 6].map(async () => (await account.send(message())).outcome.kind)
    expect([account.free(), account.line()]).toEqual([0, { waiting: 4, room: 0 }])
    expect(await Promise.all(sent)).toEqual(['accepted', 'accepted', 'deferred', 'deferred', 'deferred', 'deferred'])
    expect(smsc.submitted).toHaveLength(4)
    expect(account.line().room).toBe(0)
  })
})

describe('the line', () => {
  it('that is down defers without charging an attempt', async () => {
    const smsc = await startSmsc()
    await smsc.stop()
    const { account } = openAccount(smsc.port)
    expect(await account.verify()).toMatchObject({ kind: 'failed', reason: expect.stringContaining('ECONNREFUSED') })
    expect(account.free()).toBe(0)
    expect((await account.send(message())).outcome).toMatchObject({ kind: 'deferred', pace: 'account' })
    expect(account.state()).toMatchObject({ kind: 'connecting' })
  })

  it('is bound anew after the gateway was restarted', async () => {
    const { account, smsc } = await bound()
    await smsc.stop()
    await until(() => account.state().kind === 'connecting')
    const second = await smscOf({}, smsc.port)
    await until(() => account.state().kind === 'bound')
    expect((await account.send(message())).outcome.kind).toBe('accepted')
    expect(second.submitted).toHaveLength(1)
  })

  it('that breaks leaves what was written unknown and gives back the rest', async () => {
    const { account, smsc } = await bound(
      {
        onSubmit: (_submitted, peer, count) => {
          if (count === 2) peer.socket.resetAndDestroy()
          return 'none'
        },
      },
      { window: 2, responseTimeout: 5000 },
    )
    const attempts = await Promise.all([1, 2, 3, 4].map((n) => account.send(message(`text ${n}`))))
    expect(attempts.map((attempt) => attempt.outcome.kind)).toEqual(['unknown', 'unknown', 'deferred', 'deferred'])
    expect(smsc.submitted).toHaveLength(2)
    await until(() => smsc.binds.length === 2)
  })

  it.each([0x0d, 0x0e, 0x0f])('is not tried again when the bind is refused with %i', async (status) => {
    const smsc = await smscOf({ onBind: () => status })
    const { account, entries } = openAccount(smsc.port)
    expect(await account.verify()).toMatchObject({ kind: 'failed', reason: expect.stringContaining('ESME_R') })
    await pause(150)
    expect(smsc.binds).toHaveLength(1)
    expect(account.state()).toMatchObject({ kind: 'refused' })
    expect(account.free()).toBe(0)
    expect(entries.some((entry) => entry.level === 'error')).toBe(true)
  })

  it.each([0x05, 0x08, 0x58])('is tried again, later and later, when the bind is answered with %i', async (status) => {
    let tries = 0
    const smsc = await smscOf({ onBind: () => (++tries < 4 ? status : 0) })
    const { account } = openAccount(smsc.port)
    await until(() => account.state().kind === 'bound')
    const [first = 0, second = 0, third = 0] = smsc.binds.map(({ at }) => at)
    expect(second - first).toBeGreaterThan(15)
    expect(third - second).toBeGreaterThan(35)
  })

  it('is left when the gateway is silent, and bound anew', async () => {
    const smsc = await smscOf({ onEnquire: 'mute' })
    const { entries } = openAccount(smsc.port, { enquireEvery: 40, responseTimeout: 60 })
    await until(() => smsc.binds.length >= 2)
    expect(JSON.stringify(entries)).toContain('silent')
  })

  it('is never bound to a gateway with a self-signed certificate, unless that is allowed', async () => {
    const smsc = await smscOf({ tls: { key: testKey, cert: testCertificate } })
    const { account } = openAccount(smsc.port, { tls: {} })
    expect(await account.verify()).toMatchObject({ kind: 'failed', reason: expect.stringContaining('self-signed') })
    // Waiting does not mend it: it is told at once.
    expect(account.state()).toMatchObject({ kind: 'connecting', needsPerson: true })
    const { account: trusting } = openAccount(smsc.port, { tls: { allowSelfSigned: true } })
    expect(await trusting.verify()).toEqual({ kind: 'ok' })
  })

  it('refuses a password that would shift the fields after it', () => {
    expect(() => openAccount(1, { password: 'a\0b' })).toThrow('password')
  })
})

const receipt = (smscId: string, stat = 'DELIVRD'): Buffer => deliverBody({ text: receiptText(smscId, stat) })

describe('receipts', () => {
  it('reach the ledger with account, id, state and destination', async () => {
    const { account, smsc, receipts } = await bound()
    await account.send(message())
    expect(await (await smsc.peer()).ask(id.deliver, receipt('1'))).toBe(0)
    expect(receipts).toMatchObject([{ account: 'main', smscId: '1', state: 'delivered', destination: '+36301234567' }])
  })

  it('that come before the answer to the submission, twice, late or unasked are all handed on', async () => {
    const { account, receipts } = await bound({
      onSubmit: async (_submitted, peer, count) => {
        await Promise.all([1, 2].map(() => peer.ask(id.deliver, receipt(String(count)))))
        void peer.ask(id.deliver, receipt('from last week', 'UNDELIV'))
        return { messageId: String(count) }
      },
    })
    expect((await account.send(message())).outcome.kind).toBe('accepted')
    await until(() => receipts.length === 3)
    expect(receipts.map(({ smscId, state }) => [smscId, state])).toEqual([
      ['1', 'delivered'],
      ['1', 'delivered'],
      ['from', 'undelivered'],
    ])
  })

  it('that cannot be kept are asked for again', async () => {
    const smsc = await smscOf()
    let failures = 1
    const { account, receipts } = openAccount(smsc.port, {}, async () => {
      if (failures-- > 0) throw new Error('disk full')
    })
    await account.verify()
    const peer = await smsc.peer()
    expect(await peer.ask(id.deliver, receipt('7'))).toBe(0x64)
    expect(receipts).toEqual([])
    expect(await peer.ask(id.deliver, receipt('7'))).toBe(0)
    expect(receipts).toHaveLength(1)
  })

  it.each([
    ['respHex', '1a2b', '6699'],
    ['respDec', '6699', '1A2B'],
    ['same', '0006699', '6699'],
  ] as const)('have the id of the answer under idBase %s', async (idBase, answer, told) => {
    const { account, smsc, receipts } = await bound({ onSubmit: () => ({ messageId: answer }) }, { idBase })
    const attempt = await account.send(message())
    const tlvs = [tlv(0x001e, `${told}\0`), tlv(0x0427, Buffer.from([2]))]
    await (await smsc.peer()).ask(id.deliver, deliverBody({ tlvs }))
    expect(receipts[0]?.smscId).toBe(attempt.parts?.[0]?.smscId)
  })

  it('come over a second bind where the first may only send', async () => {
    const smsc = await smscOf()
    const { account, receipts } = openAccount(smsc.port, { bind: 'transmitter' })
    expect(await account.verify()).toEqual({ kind: 'ok' })
    expect(new Set(smsc.binds.map((bind) => bind.id))).toEqual(new Set([id.bindReceiver, id.bindTransmitter]))
    expect((await account.send(message())).outcome.kind).toBe('accepted')
    const statuses = await Promise.all(smsc.peers.map((peer) => peer.ask(id.deliver, receipt('1'))))
    expect(statuses).toEqual([0, 0])
    expect(receipts).toHaveLength(2)
  })

  it('are not taken from what a subscriber writes; that is handed on as his text', async () => {
    const { smsc, receipts, incoming } = await bound()
    const body = deliverBody({ esmClass: 0, text: receiptText('1', 'DELIVRD') })
    expect(await (await smsc.peer()).ask(id.deliver, body)).toBe(0)
    expect(receipts).toEqual([])
    expect(incoming).toMatchObject([{ account: 'main', from: '+36301234567' }])
  })

  it('without an id say nothing, and are no text of a subscriber', async () => {
    const { smsc, receipts, incoming, entries } = await bound()
    expect(await (await smsc.peer()).ask(id.deliver, deliverBody({ esmClass: 4, text: 'stat:DELIVRD' }))).toBe(0)
    expect([receipts, incoming]).toEqual([[], []])
    expect(entries.some((entry) => entry.message.includes('without a message id'))).toBe(true)
  })
})

describe('closing', () => {
  it('waits for the answers, gives back the rest and unbinds', async () => {
    const { account, smsc } = await bound(
      {
        onSubmit: async () => {
          await pause(60)
          return {}
        },
      },
      { window: 1 },
    )
    const attempts = Promise.all([account.send(message()), account.send(message(long)), account.send(message())])
    await until(() => smsc.submitted.length === 1)
    await account.close({ graceMs: 1000 })
    expect((await attempts).map((attempt) => attempt.outcome.kind)).toEqual(['accepted', 'deferred', 'deferred'])
    expect(account.state()).toEqual({ kind: 'closed' })
    expect(smsc.received.at(-1)?.id).toBe(id.unbind)
    expect((await account.send(message())).outcome.kind).toBe('deferred')
  })

  it('ends at once while nobody answers', async () => {
    const smsc = await smscOf({ onBind: () => 'none' })
    const { account } = openAccount(smsc.port, { responseTimeout: 60_000 })
    const verified = account.verify()
    await account.close({ graceMs: 1000 })
    expect(await verified).toEqual({ kind: 'failed', reason: 'the account is closed' })
  })
})
