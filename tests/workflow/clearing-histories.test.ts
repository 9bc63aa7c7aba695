/** Whatever happens to collected orders, the companies' books agree (N38–N43); ten thousand: `npm run clearing-histories`. */
import { expect, test } from 'vitest'
import { playHistory } from './clearing-histories.ts'

const seed = Math.floor(Math.random() * 2 ** 31)

test(`random histories over three companies: files balance, nothing is cleared twice (seed ${seed})`, () => {
  const booked = new Map<string, number>()
  let posted = 0
  for (let i = 0; i < 500; i++) {
    const played = playHistory(seed + i)
    posted += played.entries.length
    for (const [key, gross] of played.booked) booked.set(key, (booked.get(key) ?? 0) + gross)
  }
  expect(posted).toBeGreaterThan(500)
  expect([...booked.values()].reduce((sum, gross) => sum + gross, 0)).toBe(0)
})
