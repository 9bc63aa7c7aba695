import { afterEach, describe, expect, it } from 'vitest'
import type { Delivery } from '../../../src/dispatch/sms/delivery.ts'
import { SmsSession } from '../../../src/dispatch/sms/session.ts'
import type { SessionSettings } from '../../../src/dispatch/sms/session.ts'
import { listLog } from '../../neighbours/silent-log.ts'
import {
  cstring,
  deliverBody,
  id,
  packPdu,
  receiptText,
  startSmsc,
  testCertificate,
  testKey,
  tlv,
} from '../../neighbours/smsc.ts'
import type { Script, Smsc } from '../../neighbours/smsc.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close()
})

async function smscOf(script: Script = {}): Promise<Smsc> {
  const smsc = await startSmsc(script)
  open.push({ close: () => smsc.stop() })
  return smsc
}

function connect(
  smsc: Smsc,
  settings: Partial<SessionSettings> = {},
  onDelivery: (delivery: Delivery) => Promise<void> = async () => {},
): { session: SmsSession; log: ReturnType<typeof listLog> } {
  const log = listLog()
  const session = new SmsSession(
    {
      host: '127.0.0.1',
      port: smsc.port,
      systemId: 'orderly',
      password: 'secret',
      window: 10,
      responseTimeout: 400,
      enquireEvery: 60_000,
      ...settings,
    },
    'transceiver',
    { onDelivery, log },
  )
  open.unshift({ close: () => session.close(0) })
  return { session, log }
}

const fields = {
  source_addr: 'SHOP',
  destination_addr: '36301234567',
  data_coding: 0,
  short_message: Buffer.from('Hello'),
}
/** The beginning of a PDU that claims this length. */
function raw(length: number, size = 4): Buffer {
  const bytes = Buffer.alloc(size)
  bytes.writeUInt32BE(length)
  return bytes
}

const accepted = (messageId: string): Buffer => packPdu(0x8000_0004, 0, 0, cstring(messageId))

/** The answer with its sequence number put in. */
function numbered(bytes: Buffer, sequence: number): Buffer {
  bytes.writeUInt32BE(sequence, 12)
  return bytes
}

