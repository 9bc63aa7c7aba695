/** The mail pool against a real SMTP server (smtp-server) in this process. */
import { text } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerOptions } from 'smtp-server'
import { afterEach, describe, expect, it } from 'vitest'
import { openMailPool } from '../../../src/dispatch/mail/pool.ts'
import { movableClock, systemClock } from '../../../src/platform/clock.ts'
import type { Clock } from '../../../src/platform/clock.ts'
import { selfSigned } from '../../neighbours/certificate.ts'
import { startChaos } from '../../neighbours/smtp-chaos.ts'
import type { Deed } from '../../neighbours/smtp-chaos.ts'
import { content, hasty, job, memoryLog, settings, to } from './fixture.ts'

const toClose: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close()
})

const pair = selfSigned()

interface Arrived {
  readonly to: readonly string[]
  readonly from: string
  readonly mail: string
  readonly secure: boolean
}

async function smtp(options: SMTPServerOptions = {}): Promise<{ port: number; mails: Arrived[]; server: SMTPServer }> {
  const mails: Arrived[] = []
  const server = new SMTPServer({
    ...pair,
    authOptional: true,
    disabledCommands: ['AUTH'],
    onData: (stream, session, done) => {
      const { rcptTo, mailFrom } = session.envelope
      const from = mailFrom === false ? '' : mailFrom.address
      const keep = async (): Promise<void> => {
        const mail = await text(stream)
        mails.push({ to: rcptTo.map((one) => one.address), from, mail, secure: session.secure })
        done()
      }
      void keep()
    },
    ...options,
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  toClose.push(() => new Promise((resolve) => server.close(() => resolve())))
  return { port: (server.server.address() as AddressInfo).port, mails, server }
}

function poolAt(port: number, more: Parameters<typeof settings>[1] = {}, clock: Clock = systemClock) {
  const log = memoryLog()
  const pool = openMailPool(settings(port, more), { clock, log, random: () => 0.5 })
  toClose.push(() => pool.close({ graceMs: 0 }))
  return { pool, log }
}

async function chaos(deeds: readonly Deed[], more: Parameters<typeof settings>[1] = {}, clock?: Clock) {
  const server = await startChaos({ deeds })
  toClose.push(server.close)
  return { server, ...poolAt(server.port, { times: hasty, ...more }, clock) }
}

const refusing = (code: number, address: string): Error =>
  Object.assign(new Error(`no ${address}`), { responseCode: code })

const byAddress: SMTPServerOptions['onRcptTo'] = ({ address }, _session, done) => {
  const code = /^r(\d{3})/.exec(address)?.[1]
  done(code === undefined ? null : refusing(Number(code), address))
}

describe('sending', () => {
  it('delivers the mail to all recipients, blind copies too, with the dots of the text', async () => {
    const { port, mails } = await smtp()
    const { pool } = poolAt(port)
    const recipients = [to('c@example.org'), to('d@example.org', 'cc'), to('e@example.org', 'bcc')]
    const { outcome, settled } = await pool.send(job({ recipients }))
    expect(outcome.kind).toBe('accepted')
    expect(settled?.map((one) => [one.address, one.result])).toEqual(recipients.map((one) => [one.address, 'accepted']))
    expect(mails).toHaveLength(1)
    expect(mails[0]?.to).toEqual(['c@example.org', 'd@example.org', 'e@example.org'])
    expect(mails[0]?.mail).toContain('\r\n.a line with a dot\r\n')
    expect(mails[0]?.mail).not.toContain('e@example.org')
  })

  it('sends a mail of many pieces unharmed', async () => {
    const { port, mails } = await smtp()
    const { pool } = poolAt(port)
    const body = Array.from({ length: 20_000 }, (_, i) => `.line number ${i}\n`).join('')
    await pool.send(job({ mail: content({ text: body }) }))
    expect(mails[0]?.mail.split('\r\n\r\n')[1]).toBe(body.replaceAll('\n', '\r\n'))
  })

  it('reuses its connections', async () => {
    let connections = 0
    const onConnect: SMTPServerOptions['onConnect'] = (_session, done) => {
      connections += 1
      done()
    }
    const { port, mails } = await smtp({ onConnect })
    const { pool } = poolAt(port, { connections: 2 })
    await Promise.all(Array.from({ length: 40 }, (_, i) => pool.send(job({ id: `msg_${i}` }))))
    expect(mails).toHaveLength(40)
    expect(connections).toBe(2)
  })

  it('changes the connection after the set number of messages', async () => {
    const { server, pool } = await chaos([], { messagesPerConnection: 3, connections: 1 })
    for (let i = 0; i < 7; i++) await pool.send(job({ id: `msg_${i}` }))
    expect(server.connections()).toBe(3)
  })

  it('closes a connection that has had no work for the set time', async () => {
    const { server, pool } = await chaos([], { times: { ...hasty, idleMs: 50 } })
    await pool.send(job())
    await expect.poll(() => server.commands.at(-1), { timeout: 2000 }).toBe('QUIT')
    expect((await pool.send(job())).outcome.kind).toBe('accepted')
    expect(server.connections()).toBe(2)
  })

  it('never sends to an address that hides a second one', async () => {
    const { server, pool } = await chaos([])
    const recipients = [to('c@y.io\r\nBcc: evil@x.io'), to('c@y.io>\r\nRCPT TO:<evil@x.io'), to('good@y.io')]
    const { outcome, settled } = await pool.send(job({ recipients }))
    expect(outcome.kind).toBe('accepted')
    expect(settled?.map((one) => one.result)).toEqual(['refused', 'refused', 'accepted'])
    expect(server.mails).toEqual([expect.objectContaining({ to: ['good@y.io'] })])
    expect(JSON.stringify([server.mails, server.commands])).not.toContain('evil')
  })

  it('refuses without asking the server when no recipient has an address, or the sender has none', async () => {
    const { server, pool } = await chaos([])
    const bad = await pool.send(job({ recipients: [to('nobody')] }))
    expect(bad.outcome).toMatchObject({ kind: 'refused', code: '5.1.3' })
    const from = { address: 'shop@example.com\r\nRCPT TO:<evil@x.io>' }
    expect((await pool.send(job({ mail: content({ from }) }))).outcome).toMatchObject({
      kind: 'refused',
      code: '5.1.7',
    })
    expect(server.connections()).toBe(0)
  })

  it('asks once for an address that is named twice, and answers for both', async () => {
    const { server, pool } = await chaos([])
    const { settled } = await pool.send(
      job({ recipients: [to('c@bücher.example'), to('c@xn--bcher-kva.example', 'cc')] }),
    )
    expect(server.mails[0]?.to).toEqual(['c@xn--bcher-kva.example'])
    expect(settled?.map((one) => one.address)).toEqual(['c@bücher.example', 'c@xn--bcher-kva.example'])
  })

  it('sends to addresses beyond ASCII only where the server offers it', async () => {
    const wide = job({ recipients: [to('jürgen@example.org'), to('c@example.org')] })
    const withIt = await chaos([])
    await withIt.pool.send(wide)
    expect(withIt.server.commands.join('\n')).toMatch(/^MAIL FROM:.*SMTPUTF8/m)
    expect(withIt.server.mails[0]?.to).toEqual(['jürgen@example.org', 'c@example.org'])
    const server = await startChaos({ extensions: ['PIPELINING'] })
    toClose.push(server.close)
    const { settled } = await poolAt(server.port).pool.send(wide)
    expect(settled?.map((one) => [one.address, one.result])).toEqual([
      ['jürgen@example.org', 'refused'],
      ['c@example.org', 'accepted'],
    ])
    expect(server.mails[0]?.data).not.toContain('rgen')
  })
})

describe('recipients with different fates', () => {
  it('are settled one by one; the next attempt goes to the rest only', async () => {
    const { port, mails } = await smtp({ onRcptTo: byAddress })
    const { pool } = poolAt(port)
    const recipients = [to('a@x.io'), to('r550@x.io'), to('r450@x.io')]
    const first = await pool.send(job({ recipients }))
    expect(first.outcome.kind).toBe('deferred')
    expect(first.settled?.map((one) => [one.address, one.result])).toEqual([
      ['a@x.io', 'accepted'],
      ['r550@x.io', 'refused'],
    ])
    const second = await pool.send(job({ recipients, settled: first.settled ?? [] }))
    expect(second.outcome).toMatchObject({ kind: 'deferred', reason: expect.stringContaining('450') })
    expect(mails.map((one) => one.to)).toEqual([['a@x.io']])
  })

  it('are refused together when all are', async () => {
    const { port, mails } = await smtp({ onRcptTo: byAddress })
    const { outcome } = await poolAt(port).pool.send(job({ recipients: [to('r550@x.io'), to('r551@x.io')] }))
    expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining('551') })
    expect(mails).toEqual([])
  })

  it('that are all settled need no server', async () => {
    const { server, pool } = await chaos([])
    const settled = [{ address: 'c@example.org', result: 'accepted', response: '250 ok' }] as const
    expect((await pool.send(job({ settled }))).outcome).toEqual({ kind: 'accepted', response: '250 ok' })
    expect(server.connections()).toBe(0)
  })
})

