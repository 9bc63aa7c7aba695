import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SMTPServer } from 'smtp-server'
import { emptyBatch } from '../../src/core/batch.ts'
import type { Attempt, NewMessage } from '../../src/core/message.ts'
import { mailDispatch } from '../../src/daemon/transports.ts'
import { recordInterrupted, startDispatcher, type Transport } from '../../src/dispatch/dispatcher.ts'
import { openMailPool } from '../../src/dispatch/mail/pool.ts'
import type { DueMessage } from '../../src/ledger/ledger.ts'
import type { Setup } from '../../src/workflow/setup.ts'
import { mail, sms } from '../ledger/samples.ts'
import { type Company, type Config, noon, openCompany } from '../neighbours/company.ts'

let company: Company
const running: AsyncDisposable[] = []
const open = async (change?: (config: Config) => void): Promise<void> => void (company = await openCompany(change))
beforeEach(async () => await open())
afterEach(async () => {
  company.stop()
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
  await company[Symbol.asyncDispose]()
})

const cause = { kind: 'clock', actor: 'daemon', configHash: 'x' } as const
const queue = (...messages: NewMessage[]) => company.ledger.commit({ ...emptyBatch(cause, noon), messages })
const states = async () =>
  Object.fromEntries((await company.ledger.messages({ limit: 1_000 })).map(({ id, state }) => [id, state]))
const one = async (message: NewMessage) => await company.ledger.message(message.id)
const alarms = async () =>
  (await company.ledger.messages({ limit: 1_000 })).filter(({ template }) => template === 'alarm/alarm')
const accepted: Attempt = { outcome: { kind: 'accepted', response: '250 ok' } }

/** A transport with so many places that keeps what it got until it is answered. */
function places(count: number) {
  const got: { message: DueMessage; answer: (attempt: Attempt) => void }[] = []
  let most = 0
  let underWay = 0
  const transport: Transport = {
    free: () => count - underWay,
    send: (message) => {
      underWay += 1
      most = Math.max(most, underWay)
      return new Promise((resolve) =>
        got.push({
          message,
          answer: (attempt) => {
            underWay -= 1
            resolve(attempt)
          },
        }),
      )
    },
  }
  return { transport, got, most: () => most }
}

const start = (transport: Transport, channel: 'mail' | 'sms' = 'mail', setup: Setup = company.setup) => {
  const { ledger, clock, log, signal } = company
  const dispatcher = startDispatcher(channel, transport, { ledger, setup, clock, log, signal, onPass: () => undefined })
  running.push(dispatcher)
  return dispatcher
}
const atOnce = (outcome: Attempt['outcome'] = accepted.outcome) => {
  const sent: string[] = []
  const transport: Transport = {
    free: () => 8,
    send: async ({ id }) => {
      sent.push(id)
      return { outcome }
    },
  }
  return { transport, sent }
}

describe('the lease', () => {
  test('is never larger than what the transport can have in flight', async () => {
    const { transport, got, most } = places(3)
    await queue(...Array.from({ length: 10 }, (_, i) => mail(`m${i}`)))
    start(transport)
    for (let done = 0; done < 10; done++) {
      await expect.poll(() => got.length, { interval: 5 }).toBeGreaterThan(done)
      const sending = Object.values(await states()).filter((state) => state === 'sending').length
      expect(sending).toBeLessThanOrEqual(3)
      got[done]?.answer(accepted)
    }
    await expect.poll(async () => Object.values(await states()).every((state) => state === 'accepted')).toBe(true)
    expect(most()).toBe(3)
    expect(new Set(got.map(({ message }) => message.id)).size).toBe(10)
  })
  test('goes beyond the free places by what may wait in line, and results share commits', async () => {
    const { ledger } = company
    const commit = ledger.commit.bind(ledger)
    let commits = 0
    Object.assign(ledger, {
      commit: async (...args: Parameters<typeof commit>) => {
        if (args[0].messageUpdates.length > 0) commits += 1
        return await commit(...args)
      },
    })
    await queue(...Array.from({ length: 60 }, (_, i) => to(`m${i}`, `customer${i}@example.com`)))
    const line: (() => void)[] = []
    let [underWay, leased, most] = [0, 0, 0]
    start({
      free: () => Math.max(0, 2 - underWay),
      line: () => ({ waiting: line.length, room: 10 - line.length }),
      send: async () => {
        leased += 1
        most = Math.max(most, leased)
        if (underWay >= 2) await new Promise<void>((resolve) => line.push(resolve))
        else underWay += 1
        await new Promise((resolve) => setImmediate(resolve))
        const next = line.shift()
        if (next) next()
        else underWay -= 1
        leased -= 1
        return accepted
      },
    })
    await expect
      .poll(async () => Object.values(await states()).every((state) => state === 'accepted'), { timeout: 5_000 })
      .toBe(true)
    expect(most).toBe(12)
    expect(commits).toBeLessThan(30)
  })
  test('takes nothing while there is no free place', async () => {
    await queue(mail('m'))
    start({ free: () => 0, send: async () => accepted })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect((await one(mail('m')))?.state).toBe('queued')
  })
})

