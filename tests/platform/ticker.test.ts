import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { isoIn } from '../../src/core/date.ts'
import { cronProblems, lastSlot, nextSlot, startTicker } from '../../src/platform/ticker.ts'

const berlin = 'Europe/Berlin'

/** The next `count` due times, in local time with offset. */
function slots(expression: string, after: string, zone: string, count: number): string[] {
  const found: string[] = []
  for (let at = Date.parse(after); found.length < count;) {
    at = nextSlot(expression, at, zone)
    found.push(isoIn(at, zone))
  }
  return found
}

const last = (expression: string, at: string, since: string, zone: string): string | undefined => {
  const slot = lastSlot(expression, Date.parse(at), Date.parse(since), zone)
  return slot === undefined ? undefined : isoIn(slot, zone)
}

describe('what an expression means', () => {
  const after = '2026-11-22T09:15:30Z' // a Sunday
  test.each([
    ['* * * * *', ['2026-11-22T09:16:00+00:00', '2026-11-22T09:17:00+00:00']],
    ['*/20 * * * * *', ['2026-11-22T09:15:40+00:00', '2026-11-22T09:16:00+00:00']],
    ['0 8 * * *', ['2026-11-23T08:00:00+00:00', '2026-11-24T08:00:00+00:00']],
    ['15 9 * * *', ['2026-11-23T09:15:00+00:00', '2026-11-24T09:15:00+00:00']],
    ['0,30 8-9 * * *', ['2026-11-22T09:30:00+00:00', '2026-11-23T08:00:00+00:00']],
    ['0 8-18/5 * * *', ['2026-11-22T13:00:00+00:00', '2026-11-22T18:00:00+00:00']],
    ['0 22-1 * * *', ['2026-11-22T22:00:00+00:00', '2026-11-22T23:00:00+00:00']],
    ['0 18 * * mon-fri', ['2026-11-23T18:00:00+00:00', '2026-11-24T18:00:00+00:00']],
    ['0 18 * * 7', ['2026-11-22T18:00:00+00:00', '2026-11-29T18:00:00+00:00']],
    ['0 18 * * 0', ['2026-11-22T18:00:00+00:00', '2026-11-29T18:00:00+00:00']],
    ['0 0 1 jan,jul *', ['2027-01-01T00:00:00+00:00', '2027-07-01T00:00:00+00:00']],
    ['0 0 31 * *', ['2026-12-31T00:00:00+00:00', '2027-01-31T00:00:00+00:00']],
    ['0 20 L * *', ['2026-11-30T20:00:00+00:00', '2026-12-31T20:00:00+00:00']],
    ['0 8 * * mon#1', ['2026-12-07T08:00:00+00:00', '2027-01-04T08:00:00+00:00']],
    ['0 8 * * friL', ['2026-11-27T08:00:00+00:00', '2026-12-25T08:00:00+00:00']],
    ['0 0 29 2 *', ['2028-02-29T00:00:00+00:00', '2032-02-29T00:00:00+00:00']],
    ['@daily', ['2026-11-23T00:00:00+00:00', '2026-11-24T00:00:00+00:00']],
    // crontab(5): two restricted day fields are joined by "or", a star makes it "and"
    ['0 8 1 * fri', ['2026-11-27T08:00:00+00:00', '2026-12-01T08:00:00+00:00']],
    ['0 8 */2 * fri', ['2026-11-27T08:00:00+00:00', '2026-12-11T08:00:00+00:00']],
  ])('%s', (expression, expected) => {
    expect(slots(expression, after, 'UTC', 2)).toEqual(expected)
  })

  test('a date that comes once in decades is found', () => {
    expect(slots('0 0 */28 2 sun#5', '2026-11-22T00:00:00Z', 'UTC', 1)).toEqual(['2032-02-29T00:00:00+00:00'])
  })

  test('the next slot is after the instant, never at it', () => {
    const at = Date.parse('2026-11-22T08:00:00Z')
    expect(nextSlot('0 8 * * *', at, 'UTC')).toBe(at + 86_400_000)
    expect(nextSlot('0 8 * * *', at - 1, 'UTC')).toBe(at)
  })
})

