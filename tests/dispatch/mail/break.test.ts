/** Cuts the line at each step of SMTP, in each way, and checks that "before the last byte" is told from "after". */
import { afterEach, describe, expect, it } from 'vitest'
import { openMailPool } from '../../../src/dispatch/mail/pool.ts'
import type { MailTransport } from '../../../src/dispatch/mail/pool.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { selfSigned } from '../../neighbours/certificate.ts'
import type { ChaosOptions, ChaosServer, ChaosStep } from '../../neighbours/smtp-chaos.ts'
import { startChaos } from '../../neighbours/smtp-chaos.ts'
import { bigJob, hasty, job, memoryLog, settings, to } from './fixture.ts'

const open: (MailTransport | ChaosServer)[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close({ graceMs: 0 })
})

const pair = selfSigned()

async function chaos(options: ChaosOptions, more: Parameters<typeof settings>[1] = {}) {
  const server = await startChaos(options)
  const pool = openMailPool(settings(server.port, { times: hasty, ...more }), { clock: systemClock, log: memoryLog() })
  open.push(pool, server)
  return { server, pool }
}

const cuts = ['fin', 'rst', 'silence', 'junk'] as const
const before: readonly ChaosStep[] = ['greeting', 'ehlo', 'auth', 'mail', 'rcpt', 'data']

describe('a line that breaks before the whole message was sent', () => {
  for (const at of before) {
    // Junk to EHLO is no break: the session goes on with HELO.
    for (const cut of at === 'ehlo' ? cuts.slice(0, 3) : cuts) {
      it(`is deferred: ${cut} at ${at}`, async () => {
        const { server, pool } = await chaos({ deeds: [{ at, do: cut }] }, { auth: { user: 'u', password: 'secret' } })
        const { outcome } = await pool.send(job())
        expect(outcome.kind).toBe('deferred')
        expect(server.mails).toEqual([])
      })
    }
  }

  for (const cut of cuts) {
    it(`is deferred without PIPELINING too: ${cut} at rcpt`, async () => {
      const { server, pool } = await chaos({ deeds: [{ at: 'rcpt', do: cut }], extensions: ['8BITMIME'] })
      expect((await pool.send(job())).outcome.kind).toBe('deferred')
      expect(server.mails).toEqual([])
    })
  }

  for (const at of ['starttls', 'handshake'] as const) {
    for (const cut of ['fin', 'rst', 'silence'] as const) {
      it(`is deferred: ${cut} at ${at}`, async () => {
        const deeds = [{ at, do: cut }]
        const { server, pool } = await chaos({ deeds, tls: pair }, { security: 'starttls', ca: pair.cert })
        expect((await pool.send(job())).outcome.kind).toBe('deferred')
        expect(server.mails).toEqual([])
        expect(server.commands.join()).not.toContain('MAIL')
      })
    }
  }

  for (const cut of ['fin', 'rst'] as const) {
    it(`is deferred: ${cut} in the middle of the message's bytes`, async () => {
      const { server, pool } = await chaos({ deeds: [{ at: 'body', do: cut, bytes: 1000 }] })
      const { outcome } = await pool.send(bigJob(12_000_000))
      expect(outcome).toMatchObject({ kind: 'deferred' })
      expect(server.mails).toEqual([])
    })
  }

  it('is deferred when nothing listens', async () => {
    const { server, pool } = await chaos({})
    await server.close()
    const { outcome } = await pool.send(job())
    expect(outcome).toMatchObject({
      kind: 'deferred',
      pace: 'account',
      reason: expect.stringContaining('nothing listens'),
    })
  })

  it('is deferred, and no text becomes a command, when the server refuses in mid-message', async () => {
    const { server, pool } = await chaos({ deeds: [{ at: 'body', do: { reply: '451 4.3.0 enough' }, bytes: 1000 }] })
    const { outcome } = await pool.send(bigJob(12_000_000))
    expect(outcome.kind).toBe('deferred')
    expect(server.mails).toEqual([])
  })

  it('is deferred when the server says yes in mid-message', async () => {
    const { pool } = await chaos({ deeds: [{ at: 'body', do: { reply: '250 fine' }, bytes: 1000 }] })
    expect((await pool.send(bigJob(12_000_000))).outcome.kind).toBe('deferred')
  })

  it('is deferred when DATA is answered by 250, since the server is out of step', async () => {
    const { pool } = await chaos({ deeds: [{ at: 'data', do: { reply: '250 ok' } }] })
    expect((await pool.send(job())).outcome).toMatchObject({
      kind: 'deferred',
      reason: expect.stringContaining('step'),
    })
  })
})

