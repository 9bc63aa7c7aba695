import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MessageState } from '../../../src/core/message.ts'
import { status } from '../../neighbours/smsc/behaviour.ts'
import { beginStory, peakMemory, phoneOf, type Story } from './story.ts'

const numbers = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => String(first + index).padStart(3, '0'))
const all = (list: readonly string[], state: MessageState): Record<string, MessageState> =>
  Object.fromEntries(list.map((number) => [number, state]))
const throttled = { answer: { status: status.throttled } } as const

describe('binds', { timeout: 60_000 }, () => {
  test('a gateway that is busy, silent, broken or slow is tried until it lets us in; bad lengths cost no memory', async () => {
    await using story = await beginStory({
      binds: [
        { status: status.already },
        'hang',
        'drop',
        { malformed: 'zeroLength' },
        { malformed: 'httpPage' },
        { status: status.syserr },
        'dropAfter',
        { delayMs: 300 },
      ],
    })
    story.give([{ number: '001' }])
    await story.reach({ '001': 'delivered' })
    expect((await story.messages()).get('001')?.attempts).toBe(1)
    expect(story.taken('001')).toHaveLength(1)
    expect(story.smsc.binds).toHaveLength(8)

    const before = peakMemory(story.daemon.process.pid ?? 0)
    for (let round = 0; round < 3; round++) await floodOnce(story)
    expect(peakMemory(story.daemon.process.pid ?? 0) - before).toBeLessThan(64 * 1024 * 1024)

    // What is written before the reset is seen would be lost as well, hence only one.
    story.give([{ number: '002', smsc: [{ answer: 'dropAfter' }] }])
    await story.reach({ '002': 'delivered' })
    expect(story.taken('002')).toHaveLength(1)
    expect(story.smsc.binds).toHaveLength(12)
    await story.end()
  })

  test('a wrong password is tried once; what waits leaves when the password is mended', async () => {
    await using story = await beginStory({ systemId: 'orderly', password: 'new secret' })
    story.give([{ number: '001' }])
    await story.reach({ '001': 'queued' })
    await pause(2_500)
    expect(story.smsc.connections).toHaveLength(1)
    expect(story.smsc.binds).toHaveLength(1)
    expect((await story.orderly('status')).out).toMatch(/ESME_RINVPASWD/)
    await story.until('somebody is told', () => story.world.mails.some(({ raw }) => raw.includes('ESME_RINVPASWD')))
    story.configure((config) => (config['sms'].password = 'new secret'))
    story.daemon.process.kill('SIGHUP')
    await story.reach({ '001': 'delivered' })
    expect((await story.messages()).get('001')?.attempts).toBe(1)
    await story.end()
  })

  test('a gateway that breaks off after each bind is not hammered', async () => {
    const binds = Array.from({ length: 50 }, () => 'dropAfter' as const)
    await using story = await beginStory({ binds }, (config) => {
      delete config['sms'].reconnect // the pauses as shipped: 1, 2 and 4 seconds
    })
    await story.until('it was bound', () => story.smsc.binds.length > 0)
    await pause(5_500)
    expect(story.smsc.connections.length).toBeGreaterThan(1)
    expect(story.smsc.connections.length).toBeLessThanOrEqual(4)
    expect(await story.daemon.stop()).toBe(0)
  })

  test('silence ends the session, questions of the gateway keep it', async () => {
    await using story = await beginStory({ muteEnquire: true }, (config) => {
      config['sms'].enquireEvery = '300ms'
    })
    await story.until('it bound three times', () => story.smsc.binds.length >= 3)
    const gaps = story.smsc.binds.map(({ at }, index, binds) => at - (binds[index - 1]?.at ?? 0)).slice(1)
    expect(Math.min(...gaps), 'asked after 300 ms, given up 1200 ms later').toBeGreaterThan(1_300)
    story.smsc.settings.enquireMs = 150
    const { length } = story.smsc.binds
    await story.until('it bound again', () => story.smsc.binds.length > length)
    story.give([{ number: '001' }])
    await story.reach({ '001': 'delivered' })
    await story.until('it answers', () => story.smsc.enquiries.answered >= 10)
    expect(story.smsc.binds).toHaveLength(length + 1)
    expect(story.taken('001')).toHaveLength(1)
    await story.end()
  })
})

/** Announces 2 GiB and goes on sending, until the daemon breaks off. */
async function floodOnce(story: Story): Promise<void> {
  const bound = (): boolean => story.smsc.open().some((connection) => connection.bound)
  await story.until('it is bound', bound)
  const [connection] = story.smsc.open()
  connection?.write(Buffer.from('7fffffff00000005', 'hex'))
  for (let piece = 0; piece < 64; piece++) connection?.write(Buffer.alloc(1024 * 1024, 0x41))
  await story.until('the session is closed', () => connection?.socket.destroyed ?? true)
}

describe('pace', { timeout: 60_000 }, () => {
  let story: Story
  beforeAll(async () => {
    story = await beginStory({ perSecond: 10 })
  }, 60_000)
  afterAll(async () => await story[Symbol.asyncDispose]())

  test('throttling slows the account and costs no message a try', async () => {
    const list = numbers(1, 25)
    story.give(list.map((number) => ({ number })))
    await story.reach(all(list, 'delivered'))
    const messages = [...(await story.messages()).values()]
    expect(messages.map(({ attempts }) => attempts)).toEqual(list.map(() => 1))
    expect(story.smsc.taken).toHaveLength(25)
    expect(story.smsc.submissions.length - 25, 'no more than a few windows').toBeLessThanOrEqual(40)
    expect([...(await story.histories()).values()].join('\n')).toMatch(/ESME_RTHROTTLED/)
  })

  test('full queues hold back their recipients, not the others', async () => {
    delete story.smsc.settings.perSecond
    story.give([{ number: '101', smsc: [{ answer: 'ok', receipts: [{ state: 'DELIVRD', when: 'held' }] }] }])
    await story.reach({ '101': 'accepted' })
    story.smsc.settings.queueMost = 1
    story.give([{ number: '102' }])
    await story.until('the queue was full', async () =>
      /ESME_RMSGQFUL/.test((await story.histories()).get('102') ?? ''),
    )
    story.smsc.releaseReceipts()
    await story.reach({ '101': 'delivered' })
    delete story.smsc.settings.queueMost
    story.give([{ number: '103' }])
    await story.reach({ '102': 'queued', '103': 'delivered' })
    expect((await story.messages()).get('102')?.attempts).toBe(0)
    expect(story.smsc.submissions.filter(({ destination }) => destination === phoneOf('102'))).toHaveLength(1)
  })

  test('throttled for longer than its maximum age, a message expires and says why', async () => {
    story.configure((config) => (config['sms'].maxAge = '3s'))
    story.daemon.process.kill('SIGHUP')
    await story.until('the config is reloaded', () => story.daemon.log().includes('config reloaded'))
    story.give([{ number: '201', smsc: [throttled] }])
    await story.reach({ '201': 'expired' })
    expect((await story.histories()).get('201')).toMatch(/too old for another try|older than its maximum age/)
    expect((await story.histories()).get('201')).toMatch(/ESME_RTHROTTLED/)
    expect(story.taken('201')).toHaveLength(0)
    expect(story.smsc.submissions.filter(({ destination }) => destination === phoneOf('201')).length).toBeLessThan(4)
    await story.end()
  })
})