describe('when the clocks change', () => {
  test('a time in the gap is due at the first minute after it, once (Berlin, 28 March 2027)', () => {
    expect(slots('30 2 * * *', '2027-03-27T00:00:00Z', berlin, 3)).toEqual([
      '2027-03-27T02:30:00+01:00',
      '2027-03-28T03:00:00+02:00',
      '2027-03-29T02:30:00+02:00',
    ])
  })

  test('several times in the gap, and the time at its end, make one', () => {
    expect(slots('0,15,30 2,3 * * *', '2027-03-28T00:30:00Z', berlin, 4)).toEqual([
      '2027-03-28T03:00:00+02:00',
      '2027-03-28T03:15:00+02:00',
      '2027-03-28T03:30:00+02:00',
      '2027-03-29T02:00:00+02:00',
    ])
  })

  test('a time that comes twice is due once, the first time (Berlin, 25 October 2026)', () => {
    expect(slots('30 2 * * *', '2026-10-24T00:00:00Z', berlin, 3)).toEqual([
      '2026-10-24T02:30:00+02:00',
      '2026-10-25T02:30:00+02:00',
      '2026-10-26T02:30:00+01:00',
    ])
    expect(slots('0,30 1-3 * * *', '2026-10-25T00:10:00Z', berlin, 3)).toEqual([
      '2026-10-25T02:30:00+02:00',
      '2026-10-25T03:00:00+01:00',
      '2026-10-25T03:30:00+01:00',
    ])
  })

  test('what runs in every hour goes on through the repeated hour and takes no notice of the gap', () => {
    expect(slots('*/30 * * * *', '2026-10-24T23:45:00Z', berlin, 6)).toEqual([
      '2026-10-25T02:00:00+02:00',
      '2026-10-25T02:30:00+02:00',
      '2026-10-25T02:00:00+01:00',
      '2026-10-25T02:30:00+01:00',
      '2026-10-25T03:00:00+01:00',
      '2026-10-25T03:30:00+01:00',
    ])
    expect(slots('45 * * * *', '2027-03-28T00:00:00Z', berlin, 2)).toEqual([
      '2027-03-28T01:45:00+01:00',
      '2027-03-28T03:45:00+02:00',
    ])
  })

  test.each([
    // midnight does not exist: the day begins at 01:00
    ['Africa/Cairo', '0 0 * * *', '2026-04-23T00:00:00Z', ['2026-04-24T01:00:00+03:00', '2026-04-25T00:00:00+03:00']],
    // midnight falls back to 23:00: that hour comes twice on the day before
    [
      'America/Asuncion',
      '30 23 * * *',
      '2024-03-23T12:00:00Z',
      ['2024-03-23T23:30:00-03:00', '2024-03-24T23:30:00-04:00'],
    ],
    // half an hour
    [
      'Australia/Lord_Howe',
      '15 2 * * *',
      '2026-10-02T20:00:00Z',
      ['2026-10-04T02:30:00+11:00', '2026-10-05T02:15:00+11:00'],
    ],
    [
      'Australia/Lord_Howe',
      '45 1 * * *',
      '2026-04-04T00:00:00Z',
      ['2026-04-05T01:45:00+11:00', '2026-04-06T01:45:00+10:30'],
    ],
    // a whole day that never was
    ['Pacific/Apia', '0 8 * * *', '2011-12-29T20:00:00Z', ['2011-12-31T00:00:00+14:00', '2011-12-31T08:00:00+14:00']],
    // the gap runs over midnight, from 23:30 to 00:30
    [
      'America/Toronto',
      '45 23 * * *',
      '1919-03-30T12:00:00Z',
      ['1919-03-31T00:30:00-04:00', '1919-03-31T23:45:00-04:00'],
    ],
  ])('%s at %s after %s', (zone, expression, after, expected) => {
    expect(slots(expression, after, zone, expected.length)).toEqual(expected)
  })
})

