import { describe, expect, it } from 'vitest'
import { pace } from '../../../src/dispatch/sms/pace.ts'

describe('rate', () => {
  it('spreads parts evenly and never lends unused time', () => {
    const speed = pace(20)
    expect([speed.book(1, 0), speed.book(1, 0), speed.book(1, 0)]).toEqual([0, 50, 100])
    expect([speed.book(1, 5000), speed.book(1, 5000)]).toEqual([0, 50])
  })

  it('counts a message that goes whole as the parts that it costs', () => {
    const speed = pace(10)
    speed.book(3, 0)
    expect(speed.book(1, 0)).toBe(300)
  })
})

describe('throttling', () => {
  it('doubles from 1 s to 60 s, once per wave', () => {
    const speed = pace(10)
    let now = 0
    const pauses = Array.from({ length: 8 }, () => {
      const wave = speed.wave()
      const pause = speed.trouble(wave, now)
      expect(speed.trouble(wave, now + 100)).toBe(pause - 100)
      now += pause
      return pause
    })
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
  })

  it('starts anew after an accepted part, but not by one of the wave that was throttled', () => {
    const speed = pace(10)
    const first = speed.wave()
    speed.trouble(first, 0)
    speed.accepted(first)
    expect(speed.doubtful()).toBe(true)
    expect(speed.trouble(speed.wave(), 1000)).toBe(2000)
    speed.accepted(speed.wave())
    expect(speed.doubtful()).toBe(false)
    expect(speed.trouble(speed.wave(), 3000)).toBe(1000)
  })

  it('pauses the account only as long as said', () => {
    const speed = pace(10)
    speed.trouble(speed.wave(), 0)
    expect([speed.pausedFor(400), speed.pausedFor(1000)]).toEqual([600, 0])
  })
})

describe('full queues', () => {
  it('pauses one recipient and no other', () => {
    const speed = pace(10)
    expect(speed.queueFull('+361', 500)).toBe(false)
    expect([speed.recipientPausedFor('+361', 200), speed.recipientPausedFor('+362', 200)]).toEqual([300, 0])
    expect(speed.recipientPausedFor('+361', 500)).toBe(0)
  })

  it("are the gateway's when several in a row are full", () => {
    const speed = pace(10)
    expect([1, 2, 3].map((n) => speed.queueFull(`+${n}`, 500))).toEqual([false, false, true])
    speed.accepted(speed.wave())
    expect(speed.queueFull('+4', 500)).toBe(false)
  })

  it('remembers a bounded number of recipients', () => {
    const speed = pace(10)
    for (let i = 0; i <= 10_000; i++) speed.queueFull(`+${i}`, 500)
    expect([speed.recipientPausedFor('+0', 0), speed.recipientPausedFor('+10000', 0)]).toEqual([0, 500])
  })
})
