import { expect, it } from 'vitest'
import { openLead } from '../../../src/dispatch/sms/lead.ts'

/** So many accepted, one every `everyMs` milliseconds; the last of them at the time that it gives. */
function accept(lead: ReturnType<typeof openLead>, count: number, everyMs: number, from = 1_000): number {
  for (let i = 0; i < count; i++) lead.accepted(from + i * everyMs)
  return from + (count - 1) * everyMs
}

it.each([
  [5_000, 0.2, 100],
  [1_000, 1, 20],
  [100, 10, 2],
  [10, 100, 0],
])('at %i a second leads by what goes in 20 ms', (_, everyMs, messages) => {
  const lead = openLead()
  const last = accept(lead, 1 + 400 / everyMs, everyMs)
  expect(Math.abs(lead.messages(last) - messages)).toBeLessThanOrEqual(1)
})

it('leads by nothing before anything has gone, and until the pace is known', () => {
  const lead = openLead()
  expect(lead.messages(1_000)).toBe(0)
  expect(lead.messages(accept(lead, 90, 1))).toBe(0)
})

it('forgets the pace after a pause, whether or not somebody looks in it', () => {
  const [watched, alone] = [openLead(), openLead()]
  const last = accept(watched, 1_000, 0.5)
  accept(alone, 1_000, 0.5)
  for (let after = 0; after <= 1_000; after += 50) watched.messages(last + after)
  expect(watched.messages(last + 1_000)).toBe(0)
  expect(alone.messages(last + 1_000)).toBe(0)
  alone.accepted(last + 1_001)
  expect(alone.messages(last + 1_002)).toBe(0)
})
