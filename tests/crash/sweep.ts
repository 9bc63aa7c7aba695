/**
 * Kills the daemon at every durable system call in turn, and compares what the story comes to.
 *
 * `node tests/crash/sweep.ts [--points N] [--seed S] [--jobs N]`: strace (Debian package strace) counts the calls of
 * an undisturbed run and sends SIGKILL at the N-th of each kind in the others. Without `--points` every point is
 * tried; with it, N of them: one of each kind of call first, then others, chosen by the seed, which is printed.
 * Ends with `N passed, N failed`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { choosePoints, kindsOf } from './choose-points.ts'
import { buildProgram } from './program.ts'
import { seedFrom } from './seeded.ts'
import { straceIsThere } from './trace.ts'
import { type Tried, tryPoints, undisturbed } from './try-points.ts'

const { values } = parseArgs({
  options: { points: { type: 'string' }, seed: { type: 'string' }, jobs: { type: 'string', default: '2' } },
})

const say = (text: string): void => void process.stdout.write(`${text}\n`)

async function sweep(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'orderly-sweep-'))
  try {
    const started = performance.now()
    const program = await buildProgram(work)
    const reference = await undisturbed(program, work)
    const seed = seedFrom(values.seed)
    const count = values.points === undefined ? reference.points.length : Number(values.points)
    const points = choosePoints(reference.points, count, seed)
    say(
      `${reference.points.length} points of ${kindsOf(reference.points).length} kinds, ` +
        `trying ${points.length} of ${kindsOf(points).length} kinds (--points ${count} --seed ${seed})`,
    )
    const all: Tried[] = []
    const onTried = (tried: Tried): boolean => {
      all.push(tried)
      if (tried.wrong.length > 0) say(failure(tried))
      return false
    }
    await tryPoints(points, { program, reference, work, jobs: Number(values.jobs), limitMs: 60_000, onTried })
    for (const wrong of reference.notDurable) say(`FAILED ${wrong}`)
    report(all, reference.notDurable.length, (performance.now() - started) / 1000)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

const failure = ({ point, kind, wrong }: Tried): string =>
  `FAILED ${point.phase} ${point.call} #${point.nth} (${kind ?? 'not killed'})\n${wrong.join('\n')}`

function report(all: readonly Tried[], notDurable: number, seconds: number): void {
  const hit = all.filter(({ kind }) => kind !== undefined)
  const failed = all.filter(({ wrong }) => wrong.length > 0).length
  const each = (seconds * Number(values.jobs)) / Math.max(1, all.length)
  say(`killed in ${hit.length} of ${all.length} runs, ${seconds.toFixed(0)} s, ${each.toFixed(1)} s a point and job`)
  // A run may be a few calls shorter than the reference; a sweep that mostly misses proves nothing.
  const missed = hit.length < all.length * 0.8 ? 1 : 0
  if (missed > 0) say('FAILED too few of the runs were killed')
  const bad = failed + missed + notDurable
  say(`${all.length - failed} passed, ${bad} failed`)
  process.exitCode = bad === 0 ? 0 : 1
}

if (straceIsThere()) await sweep()
else {
  say('strace is missing: apt-get install strace\n0 passed, 1 failed')
  process.exitCode = 1
}
