import { expect, it } from 'vitest'
import type { Config } from '../../end-to-end/world.ts'
import { expectBalance } from './balance.ts'
import { startStory, storyLimitMs } from './mail-story.ts'

const always = (line: string): string[] => Array.from({ length: 200 }, () => line)
const retry = (first: string, max: string, giveUpAfter: string) => (config: Config) =>
  void Object.assign(config['mail'], { retry: { first, max, giveUpAfter } })

it.concurrent(
  'pauses double up to the longest one; then the mail is refused with the last answer, and told',
  async () => {
    await using story = await startStory(retry('400ms', '1600ms', '4s'))
    story.chaos.forRecipient.set('anna@example.com', always('rcpt:451'))
    story.tell(['anna@example.com', 'bela@example.com'])
    const mails = await story.settled()
    expect(mails.map(({ state }) => state).toSorted()).toEqual(['accepted', 'refused'])
    const at = story.chaos.tries.filter(({ to }) => to === 'anna@example.com').map((one) => one.at)
    const gaps = at.slice(1).map((time, i) => time - (at[i] ?? 0))
    for (const [i, least] of [400, 800, 1_600].entries()) {
      expect(gaps[i]).toBeGreaterThanOrEqual(least - 20)
      // A due mail is found within a second.
      expect(gaps[i]).toBeLessThan(least + 2_500)
    }
    const [refused] = mails.filter(({ state }) => state === 'refused')
    expect(refused?.reason).toMatch(/gave up after 4s: .*451/)
    expect(refused?.attempts).toBe(at.length)
    expect((await story.alarms()).map(({ mail }) => mail?.subject).join()).toMatch(/A message was refused/)
    await expectBalance(story)
  },
  storyLimitMs,
)

it.concurrent(
  'a server that takes the mail and breaks off each time does not get it for ever',
  async () => {
    await using story = await startStory(retry('200ms', '800ms', '2s'))
    const { chaos } = story
    chaos.forRecipient.set('anna@example.com', always('dot:lost'))
    story.tell(['anna@example.com', 'bela@example.com'])
    const mails = await story.settled(['accepted', 'held'])
    const held = mails.find(({ state }) => state === 'held')
    expect(held?.reason).toMatch(/result unknown/)
    expect(chaos.taken.length).toBeLessThanOrEqual(9)
    expect(
      new Set(chaos.taken.filter(({ subject }) => /order/.test(subject)).map(({ messageId }) => messageId)).size,
    ).toBe(2)
    await expectBalance(story)
  },
  storyLimitMs,
)

it.concurrent(
  'onUnknown: hold keeps what is in doubt for a person, who sends or cancels it',
  async () => {
    await using story = await startStory((config) => void Object.assign(config['mail'], { onUnknown: 'hold' }))
    const { chaos } = story
    const doubts = {
      'a@example.com': 'dot:lost',
      'b@example.com': 'dot:drop',
      'c@example.com': 'dot:hang',
      'd@example.com': 'rcpt:451',
    }
    for (const [address, line] of Object.entries(doubts)) chaos.forRecipient.set(address, [line])
    story.tell(Object.keys(doubts))
    const mails = await story.settled(['accepted', 'held'])
    const stateOf = Object.fromEntries(mails.map(({ recipients, state }) => [recipients[0]?.address, state]))
    expect(stateOf).toEqual({
      'a@example.com': 'held',
      'b@example.com': 'held',
      'c@example.com': 'held',
      'd@example.com': 'accepted',
    })
    const idOf = (address: string): string =>
      mails.find(({ recipients }) => recipients[0]?.address === address)?.id ?? ''
    expect(await story.orderly(['messages', 'list', '--state', 'held'])).toMatch(/result unknown: no answer after/)
    expect((await story.alarms()).map(({ mail }) => mail?.subject).join()).toMatch(
      /not known whether a message was sent/,
    )
    await story.orderly(['messages', 'cancel', idOf('a@example.com'), '--reason', 'the customer has it'])
    await story.orderly(['messages', 'send', idOf('b@example.com')])
    await story.settled(['accepted', 'held', 'cancelled'])
    await story.until('the second one is sent', () => chaos.taken.some(({ to }) => to[0] === 'b@example.com'))
    await story.until(
      'and known',
      async () => (await story.mails()).filter(({ state }) => state === 'accepted').length === 2,
    )
    const copies = (address: string): number => chaos.taken.filter(({ to }) => to[0] === address).length
    expect(Object.keys(doubts).map(copies)).toEqual([1, 1, 0, 1])
    await expectBalance(story)
  },
  storyLimitMs,
)

it.concurrent(
  'a stop in mid-answer: the daemon ends in time, and the next one sends again under the same Message-ID',
  async () => {
    await using story = await startStory((config) => {
      Object.assign(config['mail'].timeouts, { answer: '1m' })
    })
    const { chaos, world } = story
    chaos.otherwise.connection = 'quit:hang'
    chaos.forRecipient.set('a@example.com', ['dot:lost-hang'])
    chaos.forRecipient.set('b@example.com', ['dot:hang'])
    story.tell(['a@example.com', 'b@example.com', 'c@example.com'])
    await story.until('two hang', () => chaos.taken.length === 2 && chaos.tries.length === 3)
    const from = Date.now()
    expect(await story.daemon.stop(), story.daemon.log()).toBe(0)
    expect(Date.now() - from).toBeLessThan(14_000)
    expect((await story.mails()).map(({ state }) => state).toSorted()).toEqual(['accepted', 'queued', 'queued'])
    const second = world.start()
    await story.settled(['accepted'])
    expect(await second.stop(), second.log()).toBe(0)
    const copies = (address: string): number => chaos.taken.filter(({ to }) => to[0] === address).length
    expect(['a@example.com', 'b@example.com', 'c@example.com'].map(copies)).toEqual([2, 1, 1])
    expect(new Set(chaos.taken.map(({ messageId }) => messageId)).size).toBe(3)
  },
  storyLimitMs,
)