const slow = (nth: number): Deed => ({ at: 'mail', nth, do: { reply: '421 4.7.0 slow down', cut: 'fin' } })

describe('what the server answers', () => {
  it('451 at the end of DATA defers, 554 refuses, and the connection is kept', async () => {
    const { server, pool } = await chaos([
      { at: 'dot', do: { reply: '451 4.3.0 later' } },
      { at: 'dot', do: { reply: '554 5.7.1 spam' } },
    ])
    expect((await pool.send(job())).outcome).toEqual({
      kind: 'deferred',
      reason: 'the server put it off: 451 4.3.0 later',
    })
    expect((await pool.send(job())).outcome).toEqual({ kind: 'refused', reason: '554 5.7.1 spam', code: '5.7.1' })
    expect((await pool.send(job())).outcome.kind).toBe('accepted')
    expect(server.connections()).toBe(1)
  })

  it('a mail larger than the server takes is refused before it is sent', async () => {
    const { port, mails } = await smtp({ size: 2000 })
    const { outcome } = await poolAt(port).pool.send(job({ mail: content({ text: 'x'.repeat(5000) }) }))
    expect(outcome).toMatchObject({ kind: 'refused', code: '5.3.4' })
    expect(mails).toEqual([])
  })

  it('421 pauses the account: nothing is leased or sent until the pause is over, and then others go first', async () => {
    const clock = movableClock(Date.UTC(2026, 10, 22))
    const { server, pool, log } = await chaos(
      [{ at: 'mail', do: { reply: '421 4.7.0 slow down', cut: 'fin' } }],
      {},
      clock,
    )
    const first = await pool.send(job())
    expect(first.outcome).toMatchObject({ kind: 'deferred', pace: 'account', retryAfterMs: 61_000 })
    expect(pool.free()).toBe(0)
    expect(pool.state()).toMatchObject({ state: 'paused', reason: expect.stringContaining('slow down') })
    expect((await pool.send(job())).outcome).toMatchObject({ kind: 'deferred', pace: 'account' })
    expect(server.connections()).toBe(1)
    clock.advance(30_000)
    expect(pool.free()).toBe(1)
    expect((await pool.send(job())).outcome.kind).toBe('accepted')
    expect(pool.free()).toBe(2)
    expect(log.lines.map((line) => line.split(' {')[0])).toEqual(['mail server is paused', 'mail server is back'])
  })

  it('421 for one message only, while others go through, is no pause of the account the second time', async () => {
    const clock = movableClock(Date.UTC(2026, 10, 22))
    const { pool } = await chaos([slow(1), slow(3), slow(4)], {}, clock)
    expect((await pool.send(job())).outcome).toMatchObject({ pace: 'account' })
    clock.advance(30_000)
    expect((await pool.send(job({ id: 'msg_2' }))).outcome.kind).toBe('accepted')
    const again = (await pool.send(job())).outcome
    expect(again).toMatchObject({ kind: 'deferred', reason: expect.stringContaining('slow down') })
    expect(again).not.toHaveProperty('pace')
    expect(pool.state().state).toBe('up')
  })

  it('432 4.3.2 in the greeting pauses the account too', async () => {
    const { pool } = await chaos([{ at: 'greeting', do: { reply: '432 4.3.2 too many connections', cut: 'fin' } }])
    expect((await pool.send(job())).outcome).toMatchObject({ kind: 'deferred', pace: 'account' })
    expect(pool.state().state).toBe('paused')
  })

  it('is cleaned before it is told: no forged log lines, no flood, no password', async () => {
    const reply = `535 5.7.8 bad ${btoa('\u0000orderly\u0000geheim!!')} \u001b[31m geheim!! ${'x'.repeat(5000)}`
    const auth = { user: 'orderly', password: 'geheim!!' }
    const { pool, log } = await chaos([{ at: 'auth', do: { reply } }], { auth })
    const { outcome } = await pool.send(job())
    const told = JSON.stringify([outcome, pool.state(), log.lines])
    expect(told).toContain('does not accept the login of orderly')
    expect(told).not.toContain('geheim')
    expect(told).not.toContain(btoa('\u0000orderly\u0000geheim!!'))
    expect(told).not.toContain('\\u001b')
    expect(told.length).toBeLessThan(3000)
  })
})

