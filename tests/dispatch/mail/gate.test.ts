import { describe, expect, it } from 'vitest'
import { openGate } from '../../../src/dispatch/mail/gate.ts'
import type { GateState } from '../../../src/dispatch/mail/gate.ts'
import { evenRate } from '../../../src/dispatch/mail/rate.ts'
import { movableClock } from '../../../src/platform/clock.ts'

const start = Date.UTC(2026, 10, 22)

function gateAt(random = 0.5) {
  const clock = movableClock(start)
  const seen: GateState[] = []
  const gate = openGate({ clock, random: () => random, onChange: (state) => seen.push(state) })
  return { clock, gate, seen }
}

const down = { kind: 'down', step: 'reach', reason: 'nothing listens' } as const

describe('the gate', () => {
  it('is open at first', () => {
    const { gate } = gateAt()
    expect(gate.most()).toBe(Infinity)
    expect(gate.state()).toEqual({ state: 'up', since: start })
  })

  it('lets one message try again after pauses that double up to five minutes', () => {
    const { clock, gate } = gateAt()
    const pauses = Array.from({ length: 11 }, () => {
      gate.failed(down)
      const ms = gate.retryAfterMs()
      expect(gate.most()).toBe(0)
      clock.advance(ms)
      expect(gate.most()).toBe(1)
      return ms
    })
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map((s) => s * 1000))
    gate.worked()
    expect(gate.state().state).toBe('up')
  })

  it('spreads the tries by a fifth either way', () => {
    const low = gateAt(0)
    low.gate.failed(down)
    expect(low.gate.retryAfterMs()).toBe(800)
    const high = gateAt(1)
    high.gate.failed(down)
    expect(high.gate.retryAfterMs()).toBe(1200)
  })

  it('counts failures that come together once', () => {
    const { gate } = gateAt()
    for (let i = 0; i < 5; i++) gate.failed(down)
    expect(gate.retryAfterMs()).toBe(1000)
  })

  it('stays closed when a message that was on its way succeeds', () => {
    const { gate } = gateAt()
    gate.paced('421 too fast')
    gate.worked()
    expect(gate.most()).toBe(0)
    expect(gate.state()).toMatchObject({ state: 'paused', reason: '421 too fast' })
  })

  it('pauses twice as long when told again soon, and as at first after a quiet time', () => {
    const { clock, gate } = gateAt()
    const pauseNow = () => {
      gate.paced('421')
      const ms = gate.retryAfterMs()
      clock.advance(ms)
      gate.worked()
      return ms
    }
    expect([pauseNow(), pauseNow(), pauseNow()]).toEqual([30_000, 60_000, 120_000])
    clock.advance(3_600_000)
    expect(pauseNow()).toBe(30_000)
  })

  it('waits five minutes after a refused login, since accounts get locked', () => {
    const { gate } = gateAt()
    gate.failed({ kind: 'login', step: 'login', reason: '535' })
    expect(gate.retryAfterMs()).toBe(300_000)
    expect(gate.state().state).toBe('refused')
  })

  it('counts troubles of different kinds apart: a login refused after many short failures waits no longer', () => {
    const { clock, gate } = gateAt()
    for (let i = 0; i < 5; i++) {
      gate.failed(down)
      clock.advance(gate.retryAfterMs())
    }
    gate.failed({ kind: 'login', step: 'login', reason: '535' })
    expect(gate.retryAfterMs()).toBe(300_000)
  })

  it('takes five broken sessions in a row for a server that is down, not four', () => {
    const { gate } = gateAt()
    for (let i = 0; i < 4; i++) gate.broke('cut')
    gate.worked()
    for (let i = 0; i < 4; i++) gate.broke('cut')
    expect(gate.state().state).toBe('up')
    gate.broke('cut')
    expect(gate.state().state).toBe('down')
  })

  it('is not moved by a jump of the wall clock', () => {
    const { clock, gate } = gateAt()
    gate.failed(down)
    clock.set(start + 86_400_000)
    expect(gate.most()).toBe(0)
  })
})

describe('the rate', () => {
  it('spreads 600 a minute to one each 100 ms', () => {
    const clock = movableClock(start)
    const rate = evenRate(600, () => clock.monotonic())
    expect([rate.reserve(), rate.reserve(), rate.reserve()].map(Math.round)).toEqual([0, 100, 200])
    expect(rate.within(250)).toBe(0)
    expect(rate.within(300)).toBe(1)
    clock.advance(300)
    expect(rate.within(250)).toBe(3)
  })

  it('never lets more than a second be made up for', () => {
    const clock = movableClock(start)
    const rate = evenRate(600, () => clock.monotonic())
    clock.advance(3_600_000)
    expect(rate.within(0)).toBe(11)
  })

  it('holds over an hour of asking at odd times', () => {
    const clock = movableClock(start)
    const rate = evenRate(60, () => clock.monotonic())
    let sent = 0
    for (let i = 0; i < 3600 * 2; i++) {
      clock.advance(i % 2 ? 333 : 667)
      while (rate.within(0) > 0) {
        rate.reserve()
        sent += 1
      }
    }
    expect(sent).toBeGreaterThanOrEqual(3598)
    expect(sent).toBeLessThanOrEqual(3602)
  })

  it('has no limit when none is set', () => {
    const rate = evenRate(undefined, () => 0)
    expect(rate.within(0)).toBe(Infinity)
    expect(rate.reserve()).toBe(0)
  })
})
