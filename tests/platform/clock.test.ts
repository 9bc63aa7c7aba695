import { expect, test } from 'vitest'
import { movableClock, systemClock } from '../../src/platform/clock.ts'

test('the system clock tells the time of the machine and a reading that never goes back', () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000)
  const readings = Array.from({ length: 1000 }, () => systemClock.monotonic())
  expect(readings.every((reading, i) => i === 0 || reading >= (readings[i - 1] ?? Infinity))).toBe(true)
})

test('a movable clock stands still until it is moved', () => {
  const clock = movableClock(1000)
  expect([clock.now(), clock.now()]).toEqual([1000, 1000])
  clock.advance(500)
  expect(clock.now()).toBe(1500)
  expect(clock.monotonic()).toBe(500)
})

test('setting a movable clock back moves the wall clock only', () => {
  const clock = movableClock(10_000)
  clock.advance(5)
  clock.set(100)
  expect(clock.now()).toBe(100)
  expect(clock.monotonic()).toBe(5)
})

test.each([-1, Number.NaN])('time cannot pass by %s ms', (ms) => {
  expect(() => movableClock(0).advance(ms)).toThrow(RangeError)
})