describe('a server that is away', () => {
  it('is tried by one message at a time, after growing pauses', async () => {
    const clock = movableClock(Date.UTC(2026, 10, 22))
    const dead = await startChaos({})
    await dead.close()
    const { pool } = poolAt(dead.port, { times: hasty, connections: 4 }, clock)
    await pool.send(job())
    expect(pool.free()).toBe(0)
    expect(pool.state()).toMatchObject({ state: 'down', until: clock.now() + 1000 })
    clock.advance(1000)
    expect(pool.free()).toBe(1)
    const [tried, waited] = await Promise.all([pool.send(job()), pool.send(job({ id: 'msg_2' }))])
    expect(pool.state()).toMatchObject({ state: 'down', until: clock.now() + 2000 })
    // Not longer, since nothing is leased while the pause lasts.
    expect(tried.outcome).toMatchObject({ kind: 'deferred', retryAfterMs: 1000 })
    expect(waited.outcome.kind).toBe('deferred')
  })
})

describe('security', () => {
  const auth = { user: 'orderly', password: 'secret' }
  const authOptions: SMTPServerOptions = {
    disabledCommands: [],
    authOptional: false,
    onAuth: ({ username, password }, _session, done) => {
      if (username === 'orderly' && password === 'secret') return done(null, { user: username })
      return done(new Error('wrong'))
    },
  }

  it.each(['starttls', 'tls'] as const)(
    '%s: a certificate of the set authority is taken, and the login too',
    async (security) => {
      const { port, mails } = await smtp({ ...authOptions, secure: security === 'tls' })
      const { outcome } = await poolAt(port, { security, ca: pair.cert, auth }).pool.send(job())
      expect(outcome.kind).toBe('accepted')
      expect(mails[0]?.secure).toBe(true)
    },
  )

  it.each(['starttls', 'tls'] as const)(
    '%s: a self-signed certificate is refused, and taken by the switch only',
    async (security) => {
      const { port, mails } = await smtp({ secure: security === 'tls' })
      const untrusting = poolAt(port, { security })
      const strict = await untrusting.pool.send(job())
      expect(strict.outcome).toMatchObject({ kind: 'deferred', reason: expect.stringContaining('is self-signed') })
      // Waiting does not mend it: it is told at once.
      expect(untrusting.pool.state()).toMatchObject({ state: 'down', needsPerson: true })
      expect(mails).toEqual([])
      const { pool, log } = poolAt(port, { security, allowSelfSigned: true })
      expect((await pool.send(job())).outcome.kind).toBe('accepted')
      expect(log.lines[0]).toContain('certificate is not checked')
    },
  )

  it('never goes on in clear when STARTTLS was stripped from the answer', async () => {
    const { server, pool } = await chaos([], { security: 'starttls', auth })
    const { outcome } = await pool.send(job())
    expect(outcome).toMatchObject({ kind: 'deferred', reason: expect.stringContaining('does not offer STARTTLS') })
    expect(server.commands).toEqual(['EHLO orderly.example.com', 'STARTTLS'])
  })

  it('does not send without the login that is set', async () => {
    const server = await startChaos({ extensions: ['PIPELINING'] })
    toClose.push(server.close)
    const { outcome } = await poolAt(server.port, { auth }).pool.send(job())
    expect(outcome).toMatchObject({ kind: 'deferred', reason: expect.stringContaining('offers no login') })
    expect(server.commands).toEqual(['EHLO orderly.example.com'])
  })

  it('does not hammer an account with a wrong password', async () => {
    const { port } = await smtp({ ...authOptions, secure: true })
    const { pool } = poolAt(port, { security: 'tls', ca: pair.cert, auth: { user: 'orderly', password: 'wrong!' } })
    expect((await pool.send(job())).outcome).toMatchObject({ kind: 'deferred', pace: 'account' })
    expect(pool.free()).toBe(0)
    expect(pool.state().until).toBeGreaterThan(Date.now() + 200_000)
  })

  it('tries a wrong password once, however many messages wait for their first connection', async () => {
    const { server, pool } = await chaos([{ at: 'auth', do: { reply: '535 5.7.8 no' }, always: true }], {
      connections: 4,
      auth: { user: 'orderly', password: 'wrong!' },
    })
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => pool.send(job())))
    expect(outcomes.map(({ outcome }) => outcome.kind)).toEqual(['deferred', 'deferred', 'deferred', 'deferred'])
    expect(server.connections()).toBe(1)
  })

  it('takes nonsense for no refusal of the login', async () => {
    const { pool } = await chaos([{ at: 'auth', do: 'junk' }], { auth: { user: 'orderly', password: 'right!' } })
    expect((await pool.send(job())).outcome).toMatchObject({ kind: 'deferred', pace: 'account' })
    expect(pool.state().state).toBe('down')
  })

  it.each(['none', 'starttls'] as const)('%s on a TLS port is told in plain words', async (security) => {
    const { port } = await smtp({ secure: true })
    const { outcome } = await poolAt(port, { security, times: hasty }).pool.send(job())
    expect(outcome).toMatchObject({
      reason: expect.stringContaining(`If port ${port} speaks TLS at once, set mail.security: tls`),
    })
  })

  it('tls on a plain port is told in plain words', async () => {
    const { port } = await smtp()
    const { outcome } = await poolAt(port, { security: 'tls' }).pool.send(job())
    expect(outcome).toMatchObject({
      reason: expect.stringContaining('does not speak TLS at once: set mail.security: starttls'),
    })
  })
})