const caps = (more: object) =>
  open((config) => (config['safety'] = { maxPerHour: { mail: 5_000, sms: 500, perRecipient: 100, ...more } }))

const to = (key: string, address: string) =>
  mail(key, {
    recipients: [
      { address, as: 'to', role: 'customer' },
      { address: 'archive@example.com', as: 'cc', role: 'archive' },
    ],
  })

describe('before a message leaves', () => {
  test.each([[1], [7], [20]])(
    'the cap of an hour holds to the message, %i at a time, with one alarm',
    async (count) => {
      await company[Symbol.asyncDispose]()
      await caps({ mail: 5 })
      await queue(
        ...Array.from({ length: 12 }, (_, i) => mail(`m${String(i).padStart(2, '0')}`, { dueAt: noon - 100 + i })),
      )
      const sent: string[] = []
      let underWay = 0
      start({
        free: () => count - underWay,
        send: async ({ id, template }) => {
          underWay += 1
          await new Promise((resolve) => setTimeout(resolve, 5))
          underWay -= 1
          if (!template.startsWith('alarm/')) sent.push(id)
          return accepted
        },
      })
      await expect
        .poll(async () => Object.values(await states()).some((state) => state === 'queued' || state === 'sending'), {
          timeout: 5_000,
        })
        .toBe(false)
      expect(sent).toHaveLength(5)
      const held = await company.ledger.messages({ states: ['held'], limit: 50 })
      expect(held).toHaveLength(7)
      expect(held[0]?.reason).toContain('safety.maxPerHour.mail')
      expect(await alarms()).toHaveLength(1)
      expect((await alarms())[0]?.state).toBe('accepted')
    },
  )
  test('the cap of a recipient counts the address however it is written, and nobody else’s', async () => {
    await company[Symbol.asyncDispose]()
    await caps({ perRecipient: 2 })
    await queue(
      to('a1', 'anna@example.com'),
      to('a2', 'Anna@example.com'),
      to('a3', 'ANNA@example.com'),
      to('b1', 'bela@example.com'),
    )
    const { transport, sent } = atOnce()
    start(transport)
    await expect.poll(async () => Object.values(await states()).filter((state) => state === 'held').length).toBe(1)
    await expect.poll(() => sent.length).toBeGreaterThanOrEqual(3)
  })
  test('a rehearsal holds what was planned for a real recipient', async () => {
    const rehearsal = (
      await company.configured(
        (config) =>
          (config['safety'] = { mode: 'rehearsal', redirectTo: { mail: 'it@example.com', sms: '+36301234567' } }),
      )
    ).setup
    const safe = mail('safe', { recipients: [{ address: 'it@example.com', as: 'to', role: 'customer' }] })
    await queue(mail('real'), safe)
    const { transport, sent } = atOnce()
    start(transport, 'mail', rehearsal)
    await expect
      .poll(async () => [(await one(mail('real')))?.state, (await one(safe))?.state])
      .toEqual(['held', 'accepted'])
    expect((await one(mail('real')))?.reason).toContain('rehearsal')
    expect(sent).not.toContain(mail('real').id)
  })
  test('an SMS that is too old expires instead', async () => {
    const old = sms('old', { expiresAt: noon - 1 })
    await queue(old)
    const { transport, sent } = atOnce()
    start(transport, 'sms')
    await expect.poll(async () => (await one(old))?.state).toBe('expired')
    expect(sent).toEqual([])
  })
})

