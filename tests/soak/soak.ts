/**
 * Hours in minutes: the daemon at work while everything goes wrong that can, by a seed; then the books are checked.
 *
 * `node tests/soak/soak.ts [--minutes M] [--seed S]`: kills, stops, reloads with good and bad configs, mail server and
 * SMS gateway in any weather, shares that go away, a full disk, files twice and cut off, an ERP that takes files, people
 * at the command line. Ends with `N passed, N failed`; after a failure the seed, what does not balance, and the
 * folder, which is kept.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildProgram } from '../crash/program.ts'
import { seeded, seedFrom } from '../crash/seeded.ts'
import { checkTruth, type Verdict } from './check-truth.ts'
import { changeWeather, fillDisk, interrupt, loseShares, soakConfig, watch } from './faults.ts'
import { makeLoad } from './load.ts'
import { actOnOrders, decideExports, feed, feedRest, operate, takeExports } from './people.ts'
import { openScene, type Scene } from './scene.ts'
import { untilDone } from './until-done.ts'
import { openYard } from './yard.ts'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } } })
const [minutes, seed] = [Number(values.minutes), seedFrom(values.seed)]
/** Milliseconds for what is left to do when the faults have ended. */
const restMs = 600_000

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const started = performance.now()
const clock = (): string => `${((performance.now() - started) / 1000).toFixed(0)} s`

async function soak(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'orderly-soak-'))
  say(`${minutes} minutes in ${work} (--minutes ${minutes} --seed ${seed})`)
  const program = await buildProgram(join(work, 'program'))
  const chance = seeded(seed)
  const end = new AbortController()
  let wrong: readonly string[]
  {
    await using yard = await openYard(program, seed, work)
    yard.configure(soakConfig)
    const scene = openScene(yard, makeLoad(chance.fork('load'), { byHand: 4 }), chance.fork('scene'), end.signal)
    yard.start()
    await yard.ready()
    const telling = setInterval(() => say(`${clock()}: ${figuresOf(scene)}`), 60_000)
    setTimeout(() => end.abort(), minutes * 60_000)
    const actors = { watch, interrupt, changeWeather, loseShares, fillDisk, feed, takeExports, operate }
    const each = Object.entries(actors).map(([name, act]) => act({ ...scene, chance: chance.fork(name) }))
    const outcomes = await Promise.allSettled(each)
    clearInterval(telling)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        scene.wrong.push(`the soak itself failed: ${String(outcome.reason?.stack ?? outcome.reason)}`)
    say(`${clock()}: ${figuresOf(scene)}; the faults have ended, the rest is being done`)
    const { figures, wrong: atEnd } = await settle(scene)
    for (const [what, count] of Object.entries(figures)) say(`${String(count).padStart(8)} ${what}`)
    wrong = [...scene.wrong, ...atEnd]
  }
  for (const each of wrong) say(`FAILED ${each}`)
  if (wrong.length === 0) rmSync(work, { recursive: true, force: true })
  else say(`kept: ${work} (--minutes ${minutes} --seed ${seed})`)
  say(`${clock()}\n${wrong.length === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed'}`)
  process.exitCode = wrong.length === 0 ? 0 : 1
}

const figuresOf = ({ load, counts }: Scene): string =>
  [`${load.orders.length} orders`, ...[...counts].map(([what, times]) => `${times} ${what}`)].join(', ')

/** Lets all be done in peace, then compares. */
async function settle(scene: Scene): Promise<Verdict> {
  const { yard, load, files, doubles, broken, done, sentByHand, taken } = scene
  // No new start: what a fault left undone must be done without one.
  if (!yard.isAlive()) yard.start()
  await yard.ready()
  feedRest(scene)
  const stuck = await untilDone(yard, restMs, () => byHand(scene))
  const code = await yard.stop()
  const received = await yard.received()
  const truth = { orders: load.orders, files, doubles, broken, done, sentByHand }
  const { wrong, figures } = await yard.look((ledger) => checkTruth(truth, ledger, yard.folder, received, taken))
  const audit = await yard.orderly('audit', '--deep')
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

/** What only people can do is done by people. */
async function byHand(scene: Scene): Promise<string | undefined> {
  const orders = await actOnOrders(scene, 200)
  const held = await decideExports(scene)
  if (orders > 0) return `${orders} orders wait for a person`
  return held > 0 ? `${held} exports were held` : undefined
}

await soak()