describe('the pace', () => {
  it('leases no more than can be on their way', async () => {
    const { pool } = await chaos([], { connections: 3 })
    expect(pool.free()).toBe(3)
    const sent = [pool.send(job()), pool.send(job())]
    expect(pool.free()).toBe(1)
    await Promise.all(sent)
    expect(pool.free()).toBe(3)
  })

  it('lets a few more wait in line for a connection, none while the server is away', async () => {
    const { server, pool } = await chaos([], { connections: 2 })
    expect(pool.line()).toEqual({ waiting: 0, room: 8 })
    const sent = Array.from({ length: 5 }, (_, i) => pool.send(job({ id: `msg_${i}` })))
    expect([pool.free(), pool.line()]).toEqual([0, { waiting: 3, room: 5 }])
    await Promise.all(sent)
    expect(server.connections()).toBe(2)
    await server.close()
    await pool.send(job())
    expect([pool.free(), pool.line().room]).toEqual([0, 0])
  })

  it('keeps the line within the rate', async () => {
    const { pool } = await chaos([], { connections: 2, perMinute: 600 })
    await pool.send(job())
    const { room } = pool.line()
    expect(pool.free() + room).toBeLessThanOrEqual(4)
  })

  it('keeps to the rate and spreads it', async () => {
    const { server, pool } = await chaos([], { connections: 4, perMinute: 1200 })
    const start = performance.now()
    await Promise.all(Array.from({ length: 11 }, (_, i) => pool.send(job({ id: `msg_${i}` }))))
    const took = performance.now() - start
    expect(server.mails).toHaveLength(11)
    expect(took).toBeGreaterThan(480)
    expect(took).toBeLessThan(1500)
  })

  it('offers no place when the next one is far', async () => {
    const { pool } = await chaos([], { connections: 4, perMinute: 6 })
    expect(pool.free()).toBe(1)
    await pool.send(job())
    expect(pool.free()).toBe(0)
  })
})