describe('results', () => {
  test('that cannot be recorded are recorded later; the message is not sent again', async () => {
    await queue(mail('m'))
    const { ledger } = company
    const commit = ledger.commit.bind(ledger)
    let refusals = 0
    Object.assign(ledger, {
      commit: async (...args: Parameters<typeof commit>) => {
        if (args[0].messageUpdates.length > 0 && refusals < 3) {
          refusals += 1
          throw new Error('database or disk is full')
        }
        return await commit(...args)
      },
    })
    const { transport, sent } = atOnce()
    start(transport)
    await expect.poll(async () => (await one(mail('m')))?.state, { timeout: 5_000 }).toBe('accepted')
    expect([sent.length, refusals]).toEqual([1, 3])
  })
  test('a ledger that cannot be asked for a while leaves nothing in flight', async () => {
    await queue(...Array.from({ length: 4 }, (_, i) => mail(`m${i}`)))
    const { ledger } = company
    const sentSince = ledger.sentSince.bind(ledger)
    let refusals = 0
    Object.assign(ledger, {
      sentSince: async (...args: Parameters<typeof sentSince>) => {
        refusals += 1
        if (refusals <= 2) throw new Error('database is locked')
        return await sentSince(...args)
      },
    })
    const { transport, sent } = atOnce()
    start(transport)
    await expect
      .poll(async () => Object.values(await states()).every((state) => state === 'accepted'), { timeout: 5_000 })
      .toBe(true)
    expect(sent).toHaveLength(4)
  })
  test('a transport that throws leaves nothing in flight: the message is held and told', async () => {
    await queue(mail('m'))
    const fails = (async (message: DueMessage) => {
      if (message.template.startsWith('alarm/')) return accepted
      throw new TypeError('unexpected')
    }) satisfies Transport['send']
    start({ free: () => 4, send: fails })
    await expect.poll(async () => (await one(mail('m')))?.state).toBe('held')
    expect(await alarms()).toHaveLength(1)
  })
  test('a server that is away puts off, and the next try is later', async () => {
    await queue(mail('m'))
    start(atOnce({ kind: 'deferred', reason: 'connection refused' }).transport)
    await expect.poll(async () => (await one(mail('m')))?.attempts).toBe(1)
    expect(await one(mail('m'))).toMatchObject({ state: 'queued', dueAt: noon + 60_000 })
  })
  test('closing waits for what is in flight', async () => {
    const { transport, got } = places(1)
    await queue(mail('m'))
    const dispatcher = start(transport)
    await expect.poll(() => got.length).toBe(1)
    expect(dispatcher.inFlight()).toBe(1)
    company.stop()
    const closed = dispatcher[Symbol.asyncDispose]()
    got[0]?.answer(accepted)
    await closed
    expect((await one(mail('m')))?.state).toBe('accepted')
  })
})

describe('what an earlier run left in flight', () => {
  test('is unknown: an SMS is held with an alarm, a mail goes again under its Message-ID', async () => {
    const heads: string[] = []
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      onData: (stream, _session, done) => {
        let text = ''
        stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
        stream.on('end', () => {
          heads.push(/^Message-ID: (.*)$/im.exec(text)?.[1] ?? '')
          done(null)
        })
      },
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.server.address() as { port: number }
    const [letter, text] = [mail('letter'), sms('text')]
    await queue(letter, text)
    const { ledger, setup, clock, log } = company
    await ledger.take('mail', 5, noon)
    await ledger.take('sms', 5, noon)
    expect(await recordInterrupted('mail', { ledger, setup, clock })).toBe(1)
    expect(await recordInterrupted('sms', { ledger, setup, clock })).toBe(1)
    expect(await recordInterrupted('sms', { ledger, setup, clock })).toBe(0)
    expect((await one(text))?.state).toBe('held')
    expect(await one(letter)).toMatchObject({ state: 'queued', dueAt: noon + 60_000, attempts: 1 })
    clock.advance(61_000)
    const pool = openMailPool(
      {
        host: '127.0.0.1',
        port,
        security: 'none',
        allowSelfSigned: false,
        connections: 2,
        name: 'orderly.example.com',
      },
      { clock, log },
    )
    start(mailDispatch(pool))
    await expect.poll(async () => (await one(letter))?.state, { timeout: 5_000 }).toBe('accepted')
    expect(heads).toContain('<letter@example.com>')
    expect(await alarms()).toHaveLength(1)
    await pool.close({ graceMs: 100 })
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
})
