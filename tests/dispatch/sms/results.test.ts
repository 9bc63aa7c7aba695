import { describe, expect, it } from 'vitest'
import type { Outcome, PartResult } from '../../../src/core/message.ts'
import { classOf, combineParts, outcomeOf, statusName } from '../../../src/dispatch/sms/results.ts'

describe('command_status', () => {
  it.each([
    [0x58, 'throttled'],
    [0x14, 'queueFull'],
    [0x08, 'temporary'],
    [0x64, 'temporary'],
    [0x45, 'temporary'],
    [0xfe, 'temporary'],
    [0xff, 'temporary'],
    [0x61, 'temporary'],
    [0x04, 'session'],
    [0x0b, 'permanent'],
    [0x0a, 'permanent'],
    [0x01, 'permanent'],
    [0x43, 'permanent'],
    [0x65, 'permanent'],
    [0x40c, 'temporary'],
    [0x777, 'temporary'],
  ])('takes 0x%s for %s', (status, expected) => {
    expect(classOf(status)).toBe(expected)
  })

  it('lets the provider say otherwise', () => {
    expect(classOf(0x45, { 0x45: 'permanent' })).toBe('permanent')
    expect(classOf(0x40c, { 0x40c: 'throttled' })).toBe('throttled')
  })

  it.each([
    [0, { kind: 'accepted', response: 'id1' }],
    [0x58, { kind: 'deferred', pace: 'account', retryAfterMs: 2000 }],
    [0x14, { kind: 'deferred', pace: 'recipient', retryAfterMs: 180_000 }],
    [0x0b, { kind: 'refused', code: 'ESME_RINVDSTADR' }],
    [0x04, { kind: 'deferred', pace: 'account' }],
  ])('makes an outcome of %i', (status, expected) => {
    expect(outcomeOf(status, { messageId: 'id1', accountPause: 2000 })).toMatchObject(expected)
  })

  it('charges a temporary failure as an attempt', () => {
    expect(outcomeOf(0x08, { messageId: '', accountPause: 0 })).not.toHaveProperty('pace')
  })

  it('shows names and numbers', () => {
    expect(statusName(0x58)).toBe('ESME_RTHROTTLED (0x58)')
    expect(statusName(0x40c)).toBe('0x40c')
  })
})

const part = (number: number, response: string): PartResult => ({
  part: number,
  outcome: { kind: 'accepted', response },
})

describe('parts', () => {
  const outcomes: Readonly<Record<'yes' | 'no' | 'later' | 'lost', Outcome>> = {
    yes: { kind: 'accepted', response: 'x' },
    no: { kind: 'refused', reason: 'no', code: 'C' },
    later: { kind: 'deferred', reason: 'later', pace: 'account', retryAfterMs: 5 },
    lost: { kind: 'unknown', reason: 'lost' },
  }
  type Name = keyof typeof outcomes
  const results = (names: readonly Name[], from = 1): PartResult[] =>
    names.map((name, i) => ({ part: from + i, outcome: outcomes[name], smscId: `id${from + i}` }))

  it.each<[number, Name[], Name[], Outcome['kind']]>([
    [1, [], ['yes'], 'accepted'],
    [1, [], ['no'], 'refused'],
    [3, [], ['yes', 'yes', 'yes'], 'accepted'],
    [3, ['yes'], ['yes', 'yes'], 'accepted'],
    [3, ['yes', 'yes', 'yes'], [], 'accepted'],
    [3, [], ['yes', 'later'], 'deferred'],
    [3, [], ['yes', 'no'], 'refused'],
    [3, [], ['yes', 'lost'], 'unknown'],
    [3, ['yes'], ['lost'], 'unknown'],
    [3, [], ['yes'], 'deferred'],
    [2, [], [], 'deferred'],
  ])('of %i, before %j, now %j: %s', (total, before, now, kind) => {
    expect(combineParts(total, results(before), results(now, before.length + 1)).kind).toBe(kind)
  })

  it('keeps the pace signal and names the part', () => {
    expect(combineParts(3, results(['yes']), results(['later'], 2))).toEqual({
      kind: 'deferred',
      reason: 'part 2 of 3: later; 1 already accepted',
      pace: 'account',
      retryAfterMs: 5,
    })
  })

  it('lists the ids in the order of the parts', () => {
    expect(combineParts(3, [part(3, ''), part(2, 'B')], [part(1, 'A')])).toEqual({
      kind: 'accepted',
      response: 'A B (no id)',
    })
  })
})