const until = async (condition: () => boolean): Promise<void> => {
  for (let i = 0; i < 300 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(condition()).toBe(true)
}

describe('binding', () => {
  it('binds with name, password and version 3.4, sends, and says unbind', async () => {
    const smsc = await smscOf()
    const { session } = connect(smsc)
    expect(await session.bound).toEqual({ kind: 'bound' })
    expect(await session.submit(fields)).toEqual({ kind: 'answer', status: 0, messageId: '1' })
    await session.close(500)
    expect(await session.ended).toBe('closed by us')
    expect(smsc.binds).toMatchObject([{ id: id.bindTransceiver, systemId: 'orderly', password: 'secret' }])
    expect(smsc.received.map((pdu) => pdu.id)).toEqual([id.bindTransceiver, id.submit, id.unbind])
    expect(smsc.received[0]?.body.toString('latin1')).toContain('\u0034')
  })

  it('says with which status it was refused', async () => {
    const { session } = connect(await smscOf({ onBind: () => 0x0e }))
    expect(await session.bound).toEqual({ kind: 'answered', status: 0x0e })
    expect(await session.ended).toBe('the bind was refused')
  })

  it('gives up when the bind is not answered in time', async () => {
    const { session } = connect(await smscOf({ onBind: () => 'none' }), { responseTimeout: 100 })
    expect(await session.bound).toMatchObject({ kind: 'failed' })
  })

  it('fails when nobody listens', async () => {
    const smsc = await startSmsc()
    await smsc.stop()
    const { session } = connect(smsc)
    expect(await session.bound).toMatchObject({ kind: 'failed', reason: expect.stringContaining('ECONNREFUSED') })
    expect(await session.submit(fields)).toMatchObject({ kind: 'unwritten' })
  })
})

describe('TLS', () => {
  const tls = { key: testKey, cert: testCertificate }

  it('refuses a self-signed certificate', async () => {
    const smsc = await smscOf({ tls })
    const { session } = connect(smsc, { tls: {} })
    expect(await session.bound).toMatchObject({ kind: 'failed', reason: expect.stringContaining('self-signed') })
    expect(smsc.received).toEqual([])
  })

  it.each([
    ['allowed self-signed', '127.0.0.1', { allowSelfSigned: true }],
    ['its authority given', 'localhost', { ca: testCertificate }],
  ])('binds with a self-signed certificate and %s', async (_, host, own) => {
    const { session } = connect(await smscOf({ tls }), { host, tls: own })
    expect(await session.bound).toEqual({ kind: 'bound' })
    expect(await session.submit(fields)).toMatchObject({ status: 0 })
  })

  it('refuses a certificate that is for another host, though its authority is trusted', async () => {
    const { session } = connect(await smscOf({ tls }), { host: '127.0.0.1', tls: { ca: testCertificate } })
    expect(await session.bound).toMatchObject({ kind: 'failed', reason: expect.stringContaining('altnames') })
  })
})

describe('a malformed PDU ends the session and settles everything', () => {
  it.each([
    ['length 0', raw(0)],
    ['length 2', raw(2)],
    ['length 4', raw(4)],
    ['length 8', raw(8, 8)],
    ['length 15', raw(15, 16)],
    ['length 65537', raw(65_537)],
    ['length 0x7fffffff', raw(0x7fff_ffff)],
    ['an HTTP answer', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n<html>')],
    ['an integer parameter without octets', packPdu(0x8000_0004, 0, 2, Buffer.concat([cstring('a'), tlv(0x0427, '')]))],
    ['an answer of another kind', packPdu(0x8000_0015, 0, 2)],
  ])('%s', async (_, bytes) => {
    const smsc = await smscOf({
      onSubmit: (_submitted, peer) => {
        peer.write(bytes)
        return 'none'
      },
    })
    const { session } = connect(smsc, { responseTimeout: 5000 })
    await session.bound
    const answers = await Promise.all([session.submit(fields), session.submit(fields)])
    expect(answers.map((answer) => answer.kind)).toEqual(['lost', 'lost'])
    expect(await session.ended).toContain('the gateway')
  })

  it('but an answer that came before it in the same bytes counts', async () => {
    const smsc = await smscOf({
      onSubmit: ({ sequence }, peer) => {
        peer.write(Buffer.concat([numbered(accepted('good'), sequence), raw(2)]))
        return 'none'
      },
    })
    const { session } = connect(smsc)
    await session.bound
    expect(await session.submit(fields)).toEqual({ kind: 'answer', status: 0, messageId: 'good' })
    await session.ended
  })

  it('of more than 16384 octets that is a sane request is refused and the session goes on', async () => {
    const smsc = await smscOf()
    const { session } = connect(smsc)
    await session.bound
    const peer = await smsc.peer()
    peer.write(packPdu(0x7777, 0, 5, Buffer.alloc(20_000)))
    expect(await session.submit(fields)).toMatchObject({ kind: 'answer', status: 0 })
  })
})

describe('answers', () => {
  it('arrive in any chopping', async () => {
    const smsc = await smscOf({
      onSubmit: async ({ sequence }, peer) => {
        for (const octet of numbered(accepted('chopped'), sequence)) {
          peer.write(Buffer.from([octet]))
          await new Promise((resolve) => setImmediate(resolve))
        }
        return 'none' as const
      },
    })
    const { session } = connect(smsc)
    await session.bound
    expect(await session.submit(fields)).toMatchObject({ messageId: 'chopped' })
  })

  it('are told by sequence number, in whatever order they come', async () => {
    const sequences: number[] = []
    const smsc = await smscOf({
      onSubmit: ({ sequence }, peer) => {
        sequences.push(sequence)
        if (sequences.length === 3) {
          for (const number of sequences.toReversed()) peer.write(numbered(accepted(`id-${number}`), number))
        }
        return 'none'
      },
    })
    const { session } = connect(smsc)
    await session.bound
    const answers = await Promise.all([session.submit(fields), session.submit(fields), session.submit(fields)])
    expect(answers.map((answer) => answer.kind === 'answer' && answer.messageId)).toEqual(
      sequences.map((number) => `id-${number}`),
    )
  })

  it('that nothing waits for, or that come twice, are logged and harm nothing', async () => {
    const smsc = await smscOf({
      onSubmit: ({ sequence }, peer) => {
        peer.write(numbered(accepted('stranger'), 99_999))
        peer.write(numbered(accepted('mine'), sequence))
        peer.write(numbered(accepted('mine again'), sequence))
        return 'none'
      },
    })
    const { session, log } = connect(smsc)
    await session.bound
    expect(await session.submit(fields)).toMatchObject({ messageId: 'mine' })
    await until(() => log.entries.filter((entry) => entry.level === 'warn').length === 2)
  })

  it('may be a generic_nack', async () => {
    const smsc = await smscOf({
      onSubmit: ({ sequence }, peer) => {
        peer.write(packPdu(id.nack, 0x03, sequence))
        return 'none'
      },
    })
    const { session } = connect(smsc)
    await session.bound
    expect(await session.submit(fields)).toEqual({ kind: 'answer', status: 3, messageId: '' })
  })

  it('that do not come in time leave the submission unknown and the session as it is', async () => {
    const smsc = await smscOf({ onSubmit: (_submitted, _peer, count) => (count === 1 ? 'none' : {}) })
    const { session } = connect(smsc, { responseTimeout: 100 })
    await session.bound
    expect(await session.submit(fields)).toEqual({ kind: 'lost', reason: 'no answer to submit_sm within 100 ms' })
    expect(await session.submit(fields)).toMatchObject({ kind: 'answer' })
  })
})

describe('window', () => {
  it('is never exceeded, and all of it is used', async () => {
    const smsc = await smscOf({
      onSubmit: async () => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        return {}
      },
    })
    const { session } = connect(smsc, { window: 4 })
    await session.bound
    const answers = await Promise.all(Array.from({ length: 60 }, () => session.submit(fields)))
    expect(answers.every((answer) => answer.kind === 'answer')).toBe(true)
    expect(smsc.mostInFlight()).toBe(4)
  })

  it('does not keep enquire_link from going out when it is full', async () => {
    const smsc = await smscOf({ onSubmit: () => 'none' })
    const { session } = connect(smsc, { window: 1, responseTimeout: 2000, enquireEvery: 50 })
    await session.bound
    void session.submit(fields)
    await until(() => smsc.received.some((pdu) => pdu.id === id.enquire))
  })
})

describe('when the link drops', () => {
  it('what was written is unknown and what was not is given back', async () => {
    const smsc = await smscOf({
      onSubmit: (_submitted, peer, count) => {
        if (count === 3) peer.socket.resetAndDestroy()
        return 'none'
      },
    })
    const { session } = connect(smsc, { window: 3, responseTimeout: 5000 })
    await session.bound
    const answers = await Promise.all(Array.from({ length: 10 }, () => session.submit(fields)))
    expect(answers.map((answer) => answer.kind)).toEqual([
      ...Array.from({ length: 3 }, () => 'lost'),
      ...Array.from({ length: 7 }, () => 'unwritten'),
    ])
    expect(smsc.submitted).toHaveLength(3)
    expect(await session.submit(fields)).toMatchObject({ kind: 'unwritten' })
  })

  it('by FIN, the same holds', async () => {
    const smsc = await smscOf({
      onSubmit: (_submitted, peer) => {
        peer.socket.end()
        return 'none'
      },
    })
    const { session } = connect(smsc, { responseTimeout: 5000 })
    await session.bound
    expect(await session.submit(fields)).toEqual({ kind: 'lost', reason: 'the gateway closed the connection' })
  })

  it('by unbind, it is answered first', async () => {
    const smsc = await smscOf()
    const { session } = connect(smsc)
    await session.bound
    expect(await (await smsc.peer()).ask(id.unbind)).toBe(0)
    expect(await session.ended).toContain('unbind')
  })
})

describe('liveness', () => {
  it('asks a quiet gateway and stays while it answers', async () => {
    const smsc = await smscOf()
    const { session } = connect(smsc, { enquireEvery: 30, responseTimeout: 500 })
    await session.bound
    await until(() => smsc.received.filter((pdu) => pdu.id === id.enquire).length >= 3)
    expect(await session.submit(fields)).toMatchObject({ kind: 'answer' })
  })

  it('ends when the gateway is silent', async () => {
    const { session } = connect(await smscOf({ onEnquire: 'mute' }), { enquireEvery: 30, responseTimeout: 60 })
    expect(await session.ended).toContain('silent')
  })

  it('takes any PDU of the gateway for a sign of life', async () => {
    const smsc = await smscOf({ onEnquire: 'mute' })
    const { session } = connect(smsc, { enquireEvery: 60, responseTimeout: 60 })
    await session.bound
    const peer = await smsc.peer()
    const statuses: number[] = []
    for (let i = 0; i < 12; i++) {
      statuses.push(await peer.ask(id.enquire))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(statuses).toEqual(Array.from({ length: 12 }, () => 0))
    expect(await session.submit(fields)).toMatchObject({ kind: 'answer' })
  })
})

describe('requests of the gateway', () => {
  it('are answered with generic_nack when unknown, and unknown answers are not', async () => {
    const smsc = await smscOf()
    const { session } = connect(smsc)
    await session.bound
    const peer = await smsc.peer()
    expect(await peer.ask(0x7777)).toBe(3)
    expect(await peer.ask(id.submit)).toBe(3)
    peer.write(packPdu(0x8000_7777, 0, 4))
    expect(await session.submit(fields)).toMatchObject({ kind: 'answer' })
    const nacks = smsc.received.filter((pdu) => pdu.id === id.nack)
    expect(nacks.map((pdu) => pdu.sequence)).toEqual([1, 2])
  })

  it('a delivery is answered only after it was kept', async () => {
    const order: string[] = []
    const smsc = await smscOf()
    const { session } = connect(smsc, {}, async () => {
      await new Promise((resolve) => setTimeout(resolve, 60))
      order.push('kept')
    })
    await session.bound
    const peer = await smsc.peer()
    const status = await peer.ask(id.deliver, deliverBody({ text: receiptText('1', 'DELIVRD') }))
    order.push('answered')
    expect([status, ...order]).toEqual([0, 'kept', 'answered'])
  })

  it.each([
    ['rejects', async () => await Promise.reject(new Error('ledger is locked'))],
    [
      'throws',
      () => {
        throw new Error('bug')
      },
    ],
  ])('a delivery whose handler %s is asked for again, and the session goes on', async (_, handler) => {
    const smsc = await smscOf()
    const { session, log } = connect(smsc, {}, handler)
    await session.bound
    const peer = await smsc.peer()
    const body = deliverBody({ text: receiptText('1', 'DELIVRD') })
    expect([await peer.ask(id.deliver, body), await peer.ask(id.deliver, body)]).toEqual([0x64, 0x64])
    expect(await session.submit(fields)).toMatchObject({ kind: 'answer' })
    expect(log.entries.some((entry) => entry.level === 'error')).toBe(true)
  })

  it('a malformed delivery is refused for good, since it would come again for ever', async () => {
    const smsc = await smscOf()
    const { session } = connect(smsc)
    await session.bound
    expect(await (await smsc.peer()).ask(id.deliver, Buffer.from([1, 2, 3]))).toBe(0x65)
    expect(await session.submit(fields)).toMatchObject({ kind: 'answer' })
  })

  it('more deliveries than can be kept at a time are asked for again', async () => {
    const smsc = await smscOf()
    const gate = Promise.withResolvers<void>()
    const { session } = connect(smsc, {}, () => gate.promise)
    await session.bound
    const peer = await smsc.peer()
    const body = deliverBody({ text: receiptText('1', 'DELIVRD') })
    const all = Array.from({ length: 250 }, () => peer.ask(id.deliver, body))
    await until(() => smsc.received.length >= 51)
    gate.resolve()
    const statuses = await Promise.all(all)
    expect(statuses.filter((status) => status === 0)).toHaveLength(200)
    expect(statuses.filter((status) => status === 0x64)).toHaveLength(50)
  })
})

describe('closing', () => {
  it('waits for answers within the grace and gives back what was not written', async () => {
    const smsc = await smscOf({
      onSubmit: async () => {
        await new Promise((resolve) => setTimeout(resolve, 80))
        return {}
      },
    })
    const { session } = connect(smsc, { window: 2, responseTimeout: 5000 })
    await session.bound
    const answers = Promise.all([1, 2, 3].map(() => session.submit(fields)))
    await until(() => smsc.submitted.length === 2)
    await session.close(2000)
    expect((await answers).map((answer) => answer.kind)).toEqual(['answer', 'answer', 'unwritten'])
    expect(smsc.received.at(-1)?.id).toBe(id.unbind)
  })

  it('does not wait longer than the grace', async () => {
    const smsc = await smscOf({ onSubmit: () => 'none' })
    const { session } = connect(smsc, { responseTimeout: 60_000 })
    await session.bound
    const answer = session.submit(fields)
    await until(() => smsc.submitted.length === 1)
    const started = performance.now()
    await session.close(100)
    expect(performance.now() - started).toBeLessThan(1500)
    expect(await answer).toMatchObject({ kind: 'lost' })
  })

  it('ends while still connecting', async () => {
    const { session } = connect(await smscOf({ onBind: () => 'none' }), { responseTimeout: 60_000 })
    await session.close(1000)
    expect(await session.bound).toMatchObject({ kind: 'failed' })
  })
})
