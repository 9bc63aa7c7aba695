/**
 * Plays 10,000 random clearing histories, or as many as asked for, and says what was booked:
 * `node tests/workflow/play-clearing-histories.ts [COUNT] [SEED]`. Exit code 1, the seed and the steps where something
 * does not add up.
 */
import { playHistory } from './clearing-histories.ts'

const count = Number(process.argv[2] ?? 10_000)
const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 31))
const started = performance.now()
const booked = new Map<string, number>()
let entries = 0
for (let i = 0; i < count; i++) {
  const played = playHistory(seed + i)
  entries += played.entries.length
  for (const [key, gross] of played.booked) booked.set(key, (booked.get(key) ?? 0) + gross)
}
const rest = [...booked.values()].reduce((sum, gross) => sum + gross, 0)
if (rest !== 0 || entries < count) throw new Error(`seed ${seed}: ${rest} left over ${entries} entries`)
const seconds = Math.round((performance.now() - started) / 1000)
console.log(`${count} clearing histories from seed ${seed}: ${entries} entries, all files balance, ${seconds} s`)