describe('closing', () => {
  it('defers what waits, lets what is on its way end, says goodbye and takes no more', async () => {
    const { server, pool } = await chaos([{ at: 'dot', do: { reply: '250 ok', afterMs: 100 } }], { connections: 1 })
    const sent = ['msg_1', 'msg_2', 'msg_3'].map((id) => pool.send(job({ id })))
    await expect.poll(() => server.mails.length).toBe(1)
    await pool.close({ graceMs: 2000 })
    const kinds = (await Promise.all(sent)).map((one) => one.outcome.kind)
    expect(kinds).toEqual(['accepted', 'deferred', 'deferred'])
    expect((await pool.send(job())).outcome).toMatchObject({ kind: 'deferred', pace: 'account' })
    expect(pool.free()).toBe(0)
    expect(server.mails).toHaveLength(1)
    await expect.poll(() => server.commands.at(-1)).toBe('QUIT')
  })

  it('ends what hangs when the grace is over: unknown after the last byte', async () => {
    const { server, pool } = await chaos([{ at: 'dot', do: 'silence' }], { times: {} })
    const sent = pool.send(job())
    await expect.poll(() => server.mails.length).toBe(1)
    await pool.close({ graceMs: 30 })
    expect((await sent).outcome.kind).toBe('unknown')
  })

  it('ends a connection that is being made when the grace is over', async () => {
    const { pool } = await chaos([{ at: 'greeting', do: 'silence' }], { times: {} })
    const sent = pool.send(job())
    await pool.close({ graceMs: 30 })
    expect((await sent).outcome).toMatchObject({ kind: 'deferred' })
  })
})

