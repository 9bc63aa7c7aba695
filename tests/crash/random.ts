/**
 * Kills the daemon at random moments under a mixed load, and compares what it comes to with what was put in.
 *
 * `node tests/crash/random.ts [--orders N] [--kills N] [--seed S]`: order files big and small in two formats, payments,
 * status files, mail, SMS and exports, while the daemon is killed with SIGKILL again and again and started anew. At the
 * end nothing may be lost, what came twice must be marked as unknown, and `orderly audit` must balance. Ends with
 * `N passed, N failed`; after a failure the folder is kept. With `--plant NAME`, a bug of the controls is in it: then
 * it must fail.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { checkTruth, nothingByHand, type Verdict } from '../soak/check-truth.ts'
import { type Drop, type Load, makeLoad } from '../soak/load.ts'
import { untilDone } from '../soak/until-done.ts'
import { fair } from '../soak/weather.ts'
import { openYard, type Yard } from '../soak/yard.ts'
import { plantedBugs } from './planted-bugs.ts'
import { buildProgram } from './program.ts'
import { type Seeded, seeded, seedFrom } from './seeded.ts'

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '20000' },
    kills: { type: 'string', default: '200' },
    seed: { type: 'string' },
    plant: { type: 'string' },
  },
})
const [orders, kills, seed] = [Number(values.orders), Number(values.kills), seedFrom(values.seed)]
/** Milliseconds for the work that is left after the last kill. */
const restMs = 900_000

const say = (text: string): void => void process.stdout.write(`${text}\n`)

async function run(): Promise<void> {
  const started = performance.now()
  const work = mkdtempSync(join(tmpdir(), 'orderly-random-'))
  say(`${orders} orders, ${kills} kills (--orders ${orders} --kills ${kills} --seed ${seed}) in ${work}`)
  const planted = plantedBugs.find(({ name }) => name === values.plant)
  if (values.plant !== undefined && planted === undefined) throw new Error(`no planted bug is called ${values.plant}`)
  const program = await buildProgram(join(work, 'program'), planted?.replacements)
  const chance = seeded(seed)
  const load = makeLoad(chance.fork('load'), { byHand: 0 })
  const files = new Map<string, Map<string, number>>()
  let wrong: readonly string[]
  {
    await using yard = await openYard(program, seed, work)
    yard.configure()
    yard.weather(fair)
    const drop = (drops: readonly Drop[]): void => {
      for (const each of drops) {
        files.set(each.import, (files.get(each.import) ?? new Map<string, number>()).set(each.name, each.records))
        yard.drop(each)
      }
    }
    await killAgainAndAgain(yard, load, drop, chance.fork('kills'))
    const verdict = await verdictOf(yard, load, files, started)
    wrong = verdict.wrong
    for (const [what, count] of Object.entries(verdict.figures)) say(`${String(count).padStart(8)} ${what}`)
  }
  for (const each of wrong) say(`FAILED ${each}`)
  if (wrong.length === 0) rmSync(work, { recursive: true, force: true })
  else say(`kept: ${work} (--seed ${seed})`)
  say(`${((performance.now() - started) / 1000).toFixed(0)} s`)
  say(wrong.length === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed')
  process.exitCode = wrong.length === 0 ? 0 : 1
}

/** A third of the orders comes in four big files, the rest is spread over the kills. */
async function killAgainAndAgain(
  yard: Yard,
  load: Load,
  drop: (drops: readonly Drop[]) => void,
  chance: Seeded,
): Promise<void> {
  const big = Math.floor(orders / 12)
  const bigAt = new Map(['shop', 'trade', 'shop', 'trade'].map((sort, i) => [Math.floor((kills * i) / 4), sort]))
  const small = orders - bigAt.size * big
  for (let kill = 0; kill < kills; kill++) {
    yard.start()
    drop(load.next(Math.floor((small * (kill + 1)) / kills) - Math.floor((small * kill) / kills)))
    const sort = bigAt.get(kill)
    if (sort !== undefined) drop(load.big(big, sort === 'shop' ? 'shop' : 'trade'))
    await untilMoment(yard, chance)
    await yard.kill()
    if (kill % 20 === 19)
      say(`${kill + 1} kills, ${load.orders.length} orders; ${(await yard.busy()) ?? 'nothing to do'}`)
  }
  drop(load.rest())
}

/** Some kills meet the start, others a time after it; half of them come when some work was done, however long that took. */
async function untilMoment(yard: Yard, chance: Seeded): Promise<void> {
  if (chance.percent(15)) return await pause(chance.below(1_000))
  await yard.ready()
  if (chance.percent(40)) return await pause(chance.below(1_500))
  const enough = yard.logged() + chance.between(1, 80)
  for (const until = Date.now() + 6_000; yard.logged() < enough && Date.now() < until;) await pause(5)
  await pause(chance.below(50))
}

async function verdictOf(
  yard: Yard,
  load: Load,
  files: ReadonlyMap<string, ReadonlyMap<string, number>>,
  started: number,
): Promise<Verdict> {
  say(`the kills took ${((performance.now() - started) / 1000).toFixed(0)} s; the rest is being done`)
  yard.start()
  const stuck = await untilDone(yard, restMs)
  const code = await yard.stop()
  const received = await yard.received()
  const truth = {
    orders: load.orders,
    files,
    doubles: new Map<string, string[]>(),
    broken: new Map<string, string[]>(),
    done: nothingByHand,
    sentByHand: new Set<string>(),
  }
  const { wrong, figures } = await yard.look((ledger) => checkTruth(truth, ledger, yard.folder, received))
  const audit = await yard.orderly('audit', '--exports-kept')
  return {
    figures,
    wrong: [
      ...(stuck === undefined ? [] : [`not done after ${restMs / 1000} s: ${stuck}`]),
      ...(code === 0 ? [] : [`the daemon ended with ${String(code)}`]),
      ...wrong,
      ...(audit.code === 0 ? [] : [`orderly audit ends with ${String(audit.code)}:\n${audit.out.slice(0, 4_000)}`]),
    ],
  }
}

await run()
