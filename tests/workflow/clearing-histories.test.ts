/** Whatever happens to collected orders, the companies' books agree (N38–N43). */
import { expect, test } from 'vitest'
import { playHistory } from './clearing-histories.ts'

const histories = Number(process.env['HISTORIES'] ?? 1_500)

test(`${histories} random histories over three companies: files balance, nothing is cleared twice`, { timeout: 300_000 }, () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  const booked = new Map<string, number>()
  let posted = 0
  for (let i = 0; i < histories; i++) {
    const played = playHistory(seed + i)
    posted += played.entries.length
    for (const [key, gross] of played.booked) booked.set(key, (booked.get(key) ?? 0) + gross)
  }
  expect(posted, `seed ${seed}`).toBeGreaterThan(histories)
  expect([...booked.values()].reduce((sum, gross) => sum + gross, 0)).toBe(0)
})
