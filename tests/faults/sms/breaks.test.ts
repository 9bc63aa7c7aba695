import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Message, MessageState } from '../../../src/core/message.ts'
import type { Answer, Malformed } from '../../neighbours/smsc/behaviour.ts'
import { beginStory, type Story } from './story.ts'

interface Row {
  readonly what: string
  readonly answer: Answer
  /** With `onUnknown: hold`. */
  readonly state: MessageState
  /** Copies that the SMSC took at the first try. */
  readonly copies: number
  readonly says: RegExp
}

const delivered = { state: 'delivered', copies: 1, says: /delivered/ } as const
const held = { state: 'held', copies: 1 } as const
const malformed = (what: string, kind: Malformed, says: RegExp): Row => ({
  what: `the answer is ${what}`,
  answer: { malformed: kind },
  ...held,
  says,
})

/** What leaves the daemon without an answer to its submission, or with one that is worth nothing. */
const rows: readonly Row[] = [
  { what: 'reset before it is taken', answer: 'drop', ...held, copies: 0, says: /result unknown: written, but/ },
  { what: 'reset after it was taken', answer: 'lost', ...held, says: /result unknown: written, but/ },
  { what: 'closed after it was taken', answer: 'lostByClose', ...held, says: /the gateway closed the connection/ },
  {
    what: 'not taken and never answered',
    answer: 'hang',
    ...held,
    copies: 0,
    says: /no answer to submit_sm within 1200 ms/,
  },
  { what: 'taken and never answered', answer: 'lostInSilence', ...held, says: /no answer to submit_sm within 1200 ms/ },
  {
    what: 'answered under another number',
    answer: 'wrongSequence',
    ...held,
    says: /no answer to submit_sm within 1200 ms/,
  },
  {
    what: 'unbind instead of an answer',
    answer: 'unbind',
    ...held,
    copies: 0,
    says: /the gateway closed the session \(unbind\)/,
  },
  malformed('of length 0', 'zeroLength', /PDU with length 0/),
  malformed('of length 8', 'lengthEight', /PDU with length 8/),
  malformed('of length 2 GiB', 'hugeLength', /PDU with length 2147483647/),
  malformed('cut short', 'cutShort', /the gateway closed the connection/),
  malformed('a page of HTTP', 'httpPage', /PDU with length 1213486160.*HTTP/),
  malformed('an unknown command', 'unknownCommand', /no answer to submit_sm within 1200 ms/),
  // The id can be read all the same: to call it unknown would only send it twice.
  { ...delivered, what: 'the answer is an id without its end', answer: { malformed: 'noNul' } },
  { ...delivered, what: 'the answer is an optional parameter that is too long', answer: { malformed: 'badTlv' } },
]

const numberAt = (index: number): string => String(index + 1).padStart(3, '0')
const lanes: readonly (readonly [string, 'hold' | 'resend', readonly Row[]])[] = [
  ['held, first half', 'hold', rows.filter((_, index) => index % 2 === 0)],
  ['held, second half', 'hold', rows.filter((_, index) => index % 2 === 1)],
  ['sent again', 'resend', rows.filter(({ what }) => /^reset after|^not taken|^taken|^unbind|length 0/.test(what))],
]

describe.concurrent.each(lanes)('answers that break off, unknown ones are %s', (_, onUnknown, lane) => {
  let story: Story
  let messages: ReadonlyMap<string, Message>
  let histories: ReadonlyMap<string, string>
  const good = (index: number): string => numberAt(index + lane.length)
  beforeAll(async () => {
    story = await beginStory({ redeliverMs: 500 }, (config) => {
      Object.assign(config['sms'], { onUnknown, retry: { first: '500ms', max: '500ms' } })
    })
    // One after the other: after each break a message that is accepted, so that no pause grows.
    for (const [index, { answer, state }] of lane.entries()) {
      story.give([{ number: numberAt(index), smsc: [{ answer }, { answer: 'ok' }] }])
      await story.reach({ [numberAt(index)]: onUnknown === 'hold' ? state : 'delivered' })
      story.give([{ number: good(index) }])
      await story.reach({ [good(index)]: 'delivered' })
    }
    messages = await story.messages()
    histories = await story.histories()
  }, 120_000)
  afterAll(async () => await story[Symbol.asyncDispose]())

  test.for(lane.map((row, index) => [row.what, index, row] as const))('%s', ([, index, row]) => {
    const resent = onUnknown === 'resend' && row.state === 'held'
    const message = messages.get(numberAt(index))
    expect(message?.state).toBe(resent ? 'delivered' : row.state)
    expect(message?.attempts).toBe(resent ? 2 : 1)
    expect(story.taken(numberAt(index))).toHaveLength(row.copies + (resent ? 1 : 0))
    expect(histories.get(numberAt(index))).toMatch(row.says)
    expect(story.taken(good(index)), 'the next message is not hurt').toHaveLength(1)
    expect(messages.get(good(index))?.attempts).toBe(1)
  })

  test('every session that was lost was bound again once', async () => {
    const lost = lane.filter(({ answer }) => kills(answer)).length
    expect(story.smsc.binds.length).toBeGreaterThan(lost)
    // One more where the machine was too busy to answer a bind in time.
    expect(story.smsc.binds.length).toBeLessThanOrEqual(lost + 2)
    await story.end()
  })
})

const kills = (answer: Answer): boolean =>
  typeof answer === 'object' && 'malformed' in answer
    ? !['unknownCommand', 'noNul', 'badTlv'].includes(answer.malformed)
    : ['drop', 'lost', 'lostByClose', 'unbind'].includes(answer as string)