describe('a line that breaks after the last byte', () => {
  for (const cut of cuts) {
    it(`is unknown: ${cut} after the final dot`, async () => {
      const { server, pool } = await chaos({ deeds: [{ at: 'dot', do: cut }] })
      const { outcome } = await pool.send(job())
      expect(outcome.kind).toBe('unknown')
      expect(server.mails).toHaveLength(1)
    })

    it(`is unknown over TLS: ${cut} after the final dot`, async () => {
      const deeds = [{ at: 'dot' as const, do: cut }]
      const { server, pool } = await chaos(
        { deeds, tls: { ...pair, implicit: true } },
        { security: 'tls', ca: pair.cert },
      )
      expect((await pool.send(job())).outcome.kind).toBe('unknown')
      expect(server.mails).toHaveLength(1)
    })
  }

  it('is unknown for a mail of many pieces', async () => {
    const { server, pool } = await chaos({ deeds: [{ at: 'dot', do: 'rst' }] })
    expect((await pool.send(bigJob(300_000))).outcome.kind).toBe('unknown')
    expect(server.mails).toHaveLength(1)
  })

  it('is unknown when the answer stops in its middle', async () => {
    const { pool } = await chaos({ deeds: [{ at: 'dot', do: { reply: '250-2.0.0 take', cut: 'fin' } }] })
    expect((await pool.send(job())).outcome.kind).toBe('unknown')
  })

  it.each(['999 hm', '354 go on', '2 yes'])('is unknown when the answer is no answer: %s', async (reply) => {
    const { pool } = await chaos({ deeds: [{ at: 'dot', do: { reply } }] })
    expect((await pool.send(job())).outcome.kind).toBe('unknown')
  })

  it('is an answer all the same when the line breaks behind it', async () => {
    const yes = await chaos({ deeds: [{ at: 'dot', do: { reply: '250 2.0.0 got it', cut: 'rst' } }] })
    expect((await yes.pool.send(job())).outcome).toEqual({ kind: 'accepted', response: '250 2.0.0 got it' })
    const no = await chaos({ deeds: [{ at: 'dot', do: { reply: '451 4.3.0 later', cut: 'fin' } }] })
    expect((await no.pool.send(job())).outcome.kind).toBe('deferred')
  })
})

describe('a mail that came to nothing', () => {
  it.each([
    ['with PIPELINING', ['PIPELINING']],
    ['without', ['8BITMIME']],
  ])('leaves no transaction open for the next one: %s', async (_what, extensions) => {
    const { server, pool } = await chaos({ deeds: [{ at: 'rcpt', do: { reply: '550 5.1.1 no' } }], extensions })
    expect((await pool.send(job())).outcome.kind).toBe('refused')
    expect((await pool.send(job({ id: 'msg_2' }))).outcome.kind).toBe('accepted')
    expect(server.connections()).toBe(1)
    const verbs = server.commands.map((line) => line.slice(0, 4)).filter((verb) => verb !== 'EHLO')
    const refused = extensions.includes('PIPELINING') ? ['MAIL', 'RCPT', 'DATA'] : ['MAIL', 'RCPT']
    expect(verbs).toEqual([...refused, 'RSET', 'MAIL', 'RCPT', 'DATA'])
  })

  it('sends not a byte where DATA is answered by "go ahead" although nobody is to get it', async () => {
    const { server, pool } = await chaos({
      deeds: [
        { at: 'mail', do: { reply: '550 5.7.1 not you' } },
        { at: 'data', do: { reply: '354 go' } },
      ],
    })
    expect((await pool.send(job())).outcome).toMatchObject({ kind: 'refused', reason: '550 5.7.1 not you' })
    expect(server.mails).toEqual([])
    expect((await pool.send(job({ id: 'msg_2' }))).outcome.kind).toBe('accepted')
    expect(server.connections()).toBe(2)
  })
})

describe('a kept connection', () => {
  it('that the server has dropped costs no attempt: the mail goes over a new one', async () => {
    const { server, pool } = await chaos({ deeds: [{ at: 'mail', do: 'rst', nth: 2 }] })
    expect((await pool.send(job())).outcome.kind).toBe('accepted')
    expect((await pool.send(job({ id: 'msg_2' }))).outcome.kind).toBe('accepted')
    expect(server.mails).toHaveLength(2)
    expect(server.connections()).toBe(2)
  })

  it('that is told 421 at the next mail is replaced, without a pause', async () => {
    const { server, pool } = await chaos({
      deeds: [{ at: 'mail', do: { reply: '421 4.4.2 idle', cut: 'fin' }, nth: 2 }],
    })
    await pool.send(job())
    expect((await pool.send(job({ id: 'msg_2' }))).outcome.kind).toBe('accepted')
    expect(server.mails).toHaveLength(2)
    expect(pool.state().state).toBe('up')
  })

  it('is not sent over a second time after the last byte', async () => {
    const { server, pool } = await chaos({ deeds: [{ at: 'dot', do: 'rst', nth: 2 }] })
    await pool.send(job())
    expect((await pool.send(job({ id: 'msg_2' }))).outcome.kind).toBe('unknown')
    expect(server.mails).toHaveLength(2)
  })

  it('that answers twice is given up: no answer is taken for another recipient of the next mail', async () => {
    const twice = { at: 'dot', do: { reply: '250 one\r\n250 two' } } as const
    const { server, pool } = await chaos({ deeds: [twice, { at: 'rcpt', do: { reply: '550 5.1.1 no' }, nth: 3 }] })
    expect((await pool.send(job())).outcome.kind).toBe('accepted')
    const second = await pool.send(job({ id: 'msg_2', recipients: [to('good@x.io'), to('bad@x.io')] }))
    expect(second.settled?.map((one) => [one.address, one.result])).toEqual([
      ['good@x.io', 'accepted'],
      ['bad@x.io', 'refused'],
    ])
    expect(server.mails.map((one) => one.to)).toEqual([['c@example.org'], ['good@x.io']])
    expect(server.connections()).toBe(2)
  })
})
