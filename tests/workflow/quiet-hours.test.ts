import { describe, expect, test } from 'vitest'
import { zonesOfNumber } from '../../src/core/calling-zones.ts'
import { isoIn } from '../../src/core/date.ts'
import { awakeAt } from '../../src/workflow/messages/quiet-hours.ts'
import { setupOf } from './shop.ts'

const night = { from: '21:00', to: '08:00' }
type Quiet = NonNullable<ReturnType<typeof setupOf>['config']['sms']['quiet']>

const awake = (quiet: Quiet, number: string, at: string, timeZone = 'Europe/Budapest'): string => {
  const { config } = setupOf()
  const instant = awakeAt({ timeZone, sms: { ...config.sms, quiet } }, number, Date.parse(at))
  return isoIn(instant, 'UTC')
}
const hungarian = '+36301234567'

describe('quiet hours', () => {
  // Winter in Budapest: UTC+1.
  test.each([
    ['before them nothing waits', '2026-01-13T19:59:00Z', '2026-01-13T19:59:00+00:00'],
    ['from their begin on it waits for their end', '2026-01-13T20:00:00Z', '2026-01-14T07:00:00+00:00'],
    ['after midnight too', '2026-01-14T02:30:00Z', '2026-01-14T07:00:00+00:00'],
    ['at their end it goes', '2026-01-14T07:00:00Z', '2026-01-14T07:00:00+00:00'],
    [
      'the night in which the clock goes forward ends at 8 all the same',
      '2026-03-28T22:00:00Z',
      '2026-03-29T06:00:00+00:00',
    ],
  ])('%s', (_, at, expected) => {
    expect(awake(night, hungarian, at)).toBe(expected)
  })

  test('are those of the recipient’s country, not ours', () => {
    expect(awake(night, '+351911234567', '2026-01-13T20:30:00Z')).toBe('2026-01-13T20:30:00+00:00')
    expect(awake(night, '+40712345678', '2026-01-13T19:30:00Z')).toBe('2026-01-14T06:00:00+00:00')
  })

  test('in a country of several zones all must be awake', () => {
    expect(awake(night, '+12125550100', '2026-01-13T14:00:00Z')).toBe('2026-01-13T16:00:00+00:00')
  })

  test('a number of nowhere follows the zone of the config', () => {
    expect(zonesOfNumber('+88212345678')).toEqual([])
    expect(awake(night, '+88212345678', '2026-01-13T20:00:00Z')).toBe('2026-01-14T07:00:00+00:00')
  })

  test('several, and days of the week: whole days and nights that touch are one', () => {
    const quiet = [night, { from: '00:00', to: '24:00', days: ['sun' as const] }]
    // Saturday evening: the night, the Sunday, the next night.
    expect(awake(quiet, hungarian, '2026-01-17T20:30:00Z')).toBe('2026-01-19T07:00:00+00:00')
    expect(awake([{ ...night, days: ['sat' as const] }], hungarian, '2026-01-16T20:30:00Z')).toBe(
      '2026-01-16T20:30:00+00:00',
    )
  })

  test('hours without end are no loop', () => {
    expect(awake({ from: '00:00', to: '24:00' }, hungarian, '2026-01-16T20:30:00Z')).toMatch(/^2026-0/)
  })
})

test.each([
  ['+36301234567', ['Europe/Budapest']],
  ['+77011234567', ['Asia/Almaty']],
  ['+79161234567', ['Europe/Moscow', 'Asia/Vladivostok']],
  ['+421905123456', ['Europe/Bratislava']],
])('the zones of %s', (number, zones) => expect(zonesOfNumber(number)).toEqual(zones))
