import { expect, it } from 'vitest'
import { expectBalance } from './balance.ts'
import { startStory, storyLimitMs } from './mail-story.ts'

it.concurrent(
  'a server that offers nothing gets 7-bit mail, and no address beyond ASCII',
  async () => {
    await using story = await startStory(() => undefined, { extensions: [] })
    const { chaos } = story
    story.tell(['anna@example.com', 'béla@example.com'])
    const mails = await story.settled()
    expect(mails.map(({ recipients, state }) => `${recipients[0]?.address} ${state}`).toSorted()).toEqual([
      'anna@example.com accepted',
      'béla@example.com refused',
    ])
    expect(mails.find(({ state }) => state === 'refused')?.reason).toMatch(/SMTPUTF8 is not offered/)
    // oxlint-disable-next-line no-control-regex
    expect(chaos.taken.every(({ text }) => /^[\x00-\x7f]*$/.test(text))).toBe(true)
    expect(chaos.commands.join('\n')).not.toMatch(/SIZE=|BODY=|SMTPUTF8/)
    await expectBalance(story)
  },
  storyLimitMs,
)

it.concurrent(
  'an address beyond ASCII goes where the server offers it',
  async () => {
    await using story = await startStory()
    story.tell(['béla@example.com'])
    await story.settled(['accepted'])
    expect(story.chaos.taken.map(({ to }) => to)).toEqual([['béla@example.com']])
    expect(story.chaos.commands.some((line) => /^MAIL.*SMTPUTF8/.test(line))).toBe(true)
    await expectBalance(story)
  },
  storyLimitMs,
)

it.concurrent(
  'a mail that is larger than the server takes is refused at once, and the others are not',
  async () => {
    await using story = await startStory(() => undefined, { size: 2_000 })
    story.tell(['anna@example.com', 'bela@example.com'])
    const mails = await story.settled()
    expect(mails.map(({ state, attempts }) => [state, attempts])).toEqual([
      ['refused', 1],
      ['refused', 1],
    ])
    expect(mails[0]?.reason).toMatch(/size|big/i)
    expect(story.chaos.taken.filter(({ to }) => to[0] !== 'it@example.com')).toEqual([])
    expect(story.chaos.connections.length).toBeLessThanOrEqual(4)
    await expectBalance(story)
  },
  storyLimitMs,
)
