import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Message } from '../../../src/core/message.ts'
import { expectBalance } from './balance.ts'
import type { Config } from '../../end-to-end/world.ts'
import { slowness, startStory, storyLimitMs } from './mail-story.ts'

const serial = (config: Config): void => void Object.assign(config['mail'], { connections: 1 })

/** What the server does to the next connection, and what is then said of the mail that waits. */
const refusals: readonly (readonly [line: string, says: RegExp])[] = [
  ['connect:421', /says 421/],
  ['connect:554', /turns us away: 554/],
  ['connect:drop', /cut the connection|no greeting/],
  ['connect:close', /no greeting/],
  ['connect:hang', /no greeting/],
  ['connect:junk', /mail server|127\.0\.0\.1/],
  ['connect:wrong', /999/],
  ['connect:endless:3000000', /127\.0\.0\.1/],
  [`connect:slow:${100 * slowness}`, /no greeting/],
  ['ehlo:421', /says 421/],
  ['ehlo:drop', /cut the connection|closed/],
  ['ehlo:close', /closed|no greeting/],
  ['ehlo:hang', /no answer|127\.0\.0\.1/],
  ['ehlo:endless', /127\.0\.0\.1/],
  ['ehlo:lines:20000', /127\.0\.0\.1/],
]

it.concurrent(
  'no session: the mail waits with the reason, is charged no attempt, and goes when the server is well',
  async () => {
    await using story = await startStory(serial)
    const { chaos } = story
    chaos.plan.connections.push(...refusals.map(([line]) => line))
    story.tell(['anna@example.com'])
    const [mail] = await story.settled(['accepted'])
    if (mail === undefined) throw new Error('no mail')
    const reasons = (await story.happened(mail)).filter((line) => line.startsWith('message.deferred'))
    expect(mail.attempts).toBe(1)
    expect(chaos.taken).toHaveLength(1)
    expect(chaos.connections).toHaveLength(refusals.length + 1)
    expect(chaos.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(1)
    for (const [i, [line, says]] of refusals.entries()) expect(reasons[i], line).toMatch(says)
    expect(story.peakMemory()).toBeLessThan(300)
    await expectBalance(story)
  },
  storyLimitMs,
)

it.concurrent(
  'trouble at MAIL is about the message that is asked for, and the next one is not harmed',
  async () => {
    await using story = await startStory(serial)
    const { chaos } = story
    const lines = [
      'mail:451',
      'mail:452',
      'mail:421',
      'mail:421',
      'mail:hang',
      'mail:drop',
      'mail:junk',
      'mail:double',
      'mail:lines:20',
    ]
    chaos.plan.messages.push(...lines)
    story.tell(['anna@example.com'])
    const [anna] = await story.settled(['accepted'])
    const told = (await story.happened(anna as Message)).join('\n')
    expect(told).toMatch(/next try in .*451/)
    expect(told).toMatch(/message.deferred: .*421/)
    expect(chaos.taken).toHaveLength(1)
    chaos.plan.messages.push('mail:550')
    story.tell(['bela@example.com'])
    await story.until('it came in', async () => (await story.mails()).length === 2)
    const mails = await story.settled()
    expect(mails.map(({ state, attempts }) => [state, attempts])).toEqual([
      ['accepted', anna?.attempts],
      ['refused', 1],
    ])
    story.tell(['cili@example.com'])
    await story.until('the next one goes', () => chaos.taken.some(({ to }) => to[0] === 'cili@example.com'))
    await expectBalance(story)
  },
  storyLimitMs,
)

it.concurrent(
  'HELO only, answers of many lines, slow ones, or one byte at a time: the mail goes at the first try',
  async () => {
    await using story = await startStory(serial)
    const lines = ['ehlo:502', 'ehlo:lines:100', 'connect:delay:200', 'ehlo:slow:5', 'split']
    for (const [i, line] of lines.entries()) {
      // A bad last answer makes the kept connection be left, so that each mail gets one of its own.
      story.chaos.plan.connections.push(line)
      story.chaos.forRecipient.set(`c${i}@example.com`, ['dot:then-drop'])
      story.tell([`c${i}@example.com`])
      await story.until(line, () => story.chaos.taken.length === i + 1)
    }
    const mails = await story.settled(['accepted'])
    expect(mails.map(({ attempts }) => attempts)).toEqual(lines.map(() => 1))
    expect(story.chaos.commands.filter((line) => line.startsWith('HELO'))).toHaveLength(1)
    await expectBalance(story)
  },
  storyLimitMs,
)

it.concurrent(
  'a server that is away is asked now and then, however many mails wait, and gets each of them once',
  async () => {
    const patient = { away: { first: '100ms', max: '1s' } }
    await using story = await startStory((config) => Object.assign(config['mail'], { pauses: patient }))
    const { chaos } = story
    chaos.otherwise.connection = 'connect:close'
    story.tell(Array.from({ length: 60 }, (_, i) => `w${i}@example.com`))
    await story.until('the first try', () => chaos.connections.length > 0)
    const before = chaos.connections.length
    await pause(4_000)
    // 100, 200, 400, 800, 1000, 1000 … milliseconds, each a fifth shorter at most.
    expect(chaos.connections.length - before).toBeLessThanOrEqual(8)
    await story.until('it is asked again and again', () => chaos.connections.length >= 4)
    const waiting = await story.mails()
    expect(waiting.every(({ state, attempts }) => state === 'queued' && attempts === 0)).toBe(true)
    expect(waiting.find(({ reason }) => reason !== undefined)?.reason).toMatch(/no greeting/)
    await chaos.close()
    await story.until('nothing listens', async () =>
      (await story.mails()).some(({ reason }) => /nothing listens/.test(reason ?? '')),
    )
    chaos.otherwise.connection = ''
    await chaos.reopen()
    const mails = await story.settled(['accepted'])
    expect(mails.every(({ attempts }) => attempts === 1)).toBe(true)
    expect(new Set(chaos.taken.map(({ messageId }) => messageId)).size).toBe(60)
    expect(chaos.taken).toHaveLength(60)
    await expectBalance(story)
  },
  storyLimitMs,
)