describe('verify', () => {
  it('reports each step and sends nothing', async () => {
    const { port, mails } = await smtp({
      disabledCommands: [],
      onAuth: (_auth, _session, done) => done(null, { user: 'x' }),
    })
    const { pool } = poolAt(port, {
      security: 'starttls',
      ca: pair.cert,
      auth: { user: 'orderly', password: 'secret' },
    })
    const report = await pool.verify()
    expect(report.ok).toBe(true)
    expect(report.checks.map((one) => [one.step, one.result])).toEqual([
      ['reach', 'ok'],
      ['tls', 'ok'],
      ['login', 'ok'],
      ['session', 'ok'],
    ])
    expect(report.checks[1]?.detail).toMatch(/^TLSv1\.3, certificate of localhost$/)
    expect(mails).toEqual([])
  })

  it('stops at the step that fails', async () => {
    const { pool } = await chaos([{ at: 'auth', do: { reply: '535 5.7.8 no' } }], {
      auth: { user: 'u', password: 'secret' },
    })
    const report = await pool.verify()
    expect(report.ok).toBe(false)
    expect(report.checks.map((one) => one.result)).toEqual(['ok', 'skipped', 'failed', 'skipped'])
    expect(report.checks[2]?.detail).toContain('535 5.7.8 no')
  })
})
