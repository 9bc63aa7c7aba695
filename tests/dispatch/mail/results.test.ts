import { describe, expect, it } from 'vitest'
import type { SettledRecipient } from '../../../src/core/message.ts'
import { cleanText, meaningOf, readAnswer, secretsOf } from '../../../src/dispatch/mail/answers.ts'
import { attemptOf } from '../../../src/dispatch/mail/results.ts'
import type { Conversation } from '../../../src/dispatch/mail/results.ts'

const answered = (
  response: string,
  rejected: Record<string, string> = {},
  at: 'sender' | 'recipients' | 'message' = 'message',
): Conversation => ({
  kind: 'answered',
  to: at,
  response,
  rejected: Object.entries(rejected).map(([address, text]) => ({ address, response: text })),
})
const accepted = (address: string): SettledRecipient => ({ address, result: 'accepted', response: '250 ok' })

describe('what an answer means', () => {
  it.each([
    ['250 2.0.0 ok', 'taken'],
    ['451 4.3.0 later', 'later'],
    ['450 4.2.0 greylisted', 'later'],
    ['452 4.2.2 mailbox full', 'later'],
    ['421 4.7.0 too fast', 'pace'],
    ['432 4.3.2 concurrent connections limit exceeded', 'pace'],
    ['451 4.3.2 not now', 'pace'],
    ['554 5.2.0 STOREDRV; exceeded the maximum submission quota', 'pace'],
    ['554 5.2.0 mailbox error', 'never'],
    ['550 5.1.1 no such user', 'never'],
    ['552 5.3.4 too big', 'never'],
    ['503 5.5.1 bad sequence', 'later'],
    ['530 5.7.0 authentication required', 'pace'],
    ['354 go', 'nonsense'],
    ['999 hm', 'nonsense'],
    ['2 yes', 'nonsense'],
    ['2500 yes', 'nonsense'],
    ['', 'nonsense'],
  ])('%s: %s', (text, meaning) => {
    expect(meaningOf(text)).toBe(meaning)
  })

  it('keeps enhanced codes', () => {
    expect(readAnswer('550 5.1.1 no such user')).toEqual({ code: 550, enhanced: '5.1.1' })
    expect(readAnswer('550-5.7.26 line one')).toEqual({ code: 550, enhanced: '5.7.26' })
    expect(readAnswer('250 1.2.3.4 is welcome')).toEqual({ code: 250 })
  })
})

describe('a server text', () => {
  it('loses control, direction and zero-width characters and everything beyond 500 characters', () => {
    expect(cleanText('550 no\r\n2026-11-22 ERROR forged\u001b[31m\u202e\u0000')).toBe(
      '550 no 2026-11-22 ERROR forged [31m',
    )
    expect(cleanText('x'.repeat(100_000))).toHaveLength(500)
  })

  it('loses our password in every form that we sent it in', () => {
    const secrets = secretsOf({ user: 'orderly', password: 'geheim!!' })
    const plain = btoa('\u0000orderly\u0000geheim!!')
    const text = cleanText(`535 bad: geheim!! ${btoa('geheim!!')} ${plain}`, secrets)
    expect(text).toBe('535 bad: *** *** ***')
  })
})

describe('one attempt', () => {
  it('is accepted when all recipients were', () => {
    expect(attemptOf(answered('250 2.0.0 ok'), ['a@x', 'b@x'], [])).toEqual({
      outcome: { kind: 'accepted', response: '250 2.0.0 ok' },
      settled: [
        { address: 'a@x', result: 'accepted', response: '250 2.0.0 ok' },
        { address: 'b@x', result: 'accepted', response: '250 2.0.0 ok' },
      ],
    })
  })

  it('is accepted when one recipient was and the other is refused for good', () => {
    const { outcome, settled } = attemptOf(answered('250 ok', { 'b@x': '550 5.1.1 no such user' }), ['a@x', 'b@x'], [])
    expect(outcome).toMatchObject({ kind: 'accepted', response: expect.stringContaining('1 of 2 recipients refused') })
    expect(settled?.map((one) => one.result)).toEqual(['accepted', 'refused'])
  })

  it('is deferred while a recipient is left to try; the others are settled', () => {
    const { outcome, settled } = attemptOf(answered('250 ok', { 'b@x': '450 4.2.0 greylisted' }), ['a@x', 'b@x'], [])
    expect(outcome).toMatchObject({ kind: 'deferred', reason: expect.stringContaining('greylisted') })
    expect(settled).toEqual([{ address: 'a@x', result: 'accepted', response: '250 ok' }])
  })

  it('is refused with the enhanced code when all were', () => {
    const all = answered('550 5.1.1 no', { 'a@x': '550 5.1.1 no', 'b@x': '551 5.1.6 moved' }, 'recipients')
    expect(attemptOf(all, ['a@x', 'b@x'], []).outcome).toEqual({
      kind: 'refused',
      reason: '551 5.1.6 moved',
      code: '5.1.6',
    })
  })

  it('is accepted when the last one is refused but an earlier attempt reached another', () => {
    const talk = answered('550 no', { 'b@x': '550 no' }, 'recipients')
    expect(attemptOf(talk, ['b@x'], [accepted('a@x')]).outcome.kind).toBe('accepted')
  })

  it('defers those that RCPT put off, also when the content is refused for the others', () => {
    const { outcome, settled } = attemptOf(answered('554 5.7.1 spam', { 'b@x': '451 later' }), ['a@x', 'b@x'], [])
    expect(outcome.kind).toBe('deferred')
    expect(settled).toEqual([{ address: 'a@x', result: 'refused', response: '554 5.7.1 spam' }])
  })

  it.each(['421 4.7.0 slow down', '432 4.3.2 limit', '554 5.2.0 submission quota exceeded'])(
    'is a pace signal for the account: %s',
    (text) => {
      expect(attemptOf(answered(text), ['a@x'], []).outcome).toMatchObject({ kind: 'deferred', pace: 'account' })
    },
  )

  it('never takes a yes to something else for a yes to the message', () => {
    expect(attemptOf(answered('250 ok', {}, 'recipients'), ['a@x'], []).outcome.kind).toBe('deferred')
  })

  it('that broke after the last byte is unknown, and keeps what RCPT refused for good', () => {
    const rejected = [{ address: 'b@x', response: '550 5.1.1 no' }]
    const attempt = attemptOf({ kind: 'broken', lastByte: 'left', reason: 'cut', rejected }, ['a@x', 'b@x'], [])
    expect(attempt.outcome.kind).toBe('unknown')
    expect(attempt.settled).toEqual([{ address: 'b@x', result: 'refused', response: '550 5.1.1 no' }])
  })
})
