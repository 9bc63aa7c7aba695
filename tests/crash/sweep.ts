/**
 * Kills the daemon at every durable system call in turn, and compares what the story comes to.
 *
 * `node tests/crash/sweep.ts [--points N]`: strace (Debian package strace) counts the calls of an
 * undisturbed run and sends SIGKILL at the N-th of each kind in the others. Without `--points` every
 * (call, N) is tried; with it, N of them, one from each stretch, chosen anew each time (`--seed`
 * repeats a choice). Ends with `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { differences, type Ending, playStory } from './story.ts'

const calls = ['fdatasync', 'fsync', 'rename', 'link', 'unlink', 'pwrite64', 'writev', 'write'] as const
type Call = (typeof calls)[number]
type Phase = 'intake' | 'exports'
interface Point {
  readonly phase: Phase
  readonly call: Call
  readonly nth: number
}

const { values } = parseArgs({
  options: { points: { type: 'string' }, seed: { type: 'string' }, jobs: { type: 'string', default: '2' } },
})

async function sweep(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'orderly-sweep-'))
  try {
    const reference = await playStory(traced(work))
    const all = (['intake', 'exports'] as const).flatMap((phase) =>
      pointsOf(phase, readFileSync(join(work, phase), 'utf8')),
    )
    const seed = values.seed === undefined ? Math.random() : Number(values.seed)
    const points = spread(all, values.points === undefined ? all.length : Number(values.points), seed)
    process.stdout.write(`${all.length} points, trying ${points.length} (--seed ${seed})\n`)
    const { failed, killed } = await tryAll(points, reference)
    process.stdout.write(
      `killed and restarted in ${killed} of ${points.length} runs\n${points.length - failed} passed, ${failed} failed\n`,
    )
    process.exitCode = failed === 0 ? 0 : 1
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

const traced = (work: string): Record<Phase, string[]> => {
  const wrap = (phase: Phase): string[] => [
    'strace',
    '-D',
    '-f',
    '-qq',
    '-e',
    `trace=${calls.join(',')}`,
    '-e',
    'signal=none',
    '-o',
    join(work, phase),
  ]
  return { intake: wrap('intake'), exports: wrap('exports') }
}

/** strace counts by thread: the busiest thread of each call says how far the count goes. */
function pointsOf(phase: Phase, trace: string): Point[] {
  const counts = new Map<string, number>()
  for (const line of trace.split('\n')) {
    const [, thread, call] = /^(\d+)\s+(\w+)\(/.exec(line) ?? []
    if (thread !== undefined) counts.set(`${thread} ${call}`, (counts.get(`${thread} ${call}`) ?? 0) + 1)
  }
  return calls.flatMap((call) => {
    const most = Math.max(0, ...[...counts].filter(([key]) => key.endsWith(` ${call}`)).map(([, count]) => count))
    return Array.from({ length: most }, (_, i) => ({ phase, call, nth: i + 1 }))
  })
}

/** `count` points, one from each stretch of equal length; where in its stretch is the seed's choice (0 up to 1). */
const spread = <T>(all: readonly T[], count: number, seed: number): readonly T[] =>
  count >= all.length
    ? all
    : Array.from({ length: count }, (_, i) => all[Math.floor(((i + seed) * all.length) / count)] as T)

async function tryAll(points: readonly Point[], reference: Ending): Promise<{ failed: number; killed: number }> {
  let failed = 0
  let killed = 0
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < points.length) {
      const point = points[next++] as Point
      const { wrong, restarts } = await tryOne(point, reference)
      if (restarts > 0) killed += 1
      if (wrong.length === 0) continue
      failed += 1
      process.stdout.write(`FAILED ${point.phase} ${point.call} #${point.nth}\n${wrong.join('\n')}\n`)
    }
  }
  await Promise.all(Array.from({ length: Number(values.jobs) }, worker))
  return { failed, killed }
}

async function tryOne(
  { phase, call, nth }: Point,
  reference: Ending,
): Promise<{ wrong: readonly string[]; restarts: number }> {
  const wrap = [
    'strace',
    '-D',
    '-f',
    '-qq',
    '-e',
    `trace=${call}`,
    '-e',
    'signal=none',
    '-e',
    `inject=${call}:signal=SIGKILL:when=${nth}`,
    '-o',
    '/dev/null',
  ]
  try {
    const ending = await playStory({ [phase]: wrap })
    return { wrong: differences(reference, ending), restarts: ending.restarts }
  } catch (error) {
    return { wrong: [String(error)], restarts: 0 }
  }
}

if (spawnSync('strace', ['-V']).status !== 0) {
  process.stdout.write('strace is missing: apt-get install strace\n0 passed, 1 failed\n')
  process.exitCode = 1
} else await sweep()