describe('what is owed', () => {
  test.each([
    ['0 18 * * *', '2026-11-22T18:00:00+01:00', '2026-11-21T18:00:00+01:00', '2026-11-22T18:00:00+01:00'],
    ['0 18 * * *', '2026-11-22T17:59:59+01:00', '2026-11-21T18:00:00+01:00', undefined],
    ['0 18 * * *', '2026-11-22T09:00:00+01:00', '2026-11-01T00:00:00+01:00', '2026-11-21T18:00:00+01:00'],
    ['*/5 * * * *', '2026-11-22T09:07:00+01:00', '2026-11-20T00:00:00+01:00', '2026-11-22T09:05:00+01:00'],
    ['0 3 1 1 *', '2026-11-22T09:07:00+01:00', '2020-01-01T00:00:00+01:00', '2026-01-01T03:00:00+01:00'],
    ['0 3 1 1 *', '2026-11-22T09:07:00+01:00', '2026-01-01T03:00:00+01:00', undefined],
    ['30 2 * * *', '2027-03-28T12:00:00+02:00', '2027-03-27T12:00:00+01:00', '2027-03-28T03:00:00+02:00'],
    ['30 2 * * *', '2026-10-25T02:30:00+01:00', '2026-10-25T02:30:00+02:00', undefined],
    ['30 2 * * *', '2026-10-25T12:00:00+01:00', '2026-10-24T12:00:00+02:00', '2026-10-25T02:30:00+02:00'],
    ['* * * * *', '2026-11-22T09:00:00+01:00', '2026-11-22T10:00:00+01:00', undefined],
  ])('%s at %s, last run %s: %s', (expression, at, since, expected) => {
    expect(last(expression, at, since, berlin)).toBe(expected)
  })

  const expressions = ['30 2 * * *', '*/10 * * * *', '0 0,12 * * sun', '15 1-3 L * *', '7 */3 * * *', '0 2-3 * * *']
  const changes = ['2026-10-24T21:00:00Z', '2027-03-27T21:00:00Z']
  test.each(expressions.flatMap((expression) => changes.map((start) => [expression, start] as const)))(
    'what lastSlot finds is what nextSlot said (%s from %s, over the change of the clock)',
    (expression, from) => {
      const start = Date.parse(from)
      let slot = nextSlot(expression, start, berlin)
      for (let i = 0; i < 50; i++) {
        const next = nextSlot(expression, slot, berlin)
        expect(next).toBeGreaterThan(slot)
        expect(lastSlot(expression, next - 1, start, berlin)).toBe(slot)
        expect(lastSlot(expression, slot, slot - 1, berlin)).toBe(slot)
        expect(lastSlot(expression, next - 1, slot, berlin)).toBeUndefined()
        slot = next
      }
    },
  )
})

describe('cronProblems', () => {
  test.each([
    '* * * * *',
    '0 */5 8-18 * * mon-fri',
    '0 8 L * *',
    '0 8 * * 1#2',
    '0 0 29 2 *',
    '@hourly',
    '  0  8 * * * ',
    '1,2,3-10/2 * * * *',
  ])('finds nothing wrong with "%s"', (expression) => {
    expect(cronProblems(expression)).toBeUndefined()
  })

  test.each([
    ['61 * * * *', 'minute "61": expected 0-59'],
    ['0 25 * * *', 'hour "25": expected 0-23'],
    ['0 8 * foo *', 'month "foo": expected 1-12 or jan-dec'],
    ['0 8 * * 8', 'day of week "8": expected 0-7'],
    ['61 25 * * *', 'minute "61"'],
    ['61 25 * * *', 'hour "25"'],
    ['*/0 * * * *', 'minute "*/0"'],
    ['a b', '5 or 6 fields but got 2'],
    ['* * * * * * *', '5 or 6 fields but got 7'],
    ['', 'illegal'],
    ['@reboot', 'illegal'],
    ['0 8 31 2 *', 'impossible'],
    ['0 8 15W * *', '"15W" is not supported'],
    ['0 8 LW * *', '"LW" is not supported'],
    ['0 0 */30 2 sun#5', 'no such day'],
    ['0 8 * * * \n', 'illegal'],
  ])('says what is wrong with "%s"', (expression, expected) => {
    expect(cronProblems(expression)).toContain(expected)
  })

  test('a broken expression is thrown by the reckoning, not read as something else', () => {
    expect(() => nextSlot('61 * * * *', 0, 'UTC')).toThrow()
    expect(() => nextSlot('* * * * *', 0, 'Europe/Budapeste')).toThrow(RangeError)
  })
})

describe('startTicker', () => {
  test('ticks about every second until it is disposed', async () => {
    let ticks = 0
    const ticker = startTicker(() => ticks++, new AbortController().signal)
    await wait(2200)
    await ticker[Symbol.asyncDispose]()
    expect(ticks).toBeGreaterThanOrEqual(2)
    expect(ticks).toBeLessThanOrEqual(3)
    const seen = ticks
    await wait(1200)
    expect(ticks).toBe(seen)
  })

  test('abort stops it; an aborted signal starts none', async () => {
    const stop = new AbortController()
    let ticks = 0
    await using _ = startTicker(() => ticks++, stop.signal)
    stop.abort()
    await using _none = startTicker(() => ticks++, stop.signal)
    await wait(1100)
    expect(ticks).toBe(0)
  })
})
